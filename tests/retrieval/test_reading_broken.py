"""Files that broke on their way, or were broken on purpose: each is read, or refused with a sentence of its own, by a reader that lives on.

The same files each time, from a seed; `stopped the reader` is what is said of one that no reader foresaw.
"""

import io
import random
import re
import zipfile
from collections.abc import Callable

import pytest
from django.test import override_settings

from retrieval.errors import Unreadable
from retrieval.reading import read
from tests.retrieval.office_files import open_document, rows, shape, slides, workbook, zipped
from tests.retrieval.test_reading_office import RICH, STYLES, TEXT
from tests.retrieval.test_reading_tables import GRID, made, span, table, text
from tests.retrieval.word_files import Paper, levels

TIMES = 8  # each kind of file
NUMBERS = [b"0", b"-1", b"", b"x", b"NaN", b"1e9", b"99999999999", b"4294967296", b"2147483648"]
_NUMBER, _TAG = re.compile(rb"-?\d+"), re.compile(rb"</?[\w:]+[^<>]*>")


def word() -> bytes:
    paper = Paper(levels([("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]))
    for number in range(8):
        paper.add("Some words", number % 4, style="Heading 1" if number % 4 == 0 else None)
    paper.document.add_table(2, 2).cell(0, 0).text = "Days"
    return paper.data()


def paged() -> bytes:
    cells = [["Country", "Delivery", ""], ["", "Days", "Cost"], ["Norway", "4", "5.90"]]
    return made(text("Rates", "Title"), table(cells, GRID, span((1, 0), (2, 0)), span((0, 0), (0, 1))), text("After."))


FILES: dict[str, Callable[[], bytes]] = {
    "a.docx": word,
    "a.pdf": paged,
    "a.xlsx": lambda: workbook({"One": rows(["Item", "Days"], ["Hat", 3], [None, 7.5])}, formats=["0.00"]),
    "a.pptx": lambda: slides(shape("Title", holder="title") + shape("one\n two", holder="body")),
    "a.odt": lambda: open_document("text", TEXT, styles=STYLES),
    "a.rtf": lambda: RICH,
    "a.html": lambda: b"<h1>Rules</h1><ol start=3><li>a<li value=9>b</ol><table><tr><td colspan=2>x<tr><td>y<td>z</table><p>Words.</p>",
    "a.eml": lambda: b"From: a@b.co\nSubject: =?utf-8?q?R=C3=BC?=\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nWords.\n--x--\n",
    "a.csv": lambda: b"Country;Days\nNorway;4\nMalta;\"9\"\n",
}  # fmt: skip


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 3, 10, 50])):
        changed[chance.randrange(len(changed))] = chance.choice([0, 255, chance.randrange(256), *b"<9("])
    return bytes(changed)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(1, len(data))]


def repeated(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
    return data[:start] + data[start:end] * chance.choice([0, 2, 20]) + data[end:]


def reworded(data: bytes, chance: random.Random) -> bytes:
    """With another number, or one tag in the place of another."""
    found = list((_TAG if chance.random() < 0.5 and _TAG.search(data) else _NUMBER).finditer(data))
    if not found:
        return flipped(data, chance)
    place = chance.choice(found)
    new = chance.choice([*(other[0] for other in found[:20]), b""]) if place[0].startswith(b"<") else chance.choice(NUMBERS)
    return data[: place.start()] + new + data[place.end() :]


def broken(data: bytes, chance: random.Random) -> bytes:
    """Broken as a whole, or, of an archive, mostly in one of its parts."""
    way = chance.choice([flipped, cut, repeated, reworded, reworded])
    if not data.startswith(b"PK") or chance.random() < 0.3:
        return way(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name, content in parts.items() if len(content) > 1]
    name = chance.choice(names)
    parts[name] = way(bytes(parts[name]), chance)
    return zipped(parts)


@pytest.mark.parametrize("name", FILES)
@override_settings(READING_TIMEOUT_SECONDS=20.0)
def test_a_broken_file_is_read_or_refused_with_a_sentence(name):
    data = FILES[name]()
    assert read(data, name).markdown
    for seed in range(TIMES):
        try:
            assert read(broken(data, random.Random(f"{name} {seed}")), name).markdown
        except Unreadable as refusal:
            assert refusal.user_message.endswith("."), seed
            assert "stopped the reader" not in refusal.user_message, seed


def test_an_archive_whose_first_part_cannot_be_unpacked_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", b"application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", b"<x/>")
    packed = bytearray(file.getvalue())
    packed[38:50] = b"\xff" * 12  # behind the header of 30 bytes and the name of 8
    with pytest.raises(Unreadable, match="damaged: it begins like an office document"):
        read(bytes(packed), "a.odt")
