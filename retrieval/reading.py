"""An uploaded file to Markdown. The file may be hostile, so it is opened in a process of its own with limits on everything.

That process has no settings, no secrets in its environment and no open files but the one it reads. Only small texts share one. What it does is described in
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
from collections.abc import Callable, Sequence
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
    seconds = settings.READING_OCR_SECONDS if recognise and program else settings.READING_TIMEOUT_SECONDS
    return _reading(_answers([(data, filename)], seconds=seconds, ocr=program if recognise else None)[0], program)


def read_all(files: Sequence[tuple[bytes, str]]) -> list[Reading | Exception]:
    """Read several small files, each (data, name), in one process; an exception of `read` stands in the place of its file.

    Meant for texts only: a reader that one file has taken over could say what it likes about the others. If the process fails, each
    file is read in one of its own, so that only the one that is to blame has no text.
    """
    answers: list[dict[str, object]] = []
    if all(data.strip() for data, _ in files):  # else `read` says it
        with contextlib.suppress(Unreadable, OSError):
            answers = _answers(files, seconds=settings.READING_TIMEOUT_SECONDS)
    if not answers:
        return [_attempt(lambda file=file: read(*file)) for file in files]  # type: ignore[misc]
    return [_attempt(lambda answer=answer: _reading(answer, None)) for answer in answers]  # type: ignore[misc]


def is_text(filename: str) -> bool:
    """Whether the name promises a text, which several of may be read together. A reader refuses what does not keep the promise."""
    return Path(filename).suffix.lower() in {".md", ".markdown", ".txt"}


def _attempt(read_one: Callable[[], Reading]) -> Reading | Exception:
    try:
        return read_one()
    except Exception as error:
        return error


def _reading(answer: dict[str, object], program: str | None) -> Reading:
    """What a reader's answer means. program: the one that could recognise pictures of text. Raises Unreadable."""
    recognisable = bool(answer.get("pictures") and program)
    if recognisable and "markdown" not in answer:
        return Reading("", "", None, recognisable=True)
    if reason := answer.get("reason"):
        raise Unreadable(_storable(reason))
    pages = answer.get("pages")
    notices = answer.get("notices")
    return Reading(
        _storable(answer["markdown"]),
        _storable(answer["title"]),
        pages if isinstance(pages, int) else None,
        tuple(map(_storable, notices)) if isinstance(notices, list) else (),
        recognisable,
    )


def _storable(said: object) -> str:
    """What the reader says as a text that every database takes: names inside files have halves of characters, and NUL, in them."""
    return str(said).encode("utf-8", "replace").decode().replace("\0", "")


def _answers(files: Sequence[tuple[bytes, str]], *, seconds: float, ocr: str | None = None) -> list[dict[str, object]]:
    """What a reading process says of each file. Its input and output are files, so that neither side can block the other."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        asked = {"files": [[Path(filename).name, len(data)] for data, filename in files], "ocr": ocr}
        given.write(json.dumps(asked).encode() + b"\n")
        given.writelines(data for data, _ in files)
        given.seek(0)
        descriptors = (given.fileno(), said.fileno(), complained.fileno())
        reading = pool.start(*descriptors, memory_mb=settings.READING_MEMORY_MB, seconds=seconds)
        try:
            status = reading.wait(seconds)
        except TimeoutError:
            raise Unreadable(TOO_SLOW.format(seconds=seconds)) from None
        finally:
            reading.end()
        said.seek(0)
        with contextlib.suppress(ValueError):
            answers = json.loads(said.read())
            if status == 0 and isinstance(answers, list) and len(answers) == len(files):
                return answers
        names = ", ".join(filename for _, filename in files)
        log.warning("the reader of %r ended with %s: %s", names, status, _last_words(complained))
        raise Unreadable(TOO_SLOW.format(seconds=seconds) if status in (-signal.SIGXCPU, -signal.SIGALRM) else DAMAGED)


def _last_words(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(file.tell() - 2000, 0))
    return file.read().decode("utf-8", "replace")
