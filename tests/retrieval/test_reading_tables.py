"""Tables of PDFs through their reader: cells over several columns or rows, cells of whole paragraphs, tables over several pages."""

import pytest
from reportlab.lib import colors
from reportlab.platypus import PageBreak, Table, TableStyle

from retrieval.readers.pdf import read_pdf
from tests.retrieval.test_reading_pdf import drawn, made, text

GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
BOX = ("BOX", (0, 0), (-1, -1), 0.5, colors.black)
CLAUSE = "Anything that was worn, washed or altered stays with you, unless it was faulty when it came. "


def table(rows, *style, wide=(120, 80, 80), **options) -> Table:
    return Table(rows, colWidths=wide[: len(rows[0])], style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *style]), **options)


def lines(*flowables) -> list[str]:
    """The lines of a document of these parts, without page marks and rules under heads."""
    found = read_pdf(made(*flowables)).markdown.splitlines()
    return [line for line in found if line and not line.startswith(("<!--", "| ---"))]


def span(first: tuple[int, int], last: tuple[int, int]) -> tuple:
    return ("SPAN", first, last)


@pytest.mark.parametrize(
    ("rows", "spans", "expected"),
    [
        (
            [["Country", "Delivery", ""], ["", "Days", "Cost"], ["Norway", "4", "5.90"]],
            [span((1, 0), (2, 0)), span((0, 0), (0, 1))],
            ["| Country | Delivery Days | Delivery Cost |", "| Norway | 4 | 5.90 |"],
        ),
        (
            [["", "Delivery", ""], ["Country", "Days", "Cost"], ["Norway", "4", "5.90"]],
            [span((1, 0), (2, 0))],
            ["| Country | Delivery Days | Delivery Cost |", "| Norway | 4 | 5.90 |"],
        ),
        (
            [["Region", "Country", "Days"], ["Europe", "Norway", "4"], ["", "Malta", "9"], ["Asia", "Japan", "21"]],
            [span((0, 1), (0, 2))],
            ["| Region | Country | Days |", "| Europe | Norway | 4 |", "| Europe | Malta | 9 |", "| Asia | Japan | 21 |"],
        ),
        (
            [["Country", "Days", "Cost"], ["Europe", "", ""], ["Malta", "9", "1"], ["Norway", "on request", ""]],
            [span((0, 1), (2, 1)), span((1, 3), (2, 3))],
            ["| Country | Days | Cost |", "| Europe |  |  |", "| Malta | 9 | 1 |", "| Norway | on request | on request |"],
        ),
        (
            [["Delivery times", "", ""], ["Country", "Days", "Cost"], ["Malta", "9", "1"]],
            [span((0, 0), (2, 0))],
            ["Delivery times", "| Country | Days | Cost |", "| Malta | 9 | 1 |"],
        ),
    ],
    ids=["head of two rows", "head of two rows, one cell empty", "rows", "columns", "title"],
)
def test_a_cell_over_several_columns_or_rows_is_said_in_each(rows, spans, expected):
    assert lines(text("Before."), table(rows, GRID, *spans), text("After.")) == ["Before.", *expected, "After."]


def test_a_long_cell_over_several_rows_is_said_once():
    rows = [["Goods", "Rule"], ["Hats", text(CLAUSE * 2)], ["Coats", ""]]
    assert lines(table(rows, GRID, span((1, 1), (1, 2)), wide=(60, 300))) == [
        *("| Goods | Rule |", f"| Hats | {(CLAUSE * 2).strip()} |", "| Coats |  |")
    ]


def test_cells_that_are_whole_paragraphs_stay_cells():
    rows = [["You", "We"], [text(CLAUSE * 3), text(CLAUSE * 2)], [text("Hats"), text(f"{CLAUSE}<br/>{CLAUSE}")]]
    assert lines(table(rows, GRID, wide=(200, 200))) == [
        *("| You | We |", f"| {(CLAUSE * 3).strip()} | {(CLAUSE * 2).strip()} |", f"| Hats | {(CLAUSE * 2).strip()} |")
    ]


def test_a_table_whose_sides_are_open():
    style = [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black), ("LINEAFTER", (0, 0), (0, -1), 0.5, colors.black)]
    rows = [["Goods", "Days"], [text(CLAUSE), "4"], ["Coats", "9"], ["Hats", "2"]]
    assert lines(table(rows, *style, wide=(220, 80))) == [
        *("| Goods | Days |", f"| {CLAUSE.strip()} | 4 |", "| Coats | 9 |", "| Hats | 2 |")
    ]


