"""What stands on a page of a PDF: letters with place, size and weight, and the lines, areas and pictures around them.

With `pdf_drawn.py` the only module that asks pdfium what is there. Coordinates are in points from the top left of the page, y downwards, upright text.
"""

import ctypes
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c

from retrieval.readers import CannotRead
from retrieval.readers.pdf_drawn import Drawn, drawn_on, nothing_drawn

PROTECTED = "This PDF is protected by a password. Please save a copy without the password and upload that."
DAMAGED = "This PDF is damaged and cannot be opened. Please save or export it again and upload the new file."
SMALLEST = 1.5  # points: text below it is there for machines, not for readers
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|cmbx|-bd", re.IGNORECASE)
_SYMBOL_BULLETS = {0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF0FC, 0xF06E, 0xF0A8, 0xF02D}
UNREADABLE = "\ufffd"


class Glyph(NamedTuple):
    """One letter: its advance from x0 to x1, its baseline, its size in points."""

    char: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool


class Page(NamedTuple):
    """drawn: what stands around the letters. picture: the share of the page under pictures, 0 to 1."""

    width: float
    height: float
    glyphs: list[Glyph]
    drawn: Drawn
    picture: float


class _Style(NamedTuple):
    size: float
    bold: bool
    turned: int  # degrees, a multiple of 90; other angles are not text of the page
    visible: bool
    over_picture: bool  # drawn invisibly: the text layer of a scan, or text that only machines see


class _Placed(NamedTuple):
    char: str
    x: float
    y: float
    wide: float
    tall: float
    style: _Style


def pages(data: bytes) -> Iterator[Page]:
    """Yield the pages in order. Raises CannotRead for a PDF that cannot be opened."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        protected = getattr(error, "err_code", None) == c.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        raise CannotRead(PROTECTED if protected else DAMAGED) from error
    if not len(document):
        raise CannotRead(DAMAGED)
    for number in range(len(document)):
        try:
            yield _page(document[number])
        except pdfium.PdfiumError as error:
            raise CannotRead(f"Page {number + 1} of this PDF is damaged. Please save or export it again.") from error


def stated_title(data: bytes) -> str:
    """The title in the document's properties; "" if there is none or it was filled in by a program."""
    title = str(pdfium.PdfDocument(data).get_metadata_dict().get("Title", "")).strip()
    junk = re.fullmatch(
        r"\(?(?:untitled|anonymous|document\d*|unspecified)\)?|.*\.(?:docx?|pdf|odt|indd|tex|html?)", title, re.IGNORECASE
    )
    return "" if junk else title.removeprefix("Microsoft Word - ")


def _page(page: Any) -> Page:
    width, height = page.get_size()
    left, bottom, right, top = page.get_cropbox()
    drawn = drawn_on(page, left, top)
    textpage = page.get_textpage()
    text = textpage.raw  # the handle itself: the wrapper costs a call for each letter
    visible: list[Glyph] = []
    behind: list[Glyph] = []
    styles: dict[int, _Style] = {}
    by_angle: dict[int, int] = {}
    placed: list[_Placed] = []
    x, y, box = ctypes.c_double(), ctypes.c_double(), c.FS_RECTF()
    for index in range(textpage.count_chars()):
        owner = c.FPDFText_GetTextObject(text, index)
        if not owner:
            continue  # a blank or line end that pdfium put in; we find our own
        key = ctypes.addressof(owner.contents)
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(text, index, owner)
        if not c.FPDFText_GetCharOrigin(text, index, x, y) or not c.FPDFText_GetLooseCharBox(text, index, box):
            continue
        if style.turned < 0 or not (left - 1 <= x.value <= right + 1 and bottom - 1 <= y.value <= top + 1):
            continue
        char = UNREADABLE if c.FPDFText_HasUnicodeMapError(text, index) > 0 else _char(c.FPDFText_GetUnicode(text, index))
        if char:
            by_angle[style.turned] = by_angle.get(style.turned, 0) + 1
            letter = _Placed(char, x.value - left, top - y.value, box.right - box.left, box.top - box.bottom, style)
            placed.append(_after_ligature(placed[-1], letter) if placed else letter)
    angle = max(by_angle, key=lambda turned: by_angle[turned]) if by_angle else 0
    for char, at_x, at_y, wide, tall, style in placed:
        if style.turned != angle:
            continue  # a stamp or a label along the margin
        if not style.visible and not style.over_picture:
            continue
        if style.visible and style.size < 0 and not _readable(at_x, at_y, drawn):
            continue
        x0, base = _upright(at_x, at_y, angle, top - bottom, right - left)
        advance = wide if angle in (0, 180) else tall
        glyph = Glyph(char, x0, x0 + advance, base, abs(style.size), style.bold)
        (visible if style.visible else behind).append(glyph)
    area = max((right - left) * (top - bottom), 1.0)
    picture = min(sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in drawn.pictures) / area, 1.0)
    is_scan = picture > 0.5 and not any(glyph.char.isalnum() for glyph in visible)
    if angle in (90, 270):
        width, height = height, width
    textpage.close()
    page.close()
    glyphs = behind if is_scan else visible
    return Page(width, height, glyphs, drawn if angle == 0 else nothing_drawn(), picture)


