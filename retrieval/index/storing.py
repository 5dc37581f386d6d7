"""Between the replica and its snapshots: which files belong to it, and what its parts are as plain arrays."""

import hashlib
import inspect
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from retrieval import words
from retrieval.index import backend
from retrieval.index.lexicon import Lexicon
from retrieval.index.log import Position
from retrieval.index.scans import Scan
from retrieval.index.snapshot import Shelf, Unusable
from retrieval.index.vectors import Block

logger = logging.getLogger(__name__)

FORMAT = 1  # of what is written here; another number makes every earlier snapshot unusable
WORTH_A_FOLDER = 2000  # chunks: fewer are read from the database in the time that a snapshot takes


class Restored(NamedTuple):
    position: Position
    blocks: tuple[Block, ...]
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class Saving:
    """A snapshot that is being made."""

    _shelf: Shelf
    _folder: Path

    def link(self, lexicon: Lexicon) -> bool:
        """Take the lexicon's files as they are now; False if there are none to take. Takes milliseconds."""
        return lexicon.link_to(self._folder / "lexicon")

    def write(self, position: Position, blocks: Sequence[Block]) -> None:
        """Write the rest, which never changes, and complete the snapshot."""
        arrays: dict[str, np.ndarray] = {}
        kinds: list[dict[str, Any]] = []
        for number, block in enumerate(blocks):
            kinds.append({"recipe": block.recipe, "clustered": block.scan.is_clustered})
            scan = block.scan.stored() if block.scan.is_clustered else block.scan.halves()
            for name, array in (("scan", scan), ("chunks", block.chunks), ("versions", block.versions), ("alive", block.alive)):
                arrays[f"{number}.{name}"] = array
        self._shelf.save(self._folder, {"position": list(position), "blocks": kinds}, arrays)


class Store:
    """The files of one replica, below a folder that several may share. folder: None for a replica without files."""

    def __init__(self, folder: Path | None) -> None:
        self._shelf = None if folder is None else Shelf(folder, made_of())

    @property
    def is_usable(self) -> bool:
        return self._shelf is not None

    def new_lexicon(self, size: int) -> Lexicon:
        """An empty lexicon for about so many chunks: in a folder if a snapshot of it would be worth while, else in memory."""
        if self._shelf is not None and size >= WORTH_A_FOLDER:
            try:
                return Lexicon(self._shelf.new_folder())
            except (OSError, ValueError):  # the disk is full or not ours to write: search does not depend on it
                logger.warning("the search index cannot use %s and stays in memory", self._shelf.folder, exc_info=True)
        return Lexicon()

    def give_up(self, lexicon: Lexicon) -> None:
        """Remove the files of a lexicon that is not used any more."""
        if self._shelf is not None and lexicon.folder is not None:
            self._shelf.remove(lexicon.folder)

    @contextmanager
    def saving(self) -> Iterator[Saving | None]:
        """A snapshot to be made; None if that cannot be, or another process is at it. Raises OSError."""
        if self._shelf is None:
            yield None
            return
        with self._shelf.making() as folder:
            yield None if folder is None else Saving(self._shelf, folder)

    def restored(self) -> Restored | None:
        """What the current snapshot holds; None if there is none, or it is not whole, or not made as this program would make it."""
        if self._shelf is None:
            return None
        try:
            snapshot = self._shelf.load()
        except Unusable as reason:
            logger.info("no snapshot of the search index to begin with: %s", reason)
            return None
        try:
            blocks = [_block(snapshot.arrays, number, kind) for number, kind in enumerate(snapshot.notes["blocks"])]
            lexicon = Lexicon(snapshot.lexicon)
            position_id, key = snapshot.notes["position"]
            return Restored(Position(int(position_id), str(key)), tuple(blocks), lexicon)
        except Exception:  # whole, but not what we take it for: whatever a library says then, the database has everything
            logger.exception("the snapshot of the search index cannot be read")
            self._shelf.remove(snapshot.lexicon)
            return None


def made_of() -> dict[str, Any]:
    """What a snapshot depends on beside the chunks: our format, how words are cut, and the libraries that read it again."""
    source = inspect.getsource(words) + inspect.getsource(backend.head_terms)
    return {
        "format": FORMAT,
        "words": hashlib.sha256(source.encode()).hexdigest(),
        "libraries": {name: version(name) for name in ("faiss-cpu", "tantivy", "snowballstemmer")},
    }


def _block(arrays: dict[str, np.ndarray], number: int, kind: dict[str, Any]) -> Block:
    scan, chunks, versions, alive = (arrays[f"{number}.{name}"] for name in ("scan", "chunks", "versions", "alive"))
    made = Scan.restored(scan) if kind["clustered"] else Scan.of(scan)
    if not len(made) == len(chunks) == len(versions) == len(alive):
        raise ValueError("the parts of a block differ in length")
    return Block.over(str(kind["recipe"]), made, chunks, versions, alive)
