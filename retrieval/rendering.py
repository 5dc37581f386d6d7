"""Markdown of a policy -> safe HTML, with the cited words marked. Pure.

Two locks, one behind the other: the parser knows no raw HTML, and what it makes passes an allow-list. Images become their
description, links lead to http, https or mailto addresses or are plain words, page marks of the PDF reader become a small number.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from retrieval.marking import as_mark_elements, neutral, place_marks, spread_marks, without_signs

WEB_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_PAGE_MARK = re.compile(r"<!--\s*page\s+(\d{1,6})\s*-->", re.IGNORECASE)
_ALIGNMENT = re.compile(r"text-align:(left|right|center)")
_BRACKETS_TRIED = 2_000_000  # steps, some milliseconds: the parser looks for the end of every "[" to the end of its paragraph

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td", "div"}
_TAGS = _HEADINGS | _TABLES | {"p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}, "div": {"tabindex"}} | {heading: {"id"} for heading in _HEADINGS},
    allowed_classes={
        "p": {"page-mark"},
        "div": {"table-scroll"},
        "th": {"align-left", "align-right", "align-center"},
        "td": {"align-left", "align-right", "align-center"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)


def render_markdown(markdown: str, *, mark: tuple[int, int] | None = None) -> str:
    """Return the document as sanitised HTML; the words markdown[start:end] stand in <mark> elements, the first with id="cited".

    CommonMark with tables. A mark outside the text is cut to it; an empty one marks nothing.
    """
    source = neutral(markdown)
    html = _parser().render(source, {"source": source, "mark": mark})
    return as_mark_elements(_cleaner.clean(html))


def flatten_images(children: Sequence[Token]) -> list[Token]:
    """The same inline tokens with every image replaced by its description, as plain text: no page of ours fetches it."""
    return [_as_text(child) if child.type == "image" else child for child in children]


def unlink(children: Sequence[Token], allowed: re.Pattern[str]) -> list[Token]:
    """The same inline tokens; a link whose whole address does not match `allowed` loses its link and keeps its words."""
    kept: list[Token] = []
    open_links: list[bool] = []
    for child in children:
        if child.type == "link_open":
            open_links.append(allowed.fullmatch(str(child.attrs.get("href", ""))) is not None)
            if not open_links[-1]:
                continue
        elif child.type == "link_close" and not open_links.pop():
            continue
        kept.append(child)
    return kept


# --- the parser, made once ---------------------------------------------------------------------------------------------
@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # a refused link keeps its words: see unlink
    md.block.ruler.before("fence", "page_mark", _page_mark, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.core.ruler.after("block", "place_marks", _place)
    md.core.ruler.at("inline", _inline)
    md.core.ruler.after("text_join", "finish", _finish)
    return md


def _page_mark(state: StateBlock, line: int, end_line: int, silent: bool) -> bool:
    """A line that holds nothing but <!-- page N -->."""
    if state.is_code_block(line):
        return False
    found = _PAGE_MARK.fullmatch(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip())
    if found is None:
        return False
    if not silent:
        token = state.push("page_mark", "p", 0)
        token.content, token.map = found[1], [line, line + 1]
        state.line = line + 1
    return True


def _place(state: StateCore) -> None:
    if state.env.get("mark"):
        place_marks(state.tokens, state.env["source"], state.env["mark"], lambda text: _parse_inline(state, text))


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = _children(state, token.content)


def _parse_inline(state: StateCore, text: str) -> list[Token]:
    return flatten_images(_children(state, text))


def _children(state: StateCore, text: str) -> list[Token]:
    """The inline tokens of a paragraph, a heading or a cell. One made of brackets is shown as it is written, since nobody can wait for
    its links."""
    if text.count("[") * len(text) > _BRACKETS_TRIED:
        token = Token("text", "", 0)
        token.content = text
        return [token]
    children: list[Token] = []
    state.md.inline.parse(text, state.md, state.env, children)
    return children


def _finish(state: StateCore) -> None:
    """Images to words, refused links to words, marks spread over the texts, an id on each heading, alignment as a class."""
    seen: dict[str, int] = {}
    for index, token in enumerate(state.tokens):
        if token.type == "inline":
            token.children = unlink(flatten_images(token.children or []), WEB_LINK)
            spread_marks(token.children)
            if index and state.tokens[index - 1].type == "heading_open":
                state.tokens[index - 1].attrs["id"] = _heading_id("".join(child.content for child in token.children), seen)
        elif "style" in token.attrs:  # a table cell; a style attribute would be refused by the pages' content security policy
            aligned = _ALIGNMENT.fullmatch(str(token.attrs.pop("style")))
            token.attrs["class"] = f"align-{aligned[1]}" if aligned else ""


def _heading_id(text: str, seen: dict[str, int]) -> str:
    """An address for a heading that stays while its words and those of its namesakes above stay; never a name of ours."""
    name = "section-" + ("-".join(re.findall(r"\w+", without_signs(text).lower()))[:80] or "untitled")
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _as_text(image: Token) -> Token:
    token = Token("text", "", 0)
    token.content = _described(image.children or [])
    return token


def _described(children: Sequence[Token]) -> str:
    return "".join(_described(child.children or []) if child.type == "image" else child.content for child in children)


class _Renderer(RendererHTML):
    """The parser's own renderer, with tables that can scroll on a phone and page numbers."""

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="table-scroll" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def page_mark(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        page = int(tokens[idx].content)
        return f'<p class="page-mark">Page {page}</p>\n' if page > 1 else ""
