"""Files made to harm the reader: each ends as a sentence about that one file, through the front door with all its limits."""

import io
import stat
import struct
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings

from retrieval.errors import Unreadable
from retrieval.reading import read
from tests.retrieval.office_files import cell, open_document, rows, shape, slides, workbook, zipped

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]><x>&l11;</x>"
).encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
FILES = {
    "a.xlsx": (workbook({"Sheet1": rows(["Item", "Days"], ["Hat", 3])}), "xl/worksheets/sheet1.xml"),
    "a.pptx": (slides(shape("Text")), "ppt/slides/slide1.xml"),
    "a.odt": (open_document("text", "<text:p>Text</text:p>"), "content.xml"),
}


def reason(data: bytes, filename: str) -> str:
    with pytest.raises(Unreadable) as refusal:
        read(data, filename)
    sentence = refusal.value.user_message
    assert sentence.endswith(".")
    return sentence


def changed(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == name else old.read(info))
    return file.getvalue()


@pytest.mark.parametrize("filename", FILES)
@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_entities_are_not_expanded(filename, content):
    data, part = FILES[filename]
    assert "definitions that office programs never write" in reason(changed(data, part, content), filename)


@pytest.mark.parametrize("filename", FILES)
def test_a_bomb_is_not_unpacked(filename):
    data, part = FILES[filename]
    bomb = changed(data, part, b"<x>" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    assert "unpacks to far more" in reason(bomb, filename)


def test_parts_that_share_their_bytes_are_not_unpacked():
    data = bytearray(FILES["a.xlsx"][0])
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]  # both lie at one place, says the directory
    assert "unpacks to far more" in reason(bytes(data), "a.xlsx")


def test_two_parts_of_one_name_are_not_read():
    file = io.BytesIO(FILES["a.xlsx"][0])
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<x/>")
    assert "never write" in reason(file.getvalue(), "a.xlsx")


def test_a_link_in_an_archive_leads_nowhere():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        with zipfile.ZipFile(io.BytesIO(FILES["a.odt"][0])) as old:
            archive.writestr("mimetype", old.read("mimetype"))
        link = zipfile.ZipInfo("content.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "damaged" in reason(file.getvalue(), "a.odt")


def test_a_name_that_climbs_out_of_the_archive_is_only_a_name():
    relations = FILES["a.pptx"][0]
    with zipfile.ZipFile(io.BytesIO(relations)) as archive:
        listed = archive.read("ppt/_rels/presentation.xml.rels").replace(b"slides/slide1.xml", b"../../../../etc/passwd")
    assert "damaged" in reason(changed(relations, "ppt/_rels/presentation.xml.rels", listed), "a.pptx")


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (slides("<p:grpSp>" * 5000 + "</p:grpSp>" * 5000), "a.pptx"),
        (open_document("text", "<text:section>" * 5000 + "<text:p>x</text:p>" + "</text:section>" * 5000), "a.odt"),
        (b"{\\rtf1" + b"{" * 100_000, "a.rtf"),
        (b"<ul><li>" * 20_000 + b"deep", "a.html"),
        (b'From: a@b.co\nDate: x\nContent-Type: message/rfc822\n\n' * 20_000 + b"text", "a.eml"),
    ],
    ids=["slides", "text", "rich text", "page", "mail"],
)  # fmt: skip
def test_deep_nesting_is_a_sentence(data, filename):
    assert reason(data, filename)


@pytest.mark.parametrize("piece", [b"> ", b"- ", b"  " * 20 + b"- a\n", b"[", b"**a "])
def test_markdown_nested_without_end_is_read_in_time(piece, settings):
    settings.READING_TIMEOUT_SECONDS = 20.0
    assert "words" in read(piece * (200_000 // len(piece)) + b"\n\nSome words.", "a.md").markdown


def test_a_file_that_is_a_pdf_and_an_archive_is_refused():
    assert "at the same time" in reason(b"%PDF-1.7\n" + FILES["a.xlsx"][0], "a.pdf")


@pytest.mark.parametrize(
    ("data", "filename", "says"),
    [
        (b"<!doctype html><html><body>%PDF-1.7 words</body></html>", "a.pdf", "a web page"),
        (zipped({"a.pdf": b"%PDF-1.7"}), "a.pdf", "a ZIP archive"),
        (FILES["a.xlsx"][0], "a.docx", "an Excel workbook"),
        (FILES["a.pptx"][0], "a.csv", "a PowerPoint presentation"),
        (FILES["a.odt"][0], "a.docx", "an OpenDocument file"),
        (b"{\\rtf1 text}", "a.txt", "a rich text"),
        (b"just words", "a.eml", "plain text"),
        (b"PK\x03\x04 text", "a.xlsx", "damaged"),
        (b'<?xml version="1.0"?><data><row>1</row></data>', "a.txt", "an XML file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__substg1.0_0037001F".encode("utf-16-le"), "a.msg", "an Outlook message"),
    ],
)
def test_a_file_that_is_another_kind_than_its_name_says_is_refused(data, filename, says):
    assert says in reason(data, filename)


def test_a_sheet_with_cells_at_the_end_of_the_world_takes_no_room():
    far = cell("A1", "Near") + cell("XFD1", "far").replace("XFD1", "XFD1048576")
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = workbook({"Sheet1": f'<sheetData><row r="1">{far}</row></sheetData>{merged}'})
    assert read(data, "a.xlsx").markdown.startswith("Near")


def test_an_opendocument_sheet_that_repeats_itself_without_end_is_bounded():
    again = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000">'
        "<text:p>word</text:p></table:table-cell></table:table-row>"
    )
    data = open_document("spreadsheet", f'<table:table table:name="A">{again * 50}</table:table>')
    assert len(read(data, "a.ods").markdown) < 2_000_000


def test_an_archive_that_lies_about_its_sizes_is_not_trusted():
    bomb = bytearray(changed(*FILES["a.odt"], b"<x>" + b" " * 60_000_000))
    directory = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(b"content.xml"))
    bomb[directory + 24 : directory + 28] = struct.pack("<I", 1000)  # the size unpacked, as the directory states it
    assert reason(bytes(bomb), "a.odt")


def test_a_process_that_reads_has_no_network_and_cannot_start_programs():
    attempts = """
import os, socket, subprocess, sys
from retrieval.readers.__main__ import limit_self, shut_in
limit_self(1024, 20)
shut_in()
for attempt in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: socket.getaddrinfo("localhost", 80),
                lambda: os.system("true"), lambda: os.remove("/nothing"), lambda: os.execv("/bin/true", ["true"]), lambda: subprocess.run(["/bin/true"])):
    try:
        attempt()
    except PermissionError as refused:
        print(refused)
"""
    done = subprocess.run([sys.executable, "-c", attempts], capture_output=True, text=True, cwd=settings.BASE_DIR, check=True)
    assert done.stdout.count("may not do") == 6
