"""Word documents whose lists are given as the XML of their levels, so that a test can say how Word counts."""

import io
from collections.abc import Sequence

import docx
from docx.oxml import parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def levels(shapes: Sequence[tuple[str, str]], extra: dict[int, str] | None = None) -> str:
    """The XML of levels that start at 1, of (form, text). extra: XML within a level, by its number."""
    found = ""
    for number, (form, text) in enumerate(shapes):
        more = (extra or {}).get(number, "")
        start = "" if "w:start " in more else '<w:start w:val="1"/>'
        found += f'<w:lvl w:ilvl="{number}">{start}<w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
    return found


class Paper:
    """A Word document with lists 91, 92 ... of one definition each, given as the XML of its levels."""

    def __init__(self, *definitions: str) -> None:
        self.document = docx.Document()
        self.numbering = self.document.part.numbering_part.element
        for number, content in enumerate(definitions, 91):
            self._define(f'<w:abstractNum {W} w:abstractNumId="{number}">{content}</w:abstractNum>')
            self.add_list(number, number)

    def _define(self, xml: str) -> None:
        self.numbering.insert(0, parse_xml(xml))

    def add_list(self, number: int, definition: int, overrides: str = "") -> None:
        self.numbering.append(
            parse_xml(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{definition}"/>{overrides}</w:num>')
        )

    def add(self, text: str, level: int | None = None, of: int | None = 91, style: str | None = None, into=None):
        paragraph = (into or self.document).add_paragraph(text, style)
        if level is not None or of != 91:
            depth = "" if level is None else f'<w:ilvl w:val="{level}"/>'
            number = "" if of is None else f'<w:numId w:val="{of}"/>'
            paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:numPr {W}>{depth}{number}</w:numPr>"))
        return paragraph

    def number_style(self, style: str, numbered: str) -> None:
        self.document.styles[style].element.get_or_add_pPr().append(parse_xml(f"<w:numPr {W}>{numbered}</w:numPr>"))

    def data(self) -> bytes:
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()
