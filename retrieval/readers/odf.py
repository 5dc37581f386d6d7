"""OpenDocument texts, sheets and slides (LibreOffice and others) to Markdown.

Headings and lists have the numbers that the program counts (`odf_numbers.py`). Deleted text of tracked changes, comments, speaker notes and what is hidden are not read; footnotes stand in brackets where they belong.
"""

from collections.abc import Iterator
from typing import Any

from retrieval.readers import CannotRead, Read
from retrieval.readers.archive import DAMAGED, LOCKED, Archive
from retrieval.readers.odf_numbers import Counter
from retrieval.readers.sheets import NOTHING, Cell, check_size, write_sheet
from retrieval.readers.writing import Markdown, link, one_line, spread

MAX_SHEETS = 300
MAX_SLIDES = 1000
MAX_REPEATED = 50  # times that a filled cell or row may be repeated by a number instead of being written
MAX_EMPTY = 1024  # empty cells side by side that hold the place of those behind them
MAX_SPACES = 10
TOO_MANY = "This file has more than {limit:,} {what}. Please split it into several documents."
_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TEXT, _TABLE, _STYLE, _DRAW = (_NS % name for name in ("office", "text", "table", "style", "drawing"))
_FO, _SHOW, _META = _NS % "xsl-fo-compatible", _NS % "presentation", "{http://purl.org/dc/elements/1.1/}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}annotation-end", f"{_SHOW}notes", f"{_OFFICE}forms"}
_LEFT_OUT |= {
    f"{_TEXT}{name}" for name in ("table-of-content", "alphabetical-index", "ruby-text", "sequence-decls", "note-citation")
}
_LEFT_OUT |= {f"{_SHOW}{name}" for name in ("footer", "header", "date-time")} | {f"{_TEXT}page-number", f"{_DRAW}image"}


def read_odf(data: bytes) -> Read:
    """Read an OpenDocument text, spreadsheet or presentation. Raises CannotRead."""
    archive = Archive(data)
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.bytes_of("META-INF/manifest.xml"):
        raise CannotRead(LOCKED)
    content = archive.xml("content.xml")
    styles = archive.xml_if_there("styles.xml")
    body = content.find(f"{_OFFICE}body")
    kind = next(iter(body), None) if body is not None else None
    if kind is None:
        raise CannotRead(DAMAGED)
    reader = _Reader([root for root in (styles, content) if root is not None])
    pages = reader.read(kind)
    meta = archive.xml_if_there("meta.xml")
    stated = next((one_line(title.text or "") for title in meta.iter(f"{_META}title")), "") if meta is not None else ""
    return Read(reader.out.text(), reader.title or stated, pages)


