"""Load what the first question would otherwise wait for: the embedding model and the search index.

Runs once in the background of the web process, so that the process answers `/health` at once; a failure is logged and tried
again, and the process stays "not ready" for its load balancer meanwhile.
"""

import asyncio
import gc
import logging
import time

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
    """Return when both parts are loaded."""
    for part, load in (("embedding", _load_embedding), ("index", _load_index)):
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
    await _load_model_client()
    _settle()


def _settle() -> None:
    """What is loaded by now stays; looking through it for garbage again and again would stop a turn for 60 ms each time."""
    gc.collect()
    gc.freeze()


async def _load_embedding() -> None:
    from retrieval import embedding

    await embedding.embed_query(QUERY)


async def _load_index() -> None:
    from retrieval.search import search

    await search(QUERY, as_of=timezone.localdate(), k=1)


async def _load_model_client() -> None:
    """The package that talks to models takes a second to import; nothing waits for it where no model is configured."""
    from llm import client

    if client.configured():
        await client.warm_up()
