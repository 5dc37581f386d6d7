"""OpenDocument texts through their reader: the numbers that the program counts by itself stand in the text, as they stand on paper."""

import pytest

from retrieval.readers.odf import read_odf
from tests.retrieval.office_files import open_document


def level(number: int, form: str, *, before: str = "", after: str = "", shows: int = 1, more: str = "", kind: str = "list") -> str:
    name = "outline-level-style" if kind == "outline" else "list-level-style-number"
    around = f'style:num-format="{form}" style:num-prefix="{before}" style:num-suffix="{after}" text:display-levels="{shows}"'
    return f'<text:{name} text:level="{number}" {around} {more}/>'


def style(name: str, *levels: str) -> str:
    return f'<text:list-style style:name="{name}">{"".join(levels)}</text:list-style>'


def outline(*levels: str) -> str:
    return f"<text:outline-style>{''.join(levels)}</text:outline-style>"


def heading(text: str, depth: int, more: str = "") -> str:
    return f'<text:h text:outline-level="{depth}" {more}>{text}</text:h>'


def item(*parts: str, more: str = "") -> str:
    return f"<text:list-item {more}>{''.join(part if part.startswith('<') else f'<text:p>{part}</text:p>' for part in parts)}</text:list-item>"


def listed(*items: str, name: str = "L", more: str = "") -> str:
    return f'<text:list text:style-name="{name}" {more}>{"".join(items)}</text:list>'


def inner(*items: str) -> str:
    return f"<text:list>{''.join(items)}</text:list>"


def lines(body: str, *styles: str) -> list[str]:
    return [line for line in read_odf(open_document("text", body, styles="".join(styles))).markdown.splitlines() if line]


LEGAL = style("L", level(1, "1", after="."), level(2, "1", shows=2), level(3, "a", before="(", after=")"))
PLAIN = style("L", level(1, "1", after="."), level(2, "a", after=")"), '<text:list-level-style-bullet text:level="3"/>')


def test_headings_have_the_numbers_of_the_outline():
    body = heading("Sale", 1) + heading("Returns", 2) + heading("Refunds", 2) + heading("Gifts", 1) + heading("Cards", 2)
    shapes = outline(level(1, "I", before="Article ", kind="outline"), level(2, "1", shows=2, kind="outline"))
    assert lines(body, shapes) == ["# Article I Sale", "## I.1 Returns", "## I.2 Refunds", "# Article II Gifts", "## II.1 Cards"]
    assert read_odf(open_document("text", body, styles=shapes)).title == "Sale"
    assert lines(body, outline(level(1, "", kind="outline")))[0] == "# Sale"


def test_a_heading_may_begin_anew_or_have_no_number():
    again = 'text:restart-numbering="true" text:start-value="7"'
    body = heading("a", 1) + heading("b", 1, 'text:is-list-header="true"') + heading("c", 1, again) + heading("d", 1)
    assert lines(body, outline(level(1, "1", after=".", kind="outline"))) == ["# 1. a", "# b", "# 7. c", "# 8. d"]


def test_an_outline_in_a_list_is_paragraphs_that_others_may_refer_to():
    body = listed(item("a", inner(item("b", inner(item("c"), item("d"))), item("e", "still e"))), item("f", inner(item("g"))))
    assert lines(body, LEGAL) == ["1. a", "1.1 b", "- (a) c", "- (b) d", "1.2 e", "still e", "2. f", "2.1 g"]


def test_a_list_of_several_levels():
    body = listed(item("a", inner(item("b"), item("c", inner(item("d"))))), item("e"))
    assert lines(body, PLAIN) == ["1. a", "   - a) b", "   - b) c", "      - d", "2. e"]


def test_items_that_only_lead_to_a_deeper_level_do_not_count():
    body = listed(item(inner(item("a"), item("b")))) + listed(item("c"), name="M") + listed(item("d"))
    assert lines(body, LEGAL, style("M", level(1, "1"))) == ["1.1 a", "1.2 b", "1. c", "1. d"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [("", "1."), ('text:continue-numbering="true"', "3."), ('text:continue-list="one"', "3."), ('text:continue-list="two"', "1.")],
    ids=["begins anew", "goes on", "goes on with another", "with one that is not there"],
)
def test_where_a_list_goes_on(more, expected):
    body = listed(item("a"), item("b"), more='xml:id="one"') + "<text:p>aside</text:p>" + listed(item("c"), more=more)
    assert lines(body, PLAIN) == ["1. a", "2. b", "aside", f"{expected} c"]


def test_first_values_headers_and_formats_stated_in_one():
    shapes = style("L", level(1, "1", after=")", more='text:start-value="4" style:num-list-format="No. %1%!"'))
    header = "<text:list-header><text:p>First:</text:p></text:list-header>"
    body = listed(header, item("a"), item("b", more='text:start-value="9"'), item(""), item("c"))
    assert lines(body, shapes) == ["- First:", "- No. 4! a", "- No. 9! b", "- No. 11! c"]


def test_headings_in_a_list_are_counted_by_it():
    body = listed(item(heading("Sale", 1), inner(item(heading("Returns", 2)))), item(heading("Gifts", 1)))
    assert lines(body, LEGAL) == ["# 1. Sale", "## 1.1 Returns", "# 2. Gifts"]


@pytest.mark.parametrize("value", ["-1", "x", "99999999999", "²", ""])
def test_numbers_that_are_none_are_passed_over(value):
    shapes = style("L", level(1, "1", more=f'text:start-value="{value}" style:num-list-format="%1%%99%%x%"'))
    assert lines(listed(item("a", more=f'text:start-value="{value}"'), item("b")), shapes) == ["- 1%x% a", "- 2%x% b"]