class _Reader:
    """Writes a document while walking through it. title: its paragraph of the style "Title", else its first heading of the first level."""

    def __init__(self, roots: list[Any]) -> None:
        self.out = Markdown()
        self.title = ""
        self._has_title = False  # a paragraph of the style "Title" stands above the headings
        self._parents: dict[str, str] = {}  # style → the style it is made from
        self._hidden: set[str] = set()
        self._bold: set[str] = set()
        self._counter = Counter(roots)
        self._open_levels: list[int] = []  # of the list that was written last, the outer one first
        for root in roots:
            for style in root.iter(f"{_STYLE}style"):
                self._learn(style)

    def _learn(self, style: Any) -> None:
        name = style.get(f"{_STYLE}name", "")
        self._parents[name] = style.get(f"{_STYLE}parent-style-name", "")
        for properties in style:
            if properties.get(f"{_TEXT}display") == "none" or properties.get(f"{_TABLE}display") == "false":
                self._hidden.add(name)
            if properties.get(f"{_SHOW}visibility") == "hidden":
                self._hidden.add(name)
            if properties.get(f"{_FO}font-weight") == "bold":
                self._bold.add(name)

    def read(self, body: Any) -> int | None:
        """Write the whole body; return the number of pages, for slides only."""
        kind = body.tag.rpartition("}")[2]
        if kind == "spreadsheet":
            self._sheets(body)
        elif kind == "presentation":
            return self._slides(body)
        elif kind == "text":
            self._blocks(body)
        else:
            raise CannotRead(
                "This file is a drawing or a formula. Please upload the text as PDF, Word (.docx), web page, Markdown or plain text."
            )
        return None

    # --- texts ------------------------------------------------------------------------------------------------------------

    def _blocks(self, parent: Any, *, depth: int = 0) -> None:
        for block in parent:
            name = block.tag
            if name in _LEFT_OUT or self._is_hidden(block):
                continue
            if name == f"{_TEXT}h":
                self._heading(block, self._counter.heading(block, _count(block.get(f"{_TEXT}outline-level"))))
            elif name == f"{_TEXT}p":
                self._paragraph(block)
            elif name == f"{_TEXT}list":
                self._counter.begin(block)
                self._list(block, depth=depth)
            elif name == f"{_TABLE}table":
                own = ([(c.text, *_spans(e)) for c, e in row if e.tag == f"{_TABLE}table-cell"] for row in self._table_rows(block))
                self.out.table(spread(list(own)))
            else:
                self._blocks(block, depth=depth)  # sections, frames, text boxes

    def _paragraph(self, paragraph: Any) -> None:
        text = self._words(paragraph)
        if self._is_styled(paragraph, "Title") and one_line(text):
            self.title, self._has_title = one_line(text), True
            self.out.heading(1, text)
        else:
            self.out.paragraph(text)
        for frame in paragraph.iterdescendants(f"{_DRAW}text-box"):
            self._blocks(frame)

    def _heading(self, heading: Any, number: str) -> None:
        level = _count(heading.get(f"{_TEXT}outline-level")) + self._has_title
        text = self._words(heading)
        self.title = self.title or (one_line(text) if level == 1 else "")
        self.out.heading(level, f"{number} {text}" if text.strip() else "")

    def _list(self, found: Any, *, depth: int, style: str = "") -> None:
        """A list, its items and the lists in them. A list may hold headings: then it only numbers them."""
        style = found.get(f"{_TEXT}style-name", style)
        for item in found:
            first, number = True, None
            for part in item:
                if part.tag == f"{_TEXT}list":
                    self._list(part, depth=depth + 1, style=style)
                elif part.tag in (f"{_TEXT}h", f"{_TEXT}p") and not self._is_hidden(part):
                    if first and item.tag == f"{_TEXT}list-item":
                        number = self._counter.paragraph(style, depth + 1, item)
                    shown, words = f"{number.text} " if number and first else "", self._words(part)
                    if part.tag == f"{_TEXT}h":
                        self._heading(part, shown.strip())
                    elif not words.strip():
                        pass  # an empty paragraph counts, but says nothing
                    elif number and number.is_clause:  # of an outline ("3.2"), no item of a list: other places refer to it
                        self.out.paragraph(f"{shown}{words}")
                    elif number and number.value is not None and first:
                        self._item(words, depth, f"{number.value}.")
                    else:
                        self._item(f"{shown}{words}", depth if first else depth + 1, "-")
                    first = False

    def _item(self, text: str, depth: int, mark: str) -> None:
        """An item, as deep as it stands among those before it, however many lists are around it."""
        self._open_levels = [level for level in self._open_levels if level < depth and self.out.is_in_list] + [depth]
        self.out.item(len(self._open_levels) - 1, text, mark)

    def _words(self, parent: Any) -> str:
        """The text of a paragraph; line breaks are line ends, a footnote stands in brackets, text boxes are left to their own."""
        parts = [parent.text or ""]
        for child in parent:
            name = child.tag
            if name == f"{_TEXT}s":
                parts.append(" " * min(_count(child.get(f"{_TEXT}c")), MAX_SPACES))
            elif name == f"{_TEXT}tab":
                parts.append(" ")
            elif name == f"{_TEXT}line-break":
                parts.append("\n")
            elif name == f"{_TEXT}note":
                parts.append(f" ({one_line(self._words(child))})")
            elif name == f"{_TEXT}a":
                parts.append(link(self._words(child), child.get(_HREF, "")))
            elif name not in _LEFT_OUT and name != f"{_DRAW}text-box" and not self._is_hidden(child):
                parts.append(self._words(child))
            parts.append(child.tail or "")
        return "".join(parts)

    def _is_hidden(self, element: Any) -> bool:
        if element.get(f"{_TEXT}display") == "none" or element.tag in (f"{_TEXT}hidden-text", f"{_TEXT}hidden-paragraph"):
            return True
        styles = (element.get(f"{space}style-name", "") for space in (_TEXT, _TABLE, _DRAW))
        return any(style in self._hidden for style in styles if style)

    def _is_styled(self, element: Any, name: str) -> bool:
        style, steps = element.get(f"{_TEXT}style-name", ""), 0
        while style and style != name and steps < 10:
            style, steps = self._parents.get(style, ""), steps + 1
        return bool(style == name)

    # --- sheets -----------------------------------------------------------------------------------------------------------

    def _sheets(self, body: Any) -> None:
        sheets = [sheet for sheet in body.iterchildren(f"{_TABLE}table") if not self._is_hidden(sheet)]
        if len(sheets) > MAX_SHEETS:
            raise CannotRead(TOO_MANY.format(limit=MAX_SHEETS, what="sheets"))
        filled = 0
        for sheet in sheets:
            rows = [_laid_out(row) for row in self._table_rows(sheet)]
            rows = _merged_down(rows)
            filled += sum(bool(cell.text) for row in rows for cell, *_ in row)
            check_size(filled)
            if len(sheets) > 1:
                self.out.heading(2, sheet.get(f"{_TABLE}name", ""))
            write_sheet(self.out, [[cell for cell, *_ in row] for row in rows], level=3)

    def _table_rows(self, table: Any) -> Iterator[list[tuple[Cell, Any]]]:
        """The rows that are seen, each as cells with their elements; repeated cells are written out, in measure."""
        for row in table.iterdescendants(f"{_TABLE}table-row"):
            if next(row.iterancestors(f"{_TABLE}table")) is not table or row.get(f"{_TABLE}visibility", "visible") != "visible":
                continue
            cells: list[tuple[Cell, Any]] = []
            for cell in row:
                if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    covered = cell.tag == f"{_TABLE}covered-table-cell"
                    text = "" if covered else "\n".join(filter(None, (self._cell_text(part) for part in cell))).strip()
                    bold = cell.get(f"{_TABLE}style-name", "") in self._bold
                    times = min(_count(cell.get(f"{_TABLE}number-columns-repeated")), MAX_REPEATED if text else MAX_EMPTY)
                    cells += [(Cell(text, bold), cell)] * times
            while cells and not cells[-1][0].text and _spans(cells[-1][1]) == (1, 1) and cells[-1][1].tag == f"{_TABLE}table-cell":
                cells.pop()
            for _ in range(min(_count(row.get(f"{_TABLE}number-rows-repeated")), MAX_REPEATED) if cells else 1):
                yield cells

    def _cell_text(self, part: Any) -> str:
        if part.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            return self._words(part)
        if part.tag == f"{_TEXT}list":
            return "; ".join(self._words(text) for text in part.iter(f"{_TEXT}p"))
        return ""

    # --- slides -----------------------------------------------------------------------------------------------------------

    def _slides(self, body: Any) -> int:
        slides = list(body.iterchildren(f"{_DRAW}page"))
        if len(slides) > MAX_SLIDES:
            raise CannotRead(TOO_MANY.format(limit=MAX_SLIDES, what="slides"))
        for number, slide in enumerate(slides, 1):
            if self._is_hidden(slide):
                continue
            self.out.page(number)
            titles = [frame for frame in slide.iter(f"{_DRAW}frame") if frame.get(f"{_SHOW}class") == "title"]
            title = " ".join(one_line(self._words(text)) for frame in titles for text in frame.iter(f"{_TEXT}p"))
            self.title = self.title or (title if number == 1 else "")
            self.out.heading(1 if number == 1 else 2, title)
            for shape in slide:
                if shape not in titles and shape.tag not in _LEFT_OUT and shape.get(f"{_SHOW}class") not in ("footer", "date-time"):
                    self._blocks(shape)
        return len(slides)


