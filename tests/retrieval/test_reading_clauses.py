"""Word documents through their reader: the numbers that Word counts by itself stand in the text, as they stand on paper."""

import pytest
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from retrieval.readers.docx import read_docx
from retrieval.readers.docx_numbers import Counter, figure
from retrieval.readers.html import read_markup
from tests.retrieval.word_files import Paper, W, levels

LEGAL = [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)")]
PLAIN = [("decimal", "%1."), ("lowerLetter", "%2)"), ("bullet", "•")]
OTHER = [("upperRoman", "Article %1"), ("decimalZero", "§ %1.%2"), ("none", ""), ("ordinal", "%4 rule")]


def lines(paper: Paper) -> list[str]:
    return [line for line in read_docx(paper.data()).markdown.splitlines() if line]


@pytest.mark.parametrize(
    ("shapes", "depths", "expected"),
    [
        (LEGAL, [0, 1, 1, 0, 1], ["1. a", "1.1 b", "1.2 c", "2. d", "2.1 e"]),
        (LEGAL, [0, 1, 2, 2, 3, 1, 2], ["1. a", "1.1 b", "- (a) c", "- (b) d", "  - (i) e", "1.2 f", "- (a) g"]),
        (LEGAL, [1, 1, 0, 1], ["1.1 a", "1.2 b", "2. c", "2.1 d"]),
        (PLAIN, [0, 1, 1, 2, 0], ["1. a", "   - a) b", "   - b) c", "     - d", "2. e"]),
        (PLAIN, [2, 2, 0], ["- a", "- b", "1. c"]),
        (
            OTHER,
            [0, 1, 2, 3, 3, 0, 1],
            ["Article I a", "§ I.01 b", "c", "- 1st rule d", "- 2nd rule e", "Article II f", "§ II.01 g"],
        ),
    ],
    ids=["outline", "outline with letters", "deep before shallow", "list", "bullets first", "other forms"],
)
def test_numbers_by_level(shapes, depths, expected):
    paper = Paper(levels(shapes))
    for letter, depth in zip("abcdefg", depths, strict=False):
        paper.add(letter, depth)
    assert lines(paper) == expected


@pytest.mark.parametrize(
    ("extra", "depths", "expected"),
    [
        ({2: '<w:lvlRestart w:val="0"/>'}, [0, 2, 0, 2], "1. (a) 2. (b)"),
        ({2: '<w:lvlRestart w:val="1"/>'}, [0, 1, 2, 1, 2, 0, 2], "1. 1.1 (a) 1.2 (b) 2. (a)"),
        ({0: '<w:start w:val="7"/>'}, [0, 0, 1], "7. 8. 8.1"),
        ({1: "<w:isLgl/>"}, [0, 1], "1. 1.1"),
        ({1: '<w:pStyle w:val="Quote"/>'}, [0, 0], "1. 2."),
    ],
    ids=["never again", "after level 1 only", "start", "all in figures", "level of a style"],
)
def test_where_a_level_begins_again(extra, depths, expected):
    paper = Paper(levels(LEGAL, extra))
    for depth in depths:
        paper.add("x", depth)
    assert " ".join(line.strip(" -").removesuffix(" x") for line in lines(paper)) == expected


def test_all_in_figures_below_roman_articles():
    paper = Paper(levels([("upperRoman", "Article %1."), ("decimal", "%1.%2")], {1: "<w:isLgl/>"}))
    paper.add("Sale", 0)
    paper.add("No returns.", 1)
    assert lines(paper) == ["Article I. Sale", "1.1 No returns."]


