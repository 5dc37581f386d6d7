"""Excel workbooks to Markdown: a heading for each sheet, its rows with the names of their columns, values as somebody sees them.

What nobody sees is not read: hidden sheets, rows and columns. A formula is read as the value it last had; macros, pictures, charts
and connections to other files are never opened.
"""

import re
from typing import Any, NamedTuple

from retrieval.readers import CannotRead, Read
from retrieval.readers.archive import Archive, elements, harmless
from retrieval.readers.formats import Format, format_of, shown
from retrieval.readers.sheets import NOTHING, Cell, check_size, write_sheet
from retrieval.readers.writing import Markdown, one_line

MAX_SHEETS = 300
MAX_COLUMNS = 500  # a table that is read has dozens; what lies further right is left out
MAX_MERGED = 20_000  # cells that merging may fill in one sheet
TOO_MANY_SHEETS = "This workbook has more than {limit} sheets. Please upload those that customers ask about."
BINARY = "This workbook is in Excel's binary form (.xlsb). Please save it as an Excel workbook (.xlsx) and upload that."
_A = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DEFAULT_NAME = re.compile(r"(?:sheet|tabelle|feuil|hoja|foglio|blad|ark|arkusz|planilha|лист)\s*\d*", re.IGNORECASE)


class _Book(NamedTuple):
    """What the sheets share. styles: of each cell style, its number format and whether it is bold."""

    strings: list[str]
    styles: list[tuple[Format, bool]]
    since_1904: bool


