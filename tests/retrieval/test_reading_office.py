"""Slides, OpenDocument and rich text: headings, lists and tables as they are meant, nothing that is not shown."""

import pytest

from retrieval.blocks import page_mark
from retrieval.readers import CannotRead
from retrieval.readers.odf import read_odf
from retrieval.readers.pptx import MAX_SLIDES, read_pptx
from retrieval.readers.rtf import read_rtf
from retrieval.reading import read
from tests.retrieval.office_files import open_document, relations, shape, slides

# --- slides -------------------------------------------------------------------------------------------------------------

TABLE = (
    "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='4' name='t'/></p:nvGraphicFramePr><a:graphic><a:graphicData><a:tbl>"
    "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>Country</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>Days</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
    "<a:tr><a:tc gridSpan='2'><a:txBody><a:p><a:r><a:t>Norway | 4</a:t></a:r></a:p></a:txBody></a:tc><a:tc hMerge='1'/></a:tr>"
    "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
)


def test_slides_are_pages_with_their_titles_as_headings():
    data = slides(
        shape("Returns 2026", holder="ctrTitle") + shape("For all shops", holder="subTitle"),
        shape("Free text.") + shape("Time limits", holder="title") + shape("30 days\n shoes: 14\nunused", holder="body"),
        "hidden:" + shape("Not for customers", holder="title"),
        shape("Rates", holder="title") + TABLE + shape("Page 4", holder="sldNum") + shape("© Shop", holder="ftr"),
    )
    reading = read(data, "returns.pptx")
    assert (reading.title, reading.pages) == ("Returns 2026", 4)
    assert reading.markdown == (
        f"{page_mark(1)}\n\n# Returns 2026\n\nFor all shops\n\n{page_mark(2)}\n\n## Time limits\n\nFree text.\n\n"
        f"- 30 days\n   - shoes: 14\n- unused\n\n{page_mark(4)}\n\n## Rates\n\n"
        "| Country | Days |\n| --- | --- |\n| Norway \\| 4 | Norway \\| 4 |\n"
    )


def test_numbered_slides_groups_links_and_notes():
    linked = shape("see our terms").replace("<a:r>", '<a:r><a:rPr><a:hlinkClick r:id="rId1"/></a:rPr>')
    numbered = shape("Write\nSend", extra="<a:buAutoNum/>")
    group = f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="9" name="g"/></p:nvGrpSpPr>{numbered}{linked}</p:grpSp>'
    links = relations(("hyperlink", "https://shop.example/terms"), external=True).encode()
    data = slides(group, **{"ppt/slides/_rels/slide1.xml.rels": links, "ppt/notesSlides/notesSlide1.xml": b"<x>internal</x>"})
    assert read_pptx(data).markdown.endswith("1. Write\n2. Send\n\n[see our terms](https://shop.example/terms)\n")


def test_too_many_slides_are_a_sentence():
    with pytest.raises(CannotRead, match="more than 1,000 slides"):
        read_pptx(slides(*["" for _ in range(MAX_SLIDES + 1)]))


# --- OpenDocument ---------------------------------------------------------------------------------------------------------

STYLES = (
    '<style:style style:name="P1" style:parent-style-name="Title"/>'
    '<style:style style:name="T9"><style:text-properties text:display="none"/></style:style>'
    '<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/></text:list-style>'
    '<text:list-style style:name="L2"><text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>'
)
TEXT = (
    "<text:tracked-changes><text:deletion><text:p>deleted</text:p></text:deletion></text:tracked-changes>"
    '<text:p text:style-name="P1">Club</text:p><text:h text:outline-level="1">Points</text:h>'
    '<text:p>One<text:s text:c="3"/>point<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>or two</text:p>'
    '</text:note-body></text:note> for <text:a xlink:href="https://shop.example/">each euro</text:a>.'
    '<office:annotation><text:p>comment</text:p></office:annotation><text:span text:style-name="T9">secret</text:span></text:p>'
    '<text:list text:style-name="L1"><text:list-item><text:p>shoes</text:p>'
    "<text:list><text:list-item><text:p>boots</text:p></text:list-item></text:list></text:list-item></text:list>"
    '<text:list text:style-name="L2"><text:list-item><text:p>Ask</text:p></text:list-item>'
    "<text:list-item><text:p>Wait</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>Tier</text:p></table:table-cell>"
    "<table:table-cell><text:p>From</text:p></table:table-cell></table:table-row>"
    '<table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>Gold</text:p></table:table-cell>'
    "<table:covered-table-cell/></table:table-row></table:table>"
)


