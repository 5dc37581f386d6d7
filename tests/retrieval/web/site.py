"""A small real web site on loopback, well-behaved or not, as a test scripts it.

    with Site({"/returns": page("# Returns")}) as site:
        site.url("/returns")
        site.asked[0].headers["if-none-match"]

A page is a function of the request's handler; `site.pages` can be changed at any time.
"""

import contextlib
import gzip
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Page = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]


class Site:
    def __init__(self, pages: dict[str, Page] | None = None, *, secured_by: ssl.SSLContext | None = None) -> None:
        self.pages, self.asked = dict(pages or {}), []
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
                self.site = site
                self.close_connection = True
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    site.pages.get(self.path, status(404))(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if secured_by is not None:
            self.server.socket = secured_by.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]


def html(text: str, title: str = "Returns", extra: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title>{extra}</head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"


def sends(
    body: bytes | str, kind: str = "text/html; charset=utf-8", code: int = 200, length: int | None = None, **headers: str
) -> Page:
    """A reply with this body. Headers as keywords, `_` for `-`."""
    data = body.encode() if isinstance(body, str) else body

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        if kind:
            handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        handler.end_headers()
        handler.wfile.write(data)

    return reply


def page(text: str, title: str = "Returns", **headers: str) -> Page:
    return sends(html(text, title), **headers)


def tagged(text: str, tag: str, title: str = "Returns") -> Page:
    """A page with an ETag, and 304 for whoever has it already."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers.get("If-None-Match") == tag
        (sends("", code=304) if same else page(text, title, ETag=tag))(handler)

    return reply


def dated(text: str, date: str) -> Page:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers.get("If-Modified-Since") == date
        (sends("", code=304) if same else page(text, Last_Modified=date))(handler)

    return reply


def status(code: int, **headers: str) -> Page:
    return sends("<h1>Sorry</h1>", code=code, **headers)


def moved(location: str, code: int = 302) -> Page:
    return sends("", code=code, Location=location)


def in_turn(*pages: Page) -> Page:
    """Each request gets the next page; the last one stays."""
    left = list(pages)

    def reply(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return reply


def raw(*pieces: bytes, pause: float = 0.0, again: int = 1) -> Page:
    """Bytes as they are, each after a pause, the last one again and again."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        for number in range(len(pieces) + again - 1):
            handler.wfile.write(pieces[min(number, len(pieces) - 1)])
            handler.wfile.flush()
            if pause and handler.site.closing.wait(pause):
                return

    return reply


def hangs(handler: BaseHTTPRequestHandler) -> None:
    handler.site.closing.wait(30)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    until = time.monotonic() + 30
    while time.monotonic() < until and not handler.site.closing.is_set():
        handler.wfile.write(b"<p>more</p>" * 6000)


def bomb(megabytes: int) -> bytes:
    """So many megabytes of nothing, packed."""
    return gzip.compress(b"\0" * (megabytes * 1024 * 1024), 9)


def sitemap(*urls: str) -> Page:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return sends(
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>', "application/xml"
    )


def shop(site: Site, *names: str, robots: str | None = None, extra: Sequence[str] = ()) -> None:
    """A sitemap with a page for each name, and `extra` addresses that lead elsewhere."""
    for name in names:
        site.pages[f"/{name}"] = page(f"The rules of {name}.", name.title())
    site.pages["/sitemap.xml"] = sitemap(*(site.url(f"/{name}") for name in names), *extra)
    if robots is not None:
        site.pages["/robots.txt"] = sends(robots, "text/plain")
