"""What keeps a replica fast and a restart short, done beside the searches in a thread of its own: none of it changes what is found.

A replica works without any of it; whatever fails here is tried again later.
"""

import logging
import threading
import time
from collections.abc import Callable
from itertools import takewhile
from typing import Protocol

from django.db import connection

from retrieval.index.storing import WORTH_A_FOLDER
from retrieval.index.vectors import FULL, Block, unclustered

logger = logging.getLogger(__name__)

EXACT_UP_TO = 131_072  # vectors of one recipe; more are searched in clusters
_CLUSTERED_AT_ONCE = 262_144  # rows of one clustered block: bounds the memory and the time of making it
_WORTH_SAVING = 0.2  # of all chunks, so many have come or gone
_LATER_SECONDS = 60.0  # after something failed


class Replica(Protocol):
    unsaved: int

    @property
    def blocks(self) -> tuple[Block, ...]: ...
    @property
    def size(self) -> int: ...
    @property
    def can_be_saved(self) -> bool: ...
    @property
    def outgrew_memory(self) -> bool: ...
    def save(self) -> bool: ...
    def rebuild(self) -> int: ...
    def exchange(self, old: list[Block], new: list[Block]) -> bool: ...


class Upkeep:
    """Does what is due, one thing after the other, in one thread at a time. `exact_up_to`, `worth_a_folder`: see the constants."""

    def __init__(self, *, exact_up_to: int = EXACT_UP_TO, worth_a_folder: int = WORTH_A_FOLDER) -> None:
        self._exact_up_to, self._worth_a_folder = exact_up_to, worth_a_folder
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._not_before = 0.0  # on the monotonic clock

    def consider(self, replica: Replica) -> None:
        """Begin, if something is due; returns at once."""
        if time.monotonic() < self._not_before or self._due(replica) is None:
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, args=(replica,), name="index-upkeep", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until what was begun is done."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self, replica: Replica) -> None:
        try:
            while (due := self._due(replica)) is not None:
                if not due():
                    self._not_before = time.monotonic() + _LATER_SECONDS
                    return
        except Exception:
            self._not_before = time.monotonic() + _LATER_SECONDS
            logger.exception("the upkeep of the search index failed and will be tried again; searches go on")
        finally:
            connection.close()  # of this thread

    def _due(self, replica: Replica) -> Callable[[], bool] | None:
        """What is to be done next; it tells whether to go on, or to come back later."""
        emptied = [block for block in replica.blocks if block.scan.is_clustered and block.is_mostly_gone]
        if emptied:
            return lambda: _exchanged(replica, emptied[:1], unclustered(emptied[0]))
        if crowd := self._crowd(replica.blocks):
            return lambda: _exchanged(replica, crowd, [Block.clustered(crowd)])
        if replica.outgrew_memory and replica.size >= 2 * self._worth_a_folder:
            return lambda: replica.rebuild() > 0 and not replica.outgrew_memory
        if replica.can_be_saved and replica.unsaved >= max(self._worth_a_folder // 2, _WORTH_SAVING * replica.size):
            return replica.save
        return None

    def _crowd(self, blocks: tuple[Block, ...]) -> list[Block]:
        """Blocks that are to be clustered together: the larger ones of a recipe that has too many rows for an exact search."""
        exact: dict[tuple[str, int], list[Block]] = {}
        for block in blocks:
            if not block.scan.is_clustered:
                exact.setdefault((block.recipe, block.scan.dimension), []).append(block)
        for group in exact.values():
            if sum(map(len, group)) > self._exact_up_to:
                largest = sorted(group, key=len, reverse=True)
                room = _CLUSTERED_AT_ONCE
                chosen = []
                for block in takewhile(lambda block: 4 * len(block) >= min(FULL, self._exact_up_to), largest):
                    if len(block) <= room:
                        chosen.append(block)
                        room -= len(block)
                return chosen
        return []


def _exchanged(replica: Replica, old: list[Block], new: list[Block]) -> bool:
    replica.exchange(old, new)
    return True  # if the old ones are gone meanwhile, what is due now is another thing