def test_an_opendocument_text_gives_headings_lists_and_tables():
    reading = read(open_document("text", TEXT, styles=STYLES), "club.odt")
    assert reading.title == "Club"
    assert reading.markdown == (
        "# Club\n\n## Points\n\nOne point (or two) for [each euro](https://shop.example/).\n\n- shoes\n   - boots\n1. Ask\n2. Wait\n\n"
        "| Tier | From |\n| --- | --- |\n| Gold | Gold |\n"
    )


def test_opendocument_slides_are_pages():
    def frame(text: str, kind: str = "") -> str:
        shown = f' presentation:class="{kind}"' if kind else ""
        return f"<draw:frame{shown}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"

    notes = f"<presentation:notes>{frame('for the speaker')}</presentation:notes>"
    body = f"<draw:page>{frame('Returns', 'title')}{frame('30 days')}{notes}</draw:page><draw:page>{frame('Sale', 'title')}</draw:page>"
    reading = read(open_document("presentation", body), "a.odp")
    assert (reading.title, reading.pages) == ("Returns", 2)
    assert reading.markdown == f"{page_mark(1)}\n\n# Returns\n\n30 days\n\n{page_mark(2)}\n\n## Sale\n"


def test_an_encrypted_opendocument_file_asks_for_a_copy_without_password():
    manifest = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(CannotRead, match="password"):
        read_odf(open_document("text", "", **{"META-INF/manifest.xml": manifest}))


# --- rich text --------------------------------------------------------------------------------------------------------------

RICH = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Helvetica;}{\f1\fcharset204 Arial;}}
{\stylesheet{\s0 Normal;}{\s1\b heading 1;}{\s2 heading 2;}}{\info{\title Other title}{\author Bob}}
{\header Page header}\pard\s1\b Returns\b0\par
\pard\s0 You have 30 days \'96 caf\'e9, \u8364?5. {\v hidden}{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}\par
\pard\s2 Sale items\par
{\listtext\pard\plain\'b7\tab}\pard\ls1\ilvl0 Shoes\par
{\listtext\pard 1.\tab}\pard\ls1 {\f1 \'ef\'f0\'e8}\par
\trowd\cellx100\cellx200 \pard\intbl Country\cell Days\cell\row
\trowd \pard\intbl Norway\par second\cell 4\cell\row
\pard {\object{\*\objdata 0105000002}}After {\pict\bin4 }}}}}{\deleted gone}text.\par}"""


def test_rich_text_gives_headings_lists_and_tables_in_any_code_page():
    reading = read(RICH, "returns.rtf")
    assert reading.title == "Returns"
    assert reading.markdown == (
        "# Returns\n\nYou have 30 days – café, €5. link\n\n## Sale items\n\n- Shoes\n1. при\n\n"
        "| Country | Days |\n| --- | --- |\n| Norway second | 4 |\n\nAfter text.\n"
    )


def test_bold_lines_are_the_headings_of_rich_text_without_styles():
    assert read_rtf(rb"{\rtf1{\b Returns}\par Thirty days.\par}").markdown == "## Returns\n\nThirty days.\n"


def test_rich_text_nested_too_deeply_or_cut_off_is_read_or_refused():
    with pytest.raises(CannotRead, match="too deeply"):
        read_rtf(rb"{\rtf1" + b"{" * 2000 + b"deep")
    assert "Returns" in read_rtf(RICH[:400]).markdown
    assert read_rtf(rb"{\rtf1 text\bin99999999999 more}}}}\u-10179?\u-8704?").markdown
