"""What stands around the content of a web page: menus, banners, sidebars, footers, offers to share. Pure, over a parsed page.

Pages that say so by their elements (`<nav>`, `<main>`) are easy; of the others, the names of classes tell, weighed against how much of
the page an element holds and how much of it is links: a name alone ("with-sidebar") may belong to the content itself.
"""

import re

from bs4 import BeautifulSoup, Tag

HEADINGS = re.compile(r"^h[1-6]$")
_NEVER = {
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "ccpa",
    "breadcrumb",
    "breadcrumbs",
    "skip",
    "skiplink",
    "newsletter",
    "subscribe",
    "share",
    "sharing",
    "social",
    "advert",
    "advertisement",
    "ads",
    "adsbygoogle",
    "popup",
    "modal",
    "lightbox",
    "toast",
    "pagination",
    "pager",
    "sr",
    "visuallyhidden",
    "printonly",
    "backtotop",
    "totop",
}
_PERHAPS = {
    "nav",
    "navbar",
    "navigation",
    "menu",
    "megamenu",
    "sidebar",
    "footer",
    "header",
    "topbar",
    "banner",
    "announcement",
    "promo",
    "related",
    "recommended",
    "recommendations",
    "recently",
    "trending",
    "comments",
    "login",
    "search",
    "cart",
    "widget",
    "widgets",
    "toolbar",
    "masthead",
    "sitelinks",
    "colophon",
    "upsell",
}
_PHRASES = re.compile(
    r"(?:skip-(?:link|to)|sr-only|visually-hidden|screen-reader|back-to-top|see-also|read-more|you-may-also|side-bar|off-canvas)"
)
_OWN = {
    "html",
    "body",
    "main",
    "article",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "td",
    "th",
    "tr",
    "tbody",
    "thead",
    "table",
    "dt",
    "dd",
}
_FOLDED = re.compile(r"accordion|collaps|toggle|expand|faq|tab|panel|dropdown-content", re.IGNORECASE)
_MOST = 0.35  # of the page's words: what holds more is not beside the content


def without_surroundings(soup: BeautifulSoup) -> None:
    """Take out elements that are named like what stands around the content, and are."""
    whole = max(_words(soup), 1)
    for tag in soup.find_all(True):
        if tag.decomposed or tag.name in _OWN:
            continue
        name = " ".join([*tag.get_attribute_list("class"), str(tag.get("id") or "")] if tag.attrs else []).lower()
        if not name.strip():
            continue
        parts = set(re.split(r"[^a-z]+", name))
        never = bool(parts & _NEVER) or bool(_PHRASES.search(name))
        if not never and not parts & _PERHAPS:
            continue
        words = _words(tag)
        if words > _MOST * whole or (tag.find("h1") and not never):
            continue
        if never or _is_links(tag, words) or words < 0.05 * whole or "footer" in parts or "sidebar" in parts:
            tag.decompose()


def main_part(soup: BeautifulSoup) -> Tag:
    """The element that holds the content: <main>, else the only <article>, else what is around the only h1 and most of the words."""
    articles = soup.find_all("article")
    chosen = soup.find("main") or soup.find(role="main") or (articles[0] if len(articles) == 1 else None)
    if isinstance(chosen, Tag) and len(chosen.get_text(strip=True)) >= 40:
        return chosen
    body = soup.body or soup
    titles = body.find_all("h1")
    if len(titles) != 1:
        return body
    whole = _words(body)
    for around in titles[0].parents:
        if around is body or _words(around) > 0.8 * whole:
            return around if isinstance(around, Tag) else body
    return body


def is_folded(tag: Tag) -> bool:
    """Whether a part that is hidden at first opens when its heading is clicked, as the answers of many lists of questions do."""
    before = tag.find_previous_sibling()
    opener = before if isinstance(before, Tag) else None
    for _ in range(2):
        if opener is not None and (
            opener.name == "button" or opener.has_attr("aria-expanded") or opener.find(lambda tag: tag.has_attr("aria-expanded"))
        ):
            return True
        parent = tag.parent if opener is before else None
        outer = parent.find_previous_sibling() if parent is not None else None
        opener = outer if isinstance(outer, Tag) else None
    name = " ".join([*tag.get_attribute_list("class"), str(tag.get("id") or "")])
    return bool(before is not None and _FOLDED.search(name))


def settle_openers(soup: BeautifulSoup) -> None:
    """Make a heading of each button that opens a part of the page: it says what the part is about."""
    for opener in soup.find_all(["button", "a", "div", "span"]):
        named = " ".join(opener.get_attribute_list("class")) if opener.has_attr("class") else ""
        opens = opener.has_attr("aria-expanded") or (opener.name == "button" and _FOLDED.search(named))
        if not opens:
            continue
        text = opener.get_text(" ", strip=True)
        follows = opener.find_next_sibling() or (opener.parent.find_next_sibling() if opener.parent is not None else None)
        if (
            opens
            and follows is not None
            and 3 < len(text) <= 200
            and not opener.find(HEADINGS)
            and not opener.find_parent(HEADINGS)
        ):
            opener.name, opener.attrs = "summary", {"aria-expanded": "false"}
        elif opener.name == "button" and (opener.find(HEADINGS) or opener.find_parent(HEADINGS)):
            heading = opener.find(HEADINGS) or opener.find_parent(HEADINGS)
            if isinstance(heading, Tag):
                heading["aria-expanded"] = "false"
            opener.unwrap()


def _words(tag: Tag) -> int:
    return len(tag.get_text(" ", strip=True))


def _is_links(tag: Tag, words: int) -> bool:
    """Whether most of an element's words are links."""
    return sum(_words(link) for link in tag.find_all("a")) > 0.4 * max(words, 1)
