"""Word documents to Markdown, by way of the simple HTML that mammoth makes of them.

A .docx is a ZIP archive of XML. Both can be bombs, so the archive is measured before anything is unpacked, its XML is parsed without
entities, and mammoth gets a new archive with nothing but the parts that hold text.
"""

import io
import re
import zipfile
from itertools import pairwise

import mammoth
from bs4 import BeautifulSoup, Tag
from lxml import etree  # type: ignore[import-untyped]

from retrieval.readers import CannotRead, Read
from retrieval.readers.html import to_markdown

MAX_PART = 30_000_000  # bytes of XML in one part, unpacked; a thousand pages of text have about ten million
MAX_TOTAL = 300_000_000  # bytes of all parts as the archive declares them, pictures included
MAX_PARTS = 10_000
MAX_RATIO = 150  # unpacked to packed, of a part of more than a million bytes; XML of real documents packs to a tenth or a thirtieth
DAMAGED = "This Word document is damaged and cannot be opened. Please open it in Word, save it again and upload the new file."
BOMB = (
    "This Word document unpacks to far more than a text needs, so it was not opened. Please save it again and upload the new file."
)
FOREIGN = "This Word document contains definitions that Word never writes, so it was not opened. Please save it again from Word."
_PARTS = re.compile(
    r"(?:\[Content_Types\]\.xml|_rels/\.rels|word/_rels/(?:document|footnotes|endnotes)\.xml\.rels"
    r"|word/(?:document|styles|numbering|footnotes|endnotes)\.xml)"
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = """
p[style-name='Title'] => h1.document-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='heading 7'] => h6:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet'] => ul > li:fresh
p[style-name='List Number'] => ol > li:fresh
"""


def read_docx(data: bytes) -> Read:
    """Read a Word document. Raises CannotRead."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive)
            parts = {info.filename: _unpacked(archive, info) for info in archive.infolist() if _PARTS.fullmatch(info.filename)}
        title = ""
        with io.BytesIO() as plain_archive:
            with zipfile.ZipFile(plain_archive, "w", zipfile.ZIP_STORED) as archive:
                for name, xml in parts.items():
                    archive.writestr(name, _harmless(xml))
            plain_archive.seek(0)
            html = mammoth.convert_to_html(
                plain_archive, style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _: {})
            ).value
    except (CannotRead, MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever a broken document makes of the libraries is one and the same to staff
        raise CannotRead(DAMAGED) from error
    soup = BeautifulSoup(html, "lxml")
    body = soup.body or soup
    _settle_headings(body)
    if heading := body.find("h1"):
        title = heading.get_text(" ", strip=True)
    return Read(to_markdown(body), title)


def _check_sizes(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if any(info.flag_bits & 1 for info in infos):
        raise CannotRead("This document is protected by a password. Please save a copy without it and upload that.")
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise CannotRead(BOMB)
    for info in infos:
        too_much = _PARTS.fullmatch(info.filename) and info.file_size > MAX_PART
        if too_much or (info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1)):
            raise CannotRead(BOMB)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A part's bytes, never more than it may have, whatever the archive declares."""
    with archive.open(info) as part:
        data = part.read(MAX_PART + 1)
    if len(data) > MAX_PART:
        raise CannotRead(BOMB)
    return data


def _harmless(xml: bytes) -> bytes:
    """The same XML written anew, without entities, without runs that Word does not show."""
    if any("<!DOCTYPE".encode(encoding) in xml for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise CannotRead(FOREIGN)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.doctype:
        raise CannotRead(FOREIGN)
    for mark in (f"{_W}vanish", f"{_W}webHidden"):
        for found in list(root.iter(mark)):
            run = next((above for above in found.iterancestors() if above.tag in (f"{_W}r", f"{_W}style")), None)
            if run is not None and run.tag == f"{_W}r" and found.get(f"{_W}val", "true") not in ("0", "false", "off"):
                for text in run.findall(f"{_W}t"):
                    run.remove(text)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _settle_headings(body: Tag) -> None:
    """Make headings of what people use as such: a Title above Headings 1, bold lines in a document without any heading."""
    title = body.find("h1", class_="document-title")
    if title:
        for level in range(5, 0, -1):
            for heading in body.find_all(f"h{level}"):
                if heading is not title:
                    heading.name = f"h{level + 1}"
        return
    if body.find(re.compile(r"^h[1-6]$")):
        return
    paragraphs = [tag for tag in body.find_all("p", recursive=False) if tag.get_text(strip=True)]
    for paragraph, following in pairwise(paragraphs):
        if _is_bold_line(paragraph) and not _is_bold_line(following):
            paragraph.name = "h2"
            for bold in paragraph.find_all("strong"):
                bold.unwrap()


def _is_bold_line(paragraph: Tag) -> bool:
    text = paragraph.get_text(strip=True)
    bold = "".join(tag.get_text(strip=True) for tag in paragraph.find_all("strong"))
    return 0 < len(text) <= 80 and len(bold) == len(text) and not text.endswith((".", ",", ";"))
