"""What uvicorn serves: Django, and a start-up that checks the settings and warms the search in the background."""

import asyncio
import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.core.exceptions import ImproperlyConfigured

try:
    gc.disable()  # until all is imported: nearly nothing of it is garbage, and looking for some takes an eighth of the start
    django.setup(set_prefix=False)
except ImproperlyConfigured as problem:
    raise SystemExit(f"Whereabouts cannot start:\n  {problem}") from None

# these read the settings, so they come after the set-up
from chatbot import live
from config.checks import stop_on_errors
from config.handler import Handler, Receive, Send
from config.warmup import warm_up
from database import checkpoints
from llm import endpoints
from retrieval import embedding

embedding.begin_loading()  # beside the checks and all the pages that they import, which takes as long
stop_on_errors()
gc.freeze()
gc.enable()
django_application = Handler()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    else:
        await django_application(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the warm-up and say at once that we serve; when the server stops, stop it, and let running answers end."""
    background: list[asyncio.Task[None]] = []
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            background = [
                asyncio.create_task(warm_up()),
                asyncio.create_task(checkpoints.keep_up()),
                asyncio.create_task(endpoints.keep_up()),
            ]
            live.close_on_signals()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await live.turns().close(grace=1.0)  # seconds; the signal gave them longer
            await send({"type": "lifespan.shutdown.complete"})
            return
