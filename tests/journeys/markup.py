"""What a page must not hold: anything that runs, loads or leads elsewhere, beyond what our own templates put there."""

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

ATTACK = '<img src=x onerror=alert(1)><script>alert(2)</script>"><svg/onload=alert(3)>'
RUNS_OR_LOADS = (
    "applet", "audio", "base", "embed", "frame", "iframe", "image", "math", "object", "picture", "portal", "source",
    "style", "video",
)  # fmt: skip
ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "ping", "background")
FILES = "/static/"


def harm(html: str, *, web: tuple[str, ...] = ()) -> list[str]:
    """Everything in a page that is not ours, in words; empty for a page that is as we wrote it.

    web: addresses of other sites that may be linked to.
    """
    page = BeautifulSoup(html, "html.parser")
    return [problem for element in page.find_all(True) for problem in _problems(element, web)]


def _problems(element: Tag, web: tuple[str, ...]) -> Iterator[str]:
    name = element.name.lower()
    if name in RUNS_OR_LOADS:
        yield f"<{name}> in the page"
    if name == "img" and not str(element.get("src", "")).startswith(FILES):
        yield "a picture that is not ours"
    if name == "script" and not (str(element.get("src", "")).startswith(FILES) and not element.text.strip()):
        yield "a script that is not a file of ours"
    if name == "link" and not str(element.get("href", "")).startswith((FILES, "/")):
        yield f"a link element to {element.get('href')}"
    if name == "meta" and str(element.get("http-equiv", "")).lower() not in ("", "x-ua-compatible"):
        yield "a meta element that acts"
    for attribute, value in element.attrs.items():
        attribute = attribute.lower()
        if attribute.startswith("on") or attribute in ("style", "srcdoc"):
            yield f"{attribute}= on <{name}>"
        if attribute in ADDRESSES and not _is_ours(str(value)) and not str(value).startswith(web or ("\0",)):
            yield f"{attribute}={value} on <{name}>"


def _is_ours(address: str) -> bool:
    """A place on this site: a path, a fragment, or nothing at all, without room for another reading by a browser."""
    plain = not any(character in address for character in "\\\t\n\r\0")
    return plain and (address == "" or address.startswith(("#", "?", "mailto:")) or (address[0] == "/" and address[:2] != "//"))
