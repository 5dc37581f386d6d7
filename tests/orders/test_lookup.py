"""The one door: a viewer's own orders by number, words, day, amount or state, and nothing of anybody else's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection

from orders.errors import OrdersUnavailable
from orders.lookup import OrdersFound, Wanted, find_orders, known_shapes
from orders.records import Status
from orders.sources import local
from orders.viewer import ANONYMOUS, Method, Viewer
from tests.orders.conftest import NOW, make_customer, make_order

pytestmark = pytest.mark.django_db(transaction=True)


def day(n: int) -> datetime:
    return datetime(2026, 3, n, 15, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    """Ana has three orders, Bo one."""
    make_customer("ana@example.com", first_name="Ana", last_name="Silva")
    make_order(
        "#W1000001",
        placed_at=day(1),
        status="delivered",
        total=Decimal("50.00"),
        ship_city="Denver",
        lines=[
            {
                "name": "T-Shirt",
                "options": [["color", "blue"], ["size", "M"]],
                "unit_price": Decimal("25.00"),
                "quantity": 2,
                "product_id": "9523456873",
            }
        ],
    )
    make_order(
        "#W1000002",
        placed_at=day(5),
        status="processing",
        total=Decimal("80.00"),
        ship_city="Austin",
        ship_name="Maria Silva",
        lines=[
            {"name": "Hat", "options": [["color", "blue"]]},
            {"name": "T-Shirt", "options": [["color", "red"]]},
            "Running Shoes",
        ],
    )
    make_order(
        "#W1000003",
        placed_at=day(9),
        status="shipped",
        shipments=[{"tracking_number": "1Z 999 AA1 01 2345 6784", "carrier": "UPS"}],
        lines=["Coffee Maker"],
    )
    make_order(
        "#W2000001", "bo@example.com", placed_at=day(9), lines=["Secret Gift"], shipments=[{"tracking_number": "443521489581"}]
    )


async def numbers(viewer, **wanted) -> list[str]:
    return [r.number for r in (await find_orders(Wanted(**wanted), viewer=viewer, at=NOW)).records]


@pytest.mark.parametrize(
    "viewer",
    [
        ANONYMOUS,
        Viewer("ana@example.com", None, NOW + timedelta(hours=1)),
        Viewer("ana@example.com", Method.CODE, NOW),
        Viewer("", Method.CODE, NOW + timedelta(hours=1)),
    ],
    ids=["anonymous", "not verified", "expired", "no address"],
)
async def test_who_is_not_verified_sees_no_order(shop, viewer):
    assert await find_orders(Wanted(), viewer=viewer, at=NOW) == OrdersFound()
    assert await find_orders(Wanted(references=("#W1000001",)), viewer=viewer, at=NOW) == OrdersFound(
        missing=("#W1000001",), narrowed=True
    )


@pytest.mark.parametrize("same_as_unknown", ["#W2000001", "W2000001", "2000001", "443521489581"])
async def test_an_order_of_somebody_else_looks_like_one_that_does_not_exist(shop, ana, bo, same_as_unknown):
    foreign = await find_orders(Wanted(references=(same_as_unknown,)), viewer=ana, at=NOW)
    unknown = await find_orders(Wanted(references=("#W1000009",)), viewer=ana, at=NOW)  # as near to hers as his is
    assert (foreign.records, foreign.total, foreign.missing, foreign.narrowed) == ((), 0, (same_as_unknown,), True)
    assert {one.number for one in (*foreign.suggested, *unknown.suggested)} <= {"#W1000001", "#W1000002", "#W1000003"}
    assert (await find_orders(Wanted(references=(same_as_unknown,)), viewer=bo, at=NOW)).total == 1


async def test_a_stranger_s_number_that_is_near_ones_own_suggests_what_an_unknown_one_does(ana):
    for number, email in (("#W1000001", "ana@example.com"), ("#W1000002", "bo@example.com")):
        await sync_to_async(make_order)(number, email, placed_at=day(9))
    foreign, unknown = [await find_orders(Wanted(references=(n,)), viewer=ana, at=NOW) for n in ("#W1000002", "#W1000003")]
    (one,), (other,) = foreign.suggested, unknown.suggested
    assert (one.number, one.placed_on) == (other.number, other.placed_on) == ("#W1000001", date(2026, 3, 9))
    assert (foreign.records, unknown.records) == ((), ())


async def test_unknown_and_foreign_cost_the_same_queries(shop, ana, queries):
    def sql(reference):
        with queries() as seen:
            async_to_sync(find_orders)(Wanted(references=(reference,)), viewer=ana, at=NOW)
        return [q["sql"].replace(reference.lstrip("#"), "N").replace(reference.lstrip("#W"), "N") for q in seen]

    assert await sync_to_async(sql)("#W2000001") == await sync_to_async(sql)("#W9999999")


@pytest.mark.parametrize("words", [("secret", "gift"), ("Bo",)])
async def test_no_words_reach_the_orders_of_somebody_else(shop, ana, words):
    assert await numbers(ana, words=words) == []


@pytest.mark.parametrize(
    "written", ["#W1000003", "w1000003", "W 1000003", "1000003", "1Z999AA10123456784", "1z 999 aa1 01 2345 6784"]
)
async def test_an_order_is_found_by_its_number_its_digits_or_its_parcel(shop, ana, written):
    assert await numbers(ana, references=(written,)) == ["#W1000003"]


@pytest.mark.parametrize("typo", ["#W1000004", "#X1000003", "W100003", "100000", "W10000033"])
async def test_a_number_with_a_typo_is_never_guessed(shop, ana, typo):
    found = await find_orders(Wanted(references=(typo,)), viewer=ana, at=NOW)
    assert (found.records, found.missing) == ((), (typo,))


async def test_digits_that_fit_two_orders_fit_none(ana):
    await sync_to_async(make_order)("A-5001")
    await sync_to_async(make_order)("B-5001")
    assert await numbers(ana, references=("5001",)) == []
    assert await numbers(ana, references=("b5001",)) == ["B-5001"]


async def test_several_references_give_those_that_are_there_and_name_those_that_are_not(shop, ana):
    found = await find_orders(Wanted(references=("#W1000001", "#W2000001", "w1000003", "#W1000001")), viewer=ana, at=NOW)
    assert [r.number for r in found.records] == ["#W1000003", "#W1000001"]
    assert (found.total, found.missing) == (2, ("#W2000001",))


async def test_a_possible_number_counts_where_it_hits_and_is_not_missed_where_it_does_not(shop, ana):
    assert await numbers(ana, possible=("1000002",)) == ["#W1000002"]
    found = await find_orders(Wanted(possible=("9310",)), viewer=ana, at=NOW)
    assert (found.total, found.missing, found.narrowed) == (3, (), False)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["#W1000003", "#W1000002", "#W1000001"]),
        ({"latest": True}, ["#W1000003"]),
        ({"limit": 2}, ["#W1000003", "#W1000002"]),
        ({"open_only": True}, ["#W1000003", "#W1000002"]),
        ({"words": ("blue shirts",)}, ["#W1000001"]),
        ({"words": ("blue",)}, ["#W1000002", "#W1000001"]),
        ({"words": ("blue", "hat")}, ["#W1000002"]),
        ({"words": ("tshirt", "blue")}, ["#W1000001"]),
        ({"words": ("my sister in Austin",)}, ["#W1000002"]),
        ({"words": ("Maria",)}, ["#W1000002"]),
        ({"words": ("shoe", "red shirt")}, ["#W1000002"]),
        ({"words": ("coffee machine",)}, ["#W1000003"]),
        ({"words": ("9523456873",)}, ["#W1000001"]),
        ({"words": ("chainsaw",)}, []),
        ({"words": ("green wooden coffee table lamp",)}, []),
        ({"words": ("the order",)}, ["#W1000003", "#W1000002", "#W1000001"]),
        ({"words": ("blue",), "latest": True}, ["#W1000002"]),
        ({"amount": Decimal("80")}, ["#W1000002"]),
        ({"amount": Decimal("25.00")}, ["#W1000001"]),
        ({"amount": Decimal("25.01")}, []),
        ({"on_or_after": date(2026, 3, 5)}, ["#W1000003", "#W1000002"]),
        ({"on_or_after": date(2026, 3, 2), "before": date(2026, 3, 9)}, ["#W1000002"]),
        ({"before": date(2026, 3, 1)}, []),
    ],
)
async def test_orders_are_narrowed_by_what_was_said(shop, ana, wanted, expected):
    assert await numbers(ana, **wanted) == expected


async def test_a_page_says_how_many_there_are_in_all(shop, ana):
    found = await find_orders(Wanted(limit=2), viewer=ana, at=NOW)
    assert (len(found.records), found.total, found.narrowed) == (2, 3, False)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(limit=1),
        Wanted(latest=True),
        Wanted(references=("#W1000003", "nothing 12")),
        Wanted(words=("blue", "shirt")),
        Wanted(open_only=True, latest=True),
        Wanted(amount=Decimal("80")),
    ],
    ids=["all", "page", "latest", "reference", "words", "open", "amount"],
)
async def test_a_look_up_takes_few_queries_however_many_orders(shop, ana, queries, wanted):
    def count() -> int:
        with queries() as seen:
            async_to_sync(find_orders)(wanted, viewer=ana, at=NOW)
        return len(seen)

    before = await sync_to_async(count)()
    for n in range(12):
        await sync_to_async(make_order)(
            f"#W30000{n:02}",
            placed_at=day(2),
            lines=["Blue Shirt"],
            shipments=[{"tracking_number": f"T{n}", "events": [(day(3), "Left")]}],
        )
    assert max(before, await sync_to_async(count)()) <= 7


async def test_the_days_of_an_order_are_the_shops_days(ana, settings):
    settings.TIME_ZONE = "America/Denver"
    await sync_to_async(make_order)("A1001", placed_at=datetime(2026, 3, 5, 2, 0, tzinfo=UTC))
    found = await find_orders(Wanted(on_or_after=date(2026, 3, 4), before=date(2026, 3, 5)), viewer=ana, at=NOW)
    assert found.records[0].placed_at.date() == date(2026, 3, 4)


async def test_the_formats_of_numbers_are_learned_from_the_shop(shop):
    shapes = await known_shapes()
    assert shapes.match("W7777777")
    assert not shapes.match("X7777777")


async def test_an_order_without_anything_but_a_status_is_a_record(ana):
    await sync_to_async(make_order)("A1001", status="Waiting for the moon")
    (record,) = (await find_orders(Wanted(), viewer=ana, at=NOW)).records
    assert (record.status, record.status_text) == (Status.UNKNOWN, "Waiting for the moon")
    assert (record.placed_at, record.total, record.delivered_at, record.lines, record.shipments) == (None, None, None, (), ())


def test_a_database_that_fails_is_one_error_of_ours(shop, ana, caplog):
    def broken(*_):
        raise OperationalError("disk on fire")

    with connection.execute_wrapper(broken):
        with pytest.raises(OrdersUnavailable) as failed:
            async_to_sync(find_orders)(Wanted(), viewer=ana, at=NOW)
        assert async_to_sync(known_shapes)().is_empty
    assert failed.value.user_message.endswith(".") and "disk" not in failed.value.user_message
    assert "disk on fire" in caplog.text


def test_the_order_takes_its_days_from_its_parcels_and_the_only_parcel_from_its_order(ana):
    make_order(
        "A-1",
        status="fulfilled",
        shipments=[
            {"tracking_number": "T1", "shipped_at": day(2), "delivered_at": day(4)},
            {"tracking_number": "T2", "shipped_at": day(3), "delivered_at": day(5)},
        ],
    )
    make_order(
        "A-2", status="shipped", shipped_at=day(2), estimated_delivery=date(2026, 3, 9), shipments=[{"tracking_number": "T3"}]
    )
    make_order(
        "A-3",
        status="shipped",
        shipments=[{"tracking_number": "T4", "delivered_at": day(4)}, {"tracking_number": "T5", "status": "in_transit"}],
    )
    both, one, split = (
        async_to_sync(find_orders)(Wanted(references=(n,)), viewer=ana, at=NOW).records[0] for n in ("A-1", "A-2", "A-3")
    )
    assert (both.status, both.status_text, both.shipped_at, both.delivered_at) == (Status.DELIVERED, "fulfilled", day(2), day(5))
    assert (one.status, one.shipments[0].estimated_on, one.expected_on) == (Status.SHIPPED, date(2026, 3, 9), date(2026, 3, 9))
    assert (split.status, split.delivered_at) == (Status.IN_TRANSIT, None)


def test_an_order_without_a_currency_has_that_of_the_shop_if_it_is_set(settings, ana):
    make_order("#W7", currency="")
    for said in ("", "EUR"):
        settings.SHOP_CURRENCY = said
        found = async_to_sync(find_orders)(Wanted(references=("#W7",)), viewer=ana, at=NOW)
        assert found.records[0].currency == said


async def test_beyond_what_is_looked_through_it_says_that_there_is_more(ana, monkeypatch):
    for number in range(3):
        await sync_to_async(make_order)(f"#W100000{number}", "ana@example.com", placed_at=day(9 + number))
    assert not (await find_orders(Wanted(words=("boots",)), viewer=ana, at=NOW)).unread
    monkeypatch.setattr(local, "SCANNED", 3)
    assert (await find_orders(Wanted(words=("boots",)), viewer=ana, at=NOW)).unread
