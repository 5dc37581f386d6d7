"""One question to a shop's API, and what it means that there is no answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orders.errors import OrdersUnavailable

# statuses that speak about this one question: asked about somebody else, the API may well answer
_OF_ONE_QUESTION = frozenset({400, 404, 405, 410, 413, 414, 422})


class ShopFailed(OrdersUnavailable):
    """The shop's API did not give what was asked for. str() is a sentence for staff, without a word of the question or the answer.

    may_mend: the same question may be answered a moment later. retry_after: seconds the shop asked for.
    status: of the answer, 0 without one. of_one: it failed because of what was asked, not because of how the shop is.
    """

    def __init__(
        self, why: str, *, may_mend: bool = False, retry_after: float | None = None, status: int = 0, of_one: bool = False
    ) -> None:
        super().__init__(f"The shop's order API cannot be used: {why}.")
        self.why = why
        self.may_mend, self.retry_after, self.status = may_mend, retry_after, status
        self.of_one = of_one or status in _OF_ONE_QUESTION


@dataclass(frozen=True, slots=True)
class Question:
    """One request. path: appended to the base address, or a path from the host's root with `from_root`.

    body: posted as JSON; None: a GET. repeatable: asking twice is the same as asking once, also for what is posted.
    """

    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    repeatable: bool = True
    from_root: bool = False
