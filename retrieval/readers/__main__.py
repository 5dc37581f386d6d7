"""The process that reads one file: sets its own limits first, then lets the reader for the file's content loose on it."""

import json
import signal
import sys

from retrieval.readers import MAX_CHARACTERS, CannotRead, Read

OUTPUT_BYTES = 64_000_000
TOO_DEEP = "This file is nested too deeply to be read. Please save its text as a simpler document."
TOO_LONG = "This file has more than {limit:,} characters of text. Please split it into several documents."
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


def read(data: bytes, filename: str) -> Read:
    """Read a file by what it contains. Raises CannotRead."""
    from retrieval.readers.kinds import kind_of
    from retrieval.readers.text import clean

    kind = kind_of(data, filename)
    if kind == "pdf":
        from retrieval.readers.pdf import read_pdf

        found = read_pdf(data)
    elif kind == "docx":
        from retrieval.readers.docx import read_docx

        found = read_docx(data)
    elif kind == "html":
        from retrieval.readers.html import read_html

        found = read_html(data)
    else:
        from retrieval.readers.text import read_markdown, read_plain

        found = read_markdown(data) if kind == "markdown" else read_plain(data)
    markdown = clean(found.markdown)
    if not any(map(str.isalnum, markdown)):
        raise CannotRead(NO_TEXT)
    if len(markdown) > MAX_CHARACTERS:
        raise CannotRead(TOO_LONG.format(limit=MAX_CHARACTERS))
    return Read(markdown, " ".join(clean(found.title).split())[:200], found.pages)


def main() -> int:
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit_self(memory_mb, seconds)
    try:
        filename = json.loads(sys.stdin.buffer.readline())
        found = read(sys.stdin.buffer.read(), filename)
        answer = {"markdown": found.markdown, "title": found.title, "pages": found.pages}
    except CannotRead as reason:
        answer = {"reason": str(reason)}
    except RecursionError:
        answer = {"reason": TOO_DEEP}
    except MemoryError:
        answer = {"reason": f"Reading this file takes more than {memory_mb} MB of memory. Please split it or save a simpler copy."}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
