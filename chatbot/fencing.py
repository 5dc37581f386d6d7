"""Foreign text as data within a prompt: it cannot close its fence, open a new one, or look like a message of another role. Pure."""

import re
import unicodedata

# a mark that could begin a tag of ours or a role mark of a chat template: "<passage", "</", "<|im_start|>", "<<SYS>>"
_TAG_START = re.compile(r"<(?=[\s]*[A-Za-z/!?|<])")
_ROLE_MARK = re.compile(r"\[(?=\s*/?\s*INST\s*\])", re.IGNORECASE)
_CITED = re.compile(r"[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_CITATION = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_ROLE_LINE = re.compile(r"^([ \t#>*_-]*)(system|assistant|user|human)([ \t*_]*):", re.IGNORECASE | re.MULTILINE)
_MANY_BLANKS = re.compile(r"\n{3,}")
PASSAGE = re.compile(r'(<passage number="\d+" .*?</passage>)', re.DOTALL)  # one of the prompt; foreign text cannot look like one
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})  # control, format (zero width, direction, tags), private, lone surrogates


def visible(text: str) -> str:
    """The text without characters a reader cannot see; line ends and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)


def quoted(text: str, *, cites: bool = False) -> str:
    """Text of a document or a person as it may stand inside a fence. Its own numbers in brackets become round: they are no citations.

    cites: but they are, in what a model has just written.
    """
    shown = visible(text) if cites else _CITATION.sub(r"(\1)", visible(text))
    shown = _ROLE_MARK.sub("(", _TAG_START.sub("‹", shown))
    shown = _ROLE_LINE.sub(r"\1\2\3 -", shown)
    return _MANY_BLANKS.sub("\n\n", shown).strip()


def quoted_line(text: str, *, cites: bool = False) -> str:
    """The same on one line and without double quotes, for a title inside a mark."""
    return " ".join(quoted(text, cites=cites).replace('"', "'").split())


def without_citations(text: str) -> str:
    """An answer as it was said: its numbers are those of other passages by now, and a model would copy their form."""
    return _CITED.sub("", text)