def test_rows_without_lines_between_them_are_not_put_into_one():
    style = [BOX, ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black), ("LINEAFTER", (0, 0), (0, -1), 0.5, colors.black)]
    rows = [["Goods", "Days"], ["Hats", "4"], ["Coats", "9"], ["Shoes", "21"], ["Belts", "2"]]
    assert lines(table(rows, *style)) == [f"| {goods} | {days} |" for goods, days in rows]


def test_columns_so_narrow_that_their_words_nearly_touch():
    rows = [["Size", "EU", "UK"], ["S", "36", "8"], ["M", "38", "10"]]
    close = [("LEFTPADDING", (0, 0), (-1, -1), 1), ("RIGHTPADDING", (0, 0), (-1, -1), 1)]
    assert lines(table(rows, GRID, *close, wide=(24, 16, 16))) == ["| Size | EU | UK |", "| S | 36 | 8 |", "| M | 38 | 10 |"]


def test_a_frame_around_a_text_and_a_form_without_answers_are_no_tables():
    assert lines(table([[text(CLAUSE * 3)]], BOX, wide=(300,))) == [(CLAUSE * 3).strip()]
    form = lines(table([["Name", ""], ["Street", ""], ["Town", ""]], GRID))
    assert " ".join(form) == "Name Street Town"


def test_a_table_with_round_corners():
    style = [("INNERGRID", (0, 0), (-1, -1), 0.5, colors.black), BOX, ("ROUNDEDCORNERS", [6, 6, 6, 6])]
    rows = [["Goods", "Rule"], ["Hats", text(CLAUSE)], ["Coats", text(CLAUSE)]]
    expected = ["| Goods | Rule |", f"| Hats | {CLAUSE.strip()} |", f"| Coats | {CLAUSE.strip()} |"]
    assert lines(table(rows, *style, wide=(60, 200))) == expected


def test_a_drawing_on_squared_paper_is_not_a_table():
    def page(canvas) -> None:
        for number in range(5):
            canvas.line(100, 500 + 40 * number, 260, 500 + 40 * number)
            canvas.line(100 + 40 * number, 500, 100 + 40 * number, 660)
            canvas.drawString(104 + 32 * number, 510 + 35 * number, f"point {number}")
        canvas.line(100, 500, 260, 660)

    assert "|" not in read_pdf(drawn(page)).markdown


# --- over several pages ---------------------------------------------------------------------------------------------------


def pages(*flowables) -> list[list[str]]:
    found = read_pdf(made(*flowables)).markdown.split("<!-- page ")[1:]
    return [[line for line in page.splitlines()[1:] if line and not line.startswith("| ---")] for page in found]


@pytest.mark.parametrize("style", [[GRID], []], ids=["grid", "no lines"])
@pytest.mark.parametrize("repeat", [1, 0], ids=["head on each page", "head on the first page"])
def test_a_table_that_goes_on_keeps_its_head_on_each_page(style, repeat):
    rows = [["Country", "Days", "Cost"], *[[f"Land {n:02}", str(n % 9 + 1), f"{n:02}.50"] for n in range(60)]]
    first, second = pages(text("Before."), table(rows, *style, repeatRows=repeat), text("After."))
    assert first[:3] == ["Before.", "| Country | Days | Cost |", "| Land 00 | 1 | 00.50 |"]
    assert second[0] == "| Country | Days | Cost |"
    assert (len(first) - 2) + (len(second) - 2) == 60
    assert second[-2:] == ["| Land 59 | 6 | 59.50 |", "After."]


def test_another_table_on_the_next_page_has_its_own_head():
    bold = ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")
    one = table([["Country", "Days", "Cost"], ["Norway", "4", "5.90"]], GRID, bold)
    two = table([["Goods", "Years", "Who"], ["Hats", "1", "we"]], GRID, bold)
    assert pages(one, PageBreak(), two)[1] == ["| Goods | Years | Who |", "| Hats | 1 | we |"]
    wider = table([["Hats", "1"], ["Coats", "2"]], GRID)
    assert pages(one, PageBreak(), wider)[1] == ["| Hats | 1 |", "| Coats | 2 |"]


def test_a_first_row_of_sentences_is_no_head_to_be_said_again():
    one = table([["Goods", text(CLAUSE)], ["Hats", text(CLAUSE)]], GRID, wide=(100, 300))
    two = table([["Coats", text(CLAUSE)], ["Shoes", text(CLAUSE)]], GRID, wide=(100, 300))
    assert pages(one, PageBreak(), two)[1] == [f"| {goods} | {CLAUSE.strip()} |" for goods in ("Coats", "Shoes")]
