"""While the asker reads an answer, embed what their next question may lean on: its own search then waits for its own words only."""

import asyncio
import logging
from collections.abc import Iterable

from retrieval.errors import EmbeddingFailed
from retrieval.followups import as_embedded, context_of

logger = logging.getLogger(__name__)
_at_work: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly


def foresee(said: Iterable[str]) -> None:
    """Begin, in the background. said: the asker's turns, oldest first, with the one that is being answered."""
    if context := context_of(said):
        task = asyncio.get_running_loop().create_task(_embed(as_embedded(context)))
        _at_work.add(task)
        task.add_done_callback(_at_work.discard)


async def _embed(text: str) -> None:
    from retrieval.embedding import embed_query

    try:
        await embed_query(text)  # which remembers it
    except EmbeddingFailed:
        logger.info("what was said could not be embedded beforehand; the next question will try again")
