"""Rich text (RTF) to Markdown: headings by style or outline level, lists, tables, any code page.

Objects, pictures, fields' instructions, deleted and hidden text are passed over unread. The whole file is read in one pass.
"""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from retrieval.readers import CannotRead, Read
from retrieval.readers.text import clean
from retrieval.readers.writing import Markdown, one_line

MAX_DEPTH = 1000  # of groups in groups; Word writes under 30
TOO_DEEP = "This file is nested too deeply to be read. Please save its text as a simpler document."
_TOKEN = re.compile(
    rb"\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<sign>[^a-zA-Z\r\n])|\\(?P<line>[\r\n])"
    rb"|(?P<brace>[{}])|(?P<blank>[\r\n\x00]+)|(?P<text>[^\\{}\r\n\x00]+)"
)
_UNREAD = {  # destinations whose text is not part of the document
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "themedata", "datastore", "header", "headerl", "headerr",
    "headerf", "footer", "footerl", "footerr", "footerf", "fldinst", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl",
    "annotation", "atnid", "atnauthor", "atnref", "bkmkstart", "bkmkend", "listtext", "pntext", "pntxta", "pntxtb", "nonshppict", "latentstyles",
    "filetbl", "revtbl", "private", "mmathPr", "xe", "tc", "template", "userprops", "docvar",
}  # fmt: skip
_SIGNS = {
    "par": "\n", "sect": "\n", "page": "\n", "line": "\v", "tab": " ", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\v",
}  # fmt: skip
_CODE_PAGES = {  # the character sets that fonts name, where they are not the file's own
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|nagłówek|заголовок)\s*([1-6])", re.IGNORECASE
)
_TYPED_MARK = re.compile(r"(?:[•·▪◦‣–-]|\d{1,3}[.)]|[a-z][.)])\s+")


@dataclass
class _Group:
    """What holds inside a pair of braces. target: where the text goes: "body", "" for nowhere, or what is learned from it."""

    target: str = "body"
    hidden: bool = False
    bold: bool = False
    font: int = -1
    skip: int = 1  # characters that follow a \\u and say the same for old programs
    style: int = 0


class _Paragraph(NamedTuple):
    text: str
    style: int
    outline: int  # 0 to 8 as the file says, 9 for none
    bold: bool
    listed: str  # the mark of a list item: "-", "3."; "" for none
    depth: int


@dataclass
class _Reader:
    code_page: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    styles: dict[int, str] = field(default_factory=dict)
    title: str = ""
    blocks: list[_Paragraph | list[list[str]]] = field(default_factory=list)


def read_rtf(data: bytes) -> Read:
    """Read rich text. Raises CannotRead for one that is nested too deeply."""
    document = _Parser(data).run()
    out, title = Markdown(), ""
    has_headings = any(isinstance(block, _Paragraph) and _level(block, document.styles) for block in document.blocks)
    for number, block in enumerate(document.blocks):
        if not isinstance(block, _Paragraph):
            out.table(block)
            continue
        level = _level(block, document.styles)
        if not level and not has_headings and _is_bold_line(block, document.blocks[number + 1 : number + 2]):
            level = 2
        if level:
            title = title or (one_line(block.text) if level == 1 else "")
            out.heading(level, block.text)
        elif block.listed:
            out.item(block.depth, _TYPED_MARK.sub("", block.text, count=1), block.listed)
        else:
            out.paragraph(block.text)
    return Read(out.text(), title or one_line(clean(document.title)))


def _level(block: _Paragraph, styles: dict[int, str]) -> int:
    """The heading's level: by the name of its style, else by its level in the outline; 0 for a paragraph."""
    name = styles.get(block.style, "").strip()
    if found := _HEADING.match(name):
        return int(found[1])
    if name.lower() in ("title", "titel", "titre"):
        return 1
    return block.outline + 1 if block.outline < 6 and len(block.text) < 200 else 0


def _is_bold_line(block: _Paragraph, following: list[_Paragraph | list[list[str]]]) -> bool:
    text = block.text.strip()
    stands_over = bool(following) and not (isinstance(following[0], _Paragraph) and following[0].bold)
    return block.bold and stands_over and 0 < len(text) <= 80 and not block.listed and not text.endswith((".", ",", ";"))


