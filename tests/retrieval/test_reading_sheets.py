"""Sheets: a row says all it says alone, values look as somebody sees them, what nobody sees is not read."""

import pytest

from retrieval.readers import CannotRead
from retrieval.readers.csv import MAX_FIELD, read_csv
from retrieval.readers.formats import format_of, shown
from retrieval.readers.odf import read_odf
from retrieval.readers.xlsx import read_xlsx
from retrieval.reading import read
from tests.retrieval.office_files import cell, open_document, rows, workbook

# --- CSV ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Land;Tage;Preis\nNorwegen;4–7;4,90 €\nÖsterreich;2;0,00 €\n", "cp1252"),
        ("Land\tTage\tPreis\r\nNorwegen\t4–7\t4,90 €\r\nÖsterreich\t2\t0,00 €\r\n", "utf-16"),
        ('sep=|\nLand|Tage|Preis\n"Norwegen"|4–7|"4,90 €"\nÖsterreich|2|0,00 €\n', "utf-8-sig"),
        ('Land,Tage,Preis\nNorwegen,4–7,"4,90 €"\nÖsterreich,2,"0,00 €"\n', "utf-8"),
    ],
    ids=["semicolon", "tab", "stated", "comma"],
)
def test_each_row_keeps_the_names_of_its_columns_and_its_amounts_as_written(text, encoding):
    assert read(text.encode(encoding), "versand.csv").markdown == (
        "- Land: Norwegen; Tage: 4–7; Preis: 4,90 €\n- Land: Österreich; Tage: 2; Preis: 0,00 €\n"
    )


def test_a_title_and_notes_around_a_table_are_not_rows():
    text = (
        "Shipping rates\nValid for all orders.\n\nCountry,Days,Cost\nNorway,4,5\nEurope,,\nSpain,2,3\n\nCustoms are not included.\n"
    )
    assert read_csv(text.encode()).markdown == (
        "Shipping rates\n\nValid for all orders.\n\n- Country: Norway; Days: 4; Cost: 5\n\n## Europe\n\n"
        "- Country: Spain; Days: 2; Cost: 3\n\nCustoms are not included.\n"
    )


def test_questions_with_their_answers_become_headings_with_text():
    text = 'Question,Answer\nCan I return it?,"Yes, within 30 days."\nIs it free?,No.\n'
    assert read_csv(text.encode()).markdown == "### Can I return it?\n\nYes, within 30 days.\n\n### Is it free?\n\nNo.\n"


def test_a_cell_of_several_lines_stays_in_its_row():
    assert read_csv(b'Item,Care\nWool,"cold\nby hand"\nSilk,"dry\nonly"\n').markdown == (
        "- Item: Wool; Care: cold by hand\n- Item: Silk; Care: dry only\n"
    )


@pytest.mark.parametrize("data", [b'a,b\n1,"' + b"x" * (MAX_FIELD + 5), b"a,b\n" + b"1,2\n" * 500_100], ids=["a cell", "cells"])
def test_a_table_without_measure_is_a_sentence(data):
    with pytest.raises(CannotRead, match=r"more than [\d,]+ "):
        read_csv(data)


# --- workbooks ----------------------------------------------------------------------------------------------------------


def test_a_workbook_gives_its_sheets_with_headings_and_rows_with_names():
    data = workbook(
        {
            "Shipping": rows(["Country", "Days"], ["Norway", 4], ["Spain", 2]),
            "Contact": rows(["E-mail", "help@shop.example"], ["Phone", "555-0100"]),
        }
    )
    assert read(data, "rates.xlsx").markdown == (
        "## Shipping\n\n- Country: Norway; Days: 4\n- Country: Spain; Days: 2\n\n"
        "## Contact\n\n- E-mail: help@shop.example\n- Phone: 555-0100\n"
    )


def test_values_are_read_as_somebody_sees_them():
    formats = ["#,##0.00 &quot;€&quot;", "0%", "dd/mm/yyyy", "d mmmm yyyy"]
    head = rows(["What", "Price", "Off", "From", "Until"])
    line = "".join(
        [
            cell("A2", 0, kind="s"),
            cell("B2", "1234.5", style=2, kind="n"),
            cell("C2", "0.2", style=3, kind="n"),
            cell("D2", 46115, style=4),
            cell("E2", 46145, style=5),
            '<c r="F2"><f>1/0</f><v>#DIV/0!</v></c>'.replace('r="F2"', 'r="F2" t="e"'),
        ]
    )
    data = workbook(
        {"Sheet1": f'{head}<row r="2">{line}</row>'}, formats=formats, strings="<si><r><t>Ba</t></r><r><t>gs</t></r></si>"
    )
    assert read_xlsx(data).markdown == "- What: Bags; Price: 1,234.50 €; Off: 20%; From: 2026-04-03; Until: 3 May 2026\n"