def _after_ligature(before: _Placed, letter: _Placed) -> _Placed:
    """The second letter of a ligature has the place of the first; it gets none of its own behind it."""
    if letter.style is before.style and letter.style.turned == 0 and letter[1:] == before[1:] and letter.char.isalpha():
        return letter._replace(x=before.x + before.wide, wide=0.0)
    return letter


def _style(text: Any, index: int, owner: Any) -> _Style:
    """How a text object looks. White text has a negative size until it is known what it stands on."""
    matrix, size = c.FS_MATRIX(), ctypes.c_float()
    c.FPDFText_GetMatrix(text, index, matrix)
    c.FPDFTextObj_GetFontSize(owner, size)
    points = size.value * math.hypot(matrix.c, matrix.d)
    degrees = math.degrees(math.atan2(matrix.b, matrix.a)) % 360
    turned = round(degrees / 90) * 90 % 360
    if abs((degrees - turned + 180) % 360 - 180) > 3:
        turned = -1
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    c.FPDFPageObj_GetFillColor(owner, red, green, blue, alpha)
    mode = c.FPDFTextObj_GetTextRenderMode(owner)
    invisible = mode in (c.FPDF_TEXTRENDERMODE_INVISIBLE, c.FPDF_TEXTRENDERMODE_CLIP)
    visible = not invisible and alpha.value > 12 and points >= SMALLEST
    if min(red.value, green.value, blue.value) >= 250 and mode in (c.FPDF_TEXTRENDERMODE_FILL, c.FPDF_TEXTRENDERMODE_FILL_CLIP):
        points = -points
    return _Style(points, _is_bold(owner), turned, visible, invisible)


def _is_bold(owner: Any) -> bool:
    font = c.FPDFTextObj_GetFont(owner)
    if not font:
        return False
    if c.FPDFFont_GetWeight(font) >= 600:
        return True
    name = ctypes.create_string_buffer(200)
    c.FPDFFont_GetBaseFontName(font, name, 200)
    return bool(_BOLD.search(name.value.decode("utf-8", "replace")))


def _char(code: int) -> str:
    """The letter of a code; "" for what is not to be seen, a mark for what cannot be told."""
    if code in _SYMBOL_BULLETS:
        return "•"
    if code in (0, 0xFFFE, 0xFFFF) or 0xE000 <= code <= 0xF8FF or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return UNREADABLE
    if code in (2, 0xAD):
        return "-"  # how pdfium marks a hyphen at the end of a line
    return "" if code < 32 else chr(code)


def _readable(x: float, y: float, drawn: Drawn) -> bool:
    """Whether white text there stands on something that is not white."""
    return any(box.holds(x, y) for box in drawn.coloured) or any(box.holds(x, y) for box in drawn.pictures)


def _upright(x: float, y: float, angle: int, height: float, width: float) -> tuple[float, float]:
    """A place on a page whose text is turned by the angle, as if the page were turned back."""
    return {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[angle]
