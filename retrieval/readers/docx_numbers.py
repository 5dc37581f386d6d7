"""The numbers that Word counts by itself ("3.2", "(a)", "Article 4"): they stand in no text, only in rules of how to count. Pure.

A paragraph names a list and a level, itself or through its style. Lists that share a definition share its counters. A level begins
again after a higher one was used, unless it says otherwise; a list may give its levels another start when it is first used.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_MAX_PATTERN = 60  # characters of "Article %1"; nobody writes longer ones
_MAX_CHAIN = 20  # styles that build on one another
_ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]  # fmt: skip


class Number(NamedTuple):
    """What stands before a paragraph. text: "3.2", and "" for a bullet.

    value: of a number that is only a figure with a dot or a bracket. is_clause: part of an outline ("3" above "3.2"), so that other
    places may refer to it; else it numbers the items of a list. level: how deep, from 0.
    """

    text: str
    level: int
    value: int | None
    is_clause: bool


class _Level(NamedTuple):
    start: int
    form: str
    pattern: str
    restart: int  # begins again after a level with a smaller number was used
    all_decimal: bool
    style: str | None


class _List(NamedTuple):
    """A list as paragraphs name it. counts_with: the definition whose counters it shares. starts: other first values by level."""

    counts_with: str
    levels: dict[int, _Level]
    starts: dict[int, int]


class Style(NamedTuple):
    """A paragraph style. list_id, level: how it numbers its paragraphs; None where it does not say."""

    name: str
    parent: str | None
    list_id: str | None
    level: int | None


def read_styles(root: Any | None) -> dict[str, Style]:
    """The paragraph and numbering styles of a document by their id. root: of word/styles.xml."""
    found = {}
    for style in root.iter(f"{W}style") if root is not None else ():
        if style.get(f"{W}type") in ("paragraph", "numbering", None):
            list_id, level = _named_list(style.find(f"{W}pPr"))
            name = _value(style.find(f"{W}name")) or ""
            found[style.get(f"{W}styleId", "")] = Style(name, _value(style.find(f"{W}basedOn")), list_id, level)
    return found


def lineage(style_id: str | None, styles: dict[str, Style]) -> Iterator[tuple[str, Style]]:
    """A style and those that it builds on, the nearest first."""
    for _ in range(_MAX_CHAIN):
        if style_id is None or style_id not in styles:
            return
        yield style_id, styles[style_id]
        style_id = styles[style_id].parent


class Counter:
    """Counts the paragraphs of one document, each asked for once, in order."""

    def __init__(self, root: Any | None, styles: dict[str, Style]) -> None:
        """root: of word/numbering.xml; None for a document that has none."""
        self._styles = styles
        self._lists = _lists(root, styles) if root is not None else {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def number(self, properties: Any | None, style_id: str | None) -> Number | None:
        """The number of the next paragraph, None if it has none. properties: its w:pPr."""
        list_id, level = self._place(properties, style_id)
        listed = self._lists.get(list_id or "")
        if listed is None or level is None or level not in listed.levels:
            return None
        counts = self._count(list_id or "", listed, level)
        at = listed.levels[level]
        if at.form == "bullet":
            return Number("", level, None, False)
        text = _PLACE.sub(lambda found: _shown(int(found[1]) - 1, level, listed.levels, counts), at.pattern).strip()
        if not any(map(str.isalnum, text)):
            return Number("", level, None, False) if text else None
        plain = re.fullmatch(r"\d{1,9}[.)]?", text) is not None
        return Number(text, level, counts[level] if plain else None, _is_clause(level, listed.levels))

    def _place(self, properties: Any | None, style_id: str | None) -> tuple[str | None, int | None]:
        """The list and the level of a paragraph: its own, else those of its style."""
        own_list, own_level = _named_list(properties)
        styled_list: str | None = None
        styled_level: int | None = None
        chain = list(lineage(style_id, self._styles))
        for _, style in chain:
            styled_list = style.list_id if styled_list is None else styled_list
            styled_level = style.level if styled_level is None else styled_level
        list_id = styled_list if own_list is None else own_list
        if list_id in (None, "0"):
            return None, None
        if own_level is not None:
            return list_id, own_level
        levels = self._lists[list_id].levels if list_id in self._lists else {}
        for name, _ in chain:
            for level, definition in levels.items():
                if definition.style == name:
                    return list_id, level
        return list_id, (styled_level if own_list is None else None) or 0

    def _count(self, list_id: str, listed: _List, level: int) -> dict[int, int]:
        counts = self._counts.setdefault(listed.counts_with, {})
        first = (list_id, level) not in self._begun
        self._begun.add((list_id, level))
        if first and level in listed.starts:
            counts[level] = listed.starts[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else listed.levels[level].start
        for above in _places(listed.levels[level].pattern):  # "1.1" may come first, which begins the level above
            if above < level and above in listed.levels and above not in counts:
                counts[above] = listed.starts.get(above, listed.levels[above].start)
                self._begun.add((list_id, above))
        for below in range(level + 1, LEVELS):
            if below in listed.levels and level < listed.levels[below].restart:
                counts.pop(below, None)
        return counts


# --- what the parts of the file say -------------------------------------------------------------------------------------


def _value(element: Any | None) -> str | None:
    found = element.get(f"{W}val") if element is not None else None
    return str(found) if found is not None else None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _named_list(properties: Any | None) -> tuple[str | None, int | None]:
    numbered = properties.find(f"{W}numPr") if properties is not None else None
    if numbered is None:
        return None, None
    return _value(numbered.find(f"{W}numId")), _whole(_value(numbered.find(f"{W}ilvl")))


def _lists(root: Any, styles: dict[str, Style]) -> dict[str, _List]:
    definitions = {found.get(f"{W}abstractNumId", ""): found for found in root.iter(f"{W}abstractNum")}
    targets = {found.get(f"{W}numId", ""): _value(found.find(f"{W}abstractNumId")) or "" for found in root.iter(f"{W}num")}
    levels: dict[str, dict[int, _Level]] = {}
    lists = {}
    for found in root.iter(f"{W}num"):
        definition = _defining(targets[found.get(f"{W}numId", "")], definitions, targets, styles)
        if definition is None:
            continue
        if definition not in levels:
            levels[definition] = dict(map(_level, definitions[definition].findall(f"{W}lvl")))
        own, starts = dict(levels[definition]), {}
        for override in found.findall(f"{W}lvlOverride"):
            level = _whole(override.get(f"{W}ilvl"))
            start = _whole(_value(override.find(f"{W}startOverride")))
            if level is not None and start is not None:
                starts[level] = start
            if level is not None and (changed := override.find(f"{W}lvl")) is not None:
                own[level] = _level(changed)[1]
        lists[found.get(f"{W}numId", "")] = _List(definition, own, starts)
    return lists


def _defining(name: str, definitions: dict[str, Any], targets: dict[str, str], styles: dict[str, Style]) -> str | None:
    """The definition with the levels: a definition may name a list style, whose list names another definition."""
    for _ in range(_MAX_CHAIN):
        if name not in definitions:
            return None
        link = _value(definitions[name].find(f"{W}numStyleLink"))
        if link is None:
            return name
        name = targets.get((styles[link].list_id or "") if link in styles else "", "")
    return None


def _level(element: Any) -> tuple[int, _Level]:
    number = _whole(element.get(f"{W}ilvl")) or 0
    start = _whole(_value(element.find(f"{W}start")))
    restart = _whole(_value(element.find(f"{W}lvlRestart")))
    lgl = element.find(f"{W}isLgl")
    return number, _Level(
        start=0 if start is None else start,
        form=_value(element.find(f"{W}numFmt")) or "decimal",
        pattern=(_value(element.find(f"{W}lvlText")) or "")[:_MAX_PATTERN],
        restart=number if restart is None else min(restart, number),
        all_decimal=lgl is not None and _value(lgl) not in ("0", "false", "off"),
        style=_value(element.find(f"{W}pStyle")),
    )


# --- numbers as they are shown --------------------------------------------------------------------------------------------


def _is_clause(level: int, levels: dict[int, _Level]) -> bool:
    """Whether a level belongs to an outline: it shows the numbers above it, or one below shows its number."""
    shown = {number: _places(of.pattern) for number, of in levels.items() if of.form != "bullet"}
    return len(shown.get(level, ())) > 1 or any(
        level in places and len(places) > 1 for number, places in shown.items() if number > level
    )


def _places(pattern: str) -> set[int]:
    """The levels whose numbers a pattern shows."""
    return {int(found) - 1 for found in _PLACE.findall(pattern)}


def _shown(place: int, level: int, levels: dict[int, _Level], counts: dict[int, int]) -> str:
    if place not in levels or place not in counts or place > level:
        return ""
    return figure(counts[place], "decimal" if levels[level].all_decimal else levels[place].form)


def figure(number: int, form: str) -> str:
    """A number in one of Word's forms; one that is not known here is written in figures."""
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 780:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 1 <= number < 4000:
        letters = ""
        for worth, letter in _ROMAN:
            letters += letter * (number // worth)
            number %= worth
        return letters.upper() if form == "upperRoman" else letters
    if form == "ordinal":
        return f"{number}{'th' if number % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
    if form == "decimalZero":
        return f"{number:02}"
    return "" if form in ("none", "bullet") else str(number)
