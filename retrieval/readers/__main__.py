"""The process that reads a file, or a few small ones: sets its own limits first, then lets the readers for their content loose."""

import contextlib
import ctypes
import importlib
import json
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

from retrieval.readers import MAX_CHARACTERS, CannotRead, Read

Recogniser = Callable[[bytes, Iterable[int]], dict[int, list[Any]]]
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # flags of unshare(2): a name space of its own, with no network in it
_REFUSED = {
    *("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"),
    *(
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "pty.spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.link",
    ),
    *("shutil.copyfile", "shutil.move", "shutil.rmtree", "shutil.unpack_archive"),
}
OUTPUT_BYTES = 64_000_000
TOO_DEEP = "This file is nested too deeply to be read. Please save its text as a simpler document."
TOO_LONG = "This file has more than {limit:,} characters of text. Please split it into several documents."
# kind of file (see `kinds.py`): the module that reads it, and its function
_READERS = {
    **{kind: (kind, f"read_{kind}") for kind in ("csv", "docx", "html", "mail", "odf", "pdf", "pptx", "rtf", "xlsx")},
    "markdown": ("text", "read_markdown"),
    "plain": ("text", "read_plain"),
}
NO_TEXT = "There is no text in this file."


def limit_self(memory_mb: int, seconds: float) -> None:
    """Let the system stop this process when it takes too much, also when the process that started it is gone."""
    signal.alarm(int(seconds) + 5)
    try:
        import resource
    except ImportError:  # not a Unix: the time limit of the starting process remains
        return
    limits = {
        resource.RLIMIT_AS: memory_mb * 1024 * 1024,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, most in limits.items():
        try:
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # a system that knows the limit by name only
            continue


def shut_in(program: str | None = None) -> None:
    """Take from this process what reading never needs: the network, and starting programs other than the one given.

    The first step is the system's and holds for libraries too, where the system allows it; the second holds for Python everywhere.
    """
    with contextlib.suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None, use_errno=True).unshare(NEW_USER | NEW_NETWORK)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REFUSED or (event == "subprocess.Popen" and arguments[0] != program):
            raise PermissionError(f"a reader of files may not do {event}")

    sys.addaudithook(refuse)


def read(data: bytes, filename: str, *, recognise: Recogniser | None = None) -> Read:
    """Read a file by what it contains. recognise: reads pages that are pictures. Raises CannotRead."""
    from retrieval.readers.kinds import kind_of
    from retrieval.readers.text import clean

    kind = kind_of(data, filename)
    found = _reader_for(kind)(data, recognise) if kind == "pdf" else _reader_for(kind)(data)
    markdown = clean(found.markdown)
    if not any(map(str.isalnum, markdown)):
        raise CannotRead(NO_TEXT)
    if len(markdown) > MAX_CHARACTERS:
        raise CannotRead(TOO_LONG.format(limit=MAX_CHARACTERS))
    return replace(found, markdown=markdown, title=" ".join(clean(found.title).split())[:200])


def _reader_for(kind: str) -> Callable[..., Read]:
    """The function that reads that kind. Only its own module is imported: a process reads one file and should start fast."""
    module, function = _READERS[kind]
    reader: Callable[..., Read] = getattr(importlib.import_module(f"retrieval.readers.{module}"), function)
    return reader


def _recogniser(program: str, seconds: float) -> Recogniser:
    """What reads pictures of pages with that program, in nearly all of the time that there is."""

    def recognise(data: bytes, numbers: Iterable[int]) -> dict[int, list[Any]]:
        from retrieval.readers.ocr import recognised

        return dict(recognised(data, numbers, program, seconds * 0.9))

    return recognise


def main() -> int:
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit_self(memory_mb, seconds)
    asked = json.loads(sys.stdin.buffer.readline())
    shut_in(asked.get("ocr"))
    recognise = _recogniser(asked["ocr"], seconds) if asked.get("ocr") else None
    answers = [_answer(size, name, recognise, memory_mb) for name, size in asked["files"]]
    sys.stdout.buffer.write(json.dumps(answers).encode())
    return 0


def _answer(size: int, name: str, recognise: Recogniser | None, memory_mb: int) -> dict[str, Any]:
    """What is to be said of the next file, of that many bytes, on standard input."""
    try:
        return asdict(read(sys.stdin.buffer.read(size), name, recognise=recognise))
    except CannotRead as reason:
        return {"reason": str(reason), "pictures": reason.pictures}
    except RecursionError:
        return {"reason": TOO_DEEP}
    except MemoryError:
        return {"reason": f"Reading this file takes more than {memory_mb} MB of memory. Please split it or save a simpler copy."}


if __name__ == "__main__":
    sys.exit(main())
