"""What every source of orders must do. A source's own tests take it over:

    class TestOurSource(SourceContract):
        @pytest.fixture
        def shop(self): …  # a `Shop` that holds `orders()`

`orders()` are plain orders in the names of `orders/sources/making.py`, each with its `customer_email`; a shop keeps them as it likes.
"""

from contextlib import AbstractAsyncContextManager
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import pytest

from orders.errors import OrdersUnavailable
from orders.records import Kind, Status
from orders.sources.source import Source
from orders.viewer import ANONYMOUS, Method, Viewer
from orders.wanted import OrdersFound, Wanted
from tests.orders.sources.contract_orders import ANA, BO, CY, NOW, at, signed_in
from tests.orders.sources.contract_orders import orders as orders


class Shop(Protocol):
    source: Source

    def down(self) -> AbstractAsyncContextManager[object]:
        """Within it, the shop does not answer."""
        ...


HOSTILE = [
    "'; DROP TABLE orders; --",
    "#W7345128' OR '1'='1",
    "%",
    "_",
    "\x00",
    "#W7345128\x00",
    "W7345128 UNION SELECT",
    "1" * 100_000,
    "𝟚" * 300,
    "*",
    "${x}",
    "\\",
]


class SourceContract:
    async def find(self, shop: Shop, viewer: Viewer = ANA, **wanted: Any) -> OrdersFound:
        return await shop.source.find(Wanted(**wanted), viewer=viewer, at=NOW)

    async def numbers(self, shop: Shop, viewer: Viewer = ANA, **wanted: Any) -> list[str]:
        return [record.number for record in (await self.find(shop, viewer, **wanted)).records]

    # --- who may see what ---------------------------------------------------------------------------------------------------
    @pytest.mark.parametrize(
        "viewer",
        [ANONYMOUS, Viewer("ana@example.com", None), Viewer("ana@example.com", Method.CODE, NOW), Viewer("", Method.CODE)],
        ids=["anonymous", "not verified", "expired", "no address"],
    )
    async def test_who_is_not_verified_sees_no_order(self, shop: Shop, viewer: Viewer):
        assert await self.find(shop, viewer) == OrdersFound()
        asked = await self.find(shop, viewer, references=("#W1000001",))
        assert asked == OrdersFound(missing=("#W1000001",), narrowed=True)

    @pytest.mark.parametrize("written", ["#W7345128", "w7345128", "7345128", "443521489581", "#W9990815", "9990815"])
    async def test_a_strangers_order_looks_like_one_that_does_not_exist(self, shop: Shop, written: str):
        assert await self.find(shop, references=(written,)) == OrdersFound(missing=(written,), narrowed=True)

    async def test_each_sees_their_own(self, shop: Shop):
        assert await self.numbers(shop, BO) == ["#W7345128"]
        assert await self.numbers(shop, BO, references=("443521489581",)) == ["#W7345128"]
        assert sorted(await self.numbers(shop, CY)) == ["#W3000001", "#W3000002"]
        assert await self.numbers(shop, signed_in("nobody@example.com")) == []

    @pytest.mark.parametrize("words", [("secret", "gift"), ("Bo",)])
    async def test_no_words_reach_a_strangers_order(self, shop: Shop, words: tuple[str, ...]):
        assert await self.numbers(shop, words=words) == []

    @pytest.mark.parametrize("email", ["ana@example.com", "ANA@example.COM", " ana@example.com "])
    async def test_the_case_of_an_address_does_not_count(self, shop: Shop, email: str):
        assert await self.numbers(shop, signed_in(email)) == ["#W1000003", "#W1000002", "#W1000001"]

    @pytest.mark.parametrize(
        "email",
        [
            "an@example.com",
            "xana@example.com",
            "ana@example.co",
            "%",
            "ana@example.com%",
            "_na@example.com",
            "aná@example.com",
            "' OR 1=1 --",
            "*",
            "ana@example.com\x00",
        ],
    )
    async def test_an_address_is_compared_whole(self, shop: Shop, email: str):
        assert await self.find(shop, signed_in(email)) == OrdersFound()
        assert not await shop.source.knows(email.lower())
        assert not await shop.source.placed("#W1000001", email=email.lower())

    # --- which order is meant -----------------------------------------------------------------------------------------------
    @pytest.mark.parametrize(
        "written", ["#W1000003", "w1000003", "W 1000003", "1000003", "1Z999AA10123456784", "1z 999 aa1 01 2345 6784"]
    )
    async def test_an_order_is_found_by_its_number_its_digits_or_its_parcel(self, shop: Shop, written: str):
        assert await self.numbers(shop, references=(written,)) == ["#W1000003"]

    async def test_a_number_that_is_nearly_one_of_theirs_is_offered_and_a_strangers_is_not(self, shop: Shop):
        found = await self.find(shop, references=("#W1000004",))
        assert (found.records, found.missing) == ((), ("#W1000004",))
        assert [(near.number, near.placed_on) for near in found.suggested] == [
            ("#W1000003", date(2026, 3, 9)),
            ("#W1000002", date(2026, 3, 5)),
            ("#W1000001", date(2026, 3, 1)),
        ]
        assert await self.find(shop, references=("#W7345129",)) == OrdersFound(missing=("#W7345129",), narrowed=True)

    async def test_the_end_of_a_number_finds_all_of_theirs_that_end_so(self, shop: Shop):
        assert await self.numbers(shop, endings=("003",)) == ["#W1000003"]
        assert await self.numbers(shop, endings=("6784",)) == ["#W1000003"]  # of its parcel
        assert await self.find(shop, endings=("128",)) == OrdersFound(missing=("…128",), narrowed=True)

    async def test_the_beginning_of_a_number_finds_all_of_theirs_that_begin_so(self, shop: Shop):
        assert await self.numbers(shop, endings=("W10…",)) == ["#W1000003", "#W1000002", "#W1000001"]
        assert await self.numbers(shop, endings=("1000…", "1z999…")) == ["#W1000003", "#W1000002", "#W1000001"]
        assert await self.find(shop, endings=("W73…",)) == OrdersFound(missing=("W73…",), narrowed=True)

    async def test_of_several_numbers_those_that_are_not_there_are_named(self, shop: Shop):
        found = await self.find(shop, references=("#W1000001", "#W7345128", "w1000003"))
        assert [record.number for record in found.records] == ["#W1000003", "#W1000001"]
        assert (found.total, found.missing) == (2, ("#W7345128",))

    async def test_a_possible_number_counts_where_it_hits_and_is_not_missed_where_it_does_not(self, shop: Shop):
        assert await self.numbers(shop, possible=("1000002",)) == ["#W1000002"]
        found = await self.find(shop, possible=("9310",))
        assert (found.total, found.missing, found.narrowed) == (3, (), False)

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({}, ["#W1000003", "#W1000002", "#W1000001"]),
            ({"latest": True}, ["#W1000003"]),
            ({"open_only": True}, ["#W1000003", "#W1000002"]),
            ({"open_only": True, "latest": True}, ["#W1000003"]),
            ({"words": ("blue shirt",)}, ["#W1000001"]),
            ({"words": ("my sister in Austin",)}, ["#W1000002"]),
            ({"words": ("chainsaw",)}, []),
            ({"amount": Decimal("80")}, ["#W1000002"]),
            ({"amount": Decimal("25.00")}, ["#W1000001"]),
            ({"amount": Decimal("25.01")}, []),
            ({"on_or_after": date(2026, 3, 5)}, ["#W1000003", "#W1000002"]),
            ({"on_or_after": date(2026, 3, 2), "before": date(2026, 3, 9)}, ["#W1000002"]),
        ],
    )
    async def test_orders_are_narrowed_by_what_was_said(self, shop: Shop, wanted: dict[str, Any], expected: list[str]):
        assert await self.numbers(shop, **wanted) == expected

    async def test_a_page_says_how_many_there_are_in_all(self, shop: Shop):
        found = await self.find(shop, limit=2)
        assert ([record.number for record in found.records], found.total) == (["#W1000003", "#W1000002"], 3)

    @pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
    async def test_hostile_numbers_name_nothing_and_break_nothing(self, shop: Shop, written: str):
        for viewer in (ANA, BO):
            found = await self.find(shop, viewer, references=(written,))
            expected = () if "7345128" not in written or viewer is ANA else found.records  # Bo's own, in odd letters, may be found
            assert (found.records, found.missing) == (expected, () if expected else (written,))
        assert not await shop.source.placed(written, email="ana@example.com")
        assert await self.numbers(shop, BO) == ["#W7345128"]

    # --- what is known of it ------------------------------------------------------------------------------------------------
    async def test_a_record_tells_all_that_the_shop_knows(self, shop: Shop):
        (record,) = (await self.find(shop, references=("#W1000001",))).records
        assert (record.status, record.status_text, record.currency, record.total) == (
            Status.DELIVERED,
            "delivered",
            "EUR",
            Decimal("50.00"),
        )
        assert (record.placed_at, record.delivered_at) == (at(1), at(4))
        assert (record.customer_name, record.ship_to.line1, record.ship_to.city) == ("Ana Silva", "1 Elm Street", "Denver")
        (line,) = record.lines
        assert (line.name, line.options, line.unit_price, line.quantity) == (
            "T-Shirt",
            (("color", "blue"), ("size", "M")),
            Decimal("25.00"),
            2,
        )
        assert (record.paid, record.refunded) == (Decimal("50.00"), Decimal("25.00"))
        assert [t.kind for t in record.transactions] == [Kind.PAYMENT, Kind.REFUND]

    async def test_a_parcel_tells_where_it_is(self, shop: Shop):
        (record,) = (await self.find(shop, latest=True)).records
        (parcel,) = record.shipments
        assert (parcel.carrier, parcel.status, parcel.shipped_at) == ("UPS", Status.IN_TRANSIT, at(10))
        assert parcel.tracking_url == "https://ups.example/1Z999AA10123456784"
        assert [(event.at, event.description, event.place) for event in parcel.events] == [
            (at(10), "Picked up", "Austin"),
            (at(11), "Departed facility", "Memphis"),
        ]
        assert (record.status, record.expected_on, record.shipped_at) == (Status.IN_TRANSIT, date(2026, 3, 22), at(10))

    async def test_what_is_not_known_is_not_made_up(self, shop: Shop):
        (record,) = (await self.find(shop, CY, references=("#W3000001",))).records
        assert (record.status, record.status_text) == (Status.UNKNOWN, "Waiting for the moon")
        assert (record.placed_at, record.total, record.shipped_at, record.delivered_at, record.expected_on) == (None,) * 5
        assert (record.lines, record.shipments, record.transactions, bool(record.ship_to)) == ((), (), (), False)

    # --- for verification, and for reading numbers in text --------------------------------------------------------------------
    async def test_who_placed_what_is_known_for_verification(self, shop: Shop):
        assert await shop.source.knows("bo@example.com")
        assert not await shop.source.knows("nobody@example.com")
        assert await shop.source.placed("w 7345128", email="bo@example.com")
        assert not await shop.source.placed("#W7345128", email="ana@example.com")
        assert not await shop.source.placed("", email="ana@example.com")

    async def test_the_formats_of_numbers_are_learned(self, shop: Shop):
        shapes = await shop.source.shapes()
        assert shapes.match("W7777777")
        assert not shapes.match("X7777777")

    # --- bad days -----------------------------------------------------------------------------------------------------------
    async def test_a_source_that_is_down_says_so_and_comes_back(self, shop: Shop):
        assert (await shop.source.check()).answers
        async with shop.down():
            with pytest.raises(OrdersUnavailable) as failed:
                await self.find(shop)
            assert failed.value.user_message == OrdersUnavailable.user_message
            health = await shop.source.check()
            assert not health.answers
            assert health.since is not None
            assert health.reason.endswith(".")
        assert await self.numbers(shop, latest=True) == ["#W1000003"]
        assert (await shop.source.check()).answers
