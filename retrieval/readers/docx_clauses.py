"""The numbers of clauses and lists, written where a reader of the document sees them: "## 3.2 Returns", "3. Send it", "- (a) unused".

Works on a document's XML before mammoth reads it, and on the HTML that mammoth makes of it.
"""

from typing import Any

from bs4 import Tag
from lxml import etree  # type: ignore[import-untyped]

from retrieval.readers.docx_numbers import Counter, Number, Style, W, lineage, read_styles

_HEADING_CHARACTERS = 200  # a numbered "heading" that is longer is a clause, set in a heading's style for its number
_DEEPEST = 6
_TABLE, _CHOICE = f"{W}tbl", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def _nested(kind: str, depth: int) -> str:
    return "ul|ol > li > " * (depth - 1) + f"{kind} > li:fresh"


# the styles that this module gives to paragraphs and numbers, as mammoth's map of styles
STYLES = "\n".join(
    [
        "r.CountedNumber => span.number",
        "p.CountedClause => p:fresh",
        *(f"p.Counted{kind}{depth} => {_nested(kind, depth)}" for kind in ("ol", "ul") for depth in range(1, _DEEPEST + 1)),
    ]
)


def with_numbers(root: Any, styles_root: Any | None, numbering_root: Any | None) -> None:
    """Write into a document's XML what Word counts. Its paragraphs no longer say then that they are numbered."""
    styles = read_styles(styles_root)
    counter = Counter(numbering_root, styles)
    open_levels: list[int] = []  # of the list that the paragraph before stands in, the outer one first
    for paragraph in list(root.iter(f"{W}p")):
        properties = paragraph.find(f"{W}pPr")
        if _is_gone(properties):
            _join_next(paragraph)
            continue
        if next(paragraph.iterancestors(_CHOICE), None) is not None:
            continue  # the same text stands a second time beside it, for programs that cannot draw
        style_id = _style_of(properties)
        text = _text(paragraph)
        if not text and properties is not None and properties.find(f"{W}rPr/{W}vanish") is not None:
            continue  # hidden as a whole: Word counts on without it
        number = counter.number(properties, style_id)
        if not text:
            continue  # an empty paragraph counts, but says nothing
        heading = _heading_level(style_id, styles) if len(text) <= _HEADING_CHARACTERS else None
        if number is None:
            open_levels = []
            if heading and style_id not in (f"Heading{heading}", None) and not _is_named_heading(styles[style_id]):
                _set_style(paragraph, f"Heading{heading}")
            continue
        in_table = next(paragraph.iterancestors(_TABLE), None) is not None
        if heading or number.is_clause or (in_table and number.text):
            open_levels = []
            _set_style(paragraph, f"Heading{heading}" if heading else "CountedClause")
        else:
            depth = _depth(number, style_id, styles, open_levels)
            _set_style(paragraph, f"Counted{'ol' if number.value is not None else 'ul'}{depth}")
        if number.text:
            _write(paragraph, number.text)


def settle_numbers(body: Tag) -> None:
    """Let ordered lists count as the document does, and make lines of those that are the headings of what follows them."""
    for item in body.find_all("li"):
        number = item.find("span", class_="number")
        if number is None or number.find_parent("li") is not item:
            continue
        digits = number.get_text().strip().rstrip(".)")
        if item.parent is not None and item.parent.name == "ol" and digits.isdecimal():
            item["value"] = digits
            number.decompose()
    for listed in body.find_all("ol", recursive=False):
        items = listed.find_all("li")
        bold = items[0].find("strong") if len(items) == 1 else None
        following = listed.find_next_sibling()
        if bold and following is not None and following.name == "p" and bold.get_text().strip() == items[0].get_text().strip():
            bold.insert(0, f"{items[0].get('value', '1')}. ")
            listed.name = "p"
            items[0].unwrap()


def _is_gone(properties: Any | None) -> bool:
    """Whether the end of a paragraph was deleted or moved away: its text goes on in the next one."""
    mark = properties.find(f"{W}rPr") if properties is not None else None
    return mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)


def _join_next(paragraph: Any) -> None:
    following = paragraph.getnext()
    if following is None or following.tag != f"{W}p":
        return
    place = 1 if following.find(f"{W}pPr") is not None else 0
    for part in reversed([part for part in paragraph if part.tag != f"{W}pPr"]):
        following.insert(place, part)
    paragraph.getparent().remove(paragraph)


def _style_of(properties: Any | None) -> str | None:
    style = properties.find(f"{W}pStyle") if properties is not None else None
    return style.get(f"{W}val") if style is not None else None


def _text(paragraph: Any) -> str:
    """The words of a paragraph that were not deleted, without those of boxes anchored in it."""
    parts = paragraph.iter(f"{W}t", f"{W}tab", f"{W}sym")
    gone = (f"{W}del", f"{W}moveFrom", f"{W}txbxContent")
    return "".join(
        part.text or ("" if part.tag == f"{W}t" else "·")
        for part in parts
        if not any(above.tag in gone for above in _between(part, paragraph))
    ).strip()


def _between(part: Any, paragraph: Any) -> list[Any]:
    found = []
    for above in part.iterancestors():
        if above is paragraph:
            break
        found.append(above)
    return found


def _is_named_heading(style: Style) -> bool:
    return style.name.lower().startswith(("heading", "title"))


def _heading_level(style_id: str | None, styles: dict[str, Style]) -> int | None:
    """1 to 6 for a paragraph in a heading's style or one that builds on it."""
    for _, style in lineage(style_id, styles):
        name, _, level = style.name.lower().partition(" ")
        if name == "heading" and level.isdecimal():
            return min(max(int(level), 1), 6)
    return None


def _depth(number: Number, style_id: str | None, styles: dict[str, Style], open_levels: list[int]) -> int:
    """How many lists an item stands in: its level among those of the items before it, whatever the level is called."""
    name = styles[style_id].name if style_id in styles else ""
    level = max(number.level, int(name[-1]) - 1 if name.startswith("List ") and name[-1] in "2345" else 0)
    while open_levels and open_levels[-1] > level:
        open_levels.pop()
    if not open_levels or open_levels[-1] < level:
        open_levels.append(level)
    return min(len(open_levels), _DEEPEST)


def _set_style(paragraph: Any, name: str) -> None:
    """Give a paragraph that style, and no list."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in (*properties.findall(f"{W}pStyle"), *properties.findall(f"{W}numPr")):
        properties.remove(old)
    style = etree.Element(f"{W}pStyle")
    style.set(f"{W}val", name)
    properties.insert(0, style)


def _write(paragraph: Any, number: str) -> None:
    """Put the number before a paragraph's first word, as bold as that."""
    run = etree.Element(f"{W}r")
    look = etree.SubElement(run, f"{W}rPr")
    etree.SubElement(look, f"{W}rStyle").set(f"{W}val", "CountedNumber")
    first = next((found for found in paragraph.iter(f"{W}r") if found.find(f"{W}t") is not None), None)
    bold = first.find(f"{W}rPr/{W}b") if first is not None else None
    if bold is not None:
        etree.SubElement(look, f"{W}b").set(f"{W}val", bold.get(f"{W}val", "true"))
    text = etree.SubElement(run, f"{W}t")
    text.text = f"{number} "
    text.set(_XML_SPACE, "preserve")
    properties = paragraph.find(f"{W}pPr")
    paragraph.insert(0 if properties is None else 1, run)
