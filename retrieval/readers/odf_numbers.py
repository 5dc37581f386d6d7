"""The numbers that OpenDocument programs count by themselves ("3.2", "(a)", "Article 4"): they stand in no text, only in styles. Pure.

Headings are counted by the outline, paragraphs in lists by the style of their list. What counts are the paragraphs that are there, not
the items around them: programs write empty items only to get to a deeper level. A list goes on where it says so, with the counters
of the list that it names or of the last one of its style; else it begins anew.
"""

import re
from typing import Any, NamedTuple

from retrieval.readers.docx_numbers import Number, figure

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE = _NS % "text", _NS % "style"
_OWN_FORMAT = (f"{_STYLE}num-list-format", "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}num-list-format")
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_PLACE = re.compile(r"%(\d{1,2})%")
_LONGEST = 60  # characters around a number; nobody writes more


class _Level(NamedTuple):
    """One level of a style. form: in docx_numbers' terms, "" for none. pattern: "%1%.%2%"; shown: the levels whose numbers it shows."""

    form: str
    start: int
    pattern: str
    shown: frozenset[int]


_Levels = dict[int, _Level]
_Counts = dict[int, int]


class Counter:
    """Counts the headings and list paragraphs of one document, each asked for once, in order."""

    def __init__(self, roots: list[Any]) -> None:
        """roots: of styles.xml and content.xml."""
        self._lists: dict[str, _Levels] = {}
        self._outline: _Levels = {}
        for root in roots:
            for style in root.iter(f"{_TEXT}list-style"):
                self._lists[style.get(f"{_STYLE}name", "")] = _levels(style)
            for style in root.iter(f"{_TEXT}outline-style"):
                self._outline = _levels(style)
        self._of_headings: _Counts = {}
        self._by_id: dict[str, _Counts] = {}
        self._by_style: dict[str, _Counts] = {}
        self._counts: _Counts = {}  # of the list that is being read

    def heading(self, heading: Any, level: int) -> str:
        """The number of a heading that stands in no list; "" if it has none."""
        if level not in self._outline or heading.get(f"{_TEXT}is-list-header") == "true":
            return ""
        start = heading.get(f"{_TEXT}start-value") if heading.get(f"{_TEXT}restart-numbering") == "true" else None
        return _number(self._outline, self._of_headings, level, start).text

    def begin(self, found: Any) -> None:
        """A list begins that stands in no other."""
        style, named = found.get(f"{_TEXT}style-name", ""), found.get(f"{_TEXT}continue-list", "")
        goes_on = found.get(f"{_TEXT}continue-numbering") == "true" and style in self._by_style
        counts = self._by_id.get(named) if named else self._by_style[style] if goes_on else None
        self._counts = {} if counts is None else counts
        self._by_style[style] = self._counts
        if own := found.get(_XML_ID, ""):
            self._by_id[own] = self._counts

    def paragraph(self, style: str, level: int, item: Any) -> Number | None:
        """What stands before the first paragraph of an item; None for a bullet. level: from 1."""
        levels = self._lists.get(style, {})
        if level not in levels:
            return None
        number = _number(levels, self._counts, level, item.get(f"{_TEXT}start-value"))
        return number if number.text else None


def _number(levels: _Levels, counts: _Counts, level: int, start: str | None) -> Number:
    """Count on at that level, and begin the deeper ones again."""
    given = _whole(start)
    counts[level] = given if given is not None else counts[level] + 1 if level in counts else levels[level].start
    for above in levels[level].shown:  # "1.1" may come first, which begins the level above
        if above < level:
            counts.setdefault(above, levels[above].start)
    for below in [number for number in counts if number > level]:
        del counts[below]
    if not levels[level].form:
        return Number("", level - 1, None, False)
    text = _PLACE.sub(lambda found: _figure(int(found[1]), level, levels, counts), levels[level].pattern).strip()
    plain = re.fullmatch(r"\d{1,9}[.)]?", text) is not None
    is_clause = len(levels[level].shown) > 1 or any(
        level in of.shown and len(of.shown) > 1 for number, of in levels.items() if number > level and of.form
    )
    return Number(text, level - 1, counts[level] if plain else None, is_clause)


def _figure(place: int, level: int, levels: _Levels, counts: _Counts) -> str:
    return figure(counts[place], levels[place].form) if place in levels[level].shown and levels[place].form else ""


def _levels(style: Any) -> _Levels:
    named = (f"{_TEXT}list-level-style-number", f"{_TEXT}outline-level-style")
    elements = {_whole(element.get(f"{_TEXT}level")) or 1: element for element in style if element.tag in named}
    forms = {level: _form(element.get(f"{_STYLE}num-format", "")) for level, element in elements.items()}
    found = {}
    for level, element in elements.items():
        start, pattern = _whole(element.get(f"{_TEXT}start-value")), _pattern(element, level, forms)
        shown = frozenset(place for place in map(int, _PLACE.findall(pattern)) if place in forms and place <= level)
        found[level] = _Level(forms[level], 1 if start is None else start, pattern, shown)
    return found


def _pattern(element: Any, level: int, forms: dict[int, str]) -> str:
    """ "§ %1%.%2%" of "§ ", two levels and nothing behind them, unless the style says it in one."""
    for name in _OWN_FORMAT:
        if stated := element.get(name, ""):
            return str(stated)[:_LONGEST]
    levels = min(_whole(element.get(f"{_TEXT}display-levels")) or 1, level)
    places = ".".join(f"%{place}%" for place in range(level - levels + 1, level + 1) if forms.get(place))
    before, after = (element.get(f"{_STYLE}num-{where}", "")[:_LONGEST].replace("%", "") for where in ("prefix", "suffix"))
    return f"{before}{places}{after}"


def _form(stated: str) -> str:
    """A form that is not known here is written in figures."""
    return _FORMS.get(stated, "decimal") if stated else ""


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