def read_xlsx(data: bytes) -> Read:
    """Read a workbook. Raises CannotRead."""
    archive = Archive(data)
    main = next((target for kind, target in archive.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
    if main.endswith(".bin"):
        raise CannotRead(BINARY)
    workbook, relations = _xml(archive, main), archive.relations(main)
    by_kind = dict(relations.values())
    properties = workbook.find(f"{_A}workbookPr")
    book = _Book(
        _strings(archive, by_kind.get("sharedStrings", "")),
        _styles(archive, by_kind.get("styles", "")),
        properties is not None and properties.get("date1904") in ("1", "true"),
    )
    sheets = [sheet for sheet in workbook.iter(f"{_A}sheet") if sheet.get("state", "visible") == "visible"]
    if len(sheets) > MAX_SHEETS:
        raise CannotRead(TOO_MANY_SHEETS.format(limit=MAX_SHEETS))
    out, filled = Markdown(), 0
    for sheet in sheets:
        kind, target = relations.get(sheet.get(_R, ""), ("", ""))
        if kind != "worksheet":
            continue  # a sheet that is a chart
        rows = _rows(_transitional(archive.bytes_of(target)), book, before=filled)
        filled += sum(bool(cell.text) for row in rows for cell in row)
        check_size(filled)
        if any(cell.text for row in rows for cell in row):
            name = one_line(sheet.get("name", ""))
            if len(sheets) > 1 or not _DEFAULT_NAME.fullmatch(name):
                out.heading(2, name)
            write_sheet(out, rows, level=3)
    return Read(out.text())


def _xml(archive: Archive, name: str) -> Any:
    return harmless(_transitional(archive.bytes_of(name)))


def _transitional(xml: bytes) -> bytes:
    """The part under the usual names of its elements: files of the "strict" kind differ in nothing else that we read."""
    if _STRICT not in xml[:5000]:
        return xml
    return xml.replace(_STRICT, _A.strip("{}").encode()).replace(
        b"http://purl.oclc.org/ooxml/officeDocument/relationships", _R.partition("}")[0].strip("{").encode()
    )


def _strings(archive: Archive, part: str) -> list[str]:
    if part not in archive:
        return []
    return [_words(item) for item in elements(_transitional(archive.bytes_of(part)), f"{_A}si")]


def _words(element: Any) -> str:
    """The text of a string without the readings that East Asian versions print above it."""
    return "".join(text.text or "" for text in element.iter(f"{_A}t") if text.getparent().tag != f"{_A}rPh")


def _styles(archive: Archive, part: str) -> list[tuple[Format, bool]]:
    if part not in archive:
        return []
    root = _xml(archive, part)
    codes = {_whole(form.get("numFmtId")): form.get("formatCode", "") for form in root.iter(f"{_A}numFmt")}
    fonts = root.find(f"{_A}fonts")
    bold = [_is_on(font.find(f"{_A}b")) for font in (fonts if fonts is not None else ())]
    found = []
    styles = root.find(f"{_A}cellXfs")
    for style in styles if styles is not None else ():
        font = _whole(style.get("fontId"))
        found.append((format_of(_whole(style.get("numFmtId")), codes), font < len(bold) and bold[font]))
    return found


def _is_on(mark: Any) -> bool:
    return mark is not None and mark.get("val", "1") not in ("0", "false")


def _whole(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else 0


# --- one sheet ----------------------------------------------------------------------------------------------------------


def _rows(xml: bytes, book: _Book, *, before: int) -> list[list[Cell]]:
    """The sheet's cells as rows that are seen; a blank row stands for any number of them. before: filled cells read so far."""
    places: dict[int, dict[int, Cell]] = {}
    hidden: set[int] = set()
    unseen: set[int] = set()
    merged: list[str] = []
    number = filled = 0
    for row in elements(xml, f"{_A}col", f"{_A}row", f"{_A}mergeCell"):
        if row.tag == f"{_A}mergeCell":
            merged.append(row.get("ref", ""))
            continue
        if row.tag == f"{_A}col":
            if row.get("hidden") in ("1", "true"):
                hidden.update(range(_whole(row.get("min")) - 1, min(_whole(row.get("max")), MAX_COLUMNS)))
            continue
        number = _whole(row.get("r")) or number + 1
        if row.get("hidden") in ("1", "true"):
            unseen.add(number)
            continue
        column, cells = -1, {}
        for cell in row.iterchildren(f"{_A}c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place[1]) if place else column + 1
            found = _cell(cell, book)
            if found.text and column < MAX_COLUMNS and column not in hidden:
                cells[column] = found
        if cells:
            places[number] = cells
            filled += len(cells)
            check_size(before + filled)
    _merge(merged, places, hidden, unseen)
    rows: list[list[Cell]] = []
    last = 0
    for number, cells in sorted(places.items()):
        if rows and any(between not in unseen for between in range(last + 1, min(number, last + 1000))):
            rows.append([])
        rows.append([cells.get(column, NOTHING) for column in range(max(cells) + 1)])
        last = number
    return rows


def _column(letters: str) -> int:
    """ "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell(cell: Any, book: _Book) -> Cell:
    value, kind, style = cell.find(f"{_A}v"), cell.get("t", "n"), _whole(cell.get("s"))
    stored = (value.text or "") if value is not None else ""
    form, bold = book.styles[style] if style < len(book.styles) else (format_of(0, {}), False)
    if kind == "s":
        number = _whole(stored)
        text = book.strings[number] if number < len(book.strings) else ""
    elif kind == "inlineStr":
        text = _words(cell)
    elif kind == "b":
        text = {"1": "TRUE", "0": "FALSE"}.get(stored, stored)
    elif kind in ("str", "d"):
        text = stored
    elif kind == "e":
        text = ""  # "#REF!" says nothing
    else:
        text = shown(stored, form, since_1904=book.since_1904)
    return Cell(text.strip(), bold)


def _merge(merged: list[str], places: dict[int, dict[int, Cell]], hidden: set[int], unseen: set[int]) -> None:
    """Write the text of each merged cell into all the places it covers."""
    left = MAX_MERGED
    for area in merged:
        corners = [_PLACE.fullmatch(corner) for corner in area.split(":")]
        if len(corners) != 2 or corners[0] is None or corners[1] is None:
            continue
        (first, top), (last, bottom) = ((_column(corner[1]), int(corner[2])) for corner in corners if corner)
        cell = places.get(top, {}).get(first)
        if cell is None or (bottom - top + 1) * (min(last, MAX_COLUMNS) - first + 1) > left:
            continue
        cell = cell._replace(merged=last > first)
        for row in range(top, bottom + 1):
            if row in unseen or (row not in places and first != last):
                continue
            for column in range(first, min(last + 1, MAX_COLUMNS)):
                if column not in hidden:
                    places.setdefault(row, {})[column] = cell
                    left -= 1
