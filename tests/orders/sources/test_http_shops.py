"""Whatever JSON a shop's API answers with: records, or one of the few errors that say what is wrong with it; nothing else."""

import contextlib
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.sources.http_pages import AskForLess, BadAnswer, Later, placed_with
from orders.sources.http_shops import KINDS
from orders.sources.making import records_of
from tests.orders.sources import shop_shapes
from tests.orders.sources.shop_server import order

WHOLE = order(
    "#W1", "ana@example.com", total="25.00", currency="EUR", customer_name="Ana Ruiz", ship_city="Denver", estimated_delivery="2026-11-09",
    items=[{"name": "Hat", "options": {"color": "blue"}, "unit_price": "12.50", "quantity": 2}],
    shipments=[{"tracking_number": "1Z9", "status": "in transit", "events": [{"at": "2026-11-03T10:00:00Z", "description": "Left"}]}],
    payments=[{"kind": "payment", "amount": "25.00", "at": "2026-11-01T10:05:00Z"}, {"kind": "refund", "amount": "5.00"}],
)  # fmt: skip
ANSWERS = {
    "own": {"orders": [WHOLE], "next": "2"},
    "shopify": {
        "data": {"orders": {"pageInfo": {"hasNextPage": True, "endCursor": "2"}, "nodes": [shop_shapes.shopify(WHOLE)]}},
        "errors": [{"extensions": {"code": "ACCESS_DENIED"}}],
        "extensions": {"cost": {"requestedQueryCost": 9, "throttleStatus": {"currentlyAvailable": 1, "restoreRate": 2}}},
    },
    "woocommerce": [shop_shapes.woocommerce(WHOLE)],
}
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**30, 10**39), st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=30), st.sampled_from(["THROTTLED", "2026-13-45T99:00:00Z", "0", "-1", "[", "{}", "<p>", "CANCELLED", "\ud800"]),
    st.lists(st.none() | st.text(max_size=3), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*path, key))


def changed(value, path, put):
    if not path:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], put)
    return copy


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_answer_with_odd_values_anywhere_is_read_or_refused(kind, data):
    answer, shop = ANSWERS[kind], KINDS[kind]()
    for _ in range(data.draw(st.integers(1, 4))):
        answer = changed(answer, data.draw(st.sampled_from(list(places(answer)))), data.draw(odd))
    with contextlib.suppress(BadAnswer, Later, AskForLess):
        page = shop.read_orders(answer, limit=1, cursor="")
        assert isinstance(page.next, str)
        for record in records_of(placed_with("ana@example.com", page.orders), zone=ZoneInfo("UTC")):
            assert record.number
            assert record.total is None or (isinstance(record.total, Decimal) and record.total.is_finite())
            repr(record).encode()
    with contextlib.suppress(BadAnswer, Later):
        assert all(isinstance(number, str) for number in shop.read_numbers(answer))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_answer_itself_is_read_whole(kind):
    page = KINDS[kind]().read_orders(ANSWERS[kind], limit=1, cursor="")
    (record,) = records_of(placed_with("ana@example.com", page.orders), zone=ZoneInfo("UTC"))
    assert (record.number, str(record.total), str(record.paid), str(record.refunded)) == ("#W1", "25.00", "25.00", "5.00")
    assert (record.lines[0].options, str(record.lines[0].unit_price), record.shipments[0].tracking_number) == (
        (("color", "blue"),),
        "12.50",
        "1Z9",
    )
    assert page.next == "2"
    assert page.left_out == ("ACCESS_DENIED" if kind == "shopify" else "")
