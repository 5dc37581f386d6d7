"""Word documents to Markdown, by way of the simple HTML that mammoth makes of them.

mammoth trusts what it is given, so it gets a new archive with nothing but the parts that hold text (no macros, no pictures, no
settings), their XML parsed and written anew by `archive.py`. The numbers that Word counts by itself are written into it before.
"""

import io
import re
import zipfile
from itertools import pairwise
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag
from lxml import etree  # type: ignore[import-untyped]

from retrieval.readers import CannotRead, Read
from retrieval.readers.archive import DAMAGED, Archive
from retrieval.readers.docx_clauses import STYLES, settle_numbers, with_numbers
from retrieval.readers.html import to_markdown

_PARTS = re.compile(
    r"(?:\[Content_Types\]\.xml|_rels/\.rels|word/_rels/(?:document\d?|footnotes|endnotes)\.xml\.rels"
    r"|word/(?:document\d?|styles|numbering|footnotes|endnotes)\.xml)"
)
_MAIN, _LOOKS, _LISTS = re.compile(r"word/document\d?\.xml"), "word/styles.xml", "word/numbering.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = f"""{STYLES}
p[style-name='Title'] => h1.document-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='heading 7'] => h6:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet'] => ul > li:fresh
p[style-name='List Number'] => ol > li:fresh
"""


def read_docx(data: bytes) -> Read:
    """Read a Word document. Raises CannotRead."""
    given = Archive(data)
    title = ""
    try:
        with io.BytesIO() as plain_archive:
            parts = {name: given.xml(name) for name in filter(_PARTS.fullmatch, given.names)}
            _settle_parts(parts)
            with zipfile.ZipFile(plain_archive, "w", zipfile.ZIP_STORED) as archive:
                for name, root in parts.items():
                    archive.writestr(name, etree.tostring(root, encoding="utf-8", xml_declaration=True))
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
    settle_numbers(body)
    _settle_headings(body)
    if heading := body.find("h1"):
        number = heading.find("span", class_="number")
        title = heading.get_text().strip().removeprefix(number.get_text().strip() if number else "").strip()
    return Read(to_markdown(body), title)


def _settle_parts(parts: dict[str, Any]) -> None:
    """Leave of the parts what somebody sees of the document, and let it say what Word counts."""
    for root in parts.values():
        _drop_hidden(root)
    for name, root in parts.items():
        if _MAIN.fullmatch(name):
            with_numbers(root, parts.get(_LOOKS), parts.get(_LISTS))
    parts.pop(_LISTS, None)  # mammoth would make lists of what is not one, and count from 1
    if _LOOKS in parts:
        _only_names(parts[_LOOKS])


def _drop_hidden(root: Any) -> None:
    """Take the words out of runs that Word does not show."""
    for mark in (f"{_W}vanish", f"{_W}webHidden"):
        for found in list(root.iter(mark)):
            run = next((above for above in found.iterancestors() if above.tag in (f"{_W}r", f"{_W}style")), None)
            if run is not None and run.tag == f"{_W}r" and found.get(f"{_W}val", "true") not in ("0", "false", "off"):
                for text in run.findall(f"{_W}t"):
                    run.remove(text)


def _only_names(root: Any) -> None:
    """Leave of the styles what mammoth asks for, their names: looks and defaults are most of a short document."""
    for style in list(root):
        if style.tag != f"{_W}style":
            root.remove(style)
            continue
        for part in list(style):
            if part.tag not in (f"{_W}name", f"{_W}pPr"):
                style.remove(part)


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
