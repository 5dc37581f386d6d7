"""What an import knows of the orders that stand in the database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self

from database import bulk
from orders.models import Order


class Stored(NamedTuple):
    """One order that was there before, without what belongs to it. key: of its row; customer: likewise."""

    key: int
    customer: int
    updated_at: datetime | None

    @classmethod
    def of(cls, numbers: Sequence[str]) -> dict[str, Self]:
        """The orders with these numbers, by number."""
        rows = bulk.rows_among(Order, ("number", "id", "customer_id", "updated_at"), "number", numbers)
        return {number: cls(*row) for number, *row in rows}


@dataclass(slots=True)
class Headers:
    """The orders of a batch, after their own rows were written. keys: of those that are in the database now, by number.

    older: numbers of which something newer was known; nothing of those is written.
    """

    keys: dict[str, int]
    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    older: set[str] = field(default_factory=set)


@lru_cache(maxsize=4096)
def dumped(options: tuple[tuple[str, str], ...]) -> str:
    """Options of an item as JSON."""
    return json.dumps(options)
