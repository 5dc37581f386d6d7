"""Where the words markdown[start:end] stand in parsed Markdown. Pure.

A span of the source may begin inside a list item, a heading or a table row, cross bold words and run over many blocks. Marks are
therefore never put into the source, where one character more can undo a list or a table: the blocks are parsed first, then every
piece of text gets its own opening and closing sign. The signs are Unicode noncharacters: no keyboard, font or entity makes them,
and `neutral` takes them out of whatever comes in.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from markdown_it.token import Token

OPEN, CLOSE = "\ufdd0", "\ufdd1"
_SIGNS = re.compile(f"[{OPEN}{CLOSE}]")
_UNSAFE = re.compile(f"[{OPEN}{CLOSE}\0]")
_NEWLINE = re.compile(r"\r\n?|\n")
_HAS_TEXT = frozenset({"text", "text_special", "code_inline"})
_LITERAL_BLOCKS = frozenset({"fence", "code_block"})
_CHARACTERS_TO_TRY = 200_000  # how much of a text may be parsed again to find places inside inline markup

ParseInline = Callable[[str], list[Token]]
Lines = list[tuple[int, str]]


def neutral(markdown: str) -> str:
    """The same text, the same length, without our signs and without NUL."""
    return _UNSAFE.sub("\ufffd", markdown)


def place_marks(tokens: Sequence[Token], markdown: str, span: tuple[int, int], parse_inline: ParseInline) -> None:
    """Put OPEN and CLOSE into the content of every block that holds words of markdown[start:end]; changes the tokens.

    tokens: as the block parser made them, before inline parsing. Offsets outside the text are cut to it; an empty span marks none.
    """
    start, end = max(span[0], 0), min(span[1], len(markdown))
    if start >= end:
        return
    lines = _lines(markdown)
    cell_ends: dict[int, int] = {}  # line of a table row -> where its last cell ended
    in_table = False
    patience = _Patience(_CHARACTERS_TO_TRY)
    for token in tokens:
        in_table = (in_table or token.type == "table_open") and token.type != "table_close"
        if token.map is None or not token.content or not (token.type == "inline" or token.type in _LITERAL_BLOCKS):
            continue
        first, after = token.map[0] + (token.type == "fence"), token.map[1]
        if in_table:
            where = _cell_positions(token.content, first, lines, cell_ends)
        elif _reaches(lines[first:after], start, end):
            where = _positions(token.content, first, lines)
        else:
            continue
        inside = [i for i, position in enumerate(where) if start <= position < end and not token.content[i].isspace()]
        if not inside:
            continue
        cut = inside[0], inside[-1] + 1
        if token.type not in _LITERAL_BLOCKS:
            cut = _settle(token.content, cut, parse_inline, patience)
        token.content = _signed(token.content, cut)


def spread_marks(children: Iterable[Token], *, on: bool = False) -> None:
    """Give every text of a parsed inline sequence its own balanced pair of signs, so that no pair crosses an element."""
    for child in children:
        if child.type == "softbreak" and on:
            child.type, child.tag, child.content = "text", "", "\n"
        if child.type not in _HAS_TEXT:
            continue
        pieces: list[str] = []
        for piece in re.split(f"({OPEN}|{CLOSE})", child.content):
            if piece in (OPEN, CLOSE):
                on = piece == OPEN
            elif piece:
                pieces.append(f"{OPEN}{piece}{CLOSE}" if on else piece)
        child.content = "".join(pieces)


def without_signs(text: str) -> str:
    return _SIGNS.sub("", text)


def as_mark_elements(html: str) -> str:
    """Turn balanced signs in finished, sanitised HTML into <mark> elements; the first has id="cited"."""
    return html.replace(OPEN, '<mark id="cited">', 1).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


# --- from the parsed content back to the source ------------------------------------------------------------------------
def _lines(markdown: str) -> Lines:
    """Every line with its offset, split where the Markdown parser splits."""
    lines, at = [], 0
    for newline in _NEWLINE.finditer(markdown):
        lines.append((at, markdown[at : newline.start()]))
        at = newline.end()
    lines.append((at, markdown[at:]))
    return lines


def _reaches(lines: Lines, start: int, end: int) -> bool:
    """Whether any character of these lines lies between start and end."""
    return bool(lines) and lines[0][0] < end and start < lines[-1][0] + len(lines[-1][1])


def _positions(content: str, first_line: int, lines: Lines) -> list[int]:
    """The source offset of each character of a block's content; -1 where the parser rewrote the line (tabs).

    What the parser takes off a line (list markers, quote signs, indentation) stands in front, so it is searched from the right.
    """
    where: list[int] = []
    for number, piece in enumerate(content.split("\n"), start=first_line):
        offset, line = lines[number] if number < len(lines) else (len(lines), "")
        at = line.rfind(piece)
        where.extend(range(offset + at, offset + at + len(piece)) if at >= 0 else [-1] * len(piece))
        where.append(offset + len(line))  # the line break
    return where[: len(content)]


def _cell_positions(cell: str, number: int, lines: Lines, ends: dict[int, int]) -> list[int]:
    """The same for one cell of a table row; cells of a row come from left to right. In the source its bars are written as \\|."""
    offset, line = lines[number]
    written = cell.replace("|", r"\|")
    at = line.find(written, ends.get(number, 0))
    if at < 0:
        return [-1] * len(cell)
    ends[number] = at + len(written)
    where, position = [], offset + at
    for character in cell:
        position += character == "|"
        where.append(position)
        position += 1
    return where


# --- a place inside inline markup --------------------------------------------------------------------------------------
def _signed(content: str, cut: tuple[int, int]) -> str:
    return content[: cut[0]] + OPEN + content[cut[0] : cut[1]] + CLOSE + content[cut[1] :]


class _Patience:
    """How many characters may still be parsed again. It is one for all of a text: who asks for its page names the span."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def is_enough_for(self, content: str) -> bool:
        """Whether this may be parsed once more; it counts."""
        self._left -= len(content) + 1
        return self._left >= 0


def _settle(content: str, cut: tuple[int, int], parse_inline: ParseInline, patience: _Patience) -> tuple[int, int]:
    """Move both ends inwards until they change nothing of how the content is parsed.

    A span may begin at the stars of **bold** or end inside a link's address; what is skipped there is markup, not words.
    """
    whole = 0, len(content)  # better a whole paragraph marked than nothing
    if not patience.is_enough_for(content):
        return whole
    plain = _shape(parse_inline(content))

    def is_harmless(start: int, end: int) -> bool:
        if not patience.is_enough_for(content):
            return False
        parsed = parse_inline(_signed(content, (start, end)))
        shown = "".join(child.content for child in parsed if child.type in _HAS_TEXT)
        return shown.count(OPEN) == shown.count(CLOSE) == 1 and _shape(parsed) == plain

    start, end = cut
    start = next((candidate for candidate in range(start, end) if is_harmless(candidate, len(content))), start)
    end = next((candidate for candidate in range(end, start, -1) if is_harmless(start, candidate)), 0)
    return (start, end) if end else whole


def _shape(children: Iterable[Token]) -> list[tuple[object, ...]]:
    """What a reader would see of parsed inline tokens, with our signs taken out; neighbouring texts count as one."""
    shape: list[tuple[object, ...]] = []
    text = ""
    for child in children:
        if child.type in ("text", "text_special"):
            text += without_signs(child.content)
            continue
        if text:
            shape.append(("text", text))
            text = ""
        shown = without_signs(child.content) if child.type in _HAS_TEXT else child.content
        shape.append((child.type, tuple(child.attrs.items()), shown))
    return [*shape, ("text", text)] if text else shape
