"""While a new embedding model takes over: queries are embedded by the earlier model too, so that its vectors go on answering.

Versions are embedded anew one by one (`reembedding.py`), and until its turn comes each can only be compared with vectors of the
model that made its own. Where that model cannot be loaded any more, words answer for those versions.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from retrieval.models import DocumentVersion

if TYPE_CHECKING:
    from retrieval.embedding import Embedder

logger = logging.getLogger(__name__)

ASKED_AGAIN_SECONDS = 10.0  # how old the knowledge may be of which recipes are in force
FIRST_WAIT_SECONDS = 2.0  # what the first query gives a model to load; later ones go on without it until it is there

Embed = Callable[[str], Awaitable[tuple[Any, str]]]


def model_of(recipe: str) -> str:
    """The part of a recipe on which it depends whether two vectors can be compared: model and dimension, not the chunker."""
    return recipe.rpartition("/")[0]


class OlderRecipes:
    """The recipes in force beside today's, each with what embeds a query for it."""

    def __init__(self, load: Callable[[str], "Embedder"]) -> None:
        """load: the embedder of a recipe's model, or an exception if there is none (any more)."""
        self._load = load
        self._known: tuple[str, ...] = ()
        self._asked_at = float("-inf")
        self._models: dict[str, Future[Embedder]] = {}
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="older-model")

    async def embeds(self, today: str, embed: Embed) -> list[Embed]:
        """How to embed a query for each recipe in force but today's, whose own is `embed`. Empty when nothing changes, at no cost."""
        if time.monotonic() - self._asked_at > ASKED_AGAIN_SECONDS:
            self._known = await sync_to_async(_in_force)()
            self._asked_at = time.monotonic()
            self._models = {model: self._models[model] for model in map(model_of, self._known) if model in self._models}
        found = []
        for recipe in self._known:
            if recipe == today:
                continue
            if model_of(recipe) == model_of(today):
                found.append(_under_name(recipe, embed))
            elif (model := await self._model(recipe)) is not None:
                found.append(_by_model(recipe, model))
        return found

    async def _model(self, recipe: str) -> "Embedder | None":
        future = self._models.get(model_of(recipe))
        if future is None:
            future = self._models[model_of(recipe)] = self._loader.submit(self._loaded, recipe)
            await asyncio.wait([asyncio.wrap_future(future)], timeout=FIRST_WAIT_SECONDS)
        return future.result() if future.done() and future.exception() is None else None

    def _loaded(self, recipe: str) -> "Embedder":
        try:
            model = self._load(recipe)
        except Exception:
            logger.warning("the model of %s cannot be loaded any more; words answer for its documents", recipe, exc_info=True)
            raise
        logger.info("queries are embedded by the model of %s too, until its documents are embedded anew", recipe)
        return model


def _in_force() -> tuple[str, ...]:
    return tuple(DocumentVersion.objects.published().order_by("recipe").values_list("recipe", flat=True).distinct())


def _under_name(recipe: str, embed: Embed) -> Embed:
    """The same model with another chunker: the same vector of a query serves."""

    async def embedded(text: str) -> tuple[Any, str]:
        vector, _ = await embed(text)
        return vector, recipe

    return embedded


def _by_model(recipe: str, model: "Embedder") -> Embed:
    async def embedded(text: str) -> tuple[Any, str]:
        rows = await asyncio.to_thread(model.embed, [text], queries=True)
        return rows[0], recipe

    return embedded
