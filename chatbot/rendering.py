"""Markdown of an answer -> safe HTML, quick enough for every piece of a stream. Pure.

Answers know paragraphs, bold and emphasised words, lists, links and citations; everything else is shown as the characters it is
written with. Two locks: the parser knows nothing more, and what it makes passes an allow-list.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chatbot.turn import Cited
from retrieval.rendering import flatten_images, unlink

# into our own pages only to the policies: no "..", no "\\", nothing that a browser reads as another place
_LINK = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://\S+|/policies/[\w/-]*(?:\?[\w=&.-]*)?(?:#[\w-]*)?")
_CITATION = re.compile(r"\[\s*(\d{1,3}(?:\s*,\s*\d{1,3})*)\s*\](?!\()")
_ENDS_A_WORD = re.compile(r"[\s.,;:!?)]|\Z")
_RULES = ["list", "emphasis", "link", "image", "autolink", "newline", "escape", "entity", "cite"]

_cleaner = nh3.Cleaner(
    tags={"p", "br", "strong", "em", "ul", "ol", "li", "a"},
    attributes={"a": {"href", "target", "rel"}, "ol": {"start"}},
    allowed_classes={"a": {"cite"}},
    url_schemes={"http", "https"},
    link_rel=None,
)


def render_answer(markdown: str, citations: Iterable[Cited]) -> str:
    """Return the answer, or any piece of it, as sanitised HTML.

    [n] becomes a link to the page of citation n; a number that no citation has is taken out.
    """
    return _cleaner.clean(_parser().render(markdown, {"pages": {cited.n: cited.url for cited in citations}}))


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("zero", {"breaks": True})
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # a refused link keeps its words: see unlink
    md.inline.ruler.before("link", "cite", _cite)
    md.core.ruler.after("text_join", "links", _links)
    return md.enable(_RULES)


def _cite(state: StateInline, silent: bool) -> bool:
    """[1] and [1, 2]."""
    found = _CITATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        pages: dict[int, str] = state.env["pages"]
        known = [n for n in map(int, found[1].split(",")) if n in pages]
        if not known and _ENDS_A_WORD.match(state.src, found.end()):
            state.pending = state.pending.rstrip(" ")
        for n in known:
            _push_citation(state, n, pages[n])
    state.pos = found.end()
    return True


def _push_citation(state: StateInline, n: int, url: str) -> None:
    opening = state.push("cite_open", "a", 1)
    opening.attrs = {"class": "cite", "href": url, "target": "_blank", "rel": "noopener"}
    state.push("text", "", 0).content = str(n)
    state.push("cite_close", "a", -1)


def _links(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline":
            block.children = unlink(flatten_images(block.children or []), _LINK)
            for child in block.children:
                if child.type == "link_open":
                    child.attrs = _link_attributes(child)


def _link_attributes(link: Token) -> dict[str, Any]:
    href = str(link.attrs["href"])
    rel = "noopener" if href.startswith("/") else "nofollow noopener noreferrer"
    return {"href": href, "target": "_blank", "rel": rel}
