"""Which files a command means: the paths as given, folders walked in order."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.readers import kinds

ENDINGS = frozenset(f".{ending}" for ending in kinds.ENDINGS)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file and the name it is known by: its own, with its folder where two files of one call share it."""

    path: Path
    name: str


def files_in(paths: Iterable[str | Path]) -> list[FoundFile]:
    """The files of a call, each once: files as given, folders recursively in sorted order, known endings only, nothing hidden.

    A path that does not exist is kept, so that its failure can be named.
    """
    found: dict[Path, Path] = {}  # the file → the path that was given for it
    for given in map(Path, paths):
        for path in _walk(given) if given.is_dir() else [given]:
            found.setdefault(path, given)
    shared = Counter(path.name for path in found)
    return [FoundFile(path, path.name if shared[path.name] == 1 else _long_name(path, given)) for path, given in found.items()]


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in ENDINGS:
                yield Path(place) / name


def _long_name(path: Path, given: Path) -> str:
    """The file's place in the folder that was given; two files of one name must not become versions of one document."""
    return str(path.relative_to(given)) if given.is_dir() else f"{path.absolute().parent.name}/{path.name}"