def _laid_out(row: list[tuple[Cell, Any]]) -> list[tuple[Cell, int]]:
    """A sheet's row in which a cell that spans columns fills them; each cell with the number of rows it spans."""
    line: list[tuple[Cell, int]] = []
    left, across, high = 0, NOTHING, 1
    for cell, element in row:
        if left > 0 and element.tag == f"{_TABLE}covered-table-cell":
            line.append((across, high))
            left -= 1
            continue
        columns, high = _spans(element)
        across, left = cell._replace(merged=columns > 1), columns - 1
        line.append((across, high))
    return line


def _merged_down(rows: list[list[tuple[Cell, int]]]) -> list[list[tuple[Cell, int]]]:
    """The rows with each cell that spans several of them repeated below."""
    below: dict[int, tuple[Cell, int]] = {}
    for row in rows:
        for column, (cell, high) in enumerate(row):
            if high > 1 and cell.text:
                below[column] = (cell, high)
            elif column in below and not cell.text:
                row[column] = (below[column][0], 1)
        below = {column: (cell, high - 1) for column, (cell, high) in below.items() if high > 1}
    return rows


def _spans(cell: Any) -> tuple[int, int]:
    """How many columns and rows a cell covers."""
    columns, rows = (_count(cell.get(f"{_TABLE}number-{what}-spanned")) for what in ("columns", "rows"))
    return min(columns, 200), min(rows, 10_000)


def _count(value: str | None) -> int:
    """A whole number of at least one, whatever the file says."""
    return max(int(value), 1) if value and value.isascii() and value.isdigit() and len(value) < 10 else 1
