"""Documents whose content is known, in the formats that shops have, for measuring readers. Made anew each time; nothing is tuned to them.

Each case says what must be found (headings, rows of tables, items of lists, sentences in one piece) and what must not (menus, running
headers, hidden text).
"""

import csv
import io
from dataclasses import dataclass
from email.message import EmailMessage

import docx
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from tests.retrieval.office_files import open_document, rows, shape, slides, workbook
from tests.retrieval.word_files import Paper, levels

SUBJECTS = ["returns", "repairs", "gift cards", "delivery", "price changes", "complaints"]
TABLE = [
    ["Country", "Days", "Cost"],
    ["Norway", "4–7", "5.90 €"],
    ["Spain", "", "3.00 €"],
    ["Malta", "9", ""],
    ["Japan", "21", "20.00 €"],
]
ITEMS = [
    "in the box it came in",
    "with the receipt, or the number of the order in the e-mail that we sent when it left our house",
    "unused",
]


@dataclass(frozen=True)
class Case:
    name: str
    data: bytes
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


def _sentences(subject: str) -> list[str]:
    return [
        f"You can write to us about {subject} at any time, and we answer on the next working day with what we found out.",
        f"What we say about {subject} holds for all that you bought from us, in the shop or from afar, and for each of our brands.",
        f"If something about {subject} is not clear, ask before you send anything back, so that nobody pays twice.",
    ]


ALL_SENTENCES = tuple(sentence for subject in SUBJECTS for sentence in _sentences(subject))
HEADINGS = tuple(f"About {subject}" for subject in SUBJECTS)
ROWS = tuple(tuple(cell for cell in row if cell) for row in TABLE[1:])


def cases() -> list[Case]:
    return [
        _pdf(),
        _two_columns(),
        _long_table(),
        _merged_cells(),
        _word(),
        _clauses(),
        _page(),
        _book(),
        _table(),
        _slides(),
        _text(),
        _rich(),
        _mail(),
    ]


def _pdf() -> Case:
    styles, file = getSampleStyleSheet(), io.BytesIO()

    def around(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.drawString(60, 810, "Fernhill Outfitters – rules of the house")
        canvas.drawRightString(540, 25, f"Page {document.page}")

    flow = [Paragraph("Rules of the shop", styles["Title"])]
    for number, subject in enumerate(SUBJECTS):
        flow.append(Paragraph(f"About {subject}", styles["Heading2"]))
        flow.append(Paragraph(" ".join(_sentences(subject)), styles["BodyText"]))
        flow.append(ListFlowable([Paragraph(item, styles["BodyText"]) for item in ITEMS], bulletType="bullet"))
        grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if number % 2 else []
        flow.append(Table(TABLE, colWidths=[120, 80, 80], style=TableStyle(grid)))
    SimpleDocTemplate(file, pagesize=A4, invariant=True).build(flow, onFirstPage=around, onLaterPages=around)
    return Case("rules.pdf", file.getvalue(), HEADINGS, ROWS, tuple(ITEMS), ALL_SENTENCES, ("rules of the house",))


def _two_columns() -> Case:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(50, 790, "A heading over both columns of the page")
    canvas.setFont("Helvetica", 10)
    for column, part in enumerate([ALL_SENTENCES[:6], ALL_SENTENCES[6:12]]):
        words, lines = " ".join(part).split(), [""]
        for word in words:
            if canvas.stringWidth(f"{lines[-1]} {word}", "Helvetica", 10) > 235:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        for number, line in enumerate(lines):
            canvas.drawString(50 + 260 * column, 750 - 13 * number, line)
    canvas.save()
    return Case("columns.pdf", file.getvalue(), ("A heading over both columns of the page",), (), (), ALL_SENTENCES[:12])


def _long_table() -> Case:
    styles, file = getSampleStyleSheet(), io.BytesIO()
    lines = [[f"Country {n}", str(n % 9 + 1), f"{n}.50 €"] for n in range(100)]
    flow = [Paragraph("Rates", styles["Title"]), Table([TABLE[0], *lines], colWidths=[150, 100, 100], repeatRows=1)]
    SimpleDocTemplate(file, pagesize=A4, invariant=True).build(flow)
    return Case("rates.pdf", file.getvalue(), ("Rates",), tuple(map(tuple, lines)))


def _word() -> Case:
    document, file = docx.Document(), io.BytesIO()
    document.add_heading("Rules of the shop", 0)
    for subject in SUBJECTS:
        document.add_heading(f"About {subject}", 2)
        document.add_paragraph(" ".join(_sentences(subject)))
        for item in ITEMS:
            document.add_paragraph(item, "List Bullet")
    made = document.add_table(len(TABLE), len(TABLE[0]))
    for row, texts in zip(made.rows, TABLE, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("Seen. ").add_run("hidden from sight").font.hidden = True
    document.save(file)
    return Case("rules.docx", file.getvalue(), HEADINGS, ROWS, tuple(ITEMS), ALL_SENTENCES, ("hidden from sight",))


def _merged_cells() -> Case:
    """Names of columns over two rows, a country over three, a cell over two columns, and a cell that is a paragraph."""
    styles, file = getSampleStyleSheet(), io.BytesIO()
    rule = Paragraph(_sentences("delivery")[1], styles["BodyText"])
    lines = [
        ["Country", "Goods", "Delivery", "", "Rule"],
        ["", "", "Days", "Cost", ""],
        ["Norway", "hats", "4–7", "5.90 €", rule],
        ["", "coats", "9", "12.00 €", "signed for"],
        ["", "boats", "on request", "", "to the harbour"],
        ["Spain", "hats", "3", "3.00 €", "by post"],
    ]
    spans = [((0, 0), (0, 1)), ((1, 0), (1, 1)), ((2, 0), (3, 0)), ((4, 0), (4, 1)), ((0, 2), (0, 4)), ((2, 4), (3, 4))]
    style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black), *(("SPAN", *span) for span in spans)]
    SimpleDocTemplate(file, pagesize=A4, invariant=True).build(
        [Table(lines, colWidths=[60, 50, 60, 60, 200], style=TableStyle(style))]
    )
    rows = [
        ("Norway", "hats", "4–7", "5.90 €", _sentences("delivery")[1]),
        ("Norway", "coats", "9", "12.00 €", "signed for"),
        ("Norway", "boats", "on request", "to the harbour"),
        ("Spain", "hats", "3", "3.00 €", "by post"),
    ]
    return Case("merged.pdf", file.getvalue(), (), tuple(rows))