class _Parser:
    """One pass over the file's tokens, with a stack of groups."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found = _Reader()
        self._groups = [_Group()]
        self._bytes = bytearray()  # letters in the code page, not decoded yet
        self._text: list[str] = []
        self._bold: list[bool] = []
        self._learned = ""  # text of a font's or style's name
        self._number = 0  # of the font or style being learned
        self._to_skip = 0
        self._star = False
        self._outline, self._listed, self._depth, self._in_table = 9, "", 0, False
        self._mark = ""  # of the item that begins, as the file writes it for programs that cannot count
        self._cells: list[str] = []
        self._rows: list[list[str]] = []

    def run(self) -> _Reader:
        at = 0
        while at < len(self._data):
            token = _TOKEN.match(self._data, at)
            at = token.end() if token else at + 1  # a lone backslash at the end
            if token is None:
                continue
            kind = token.lastgroup
            if kind == "brace":
                self._brace(token["brace"])
            elif kind == "blank":
                continue
            elif kind == "byte":
                self._letters(bytes([int(token["byte"], 16)]))
            elif kind == "text":
                self._letters(token["text"])
            elif kind == "line":
                self._put("\n")
            elif kind == "sign":
                self._sign(token["sign"].decode("latin-1"))
            else:  # a control word, with or without a number
                word, number = token["word"].decode(), int(token["number"]) if token["number"] is not None else None
                if word == "bin":  # so many raw bytes follow, only ever of pictures and objects
                    at += max(number or 0, 0)
                else:
                    self._word(word, number)
        self._put("\n")
        self._end_table()
        return self._found

    # --- tokens -----------------------------------------------------------------------------------------------------------

    def _brace(self, brace: bytes) -> None:
        self._settle()
        self._star, self._to_skip = False, 0
        if brace == b"{":
            if len(self._groups) > MAX_DEPTH:
                raise CannotRead(TOO_DEEP)
            self._groups.append(replace(self._groups[-1]))
        elif len(self._groups) > 1:
            self._learn(self._groups.pop())

    def _letters(self, letters: bytes) -> None:
        if not self._groups[-1].target:
            return
        if self._to_skip:
            skipped = min(self._to_skip, len(letters))
            self._to_skip -= skipped
            letters = letters[skipped:]
        self._bytes += letters
        self._star = False

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._star = True
            return
        said = {"~": "\u00a0", "_": "-", "-": "", "\\": "\\", "{": "{", "}": "}"}.get(sign, "")
        if said:
            self._put(said)

    def _word(self, word: str, number: int | None) -> None:
        group = self._groups[-1]
        star, self._star = self._star, False
        if word in _UNREAD or star:
            self._settle()
            group.target = {"fonttbl": "font", "stylesheet": "style", "info": "info"}.get(
                word, "list" if word in ("listtext", "pntext") else ""
            )
            return
        if group.target == "info" and word == "title":
            group.target = "title"
        elif word in _SIGNS:
            self._put(_SIGNS[word])
        elif word == "u" and number is not None:
            self._settle()
            self._put(chr(number % 0x10000))
            self._to_skip = group.skip
        else:
            self._settle()
            self._set(group, word, number)

    def _set(self, group: _Group, word: str, number: int | None) -> None:
        """A control word that says how what follows looks, or where it stands."""
        on = number != 0
        if word == "uc":
            group.skip = min(max(number or 0, 0), 8)
        elif word in ("v", "deleted"):
            group.hidden = on
        elif word == "b":
            group.bold = on
        elif word == "plain":
            group.bold = group.hidden = False
        elif word == "f" and number is not None:
            group.font = self._number = number
        elif word in ("s", "cs", "ds") and number is not None:
            self._number = number if word == "s" or group.target != "style" else -1
            group.style = number if word == "s" else group.style
        elif word == "fcharset" and group.target == "font":
            self._found.fonts[self._number] = _CODE_PAGES.get(number or 0, "")
        elif word == "ansicpg" and number:
            self._found.code_page = {65001: "utf-8", 936: "gb18030", 10000: "mac_roman"}.get(number, f"cp{number}")
        elif word in ("mac", "pc", "pca"):
            self._found.code_page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "pard" and group.target == "body":
            group.style, self._outline, self._listed, self._depth, self._in_table = 0, 9, "", 0, False
        elif word == "outlinelevel" and number is not None:
            self._outline = number
        elif word == "ilvl" and number is not None:
            self._depth = min(max(number, 0), 8)
        elif word == "ls":
            self._listed = "-"
        elif word == "intbl":
            self._in_table = True
        elif word in ("cell", "nestcell"):
            self._cells.append(" ".join("".join(self._text).split()))
            self._text, self._bold = [], []
        elif word in ("row", "nestrow"):
            self._rows.append(self._cells)
            self._cells = []

    # --- text -------------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Decode the letters that were gathered, in the code page of their font."""
        if self._bytes:
            letters, self._bytes = bytes(self._bytes), bytearray()
            page = self._found.fonts.get(self._groups[-1].font) or self._found.code_page
            try:
                self._put(letters.decode(page, "replace"))
            except LookupError:
                self._put(letters.decode("cp1252", "replace"))

    def _put(self, text: str) -> None:
        self._settle()
        group = self._groups[-1]
        if group.target in ("font", "style", "title", "list"):
            self._learned += text
            if group.target == "style" and text.endswith(";"):
                self._learn(group)
        elif group.target == "body" and text == "\n":
            self._end_paragraph(group)
        elif group.target == "body" and not group.hidden:
            self._text.append(text)
            self._bold.append(group.bold or not text.strip())

    def _learn(self, group: _Group) -> None:
        """A group ended that says the name of a style, the document's title, or the mark of a list item."""
        said, self._learned = self._learned.strip().rstrip(";"), ""
        if group.target == "style" and said and self._number >= 0:
            self._found.styles[self._number] = said
            self._number = 0
        elif group.target == "title":
            self._found.title = said
        elif group.target == "list" and said:
            self._mark = f"{said.rstrip('.)')}." if said.rstrip(".)").isdigit() else "-"

    def _end_paragraph(self, group: _Group) -> None:
        if self._in_table:
            self._text.append(" ")
            return
        self._end_table()
        text = "".join(self._text).replace("\v", "\n").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if text.strip():
            self._found.blocks.append(
                _Paragraph(text, group.style, self._outline, all(self._bold), self._mark or self._listed, self._depth)
            )
        self._text, self._bold, self._mark = [], [], ""

    def _end_table(self) -> None:
        if self._rows:
            self._found.blocks.append(self._rows)
            self._rows = []
