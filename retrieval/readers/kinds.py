"""What a file is, told from its content; the name only helps to tell Markdown and CSV from plain text, and to notice a mislabelled file.

A name that promises one format and keeps another promise is refused, and so is a document under the name of a text: it is more often
the wrong file than the wrong name. Text formats are taken for what they contain.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from retrieval.readers import CannotRead

TEXT_ENDINGS = {"md", "markdown", "mdown", "txt", "text", "html", "htm", "xhtml", "csv", "tsv", "tab"}
# endings that promise a kind; a kind is the name of the module that reads it
_PROMISES = {
    "pdf": "pdf",
    **dict.fromkeys(["docx", "docm", "dotx", "dotm"], "docx"),
    **dict.fromkeys(["xlsx", "xlsm", "xltx", "xltm"], "xlsx"),
    **dict.fromkeys(["pptx", "pptm", "ppsx", "ppsm", "potx", "potm"], "pptx"),
    **dict.fromkeys(["odt", "ods", "odp", "ott", "ots", "otp"], "odf"),
    "rtf": "rtf",
    **dict.fromkeys(["eml", "mht", "mhtml"], "mail"),
}
ENDINGS = frozenset(TEXT_ENDINGS | _PROMISES.keys())
_SAYS = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint presentation",
    "odf": "an OpenDocument file",
    "rtf": "a rich text (RTF) document",
    "mail": "an e-mail",
    "html": "a web page",
}
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
    (b"%!PS", "a PostScript document"),
    (b"SQLite format 3\x00", "a database"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
]
_ZIPPED = [
    ("word/document", "docx"),
    ("xl/workbook", "xlsx"),
    ("ppt/presentation", "pptx"),
]
_ZIPPED_MIME = re.compile(rb"application/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)(?:-template)?\s*")
_OTHER_ZIPPED = [
    ("META-INF/MANIFEST.MF", "a Java program"),
    ("AndroidManifest.xml", "an Android app"),
    ("META-INF/container.xml", "an e-book"),
    ("Index/Document.iwa", "a document of Apple's programs"),
]
_HEADER = re.compile(rb"(?:[!-9;-~]{1,100}:[^\r\n]{0,2000}\r?\n(?:[ \t][^\r\n]{0,2000}\r?\n){0,200}){2,}\r?\n?")
_MAIL_HEADER = re.compile(
    rb"^(?:from|date|received|message-id|return-path|delivered-to|mime-version):", re.IGNORECASE | re.MULTILINE
)
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|table|section|article|main|span|br)\b[^<>]*>", re.IGNORECASE)


def kind_of(data: bytes, filename: str) -> str:
    """One of "pdf", "docx", "xlsx", "pptx", "odf", "rtf", "mail", "html", "csv", "markdown", "plain".

    Raises CannotRead for anything else, naming what it is.
    """
    ending = PurePath(filename).suffix.lower().removeprefix(".")
    kind = _binary_kind(data) or _text_kind(data, ending)
    is_text = kind in ("html", "csv", "markdown", "plain")
    promised = _PROMISES.get(ending, "text" if ending in TEXT_ENDINGS else "")
    if promised and promised != ("text" if is_text else kind):
        raise CannotRead(
            f"The name of this file ends in .{ending}, but it is {_SAYS.get(kind, 'plain text')}. Please check that it is the right "
            "file, and give it the right ending."
        )
    return kind


def _binary_kind(data: bytes) -> str | None:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if b"%PDF-" in data[:1024] and not _HTML.match(data[:1024].decode("latin-1")):
        if _ends_as_archive(data):
            raise CannotRead(
                "This file is a PDF and an archive at the same time, which no honest program makes. Please export it again."
            )
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise CannotRead("This document is protected by a password. Please save a copy without it and upload that.")
        if "__substg1.0".encode("utf-16-le") in data:
            raise _refused("an Outlook message (.msg): please save it as .eml, or copy its text")
        raise _refused("a document of an old Office program (such as .doc)")
    for signature, name in _SIGNATURES:
        if data.startswith(signature) and (len(signature) > 2 or not _looks_like_text(data)):
            raise _refused(name)
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise _refused("a WebP picture" if data[8:12] == b"WEBP" else "a sound or film")
    if data[4:8] == b"ftyp":
        raise _refused("a picture, sound or film")
    return None


def _ends_as_archive(data: bytes) -> bool:
    """Whether a ZIP archive's end mark is the end of this file: other programs would open it as an archive."""
    tail = data[-66_000:]
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) >= at + 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:100] if "mimetype" in names and archive.getinfo("mimetype").file_size < 100 else b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise CannotRead(
            "This file is damaged: it begins like an office document but cannot be opened. Please save it again."
        ) from error
    for part, kind in _ZIPPED:
        if any(name.startswith(part) for name in names):
            return kind
    if "content.xml" in names and _ZIPPED_MIME.fullmatch(mime):
        return "odf"
    raise _refused(next((name for part, name in _OTHER_ZIPPED if part in names), "a ZIP archive"))


def _text_kind(data: bytes, ending: str) -> str:
    from retrieval.readers.encoding import decode

    if not _looks_like_text(data):
        raise _refused("not a text")
    if _is_mail(data, ending):
        return "mail"
    start = decode(data[:20_000], whole=False)
    if _HTML.match(_COMMENT.sub("", start)):
        return "html"
    if ending in ("html", "htm", "xhtml"):
        return "html" if _TAG.search(start) else "plain"
    if start.lstrip().lower().startswith("<svg"):
        raise _refused("an SVG picture")
    if start.startswith("<?xml"):
        raise _refused("an XML file")
    if ending in ("csv", "tsv", "tab"):
        return "csv"
    return "markdown" if ending in ("md", "markdown", "mdown") else "plain"


def _is_mail(data: bytes, ending: str) -> bool:
    """Whether the file begins with the header of a message: for a name that does not say so, with more of it than notes begin with."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:60_000]
    start = start.partition(b"\n")[2] if start.startswith(b"From ") else start
    header = _HEADER.match(start)
    found = len({line.lower() for line in _MAIL_HEADER.findall(header[0])}) if header else 0
    return found >= (1 if ending in ("eml", "mht", "mhtml") else 3)


def _looks_like_text(data: bytes) -> bool:
    """Whether the bytes can be a text: hardly any control characters, no NUL outside UTF-16 and UTF-32."""
    from retrieval.readers.encoding import utf_16_without_mark

    sample = data[:50_000]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if sample.count(0) > len(sample) // 1000:
        return utf_16_without_mark(sample)
    control = sum(sample.count(byte) for byte in (*range(1, 9), *range(14, 32), 127) if byte != 27)
    return control <= max(len(sample) // 100, 2)


def _refused(what: str) -> CannotRead:
    return CannotRead(
        f"This file is {what}. Please upload the text as PDF, Word, Excel, PowerPoint, OpenDocument, rich text, e-mail (.eml), web page, "
        "CSV, Markdown or plain text."
    )
