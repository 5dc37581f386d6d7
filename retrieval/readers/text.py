"""Markdown and plain text, and the cleaning that every format's text goes through."""

import re
import unicodedata
from collections.abc import Iterator

from retrieval.readers import Read
from retrieval.readers.encoding import decode

# --- characters -----------------------------------------------------------------------------------------------------

_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x0B], " ")
_LINE_ENDS = dict.fromkeys([0x0C, 0x85, 0x2028, 0x2029], "\n")
# what nobody sees: controls, soft hyphens, zero-width blanks, overrides of the writing direction, tags
_UNSEEN = dict.fromkeys(
    [
        *(n for n in range(0x20) if n not in (0x09, 0x0A, 0x0B, 0x0C)),
        *range(0x7F, 0xA0),
        *(0xAD, 0x200B, 0x2060, 0xFEFF, 0x180E, 0xFFFE, 0xFFFF),
        *range(0x202A, 0x202F),
        *range(0x2061, 0x2070),
        *range(0xD800, 0xE000),
        *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0200),
    ]
)
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_WIDEST_GAP = " " * 100  # between columns that somebody set with the space bar
_WIDE_GAP = re.compile(r"[ \t]{100,}")
_VISIBLE = {**_UNSEEN, **_SPACES, **_LINE_ENDS, **_LIGATURES}


def clean(text: str) -> str:
    """The text with Unix line ends, ordinary blanks and composed letters, without characters that nobody sees."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    text = "\n".join(map(_line, unicodedata.normalize("NFC", text).split("\n")))
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n").rstrip() + "\n"


def _line(line: str) -> str:
    """A line without blanks at its end but for the two that force a line break, and with no gap wider than a page."""
    words = line.rstrip(" \t")
    breaks = bool(words) and line[len(words) :].startswith("  ")
    if len(words) > len(_WIDEST_GAP):
        words = _WIDE_GAP.sub(_WIDEST_GAP, words)
    return f"{words}  " if breaks else words


# --- Markdown ---------------------------------------------------------------------------------------------------------

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}# +(.+?)(?: +#+)? *$", re.MULTILINE)
_SETEXT = re.compile(r"^(?! {0,3}[#>|*+-])(\S.*)\n=+ *$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EMPTY_ELEMENTS = {"br", "hr", "img", "input", "wbr", "link", "meta", "source", "col", "area", "base", "embed", "track"}
_HIDDEN_TAG = re.compile(
    r"<(?P<name>script|style|template)\b[^<>]*>"
    r"|<(?P<hidden>[a-z][a-z0-9]{0,20})\b(?=[^<>]*(?:\shidden\b|aria-hidden\s*=\s*[\"']?true|display\s*:\s*none|visibility\s*:\s*hidden))"
    r"[^<>]*>",
    re.IGNORECASE,
)


def read_markdown(data: bytes) -> Read:
    """Markdown as it stands, without front matter, comments and parts that a reader of the page would not see."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    if front := _FRONT_MATTER.match(text):
        found = _FRONT_TITLE.search(front[1])
        title = found[1].strip("\"'").strip() if found else ""
        text = text[front.end() :]
    text = "".join(part if is_code else without_unseen(part) for is_code, part in _code_apart(text))
    return Read(text, title or _first_heading(text))


def without_unseen(text: str) -> str:
    """Markdown or HTML source without comments, scripts, styles and elements marked as hidden."""
    text = _COMMENT.sub("", text)
    kept: list[str] = []
    at = 0
    while found := _HIDDEN_TAG.search(text, at):
        kept.append(text[at : found.start()])
        at = _end_of_element(text, found.end(), (found["name"] or found["hidden"]).lower())
    kept.append(text[at:])
    return "".join(kept)


def _end_of_element(text: str, at: int, name: str) -> int:
    """Where the element that was opened before `at` ends: behind its closing tag, or at the end of the text."""
    if name in _EMPTY_ELEMENTS:
        return at
    depth = 1
    for tag in re.compile(rf"<(/?){name}\b[^<>]*>", re.IGNORECASE).finditer(text, at):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(text)


def _code_apart(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is code, part) in order; fenced code is shown as it stands, so nothing in it is unseen."""
    at, fence = 0, ""
    for found in _FENCE.finditer(text):
        if not fence:
            yield False, text[at : found.start()]
            at, fence = found.start(), found[1]
        elif found[1].startswith(fence):
            yield True, text[at : found.end()]
            at, fence = found.end(), ""
    yield bool(fence), text[at:]


def _first_heading(text: str) -> str:
    found = [match for match in (_HEADING.search(text), _SETEXT.search(text)) if match]
    return min(found, key=lambda match: match.start())[1].strip() if found else ""


# --- plain text -------------------------------------------------------------------------------------------------------


def read_plain(data: bytes) -> Read:
    """Plain text: people write it much like Markdown; lines in capitals that stand alone are its headings."""
    lines = decode(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines):
        alone = not "".join(lines[max(number - 1, 0) : number] + lines[number + 1 : number + 2]).strip()
        if alone and _is_shouted(line.strip()):
            lines[number] = f"## {line.strip()}"
    text = "\n".join(lines)
    return Read(text, _first_heading(text))


def _is_shouted(line: str) -> bool:
    return len(line) <= 60 and line.isupper() and sum(map(str.isalpha, line)) >= 4 and not line.endswith((".", "!", ",", ";"))
