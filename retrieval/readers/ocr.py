"""Pictures of pages to letters, by the program `tesseract` where it is installed. The letters then go the way of any other PDF's.

The program gets a picture on its standard input and answers on its standard output; it never sees the file, and its time is limited.
"""

import math
import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium

from retrieval.readers import CannotRead
from retrieval.readers.pdf_glyphs import Glyph

DOTS_PER_INCH = 300  # what the program is trained for
MAX_PIXELS = 30_000_000  # of one page; A4 has nine million
PAGE_SECONDS = 120.0
MAX_LANGUAGES = 4
UNSURE = 55  # of 100: below it, the words of a page are guesses
TOO_SLOW = "Recognising the text of these pictures took longer than {seconds:g} seconds and was stopped. Please split the file."
POOR = (
    "The pictures of pages in this PDF are too poor for text recognition (OCR): what came out is not to be relied on. Please scan it "
    "again, straight and at 300 dots per inch, or upload the document it was printed from."
)
NO_LANGUAGE = (
    "The text recognition program has no language installed. Please install one, for example the package tesseract-ocr-eng."
)
FAILED = "The text recognition program failed on this PDF. Please upload the document it was printed from."
_WORD = 5  # the level of a word in the program's table
_COLUMNS = ("level", "page", "block", "paragraph", "line", "word", "left", "top", "width", "height", "confidence", "text")
_TALL = re.compile(r"[A-Z0-9bdfhklit(ÄÖÜß£$€]")
_LIKE_BULLETS = set("eoO°*«»©®¢+¢.-")
_DEEP = re.compile(r"[gjpqy,;(Qç]")


class _Word(NamedTuple):
    """A word with its place in pixels of the picture, and the line that it stands in."""

    line: tuple[int, int, int]
    left: int
    top: int
    width: int
    height: int
    confidence: float
    text: str


def recognised(data: bytes, numbers: Iterable[int], program: str, seconds: float) -> Iterator[tuple[int, list[Glyph]]]:
    """Yield (page number from 1, its letters) for those pages of a PDF. Raises CannotRead, also if it takes longer than that."""
    until = time.monotonic() + seconds
    document = pdfium.PdfDocument(data)
    languages = _languages(program)
    found: dict[int, tuple[list[_Word], float]] = {}
    for number in numbers:
        picture, scale = _picture(document[number - 1])
        left = min(until - time.monotonic(), PAGE_SECONDS)
        if left <= 0:
            raise CannotRead(TOO_SLOW.format(seconds=seconds))
        found[number] = (
            _words(_run([program, "stdin", "stdout", "-l", languages, "--psm", "3", "tsv"], picture, left, seconds)),
            scale,
        )
    words = [word for page, _ in found.values() for word in page]
    if words and statistics.fmean(word.confidence for word in words) < UNSURE:
        raise CannotRead(POOR)
    sizes = {(number, word.line): size for number, (page, scale) in found.items() for word, size in _sizes(page, scale)}
    usual = statistics.median(sizes.values()) if sizes else 10.0
    for number, (page, scale) in found.items():
        yield number, [glyph for word in page for glyph in _glyphs(word, scale, _settled(sizes[number, word.line], usual))]


def _languages(program: str) -> str:
    """The languages that are installed, English first, as the program wants them: "eng+deu"."""
    said = _run([program, "--list-langs"], b"", 30.0, 30.0).decode("utf-8", "replace").splitlines()[1:]
    names = sorted(name for name in map(str.strip, said) if re.fullmatch(r"[a-z]{3}(?:_\w{1,20})?", name) and name != "osd")
    if not names:
        raise CannotRead(NO_LANGUAGE)
    return "+".join(sorted(names, key=lambda name: name != "eng")[:MAX_LANGUAGES])


def _run(command: list[str], given: bytes, seconds: float, whole: float) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=given,
            capture_output=True,
            timeout=seconds,
            check=True,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise CannotRead(TOO_SLOW.format(seconds=whole)) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotRead(FAILED) from error
    return done.stdout


def _picture(page: Any) -> tuple[bytes, float]:
    """The page as a grey picture (PGM), and how many pixels a point has."""
    width, height = page.get_size()
    scale = min(DOTS_PER_INCH / 72, math.sqrt(MAX_PIXELS / max(width * height, 1.0)))
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer)
    lines = [bytes(rows[bitmap.stride * y : bitmap.stride * y + bitmap.width]) for y in range(bitmap.height)]
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines), scale


def _words(table: bytes) -> list[_Word]:
    """The words of the program's table, which has a row for each; rows that are not as they should be are passed over."""
    found = []
    for row in table.decode("utf-8", "replace").splitlines()[1:]:
        cells = row.split("\t")
        try:
            level, _, block, paragraph, line, _, *place = (int(cell) for cell in cells[:10])
            confidence = float(cells[10])
        except (ValueError, IndexError):
            continue
        text = cells[11].strip() if len(cells) == len(_COLUMNS) else ""
        if level == _WORD and text and confidence >= 0 and len(place) == 4:
            left, top, width, height = place
            found.append(_Word((block, paragraph, line), left, top, width, height, confidence, text))
    return list(_with_bullets(found))


def _with_bullets(words: list[_Word]) -> Iterator[_Word]:
    """The words, with a single sign far before a line for what it is: the program has no bullets and takes them for letters."""
    before: _Word | None = None
    for word, following in pairwise([*words, None]):
        assert word is not None
        first = before is None or before.line != word.line
        far = (
            following is not None
            and following.line == word.line
            and following.left - word.left - word.width > 0.5 * following.height
        )
        yield word._replace(text="•") if first and far and word.text in _LIKE_BULLETS else word
        before = word


def _sizes(words: list[_Word], scale: float) -> Iterator[tuple[_Word, float]]:
    """Each word with the letter size of its line in points: from how tall its letters are, which depends on which they are."""
    lines: dict[tuple[int, int, int], list[float]] = {}
    for word in words:
        part = 0.5 + (0.22 if _TALL.search(word.text) else 0.0) + (0.21 if _DEEP.search(word.text) else 0.0)
        lines.setdefault(word.line, []).append(word.height / part / scale)
    for word in words:
        yield word, statistics.median(lines[word.line])


def _settled(size: float, usual: float) -> float:
    """A measured size without its error: the usual one, where it is near that; else in steps of two points."""
    return usual if abs(size - usual) < 0.2 * usual else round(size / 2) * 2


def _glyphs(word: _Word, scale: float, size: float) -> Iterator[Glyph]:
    """A word as letters of one width. Its baseline is the lower edge, without what hangs below it."""
    below = 0.21 * size if _DEEP.search(word.text) else 0.0
    base = (word.top + word.height) / scale - below
    wide = word.width / scale / len(word.text)
    for place, char in enumerate(word.text):
        x0 = word.left / scale + place * wide
        yield Glyph(char, x0, x0 + wide, base, size, False)
