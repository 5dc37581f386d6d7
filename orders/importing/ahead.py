"""Reading goes on while the database writes."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_NO_MORE = object()


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items; while the caller is busy with one, the next is made in another thread, always the same one.

    An error in making an item is raised here in its turn. When the caller stops early, the item under way is waited for.
    """
    source = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as thread:
        waiting = thread.submit(next, source, _NO_MORE)
        while (item := waiting.result()) is not _NO_MORE:
            waiting = thread.submit(next, source, _NO_MORE)
            yield item  # type: ignore[misc]  # the end mark is the only other thing that comes
