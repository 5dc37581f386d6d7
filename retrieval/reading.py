"""An uploaded file to Markdown. The file may be hostile, so it is opened in a process of its own with limits on everything.

That process has no settings, no secrets in its environment and no open files but the one it reads. What it does is described in
`readers/`; `reader_pool.py` starts it in milliseconds. Pages of a PDF are marked by `<!-- page 3 -->` on a line of its own: chunks
never contain it, readers never see it.
"""

import contextlib
import json
import logging
import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from retrieval.errors import Unreadable
from retrieval.reader_pool import pool

log = logging.getLogger(__name__)

DAMAGED = "This file is damaged in a way that stopped the reader. Please open it, save it again and upload the new file."
TOO_SLOW = "Reading this file took longer than {seconds:g} seconds and was stopped. Please split it or save a simpler copy."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. title: as the document itself states it, "" if it does not. pages: None for formats without pages."""

    markdown: str
    title: str
    pages: int | None


def read(data: bytes, filename: str) -> Reading:
    """Read a PDF, Word document, web page, Markdown or plain text.

    Raises Unreadable with a sentence that staff can act on; OSError if this machine cannot start the reader now.
    """
    if not data.strip():
        raise Unreadable("This file is empty.")
    answer = _answer(data, filename)
    if reason := answer.get("reason"):
        raise Unreadable(str(reason))
    pages = answer.get("pages")
    return Reading(str(answer["markdown"]), str(answer["title"]), pages if isinstance(pages, int) else None)


def _answer(data: bytes, filename: str) -> dict[str, object]:
    """What the reading process says. Its input and output are files, so that neither side can block the other."""
    seconds = settings.READING_TIMEOUT_SECONDS
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        given.write(json.dumps(Path(filename).name).encode() + b"\n" + data)
        given.seek(0)
        files = (given.fileno(), said.fileno(), complained.fileno())
        reading = pool.start(*files, memory_mb=settings.READING_MEMORY_MB, seconds=seconds)
        try:
            status = reading.wait(seconds)
        except TimeoutError:
            raise Unreadable(TOO_SLOW.format(seconds=seconds)) from None
        finally:
            reading.end()
        said.seek(0)
        with contextlib.suppress(ValueError):
            answer = json.loads(said.read())
            if status == 0 and isinstance(answer, dict):
                return answer
        log.warning("the reader of %r ended with %s: %s", filename, status, _last_words(complained))
        raise Unreadable(TOO_SLOW.format(seconds=seconds) if status in (-signal.SIGXCPU, -signal.SIGALRM) else DAMAGED)


def _last_words(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(file.tell() - 2000, 0))
    return file.read().decode("utf-8", "replace")
