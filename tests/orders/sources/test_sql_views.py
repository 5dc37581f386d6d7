"""Views that are not all there, or not as they should be: what is missing is named, and what may be missing is not known."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from orders.errors import OrdersUnavailable
from orders.sources.sql_views import ITEMS, ORDERS
from orders.wanted import OrdersFound, Wanted
from tests.orders.sources.contract_orders import ANA, NOW
from tests.orders.sources.sql_shops import SqlShop, seen_through, sqlite_address


def asked(shop: SqlShop) -> Awaitable[OrdersFound]:
    return shop.source.find(Wanted(), viewer=ANA, at=NOW)


async def test_what_must_be_there_is_named_with_what_to_do(tmp_path):
    shop = SqlShop(sqlite_address(tmp_path))
    shop.make_table(ORDERS, without=("status", "customer_email"))
    shop.make_table(ITEMS, without=("name",))
    with pytest.raises(OrdersUnavailable) as failed:
        await asked(shop)
    assert str(failed.value) == (
        "The view whereabouts_orders lacks the columns customer_email and status: add to its definition what docs/orders-sql.md says. "
        "The view whereabouts_items lacks the column name: add to its definition what docs/orders-sql.md says."
    )
    assert failed.value.user_message == OrdersUnavailable.user_message
    shop.close()


async def test_what_may_be_missing_is_not_known_and_found_once_it_is_there(tmp_path):
    shop = SqlShop(sqlite_address(tmp_path))
    rows = [{"order_id": 1, "number": "A-1", "customer_email": "ana@example.com", "status": "shipped"}]
    shop.make_table(ORDERS, rows, without=("placed_at", "total", "tracking_numbers"))
    notes = (await shop.source.check()).notes
    assert "There is no view whereabouts_events. So what carriers reported is not known." in notes
    assert any("placed_at" in note and "not known" in note for note in notes)
    (record,) = (await asked(shop)).records
    assert (record.number, record.placed_at, record.lines) == ("A-1", None, ())
    assert await shop.source.find(Wanted(references=("T1",)), viewer=ANA, at=NOW)

    shop.make_table(ITEMS, [{"order_id": 1, "name": "Hat"}])
    shop.source._laid_out_at = float("-inf")  # a minute later
    await shop.source.check()
    assert [line.name for line in (await asked(shop)).records[0].lines] == ["Hat"]
    shop.close()


async def test_a_view_that_is_changed_under_way_costs_one_answer(sqlite_shop):
    assert len((await asked(sqlite_shop)).records) == 3
    sqlite_shop.run("DROP VIEW whereabouts_events", "ALTER TABLE shop_events RENAME TO other_events")
    with pytest.raises(OrdersUnavailable):
        await asked(sqlite_shop)
    assert len((await asked(sqlite_shop)).records) == 3


async def test_ids_of_two_kinds_are_named(postgresql_shop):
    postgresql_shop.run(
        "DROP VIEW whereabouts_events",
        "CREATE VIEW whereabouts_events AS SELECT CAST(order_id AS text) AS order_id, at, description FROM shop_events",
    )
    with pytest.raises(OrdersUnavailable, match="order_id in whereabouts_events is of another kind than in whereabouts_orders"):
        await asked(postgresql_shop)


async def test_a_view_that_may_not_be_read_is_named(postgresql_shop):
    postgresql_shop.run("CREATE ROLE clerk LOGIN", "GRANT SELECT ON whereabouts_orders TO clerk")
    try:
        shop = seen_through(
            postgresql_shop, postgresql_shop.database._url.set(username="clerk").render_as_string(hide_password=False)
        )
        assert len((await asked(shop)).records) == 3
        notes = (await shop.source.check()).notes
        assert (
            "The view whereabouts_items may not be read by the user of ORDERS_DATABASE_URL. So what was ordered is not known."
            in notes
        )
        shop.database.close()
    finally:
        postgresql_shop.run("DROP OWNED BY clerk", "DROP ROLE clerk")


async def test_options_may_stand_in_rows_of_their_own(sqlite_shop):
    sqlite_shop.run(
        "CREATE VIEW whereabouts_options AS SELECT 3 AS order_id, '7' AS item_id, 'color' AS name, 'black' AS value",
        "UPDATE shop_items SET item_id = 7 WHERE name = 'Coffee Maker'",
    )
    (record,) = (await sqlite_shop.source.find(Wanted(latest=True), viewer=ANA, at=NOW)).records
    assert record.lines[0].options == (("color", "black"),)


async def test_a_value_that_is_broken_is_not_known_and_the_order_is_told(sqlite_shop, caplog):
    sqlite_shop.run("UPDATE shop_orders SET placed_at = 'last Tuesday', total = 'a lot' WHERE number = '#W1000003'")
    records = {record.number: record for record in (await asked(sqlite_shop)).records}
    assert (records["#W1000003"].placed_at, records["#W1000003"].total) == (None, None)
    assert "aaaa aaaaaaa" in caplog.text
    assert "Tuesday" not in caplog.text


async def test_a_customer_with_many_orders_is_answered_in_as_few_questions(tmp_path):
    shop = SqlShop(sqlite_address(tmp_path))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    shop.fill(
        [
            {
                "number": f"#W{n:07}",
                "customer_email": "ana@example.com",
                "status": "shipped",
                "placed_at": start + timedelta(minutes=n),
                "items": [{"name": "Green Lamp" if n == 100 else "Hat"}],
            }
            for n in range(1500)
        ]
    )
    statements = 0

    def note(*_):
        nonlocal statements
        statements += 1

    await asked(shop)
    event.listen(shop.database._engine, "before_cursor_execute", note)
    found = await shop.source.find(Wanted(references=("#W0000003",)), viewer=ANA, at=NOW)
    assert [record.number for record in found.records] == ["#W0000003"]
    assert (await shop.source.find(Wanted(), viewer=ANA, at=NOW)).total == 1500
    assert (await shop.source.find(Wanted(words=("lamp",)), viewer=ANA, at=NOW)).records == ()  # older than the newest thousand
    assert statements < 30
    shop.close()
