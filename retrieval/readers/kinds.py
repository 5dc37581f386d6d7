"""What a file is, told from its content; the name only helps to tell Markdown from plain text, and to notice a mislabelled file.

A name that promises a PDF or a Word document and keeps another promise is refused, and so is a PDF or Word document under the name
of a text: it is more often the wrong file than the wrong name. Text formats are taken for what they contain.
"""

import io
import re
import zipfile
from pathlib import PurePath

from retrieval.readers import CannotRead

TEXT_ENDINGS = {"md", "markdown", "mdown", "txt", "text", "html", "htm", "xhtml"}
_SAYS = {"pdf": "a PDF", "docx": "a Word document", "html": "a web page", "markdown": "plain text", "plain": "plain text"}
_SIGNATURES: list[tuple[bytes, str]] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"BZh", "a compressed archive"),
    (b"\xfd7zXZ\x00", "a compressed archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"{\\rtf", "a rich text (RTF) document"),
    (b"%!PS", "a PostScript document"),
    (b"SQLite format 3\x00", "a database"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
]
_ZIPPED = [
    ("xl/workbook", "an Excel workbook"),
    ("ppt/presentation", "a PowerPoint presentation"),
    ("META-INF/MANIFEST.MF", "a Java program"),
    ("AndroidManifest.xml", "an Android app"),
]
_ZIPPED_MIME = {
    b"application/vnd.oasis.opendocument.text": "an OpenDocument text",
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet",
    b"application/epub+zip": "an e-book",
}
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|table|section|article|main|span|br)\b[^<>]*>", re.IGNORECASE)


def kind_of(data: bytes, filename: str) -> str:
    """One of "pdf", "docx", "html", "markdown", "plain". Raises CannotRead for anything else, naming what it is."""
    ending = PurePath(filename).suffix.lower().removeprefix(".")
    kind = _binary_kind(data) or _text_kind(data, ending)
    expected = ending if ending in ("pdf", "docx") else "text" if ending in TEXT_ENDINGS else kind
    actual = kind if kind in ("pdf", "docx") else "text"
    if expected not in (kind, actual):
        raise CannotRead(
            f"The name of this file ends in .{ending}, but it is {_SAYS[kind]}. Please check that it is the right file, and give it "
            "the right ending."
        )
    return kind


def _binary_kind(data: bytes) -> str | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise CannotRead("This document is protected by a password. Please save a copy without it and upload that.")
        raise _refused("a document of an old Office program (such as .doc)")
    for signature, name in _SIGNATURES:
        if data.startswith(signature) and (len(signature) > 2 or not _looks_like_text(data)):
            raise _refused(name)
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise _refused("a WebP picture" if data[8:12] == b"WEBP" else "a sound or film")
    if data[4:8] == b"ftyp":
        raise _refused("a picture, sound or film")
    return None


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:100] if "mimetype" in names and archive.getinfo("mimetype").file_size < 100 else b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise CannotRead(
            "This file is damaged: it begins like a Word document but cannot be opened. Please save it again."
        ) from error
    if "word/document.xml" in names:
        return "docx"
    for part, name in _ZIPPED:
        if any(other.startswith(part) for other in names):
            raise _refused(name)
    raise _refused(_ZIPPED_MIME.get(mime.strip(), "a ZIP archive"))


def _text_kind(data: bytes, ending: str) -> str:
    from retrieval.readers.text import decode

    if not _looks_like_text(data):
        raise _refused("not a text")
    start = decode(data[:20_000], whole=False)
    if _HTML.match(_COMMENT.sub("", start)):
        return "html"
    if ending in ("html", "htm", "xhtml"):
        return "html" if _TAG.search(start) else "plain"
    if start.lstrip().lower().startswith("<svg"):
        raise _refused("an SVG picture")
    return "markdown" if ending in ("md", "markdown", "mdown") else "plain"


def _looks_like_text(data: bytes) -> bool:
    """Whether the bytes can be a text: hardly any control characters, no NUL outside UTF-16 and UTF-32."""
    sample = data[:50_000]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if sample.count(0) > len(sample) // 1000:
        return False
    control = sum(sample.count(byte) for byte in (*range(1, 9), *range(14, 32), 127) if byte != 27)
    return control <= max(len(sample) // 100, 2)


def _refused(what: str) -> CannotRead:
    return CannotRead(f"This file is {what}. Please upload the text as PDF, Word (.docx), web page, Markdown or plain text.")
