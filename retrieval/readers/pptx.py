"""PowerPoint presentations to Markdown: each slide is a page, its title a heading, its text as lists, paragraphs and tables.

Speaker notes and hidden slides are not read: they are for the one who speaks, and an answer quotes to everybody.
"""

from collections.abc import Iterator
from typing import Any

from retrieval.readers import CannotRead, Read
from retrieval.readers.archive import DAMAGED, Archive
from retrieval.readers.writing import Markdown, link, one_line, spread

MAX_SLIDES = 1000
MAX_SPAN = 100  # rows or columns of one cell
TOO_MANY = "This presentation has more than {limit:,} slides. Please split it into several documents."
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_AROUND = {"dt", "ftr", "hdr", "sldNum"}  # placeholders that repeat on every slide
_TITLES = {"title", "ctrTitle"}
_LISTED = {None, "", "body", "obj"}  # kinds of placeholders whose text has bullets unless it says otherwise


def read_pptx(data: bytes) -> Read:
    """Read a presentation; its pages are its slides as numbered there. Raises CannotRead."""
    archive = Archive(data)
    main = next((target for kind, target in archive.relations("").values() if kind == "officeDocument"), "ppt/presentation.xml")
    relations = archive.relations(main)
    slides = [relations.get(slide.get(f"{_R}id", ""), ("", ""))[1] for slide in archive.xml(main).iter(f"{_P}sldId")]
    if len(slides) > MAX_SLIDES:
        raise CannotRead(TOO_MANY.format(limit=MAX_SLIDES))
    out, title = Markdown(), ""
    for number, part in enumerate(slides, 1):
        if part not in archive:
            raise CannotRead(DAMAGED)
        slide = archive.xml(part)
        if slide.get("show") in ("0", "false"):
            continue
        out.page(number)
        heading = _write_slide(out, slide, archive, archive.relations(part), first=number == 1)
        title = title or (heading if number == 1 else "")
    return Read(out.text(), title, len(slides))


def _write_slide(out: Markdown, slide: Any, archive: Archive, relations: dict[str, tuple[str, str]], *, first: bool) -> str:
    """Write one slide, title first; return the title."""
    shapes = list(_shapes(slide.find(f"{_P}cSld/{_P}spTree")))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    title = " ".join(one_line(_text(shape)) for shape in titles)
    out.heading(1 if first else 2, title)
    for shape in shapes:
        if shape in titles or _placeholder(shape) in _AROUND:
            continue
        if shape.tag == f"{_P}graphicFrame":
            _write_frame(out, shape, archive, relations)
        elif (body := shape.find(f"{_P}txBody")) is not None:
            _write_body(
                out, body, relations, listed=shape.find(f".//{_P}nvPr/{_P}ph") is not None and _placeholder(shape) in _LISTED
            )
    return title


def _shapes(tree: Any) -> Iterator[Any]:
    """The shapes of a slide in their order, those in groups too; hidden ones are left out."""
    for shape in tree if tree is not None else ():
        properties = shape.find(f"*/{_P}cNvPr")
        if properties is not None and properties.get("hidden") in ("1", "true"):
            continue
        if shape.tag == f"{_P}grpSp":
            yield from _shapes(shape)
        elif shape.tag in (f"{_P}sp", f"{_P}graphicFrame"):
            yield shape


def _placeholder(shape: Any) -> str | None:
    """What kind of placeholder a shape is; None for one without a kind, and for free text boxes."""
    found = shape.find(f".//{_P}nvPr/{_P}ph")
    return found.get("type") if found is not None else None


# --- text -----------------------------------------------------------------------------------------------------------------


def _text(shape: Any) -> str:
    return "\n".join(_paragraph(paragraph, {}) for paragraph in shape.iter(f"{_A}p"))


def _paragraph(paragraph: Any, relations: dict[str, tuple[str, str]]) -> str:
    """A paragraph's words; breaks are line ends, links that lead out of the presentation are kept."""
    parts = []
    for run in paragraph:
        if run.tag == f"{_A}br":
            parts.append("\n")
        elif run.tag in (f"{_A}r", f"{_A}fld"):
            text = run.findtext(f"{_A}t") or ""
            target = run.find(f"{_A}rPr/{_A}hlinkClick")
            address = relations.get(target.get(f"{_R}id", ""), ("", ""))[1] if target is not None else ""
            parts.append(link(text, address) if address else text)
    return "".join(parts)


def _write_body(out: Markdown, body: Any, relations: dict[str, tuple[str, str]], *, listed: bool) -> None:
    """Write the paragraphs of a shape, as items where they have bullets or numbers."""
    numbers: dict[int, int] = {}
    for paragraph in body.iter(f"{_A}p"):
        text = _paragraph(paragraph, relations)
        if not text.strip():
            continue
        style = paragraph.find(f"{_A}pPr")
        level = int(style.get("lvl", "0")) if style is not None and style.get("lvl", "0").isdecimal() else 0
        marks = {child.tag.rpartition("}")[2] for child in style} if style is not None else set()
        numbers = {depth: count for depth, count in numbers.items() if depth < level or (depth == level and "buAutoNum" in marks)}
        if "buAutoNum" in marks:
            numbers[level] = numbers.get(level, 0) + 1
            out.item(level, text, f"{numbers[level]}.")
        elif "buNone" not in marks and (listed or marks & {"buChar", "buBlip"}):
            out.item(level, text)
        else:
            out.paragraph(text)


def _write_frame(out: Markdown, frame: Any, archive: Archive, relations: dict[str, tuple[str, str]]) -> None:
    """Write a table, or the words of a diagram."""
    for table in frame.iter(f"{_A}tbl"):
        rows = [
            [
                (_text(cell), _span(cell.get("gridSpan")), _span(cell.get("rowSpan")))
                for cell in row.iterchildren(f"{_A}tc")
                if cell.get("hMerge") not in ("1", "true") and cell.get("vMerge") not in ("1", "true")
            ]
            for row in table.iterchildren(f"{_A}tr")
        ]
        out.table(spread(rows))
    for diagram in frame.iter(f"{_DIAGRAM}relIds"):
        data = archive.xml_if_there(relations.get(diagram.get(f"{_R}dm", ""), ("", ""))[1])
        for point in data.iter(f"{_DIAGRAM}t") if data is not None else ():
            out.item(0, _text(point))


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MAX_SPAN) if value and value.isdecimal() and len(value) < 10 else 1
