"""Load what the first question would otherwise wait for: the embedding model and the search index.

Runs once in the background of the web process, so that the process answers `/health` at once; a failure is logged and tried
again, and the process stays "not ready" for its load balancer meanwhile.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
QUERY = "delivery"  # any word will do
_done = {"embedding": False, "index": False}


async def embedding_is_ready() -> bool:
    return _done["embedding"]


async def index_is_ready() -> bool:
    return _done["index"]


async def warm_up() -> None:
    """Return when both parts are loaded, side by side, and what else the first question needs."""
    await asyncio.gather(_keep_loading("embedding", _load_embedding), _keep_loading("index", _load_index))
    for load in (_load_turn, _load_model_client):
        try:
            await load()
        except Exception:  # the first question then waits for it, and tells what is wrong
            logger.warning("the way of a question could not be walked beforehand", exc_info=True)
    _settle()


async def _keep_loading(part: str, load: Callable[[], Awaitable[None]]) -> None:
    while not _done[part]:
        began = time.perf_counter()
        try:
            await load()
        except Exception:  # whatever it was, the web process must live on and try again
            logger.exception("%s could not be loaded; trying again in %g s", part, RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            _done[part] = True
            logger.info("%s loaded in %.1f s", part, time.perf_counter() - began)


def _settle() -> None:
    """What is loaded by now stays; looking through it for garbage again and again would stop a turn for 60 ms each time."""
    gc.collect()
    gc.freeze()


async def _load_embedding() -> None:
    from retrieval import embedding

    await embedding.embed_query(QUERY)


async def _load_index() -> None:
    await sync_to_async(_read_index, thread_sensitive=False)()


def _read_index() -> None:
    """By words alone, so that it does not wait for the model."""
    from retrieval import index

    try:
        index.current().candidates({QUERY: 1.0}, None, recipe="", as_of=timezone.localdate(), limit=1)
    finally:
        connections.close_all()  # this thread may never be used again


async def _load_turn() -> None:
    """What a turn imports and learns at its first time."""
    from chatbot import answering
    from retrieval.embedding import get_used_to_queries
    from retrieval.search import search

    await answering.services().known_shapes()
    await search(QUERY, as_of=timezone.localdate(), k=1)
    await get_used_to_queries()


async def _load_model_client() -> None:
    """The package that talks to models takes a second to import; nothing waits for it where no model is configured."""
    from llm import client, endpoints

    await endpoints.refresh()
    models = client.configured()
    if models:
        await client.warm_up()
    for model in models.values():
        for endpoint in model.candidates:
            endpoint.connection()
