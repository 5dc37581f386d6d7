"""Scanned PDFs: recognised as such, read by text recognition where its program is installed, else a clear word."""

import io
import shutil
import stat

import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from retrieval.errors import Unreadable
from retrieval.ingestion import advance, receive
from retrieval.models import State
from retrieval.reading import read
from tests.retrieval.stand_ins import parts
from tests.retrieval.test_reading_pdf import drawn, made, scan, text

# a page as the program describes it: level, page, block, paragraph, line, word, left, top, width, height, confidence, text
WORDS = [
    ("Returns", (1, 1, 1), 300, 300, 500, 75),
    ("Thirty", (2, 1, 1), 300, 600, 150, 44),
    ("days.", (2, 1, 1), 480, 600, 120, 44),
    ("e", (3, 1, 1), 300, 800, 20, 22),
    ("shoes", (3, 1, 1), 380, 790, 150, 34),
]


def program(folder, monkeypatch, *, words=WORDS, confidence=95.0, languages="deu\neng\nosd") -> None:
    """A stand-in for tesseract that finds these words on every page."""
    table = "head\n" + "".join(
        f"5\t1\t{block}\t{paragraph}\t{line}\t{n}\t{left}\t{top}\t{wide}\t{tall}\t{confidence}\t{word}\n"
        for n, (word, (block, paragraph, line), left, top, wide, tall) in enumerate(words)
    )
    (folder / "table").write_text(table, "utf-8")
    script = folder / "tesseract"
    script.write_text(
        f'#!/bin/sh\nif [ "$1" = --list-langs ]; then printf "List:\\n{languages}\\n"; exit; fi\n'
        f'echo "$@" >> {folder}/asked\ncat > {folder}/given\ncat {folder}/table\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.fixture
def no_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_the_program_a_scan_says_what_to_do(no_program):
    for pages in ([scan], [scan, lambda canvas: canvas.drawString(70, 700, "One page of text."), scan]):
        with pytest.raises(Unreadable, match="needs the program tesseract"):
            read(drawn(*pages), "a.pdf")


def test_without_the_program_a_page_that_was_not_read_is_named(no_program):
    def page(words: str):
        return lambda canvas: canvas.drawString(70, 700, words)

    reading = read(drawn(page("We take things back."), scan, page("Then we pay.")), "a.pdf")
    assert reading.notices == ("Page 2 is a picture without text and was not read.",)
    assert not reading.recognisable


def test_pictures_of_pages_are_recognised_and_laid_out_like_any_page(tmp_path, monkeypatch):
    program(tmp_path, monkeypatch)
    assert read(drawn(scan), "a.pdf").recognisable
    reading = read(drawn(scan), "a.pdf", recognise=True)
    assert (reading.title, reading.pages) == ("Returns", 1)
    assert reading.markdown.endswith("# Returns\n\nThirty days.\n\n- shoes\n")
    assert "recognised by a program" in reading.notices[0]
    assert (tmp_path / "asked").read_text() == "stdin stdout -l eng+deu --psm 3 tsv\n"
    assert (tmp_path / "given").read_bytes().startswith(b"P5 24")


@pytest.mark.parametrize(
    ("options", "says"),
    [({"confidence": 30.0}, "too poor"), ({"languages": "osd"}, "no language installed"), ({"words": []}, "no text")],
)
def test_what_cannot_be_recognised_is_a_sentence(options, says, tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, **options)
    with pytest.raises(Unreadable, match=says):
        read(drawn(scan), "a.pdf", recognise=True)


def test_a_program_that_hangs_is_stopped(tmp_path, monkeypatch, settings):
    program(tmp_path, monkeypatch)
    script = (tmp_path / "tesseract").read_text().replace("cat >", "sleep 60; cat >")
    (tmp_path / "tesseract").write_text(script)
    settings.READING_OCR_SECONDS = 1.5
    with pytest.raises(Unreadable, match="longer than"):
        read(drawn(scan), "a.pdf", recognise=True)


@pytest.mark.django_db
def test_a_scan_is_published_and_its_time_line_says_how_it_was_read(tmp_path, monkeypatch, settings):
    program(tmp_path, monkeypatch)
    settings.MEDIA_ROOT = tmp_path
    held = advance(receive(drawn(scan), "scan.pdf", queue=False), parts=parts(read=read))
    assert held.state == State.PUBLISHED
    assert any("recognised by a program" in event.reason for event in held.events.all())


@pytest.mark.skipif(not shutil.which("tesseract"), reason="the program tesseract is not installed")
def test_a_real_scan_is_read():
    page = pypdfium2.PdfDocument(made(text("Returns", "Title"), text("You can send back anything within thirty days.")))[0]
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.drawImage(ImageReader(page.render(scale=2.5).to_pil()), 0, 0, *A4)
    canvas.save()
    markdown = read(file.getvalue(), "scan.pdf", recognise=True).markdown
    assert "# Returns" in markdown
    assert "You can send back anything within thirty days." in markdown
