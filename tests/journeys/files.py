"""Files of every kind that a shop uploads, good ones and bad ones, made in memory."""

import io
import zipfile

import docx
import pypdf
from reportlab.pdfgen.canvas import Canvas

from tests.retrieval.office_files import open_document, rows, shape, slides, workbook


def word_file(*paragraphs: str, heading: str = "") -> bytes:
    document = docx.Document()
    if heading:
        document.add_heading(heading, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf_file(*lines: str, heading: str = "") -> bytes:
    """One page, the heading in larger letters."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=True)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 780, heading)
    canvas.setFont("Helvetica", 11)
    for place, line in enumerate(lines):
        canvas.drawString(72, 740 - 14 * place, line)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def web_page(body: str, *, heading: str = "") -> bytes:
    return f"<!doctype html><title>{heading}</title><main><h1>{heading}</h1>{body}</main>".encode()


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf_file("Secret.")))
    writer.encrypt("open sesame", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def word_bomb(megabytes: int = 60) -> bytes:
    """A Word document of some kilobytes whose text unpacks to so much."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file("x"))) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != "word/document.xml":
                new.writestr(info, old.read(info))
        new.writestr("word/document.xml", b"<w:document>" + b" " * (megabytes * 1_000_000))
    return file.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
# file name -> bytes, and a word of the sentence that staff are told
BAD_FILES = {
    "broken.pdf": (b"%PDF-1.7\nand then nothing", "damaged"),
    "cut-off.docx": (word_file("Some words.")[:-2000], "damaged"),
    "empty.md": (b"", "empty"),
    "blank.html": (b"<html><body>  </body></html>", "no text"),
    "locked.pdf": (locked_pdf(), "password"),
    "picture.md": (PNG, "PNG picture"),
    "picture.pdf": (PNG, "PNG picture"),
    "word.pdf": (word_file("Some words."), "Word document"),
    "bomb.docx": (word_bomb(), "unpacks to far more"),
    "old.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office program"),
    "sheets.pptx": (workbook({"Sheet1": rows(["Item", "Days"])}), "Excel workbook"),
    "notes.eml": (b"From: a@b.example\nDate: x\nSubject: nothing\n\n \n", "no text of its own"),
    "program.txt": (b"MZ\x90\x00" + bytes(500), "Windows program"),
}
GOOD_FILES = {
    "gift wrapping.md": b"# Gift wrapping\n\nGift wrapping costs 3 euros for each order.\n",
    "repairs.html": web_page("<p>We mend a torn sail within twelve days.</p>", heading="Repairs"),
    "loans.docx": word_file("A kayak may be lent for nine days.", heading="Loans"),
    "zones.xlsx": workbook({"Zones": rows(["Zone", "Days"], ["Lapland", 11], ["Malta", 5])}),
    "fees.csv": "Dienst;Preis\nVerzollung;7,50 €\nGravur;4,00 €\n".encode("cp1252"),
    "assembly.pptx": slides(
        shape("Assembly", holder="title") + shape("A wardrobe is put together within three days.", holder="body")
    ),
    "storage.odt": open_document("text", "<text:p>We store a sledge until the first snow.</text:p>"),
    "engraving.rtf": rb"{\rtf1\ansi An engraved ring is yours for good.\par}",
    "tuning.pdf": pdf_file("A banjo is tuned within four days.", heading="Tuning"),
}
