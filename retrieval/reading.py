"""An uploaded file to Markdown. The file may be hostile, so it is opened in a process of its own with limits on everything.

That process has no settings, no secrets in its environment and no open files but the one it reads. What it does is described in
`readers/`; `reader_pool.py` starts it in milliseconds. Pages of a PDF are marked by `<!-- page 3 -->` on a line of its own: chunks
never contain it, readers never see it.
"""

import contextlib
import json
import logging
import os
import shutil
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
    """What a file says. title: as the document itself states it, "" if it does not. pages: None for formats without pages.

    notices: sentences for staff about what was not read, or may be read wrongly. recognisable: some pages are pictures, and `read`
    with `recognise` gives their text, which takes its time.
    """

    markdown: str
    title: str
    pages: int | None
    notices: tuple[str, ...] = ()
    recognisable: bool = False


def read(data: bytes, filename: str, *, recognise: bool = False) -> Reading:
    """Read a document of any kind that `readers/kinds.py` knows. recognise: also the text of pages that are pictures.

    Raises Unreadable with a sentence that staff can act on; OSError if this machine cannot start the reader now.
    """
    if not data.strip():
        raise Unreadable("This file is empty.")
    program = shutil.which("tesseract")
    if recognise and program:
        answer = _answer(data, filename, seconds=settings.READING_OCR_SECONDS, ocr=program)
    else:
        answer = _answer(data, filename, seconds=settings.READING_TIMEOUT_SECONDS)
    recognisable = bool(answer.get("pictures") and program)
    if recognisable and "markdown" not in answer:
        return Reading("", "", None, recognisable=True)
    if reason := answer.get("reason"):
        raise Unreadable(str(reason))
    pages = answer.get("pages")
    notices = answer.get("notices")
    return Reading(
        str(answer["markdown"]),
        str(answer["title"]),
        pages if isinstance(pages, int) else None,
        tuple(map(str, notices)) if isinstance(notices, list) else (),
        recognisable,
    )


def _answer(data: bytes, filename: str, *, seconds: float, ocr: str | None = None) -> dict[str, object]:
    """What the reading process says. Its input and output are files, so that neither side can block the other."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        given.write(json.dumps({"name": Path(filename).name, "ocr": ocr}).encode() + b"\n" + data)
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
