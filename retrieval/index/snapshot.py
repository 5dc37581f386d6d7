"""A replica on disk, as a faster start only: the database is the truth, and whatever is not whole and fitting here is passed over.

```text
DATA_DIR/index/
  current            the name of the snapshot to use
  snapshot-…/        manifest.json, arrays as plain bytes, lexicon/ with tantivy's files
  replica-…/         the living lexicon of one process; its files share their blocks with the snapshot (hard links)
```

Several processes may share the folder. A snapshot is complete before it gets its name, and never changes afterwards. Its manifest
names size and SHA-256 of each file, and is sealed itself, so that a torn, cut or foreign file is noticed before it is used.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

_TYPES = {"<f2", "<i8", "|b1", "|u1"}  # of arrays: numbers only, nothing that could run
_MANIFEST = "manifest.json"
_HELD = "held"  # locked by the process whose folder it is


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was saved: notes (plain JSON values), arrays by name, and a folder with the lexicon's files, the caller's own."""

    notes: dict[str, Any]
    arrays: dict[str, np.ndarray]
    lexicon: Path


class Unusable(Exception):
    """A snapshot that must not be used, and why."""


class Shelf:
    """The folder of snapshots. made_of: what every snapshot must have been made with to be of use (formats, libraries, rules)."""

    def __init__(self, folder: Path, made_of: Mapping[str, Any]) -> None:
        self.folder, self._made_of = folder, dict(made_of)
        self._held: list[IO[bytes]] = []  # locks on our own folders, let go when the process ends, however it ends

    def new_folder(self) -> Path:
        """An empty folder for the living lexicon of this process; those of processes that are gone are removed. Raises OSError."""
        self._begin()
        with self._locked():
            for other in self.folder.glob("replica-*"):
                if _is_left(other):
                    shutil.rmtree(other, ignore_errors=True)
            made = self.folder / f"replica-{os.getpid()}-{secrets.token_hex(4)}"
            made.mkdir()
            lock = (made / _HELD).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._held.append(lock)
        return made

    def remove(self, folder: Path) -> None:
        """Give up a folder of `new_folder`."""
        for lock in [lock for lock in self._held if Path(lock.name).parent == folder]:
            lock.close()
            self._held.remove(lock)
        shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def making(self) -> Iterator[Path | None]:
        """A folder to put a snapshot's lexicon into before `save`; None while another process makes a snapshot. Raises OSError."""
        self._begin()
        with (self.folder / "making.lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            made = self.folder / f"making-{secrets.token_hex(4)}"
            try:
                (made / "lexicon").mkdir(parents=True)
                yield made
            finally:
                for left in self.folder.glob("making-*"):
                    shutil.rmtree(left, ignore_errors=True)

    def save(self, made: Path, notes: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Complete what was begun in a folder of `making`, and let it be the current snapshot. Raises OSError."""
        kinds = {}
        for name, array in arrays.items():
            kinds[name] = [array.dtype.str, list(array.shape)]
            _write(made / name, np.ascontiguousarray(array).data if array.size else b"")
        files = {}
        for path in sorted(path for path in made.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                files[path.relative_to(made).as_posix()] = [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]
                os.fsync(file.fileno())
        manifest = {"made_of": self._made_of, "notes": dict(notes), "arrays": kinds, "files": files}
        _write(made / _MANIFEST, json.dumps(manifest | {"seal": _seal(manifest)}).encode())
        for folder in (made / "lexicon", made):
            _sync_folder(folder)
        name = f"snapshot-{secrets.token_hex(8)}"
        made.rename(self.folder / name)
        _sync_folder(self.folder)
        new = self.folder / f"current-{secrets.token_hex(4)}"
        _write(new, name.encode())
        new.replace(self.folder / "current")
        _sync_folder(self.folder)
        for old in self.folder.glob("snapshot-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    def load(self) -> Snapshot:
        """The current snapshot, read and checked as a whole. Raises Unusable."""
        try:
            name = (self.folder / "current").read_text("ascii")
            if not name.startswith("snapshot-") or not name.removeprefix("snapshot-").isalnum():
                raise Unusable("the name of the current snapshot is not one of ours")
            return self._load(self.folder / name)
        except (OSError, ValueError, KeyError, TypeError) as error:  # not there, gone meanwhile, or not what a manifest looks like
            raise Unusable(f"{type(error).__name__}: {error}") from error

    def _begin(self) -> None:
        # terms of internal texts are in it: nobody else's to read
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _load(self, source: Path) -> Snapshot:
        manifest = json.loads((source / _MANIFEST).read_bytes())
        if manifest.pop("seal") != _seal(manifest):
            raise Unusable("the manifest is damaged")
        if manifest["made_of"] != self._made_of:
            raise Unusable("it was made by another release or with other rules")
        files: dict[str, list[Any]] = manifest["files"]
        arrays = {}
        for name, (kind, shape) in manifest["arrays"].items():
            data = (source / name).read_bytes()
            if kind not in _TYPES or hashlib.sha256(data).hexdigest() != files[name][1]:
                raise Unusable(f"{name} is damaged")
            arrays[name] = np.frombuffer(data, dtype=kind).reshape(shape)
        own = self.new_folder()
        try:
            for name, (size, digest) in files.items():
                if name.startswith("lexicon/"):
                    # checked under our own name: nobody can exchange the file between the check and its use
                    link_or_copy(source / name, own / Path(name).name)
                    with (own / Path(name).name).open("rb") as file:
                        if os.fstat(file.fileno()).st_size != size or hashlib.file_digest(file, "sha256").hexdigest() != digest:
                            raise Unusable(f"{name} is damaged")
        except BaseException:
            self.remove(own)
            raise
        return Snapshot(manifest["notes"], arrays, own)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "folders.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def link_or_copy(source: Path, target: Path) -> None:
    """The file under a second name, or a copy where the file system cannot do that."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _is_left(folder: Path) -> bool:
    """Whether the process whose folder it is has ended."""
    try:
        with (folder / _HELD).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # its lock is made with it, so it is already being removed
    return True


def _seal(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _write(path: Path, data: Any) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
