"""Web pages to Markdown: the main content as somebody sees it, without the page around it and without hidden text."""

import re
from urllib.parse import urlsplit

import bs4
from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from retrieval.readers import CannotRead, Read
from retrieval.readers.encoding import decode
from retrieval.readers.html_around import HEADINGS, is_folded, main_part, settle_openers, without_surroundings
from retrieval.readers.html_shapes import settle_shapes

MAX_DEPTH = 200  # of elements in elements; real pages stay under 50
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,30})", re.IGNORECASE)
_DROPPED = "script style template noscript iframe object embed svg canvas video audio nav footer aside form dialog button select textarea input"
_AROUND = ["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog"]
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|font-size\s*:\s*0(?:\.0+)?\s*(?:[a-z%]|;|!|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}|(?<![-\w])(?:color\s*:\s*transparent)",
    re.IGNORECASE,
)
_RULE = re.compile(r"([^{}@]{1,500})\{([^{}]{0,5000})\}")
_SIMPLE_SELECTOR = re.compile(r"[.#][\w-]+")
_SCHEMES = ("http", "https", "mailto", "tel")


class _Writer(MarkdownConverter):
    """Markdown as our chunker and our readers like it: `#` headings, `-` items, no pictures, links that lead somewhere."""

    def __init__(self) -> None:
        super().__init__(
            heading_style=ATX,
            bullets="-",
            table_infer_header=True,
            # what stands in the page is what is quoted later, so no backslashes are put into it
            escape_asterisks=False,
            escape_underscores=False,
            escape_misc=False,
        )

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _scheme(str(el.get("href") or "")) not in _SCHEMES:
            return text  # a link within the shop's site leads nowhere from here
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return ""

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, text.replace("|", "\\|"), parent_tags))  # type: ignore[misc]

    def convert_th(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, text.replace("|", "\\|"), parent_tags))  # type: ignore[misc]


def read_html(data: bytes) -> Read:
    """Read a web page. Raises CannotRead if it is nested too deeply."""
    named = _CHARSET.search(data[:4000])
    return read_markup(decode(data, named=named[1].decode() if named else None))


def read_markup(markup: str) -> Read:
    soup = BeautifulSoup(markup, "lxml", parse_only=None)
    _check_depth(soup)
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    hidden = _hidden_by_style_sheets(soup)
    settle_openers(soup)
    for tag in soup.find_all(_DROPPED.split()):
        tag.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, bs4.element.PreformattedString)):
        comment.extract()
    for tag in soup.find_all(True):
        if not tag.decomposed and _is_unseen(tag, hidden):
            tag.decompose()
    without_surroundings(soup)
    content = main_part(soup)
    _without_headers(content)
    headings = content.find_all("h1")
    if len(headings) == 1 and headings[0].get_text(strip=True):
        title = headings[0].get_text(" ", strip=True)
    return Read(to_markdown(content), title)


def to_markdown(content: Tag) -> str:
    """Write a tree as Markdown. Changes the tree: what Markdown has no form for is put into one that it has."""
    settle_shapes(content)
    return str(_Writer().convert_soup(content))


def _check_depth(soup: Tag) -> None:
    """Raise CannotRead for elements nested so deeply that a recursive writer would give up."""
    depth, tag = 0, soup
    for element in soup.descendants:
        if element.parent is tag:
            depth, tag = depth + 1, element  # type: ignore[assignment]
        else:
            while tag is not element.parent and tag.parent is not None:
                depth, tag = depth - 1, tag.parent
            depth, tag = depth + 1, element  # type: ignore[assignment]
        if depth > MAX_DEPTH:
            raise CannotRead("This page is nested too deeply to be read. Please save its text as a simpler document.")


def _is_unseen(tag: Tag, hidden: set[str]) -> bool:
    if tag.name in ("html", "body"):
        return False
    attributes = tag.attrs
    if "hidden" in attributes or str(attributes.get("aria-hidden", "")).lower() == "true":
        return not is_folded(tag)
    if _UNSEEN_STYLE.search(str(attributes.get("style", ""))):
        return not is_folded(tag)
    if str(attributes.get("role", "")).lower() in _AROUND:
        return True
    marks = {f"#{attributes.get('id')}", *(f".{name}" for name in tag.get_attribute_list("class") if name)}
    return not marks.isdisjoint(hidden) and not is_folded(tag)


def _hidden_by_style_sheets(soup: Tag) -> set[str]:
    """The classes and ids that the page's own style sheets hide, as ".name" and "#name". Media rules do not count."""
    found: set[str] = set()
    for sheet in soup.find_all("style"):
        for selectors, body in _RULE.findall(_without_at_rules(sheet.get_text())):
            if _UNSEEN_STYLE.search(body):
                found.update(s.strip() for s in selectors.split(",") if _SIMPLE_SELECTOR.fullmatch(s.strip()))
    return found


def _without_at_rules(css: str) -> str:
    """A style sheet without its @media and other blocks, whose rules hold in some circumstances only."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    kept, depth, inside = [], 0, False
    for part in re.split(r"([{}]|@[\w-]+|;)", css):
        if part.startswith("@") and depth == 0:
            inside = True
        if not inside:
            kept.append(part)
        depth += {"{": 1, "}": -1}.get(part, 0)
        if inside and depth <= 0 and part in ("}", ";"):
            inside, depth = False, 0
    return "".join(kept)


def _without_headers(content: Tag) -> None:
    """Keep of the content's headers their headings only."""
    for header in content.find_all("header"):
        for heading in header.find_all(HEADINGS):
            header.insert_before(heading.extract())
        header.decompose()


def _scheme(address: str) -> str:
    try:
        return urlsplit(address.strip()).scheme.lower()
    except ValueError:
        return ""
