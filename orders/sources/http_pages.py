"""What a shop's API answers, page by page, and whose orders count of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from orders.emails import as_stored
from orders.sources.http_questions import Question


class BadAnswer(Exception):
    """An answer in JSON that is not what was agreed; str() says in words why, for the log, without repeating it."""


class Later(Exception):
    """The shop has had enough questions for now; it will answer again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it is to be asked again in {seconds:.1f} s")
        self.seconds = seconds


class AskForLess(Exception):
    """A page of that size is more than the shop gives at a time."""


@dataclass(frozen=True, slots=True)
class Page:
    """orders: in the fields of `making`, with `email`, newest first; none of them is checked yet. next: the cursor of what follows, or "".

    left_out: why some of what was asked for is missing, in the shop's words, or "".
    """

    orders: tuple[Any, ...]
    next: str = ""
    left_out: str = ""


class Shop(Protocol):
    """One kind of API: what to ask, and how to read what comes. `page` orders at a time, `sample` numbers to learn formats from.

    finds_similar: it searches addresses as words, so that orders of similar ones among its answers are no fault.
    """

    page: int
    sample: int
    finds_similar: bool

    def orders(self, email: str, *, limit: int, cursor: str) -> Question:
        """Ask for a page of the orders of that address, newest first. cursor: "" for the first page, else the `next` of the last."""
        ...

    def read_orders(self, answer: Any, *, limit: int, cursor: str) -> Page:
        """Raises BadAnswer, Later or AskForLess."""
        ...

    def numbers(self, *, limit: int) -> Question:
        """Ask for the numbers of the newest orders of anybody, and for nothing else of them."""
        ...

    def read_numbers(self, answer: Any) -> list[str]:
        """Raises BadAnswer or Later."""
        ...


def placed_with(email: str, orders: Iterable[Any]) -> list[Any]:
    """The orders that say themselves that they were placed with that address (lower case); one without an address is nobody's.

    The one place where it is decided what counts of an answer, for every kind of API: a shop that overlooks the filter, finds
    similar addresses as well or mixes up its customers must not show anybody another one's order.
    """
    return [order for order in orders if isinstance(order, dict) and _address(order.get("email")) == email]


def _address(value: Any) -> str | None:
    return as_stored(value) if isinstance(value, str) else None
