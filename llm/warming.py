"""The package for the wire, read before it is needed: it takes a second or so, which no customer's deadline should pay for."""

import asyncio
import sys
from importlib import import_module

WIRE = "llm.connection"


async def warm_up() -> None:
    """Read the package, in a thread, unless it was read before."""
    if WIRE not in sys.modules:
        await asyncio.to_thread(import_module, WIRE)
