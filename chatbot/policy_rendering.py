"""The HTML of policy texts for anybody who asks: made one at a time, and kept while there is room.

A text of a thousand pages takes seconds to make, and streams of answers share the processor with it. So making is counted for each
visitor's network; what was made lately costs nothing and is not counted.
"""

import asyncio
import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from chatbot.throttling import MINUTE, alimit, network_of
from retrieval.rendering import render_markdown

MADE_PER_MINUTE = 120  # for one network
KEPT_CHARACTERS = 4_000_000  # of HTML, in this process

_Key = tuple[bytes, tuple[int, int] | None]


class Pages:
    """What was made last, by the digest of its text and its mark: a text never changes, so neither does its page."""

    def __init__(self, room: int = KEPT_CHARACTERS) -> None:
        self._room, self._lock = room, threading.Lock()
        self._kept: OrderedDict[_Key, str] = OrderedDict()

    def get(self, key: _Key) -> str | None:
        with self._lock:
            html = self._kept.get(key)
            if html is not None:
                self._kept.move_to_end(key)
            return html

    def put(self, key: _Key, html: str) -> None:
        """Keep a page, and let go of those that were not asked for the longest. One that has no room by itself is not kept."""
        if len(html) > self._room:
            return
        with self._lock:
            self._kept[key] = html
            while sum(map(len, self._kept.values())) > self._room:
                self._kept.popitem(last=False)


_pages = Pages()
_maker = ThreadPoolExecutor(1, thread_name_prefix="policy")


async def rendered(markdown: str, mark: tuple[int, int] | None, *, asked_by: str) -> str:
    """`render_markdown`, kept. asked_by: the visitor's network address. Raises TooManyTurns."""
    key = hashlib.sha256(markdown.encode("utf-8", "surrogatepass")).digest(), mark
    if (html := _pages.get(key)) is not None:
        return html
    await alimit(f"policies:{network_of(asked_by)}", MADE_PER_MINUTE, MINUTE)
    return await asyncio.get_running_loop().run_in_executor(_maker, _made, key, markdown)


def _made(key: _Key, markdown: str) -> str:
    if (html := _pages.get(key)) is None:  # somebody else may have waited for the same page
        html = render_markdown(markdown, mark=key[1])
        _pages.put(key, html)
    return html
