"""How far a command is: a bar on stderr where that is a terminal, with the time passed and about the time left; else nothing."""

import shutil
import sys
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Self


class Bar:
    """A bar for so many things of a kind; a large one counts by the share of it that is done. What is logged appears above it.

    Use it as a context manager; it is gone from the terminal at the end.
    """

    def __init__(self, total: int, kind: str) -> None:
        """kind: what they are, for example "files"."""
        from tqdm import tqdm

        self._bar = tqdm(
            total=total,
            disable=None,  # where stderr is not a terminal
            leave=False,
            ncols=shutil.get_terminal_size().columns,  # a terminal may say that it has no width: then a bar would have none
            bar_format="{percentage:3.0f}%|{bar}| {desc}, {elapsed} passed, about {remaining} left{postfix}",
            desc=f"0 of {total:,} {kind}",
        )
        self._kind = kind
        self._shares: dict[Hashable, float] = {}
        self._ended = 0
        self._while_shown = ExitStack()

    def __enter__(self) -> Self:
        from tqdm.contrib.logging import logging_redirect_tqdm

        if not self._bar.disable:
            self._while_shown.enter_context(logging_redirect_tqdm())
        return self

    def __exit__(self, *_: object) -> None:
        self._while_shown.close()
        self._bar.close()

    def ended(self, key: Hashable = None) -> None:
        """One more is done."""
        self._shares.pop(key, None)
        self._ended += 1
        self._show()

    def partly(self, key: Hashable, share: float, words: str = "") -> None:
        """Of one that is not done yet, so much is, 0 to 1. words: what is to be said of it, beside the bar."""
        self._shares[key] = min(max(share, 0.0), 1.0)
        self._bar.set_postfix_str(words, refresh=False)
        self._show()
        self._bar.refresh()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something is written to the terminal, the bar is out of its way."""
        if self._bar.disable:
            yield
            return
        with self._bar.external_write_mode(file=sys.stderr):
            yield

    def _show(self) -> None:
        if not self._shares:
            self._bar.set_postfix_str("", refresh=False)
        self._bar.set_description_str(f"{self._ended:,} of {self._bar.total:,} {self._kind}", refresh=False)
        self._bar.update(self._ended + sum(self._shares.values()) - self._bar.n)
