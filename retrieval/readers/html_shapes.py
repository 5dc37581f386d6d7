"""Parts of a web page in forms that Markdown has: tables without spans, terms with what they mean, folded answers under headings."""

import copy
import re

from bs4 import BeautifulSoup, Tag

from retrieval.readers.writing import spread

_HEADINGS = re.compile(r"^h[1-6]$")
_MAKER = BeautifulSoup("", "lxml")
MAX_COLUMNS = 100
MAX_CELLS = 200_000


def settle_shapes(content: Tag) -> None:
    """Change a tree so that it can be written as Markdown and each row and item says all it says alone."""
    for summary in content.find_all("summary"):
        before = summary.find_previous(_HEADINGS)
        summary.name = f"h{min(int(before.name[1]) + 1, 6) if isinstance(before, Tag) else 2}"  # the question of a folded answer
        if isinstance(before, Tag) and before.get("data-folded"):
            summary.name = before.name
        summary["data-folded"] = "1"
    for listed in content.find_all("ol"):
        _settle_values(listed)
    for terms in content.find_all("dl"):
        _settle_terms(terms)
    for table in content.find_all("table"):
        if not table.decomposed and _is_layout(table):
            _unwrap_layout(table)
    for cell in content.find_all(["td", "th"]):
        _flatten(cell)
    for table in content.find_all("table"):
        _square(table)


def _settle_values(listed: Tag) -> None:
    """Cut an ordered list where an item has another number than the one that follows."""
    current, following, counted = listed, _value(listed, "start") or 1, 0
    for part in list(listed.children):
        value = _value(part, "value") if isinstance(part, Tag) and part.name == "li" else None
        if value is not None and value != following:
            if counted:
                rest = _MAKER.new_tag("ol")
                current.insert_after(rest)
                current = rest
            current["start"], following = str(value), value
        if isinstance(part, Tag) and part.name == "li":
            counted, following = counted + 1, following + 1
        if current is not listed:
            current.append(part)


def _value(tag: Tag, name: str) -> int | None:
    value = str(tag.get(name, ""))
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _settle_terms(terms: Tag) -> None:
    """A list of terms as "- Shoes: 60 days; unworn"; one whose meanings are whole paragraphs as headings with text."""
    meanings = terms.find_all("dd")
    long = any(len(meaning.get_text()) > 300 or meaning.find(["p", "ul", "ol", "table"]) for meaning in meanings)
    if long:
        for term in terms.find_all("dt"):
            before = term.find_previous(_HEADINGS)
            term.name = f"h{min(int(before.name[1]) + (0 if before.get('data-term') else 1), 6) if isinstance(before, Tag) else 2}"
            term["data-term"] = "1"
        for meaning in meanings:
            meaning.name = "div"
        terms.name = "div"
        return
    item: Tag | None = None
    has_meaning = False
    for part in terms.find_all(["dt", "dd"]):
        if part.name == "dt" and (item is None or has_meaning):
            item = part
            part.name, has_meaning = "li", False
        elif item is not None:
            ended = item.get_text(strip=True).endswith((".", "!", "?"))
            item.append((" " if ended else "; ") if has_meaning or part.name == "dt" else ": ")
            has_meaning = has_meaning or part.name == "dd"
            item.append(part.extract())
            part.unwrap()
        else:
            part.name = "li"
    for wrapper in terms.find_all("div", recursive=False):
        wrapper.unwrap()
    terms.name = "ul"


def _is_layout(table: Tag) -> bool:
    """Whether a table only places parts of the page: it says so, holds headings, lists of tables, or has but one cell a row."""
    if table.get("role") in ("presentation", "none"):
        return True
    if table.find("th", recursive=True):
        return False
    rows = table.find_all("tr")
    single = all(len(row.find_all("td", recursive=False)) <= 1 for row in rows)
    return single or table.find(["table", "h1", "h2", "h3", "form"]) is not None


def _unwrap_layout(table: Tag) -> None:
    for part in table.find_all(["tr", "td", "th", "tbody", "thead", "tfoot"]):
        if part.find_parent("table") is table:
            part.name = "div"
    table.name = "div"


def _flatten(cell: Tag) -> None:
    """The words of a cell in one line."""
    for item in cell.find_all("li"):
        item.name = "span"
        if item.find_next_sibling("li"):
            item.append("; ")
    for part in cell.find_all(["br", "p", "div", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"]):
        part.insert_after(" ")
        if part.name != "br":
            part.name = "span"


def _square(table: Tag) -> None:
    """Repeat a cell that spans rows or columns in each of them, and make one head of several head rows."""
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    found = [list(row.find_all(["td", "th"], recursive=False)) for row in rows]
    heads = _head_rows(rows, found)
    spans = any(_span(cell, "colspan") > 1 or _span(cell, "rowspan") > 1 for row in found for cell in row)
    if (not spans and heads < 2) or sum(map(len, found)) > MAX_CELLS:
        return
    cells = [cell for row in found for cell in row]
    places = {id(cell): number for number, cell in enumerate(cells)}
    grid = spread(
        [
            [(str(places[id(cell)]), _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows))) for cell in row]
            for row in found
        ],
        wide=MAX_COLUMNS,
    )
    made: list[list[Tag]] = [[_copied(cells[int(place)]) for place in line] for line in grid]
    if heads > 1:
        wide = max(map(len, made[:heads]))
        titles = [_distinct([line[column] for line in made[:heads] if column < len(line)]) for column in range(wide)]
        made[:heads] = [[_cell("th", title) for title in titles]]
        for row in rows[1:heads]:
            row.decompose()
        del rows[1:heads]
    for row, line in zip(rows, made, strict=True):
        row.clear()
        for cell in line:
            row.append(cell)


def _head_rows(rows: list[Tag], found: list[list[Tag]]) -> int:
    """How many rows name the columns: those in <thead>, else those at the top with nothing but <th> of which one spans columns."""
    in_head = sum(row.find_parent("thead") is not None for row in rows)
    if in_head:
        return in_head
    count = 0
    while count < len(found) - 1 and found[count] and all(cell.name == "th" for cell in found[count]):
        count += 1
    return count


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return max(1, min(int(value), 1000)) if value.isdecimal() and len(value) < 9 else 1


def _copied(cell: Tag) -> Tag:
    twin = copy.copy(cell)
    for name in ("rowspan", "colspan"):
        twin.attrs.pop(name, None)
    return twin


def _distinct(cells: list[Tag]) -> str:
    return " ".join(dict.fromkeys(" ".join(cell.get_text().split()) for cell in cells if cell.get_text(strip=True)))


def _cell(name: str, text: str) -> Tag:
    cell = _MAKER.new_tag(name)
    cell.string = text
    return cell
