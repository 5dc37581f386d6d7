"""A fair queue in front of an endpoint: so many calls at once, and whoever came first goes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from llm.errors import ModelBusy


class Room:
    """Places for `most` calls at once on each event loop (a web process runs one loop). Kept for the life of the process."""

    def __init__(self, most: int) -> None:
        """Raises ValueError if most < 1."""
        if most < 1:
            raise ValueError("there must be room for at least one call")
        self.most = most
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    @property
    def is_full(self) -> bool:
        """Whether a call made now would have to wait."""
        return self._places().locked()

    @asynccontextmanager
    async def place(self, *, patience: float) -> AsyncIterator[None]:
        """Hold a place; wait for one up to `patience` seconds, in the order of asking. Raises ModelBusy when none came free."""
        places = self._places()
        try:
            async with asyncio.timeout(patience):
                await places.acquire()
        except TimeoutError:
            raise ModelBusy(f"no place came free among {self.most} in {patience:.1f} s", kind="queue_full") from None
        try:
            yield
        finally:
            places.release()

    def _places(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        places = self._of_loop.get(loop)
        if places is None:
            places = self._of_loop[loop] = asyncio.Semaphore(self.most)
        return places
