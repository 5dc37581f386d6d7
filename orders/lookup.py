"""The one door to orders: who asks, and what they mean, to frozen records.

Everything about visibility is decided in the source's query; an unknown order and somebody else's order give the same result.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from orders.records import OrderRecord
from orders.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are meant. references: order numbers as written by the customer. The rest narrows the viewer's own orders.

    words: words of an item, its options, a recipient or a place ("blue shirt", "my sister in Denver"); may be empty.
    """

    references: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    latest: bool = False
    open_only: bool = False
    on_or_after: date | None = None
    before: date | None = None
    amount: Decimal | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class OrdersFound:
    """What the door gave: records, newest first, and how many there are in all.

    missing: references that gave no visible order, as written by the customer; unknown and foreign look alike.
    narrowed: whether `wanted` named anything that narrows (reference, words, dates, amount); False means "all of mine".
    """

    records: tuple[OrderRecord, ...] = ()
    total: int = 0
    missing: tuple[str, ...] = ()
    narrowed: bool = False


async def find_orders(wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
    """Return the viewer's own orders that match; an unverified viewer has none.

    Raises OrdersUnavailable if the source does not answer.
    """
    from orders.sources.local import find

    return await find(wanted, viewer=viewer, at=at)
