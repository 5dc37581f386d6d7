"""What is kept of customers' orders for seconds: by the whole address, for as long as said, and not without bound."""

from datetime import UTC, datetime

from orders.records import OrderRecord, Status
from orders.sources.http_memory import Memory, Remembered

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def entry(*numbers: str, read_at: float = 0.0) -> Remembered:
    return Remembered(tuple(OrderRecord(number, Status.SHIPPED, "shipped") for number in numbers), True, NOW, read_at)


def test_an_entry_is_found_by_its_whole_address_while_it_is_young_enough():
    memory = Memory(keep=300)
    memory.put("ana@example.com", entry("#1", read_at=10))
    assert memory.get("ana@example.com", now=20, younger_than=15) is not None
    assert memory.get("ana@example.com", now=25, younger_than=15) is None
    assert memory.get("ana@example.com", now=309, younger_than=300) is not None
    assert memory.get("ana@example.com", now=310, younger_than=300) is None
    assert memory.get("ana@example.com", now=10, younger_than=300) is None  # forgotten for good
    for other in ("Ana@example.com", "ana@example.co", "", "bo@example.com"):
        assert memory.get(other, now=11, younger_than=300) is None


def test_nothing_is_kept_where_nothing_may_be():
    memory = Memory(keep=300)
    memory.put("ana@example.com", entry("#1"))
    assert memory.get("ana@example.com", now=0, younger_than=0) is None


def test_the_oldest_go_when_there_are_too_many_orders():
    memory = Memory(keep=300, most_orders=5)
    for number, name in enumerate(("ana", "bo", "cy")):
        memory.put(name, entry("#1", "#2", read_at=number))
    memory.put("nobody", entry(read_at=3))  # that there are none counts as well, or it would be without bound
    assert [memory.get(name, now=4, younger_than=300) is not None for name in ("ana", "bo", "cy", "nobody")] == [
        False,
        True,
        True,
        True,
    ]
    memory.put("big", entry(*map(str, range(9)), read_at=4))
    assert memory.get("big", now=4, younger_than=300) is None
    assert (memory._orders, len(memory._entries)) == (0, 0)


def test_what_is_read_anew_takes_the_place_of_what_was_known():
    memory = Memory(keep=300, most_orders=3)
    for read_at in range(10):
        memory.put("ana", entry("#1", "#2", read_at=read_at))
    assert memory.get("ana", now=10, younger_than=300).read_at == 9
    assert memory._orders == 2
