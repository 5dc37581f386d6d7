"""An uploaded file to Markdown. The file may be hostile, so it is opened in a process of its own with limits on everything.

That process has no settings, no secrets in its environment and no open files but the one it reads. What it does is described in
`readers/`. Pages of a PDF are marked by `<!-- page 3 -->` on a line of its own: chunks never contain it, readers never see it.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from retrieval.errors import Unreadable

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
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
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-X", "utf8", "-m", "retrieval.readers", str(settings.READING_MEMORY_MB), str(seconds)],
            stdin=given,
            stdout=said,
            stderr=complained,
            cwd=ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            close_fds=True,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Unreadable(TOO_SLOW.format(seconds=seconds)) from None
        finally:
            _end(process)
        said.seek(0)
        with contextlib.suppress(ValueError):
            answer = json.loads(said.read())
            if status == 0 and isinstance(answer, dict):
                return answer
        log.warning("the reader of %r ended with %s: %s", filename, status, _last_words(complained))
        raise Unreadable(TOO_SLOW.format(seconds=seconds) if status in (-signal.SIGXCPU, -signal.SIGALRM) else DAMAGED)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the process behind, however this one goes on."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _last_words(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(file.tell() - 2000, 0))
    return file.read().decode("utf-8", "replace")