def _clauses() -> Case:
    """Terms whose headings and clauses Word numbers by itself."""
    paper = Paper(levels([("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]))
    headings, sentences = [], []
    for number, subject in enumerate(SUBJECTS, 1):
        paper.add(f"About {subject}", 0, style="Heading 1")
        headings.append(f"{number}. About {subject}")
        for place, sentence in enumerate(_sentences(subject), 1):
            paper.add(sentence, 1)
            sentences.append(f"{number}.{place} {sentence}")
        for item in ITEMS:
            paper.add(item, 2)
    items = [f"({letter}) {item}" for letter, item in zip("abc", ITEMS, strict=True)]
    return Case("terms.docx", paper.data(), tuple(headings), (), tuple(items), tuple(sentences))


def _page() -> Case:
    body = "".join(
        f"<h2>About {subject}</h2><p>{' '.join(_sentences(subject))}</p><ul>{''.join(f'<li>{item}</li>' for item in ITEMS)}</ul>"
        for subject in SUBJECTS
    )
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TABLE)
    page = (
        "<html><head><title>Rules</title></head><body><div class=cookie-banner>We bake our cookies</div>"
        "<div class=menu><a href=/>Home sweet home</a> <a href=/a>Shop floor</a></div>"
        f"<div class=content><h1>Rules</h1>{body}<table>{table}</table><p style='display:none'>hidden from sight</p></div>"
        "<div class=footer><a href=/i>Imprint of the house</a></div></body></html>"
    )
    unwanted = ("bake our cookies", "Home sweet home", "hidden from sight", "Imprint of the house")
    return Case("rules.html", page.encode(), HEADINGS, ROWS, tuple(ITEMS), ALL_SENTENCES, unwanted)


def _named(row: list[str]) -> tuple[str, ...]:
    return tuple(part for name, value in zip(TABLE[0], row, strict=True) if value for part in (name, value))


def _book() -> Case:
    data = workbook({"Shipping": rows(*TABLE), "Costs": rows(["hidden from sight"])}, states={"Costs": "hidden"})
    return Case("rates.xlsx", data, ("Shipping",), tuple(map(_named, TABLE[1:])), unwanted=("hidden from sight", "NaN"))


def _table() -> Case:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(TABLE)
    return Case("rates.csv", file.getvalue().encode("cp1252"), (), tuple(map(_named, TABLE[1:])))


def _slides() -> Case:
    content = [shape(f"About {subject}", holder="title") + shape("\n".join(ITEMS), holder="body") for subject in SUBJECTS]
    return Case("rules.pptx", slides(*content), HEADINGS, (), tuple(ITEMS))


def _text() -> Case:
    body = "".join(
        f'<text:h text:outline-level="2">About {subject}</text:h><text:p>{" ".join(_sentences(subject))}</text:p><text:list>'
        f"{''.join(f'<text:list-item><text:p>{item}</text:p></text:list-item>' for item in ITEMS)}</text:list>"
        for subject in SUBJECTS
    )
    return Case("rules.odt", open_document("text", body), HEADINGS, (), tuple(ITEMS), ALL_SENTENCES)


def _rich() -> Case:
    body = "".join(f"\\pard\\s2 About {s}\\par\\pard\\s0 {' '.join(_sentences(s))}\\par " for s in SUBJECTS)
    return Case("rules.rtf", f"{{\\rtf1\\ansi{{\\stylesheet{{\\s2 heading 2;}}}}{body}}}".encode(), HEADINGS, (), (), ALL_SENTENCES)


def _mail() -> Case:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "a@shop.example", "About returns", "Tue, 03 Nov 2026 09:00:00 +0100"
    message.set_content("\n\n".join(_sentences("returns")) + "\n\nOn Monday Bo <b@shop.example> wrote:\n> an older rule\n")
    return Case("returns.eml", message.as_bytes(), ("About returns",), (), (), tuple(_sentences("returns")), ("an older rule",))
