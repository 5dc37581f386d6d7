"""What every source of orders does. Who may see which order is decided in the query of each source, from `Viewer.email_at`."""

from datetime import datetime
from typing import Protocol

from orders.health import SourceHealth as SourceHealth
from orders.references import Shapes
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted


class Source(Protocol):
    """The shop's orders, wherever they are kept. Every method but `check` raises OrdersUnavailable, with its cause, if they cannot
    be read; its text is a sentence for staff.
    """

    async def find(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
        """The viewer's own orders that match. An unverified viewer has none; an unknown number and a stranger's look alike."""
        ...

    async def shapes(self) -> Shapes:
        """The formats of the shop's order numbers, learned from a sample; none of it is ever shown."""
        ...

    async def knows(self, email: str) -> bool:
        """Whether a customer has that e-mail address (lower case). For deciding whether a letter is written; never to be told."""
        ...

    async def placed(self, number: str, *, email: str) -> bool:
        """Whether the order of that number, as a customer writes it, was placed with that address (lower case). Never to be told."""
        ...

    async def check(self) -> SourceHealth:
        """Whether orders can be read now, for staff; never raises."""
        ...