def test_lists_of_one_definition_go_on_counting_and_a_list_can_begin_again():
    paper = Paper(levels(PLAIN))
    paper.add_list(101, 91)
    paper.add_list(102, 91, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
    paper.add_list(103, 91, f'<w:lvlOverride w:ilvl="0">{levels([("upperLetter", "%1.")])}</w:lvlOverride>')
    for text, of in [("a", 91), ("b", 101), ("c", 102), ("d", 102), ("e", 91), ("f", 103)]:
        paper.add(text, 0, of)
    assert lines(paper) == ["1. a", "2. b", "5. c", "6. d", "7. e", "- H. f"]


def test_headings_are_numbered_through_their_styles_and_styles_built_on_them():
    linked = {0: '<w:pStyle w:val="Heading1"/>', 1: '<w:pStyle w:val="Heading2"/>'}
    paper = Paper(levels([("decimal", "%1"), ("decimal", "%1.%2")], linked))
    paper.number_style("Heading 1", '<w:numId w:val="91"/>')
    paper.number_style("Heading 2", '<w:numId w:val="91"/>')
    own = paper.document.styles.add_style("Clause heading", 1)
    own.base_style = paper.document.styles["Heading 2"]
    for text, style in [("Shop", "Title"), ("Sale", "Heading 1"), ("Returns", "Heading 2"), ("Refunds", "Clause heading")]:
        paper.document.add_paragraph(text, style)
    paper.add("Not numbered", of="0", style="Heading 2")
    paper.document.add_paragraph("We take it back. " * 20, "Heading 2")
    assert lines(paper) == [
        *("# Shop", "## 1 Sale", "### 1.1 Returns", "### 1.2 Refunds", "### Not numbered"),
        f"1.3 {('We take it back. ' * 20).strip()}",
    ]


def test_the_title_is_without_its_number():
    paper = Paper(levels(LEGAL))
    paper.add("Returns", 0, style="Heading 1")
    reading = read_docx(paper.data())
    assert (reading.title, reading.markdown.strip()) == ("Returns", "# 1. Returns")


def test_a_list_style_that_points_to_another_definition():
    paper = Paper(f'<w:styleLink {W} w:val="Ours"/>' + levels(LEGAL), '<w:numStyleLink w:val="Ours"/>')
    style = f'<w:style {W} w:type="numbering" w:styleId="Ours"><w:name w:val="Ours"/><w:pPr><w:numPr><w:numId w:val="91"/></w:numPr></w:pPr></w:style>'
    paper.document.styles.element.append(parse_xml(style))
    paper.add("a", 0, 92)
    paper.add("b", 1, 92)
    assert lines(paper) == ["1. a", "1.1 b"]


def test_a_list_goes_on_after_a_paragraph_and_empty_items_count():
    paper = Paper(levels(PLAIN))
    for text, level in [("a", 0), ("", 0), ("aside", None), ("c", 0)]:
        paper.add(text, level)
    assert lines(paper) == ["1. a", "aside", "3. c"]


def test_numbers_in_the_cells_of_a_table():
    paper = Paper(levels([("decimal", "%1.")]))
    cells = paper.document.add_table(3, 2).columns[0].cells
    for cell, text in zip(cells, ["Nr", "Hats", "Shoes"], strict=True):
        cell.paragraphs[0].text = text
    for cell in cells[1:]:
        pr = cell.paragraphs[0]._p.get_or_add_pPr()
        pr.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="0"/><w:numId w:val="91"/></w:numPr>'))
    assert lines(paper)[2:] == ["| 1. Hats |  |", "| 2. Shoes |  |"]


def test_bold_numbered_lines_are_the_headings_of_a_document_without_others():
    for shapes in (LEGAL, PLAIN):
        paper = Paper(levels(shapes))
        for title in ("Returns", "Refunds"):
            paper.add("", 0).add_run(title).bold = True
            paper.add("Thirty days.")
        assert lines(paper) == ["## 1. Returns", "Thirty days.", "## 2. Refunds", "Thirty days."]


def test_paragraphs_that_were_deleted_or_are_hidden_do_not_count():
    paper = Paper(levels(PLAIN))
    paper.add("a", 0)
    mark = paper.add("gone ", 0)._p.get_or_add_pPr()
    mark.append(parse_xml(f'<w:rPr {W}><w:del w:id="1" w:author="x"/></w:rPr>'))
    paper.add("b", 0)
    hidden = paper.add("", 0)
    hidden.add_run("secret").font.hidden = True
    hidden._p.get_or_add_pPr().append(parse_xml(f"<w:rPr {W}><w:vanish/></w:rPr>"))
    paper.add("c", 0)
    assert lines(paper) == ["1. a", "2. gone b", "3. c"]


def test_rules_of_counting_that_make_no_sense_leave_the_text():
    loop = '<w:numStyleLink w:val="Ours"/>'
    odd = '<w:lvl w:ilvl="x"/><w:lvl><w:start w:val="99999999999999"/><w:lvlText w:val="%9%1"/></w:lvl>'
    paper = Paper(loop, odd)
    style = f'<w:style {W} w:type="numbering" w:styleId="Ours"><w:name w:val="Ours"/><w:basedOn w:val="Ours"/><w:pPr><w:numPr><w:numId w:val="91"/></w:numPr></w:pPr></w:style>'
    paper.document.styles.element.append(parse_xml(style))
    for of in (91, 92, 404):
        paper.add(f"of {of}", 0, of)
    assert [line[-len("of 91") :].strip() for line in lines(paper)] == ["of 91", "of 92", "f 404"]


def test_other_numbers_in_lists_of_web_pages():
    page = "<ol start=3><li>a<li>b<li value=9>c<li>d</ol>"
    assert "3. a\n4. b\n\n9. c\n10. d" in read_markup(f"<p>Rules of the shop.</p>{page}").markdown


# --- numbers in Word's forms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        *((1, "lowerLetter", "a"), (26, "lowerLetter", "z"), (27, "lowerLetter", "aa"), (53, "upperLetter", "AAA")),
        *((4, "lowerRoman", "iv"), (1994, "upperRoman", "MCMXCIV"), (4000, "upperRoman", "4000"), (0, "lowerRoman", "0")),
        *((7, "decimalZero", "07"), (12, "decimalZero", "12"), (11, "ordinal", "11th"), (22, "ordinal", "22nd")),
        *((5, "none", ""), (5, "chineseCounting", "5"), (10**8, "lowerLetter", "100000000")),
    ],
)
def test_a_number_in_words_forms(number, form, text):
    assert figure(number, form) == text


@given(st.integers(1, 3999))
def test_roman_numbers_add_up(number):
    worth = dict(zip("ivxlcdm", [1, 5, 10, 50, 100, 500, 1000], strict=True))
    parts = [worth[letter] for letter in figure(number, "lowerRoman")]
    assert sum(-one if one < following else one for one, following in zip(parts, [*parts[1:], 0], strict=True)) == number


@given(st.lists(st.integers(0, 3), min_size=1, max_size=25))
def test_numbers_of_an_outline_are_those_of_a_table_of_contents(depths):
    shapes = [("decimal", ".".join(f"%{place}" for place in range(1, level + 2))) for level in range(4)]
    xml = f'<w:numbering {W}><w:abstractNum w:abstractNumId="1">{levels(shapes)}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    counter = Counter(etree.fromstring(xml), {})
    at: list[int] = []
    for depth in depths:
        at = [*at[: depth + 1]]
        at = [*at[:depth], at[depth] + 1] if len(at) > depth else [*at, *[1] * (depth + 1 - len(at))]
        properties = etree.fromstring(f'<w:pPr {W}><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr></w:pPr>')
        number = counter.number(properties, None)
        assert number is not None and number.text == ".".join(map(str, at)) and number.is_clause