def test_merged_cells_say_what_they_say_in_every_place():
    sheet = (
        f"<sheetData>{rows(['Zone', 'Standard', None, 'Express', None], [None, 'Days', 'Cost', 'Days', 'Cost'])}"
        f"{rows(['EU', 3, 5, 1, 9], [None, 4, 6, 2, 12], start=3)}</sheetData>"
        '<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/><mergeCell ref="A3:A4"/></mergeCells>'
    )
    assert read_xlsx(workbook({"Sheet1": sheet})).markdown == (
        "- Zone: EU; Standard Days: 3; Standard Cost: 5; Express Days: 1; Express Cost: 9\n"
        "- Zone: EU; Standard Days: 4; Standard Cost: 6; Express Days: 2; Express Cost: 12\n"
    )


def test_hidden_sheets_rows_and_columns_are_not_read():
    sheet = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
        + rows(["Item", "Margin", "Price"], ["Hat", 80, 20])
        + f'<row r="3" hidden="1">{cell("A3", "Secret hat")}</row></sheetData>'
    )
    data = workbook({"Prices": sheet, "Costs": rows(["Internal", "x"])}, states={"Costs": "veryHidden"})
    assert read_xlsx(data).markdown == "## Prices\n\n- Item: Hat; Price: 20\n"


def test_two_tables_in_a_sheet_and_groups_without_a_head_of_their_own():
    sheet = rows(["Size", "Chest"], ["S", 88], ["M", 96]) + rows(["L", 104], start=5)
    sheet += rows(["Care"], ["Material", "Wash"], ["Wool", "cold"], start=8, bold=[8, 9])
    assert read_xlsx(workbook({"Sheet1": sheet})).markdown == (
        "- Size: S; Chest: 88\n- Size: M; Chest: 96\n- Size: L; Chest: 104\n\n### Care\n\n- Material: Wool; Wash: cold\n"
    )


def test_macros_in_a_workbook_are_left_alone_and_its_text_is_read():
    data = workbook({"Sheet1": rows(["Item", "Days"], ["Hat", 3])}, xl__vbaProject_bin=b"Attribute VB_Name")
    assert read(data, "a.xlsm").markdown == "- Item: Hat; Days: 3\n"


def test_a_workbook_of_thousands_of_sheets_is_a_sentence():
    with pytest.raises(CannotRead, match="more than 300 sheets"):
        read_xlsx(workbook({f"S{n}": "" for n in range(400)}))


@pytest.mark.parametrize(
    ("stored", "code", "seen"),
    [
        ("4.9", "General", "4.9"),
        ("0.30000000000000004", "General", "0.3"),
        ("1234.5", "[$€-407] #,##0.00", "€ 1,234.50"),
        ("-3.5", "$#,##0.00;($#,##0.00)", "($3.50)"),
        ("-3.5", "$0.00", "-$3.50"),
        ("0", '0;-0;"free"', "free"),
        ("7", "000", "007"),
        ("5", '0 "days"', "5 days"),
        ("2.5", '0.0" kg"', "2.5 kg"),
        ("1500000", '#,##0,"k"', "1,500k"),
        ("46115", "[$-407]d. mmmm yyyy;@", "3 April 2026"),
        ("46115.75", "m/d/yy h:mm", "2026-04-03 18:00"),
        ("0.5", "h:mm AM/PM", "12:00 PM"),
        ("1.5", "[h]:mm", "36:00"),
        ("1e400", "0.00", "1.00000E+400"),
        ("words", "0", "words"),
    ],
)
def test_a_number_in_its_format(stored, code, seen):
    assert shown(stored, format_of(200, {200: code})) == seen


# --- OpenDocument ---------------------------------------------------------------------------------------------------------


def ods_row(*texts: str) -> str:
    cells = "".join(f"<table:table-cell>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>" for text in texts)
    return f"<table:table-row>{cells}</table:table-row>"


def test_an_opendocument_sheet_with_spans_and_repeated_cells():
    spanning = (
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>EU</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="2"><text:p>3</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    )
    below = (
        "<table:table-row><table:covered-table-cell/><table:table-cell><text:p>4</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    sheet = f'<table:table table:name="A">{ods_row("Zone", "Days", "Cost")}{spanning}{below}</table:table>'
    assert read(open_document("spreadsheet", sheet), "a.ods").markdown == ("- Zone: EU; Days: 3; Cost: 3\n- Zone: EU; Days: 4\n")


def test_far_cells_of_an_opendocument_sheet_stay_under_their_heads():
    def filled(text: str) -> str:
        return f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"

    def gap(times: int) -> str:
        return f'<table:table-cell table:number-columns-repeated="{times}"/>'

    head = f"<table:table-row>{filled('Item')}{gap(70)}{filled('Days')}</table:table-row>"
    row = f"<table:table-row>{filled('Hat')}{gap(30)}{gap(40)}{filled('3')}</table:table-row>"
    sheet = f'<table:table table:name="A">{head}{row}</table:table>'
    assert "Item: Hat; Days: 3" in read_odf(open_document("spreadsheet", sheet)).markdown


def test_hidden_opendocument_sheets_are_not_read():
    style = '<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>'
    sheets = f'<table:table table:name="A">{ods_row("Seen")}</table:table>'
    sheets += f'<table:table table:name="B" table:style-name="off">{ods_row("Secret")}</table:table>'
    assert read_odf(open_document("spreadsheet", sheets, styles=style)).markdown == "Seen\n"
