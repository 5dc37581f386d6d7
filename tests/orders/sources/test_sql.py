"""The shop's database is only read, never for long, over few connections; and it may be slow, silent, restarted or half defined."""

import asyncio
import logging
import socket
from collections.abc import Awaitable

import pytest
from sqlalchemy import Connection, event, text

from orders.errors import OrdersUnavailable
from orders.sources.sql_connection import ShopDatabase
from orders.sources.sql_dialects import Limits
from orders.sources.sql_faults import TooSlow
from orders.wanted import OrdersFound, Wanted
from tests.orders.sources.contract_orders import ANA, BO, NOW, signed_in
from tests.orders.sources.silent import SilentServer
from tests.orders.sources.sql_shops import UTC as UTC_ZONE
from tests.orders.sources.sql_shops import SqlShop, seen_through, sqlite_address

SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
}


def asked(shop: SqlShop) -> Awaitable[OrdersFound]:
    return shop.source.find(Wanted(), viewer=ANA, at=NOW)


# --- only read, never for long ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO shop_items (order_id, name) VALUES (1, 'x')", "DELETE FROM shop_orders", "CREATE TABLE more (n INTEGER)"],
)
async def test_nothing_can_be_written(any_shop, statement):
    with pytest.raises(OrdersUnavailable):
        await any_shop.database.run(lambda connection: connection.execute(text(statement)))
    assert len((await asked(any_shop)).records) == 3


async def test_a_statement_that_takes_too_long_is_ended_and_the_next_works(any_shop):
    with pytest.raises(TooSlow) as slow:
        await any_shop.database.run(lambda connection: connection.execute(text(SLOW[any_shop.kind])).all())
    assert "1 s" in str(slow.value)
    assert len((await asked(any_shop)).records) == 3


async def test_all_questions_of_a_look_up_see_one_state_of_the_data(any_shop):
    count = text("SELECT count(*) FROM shop_payments")

    def twice(connection: Connection) -> tuple[int, int]:
        before = connection.scalar(count)
        if any_shop.kind != "sqlite":  # there, a writer would wait for this reader, or not be seen either
            any_shop.run("INSERT INTO shop_payments (order_id, amount) VALUES (1, 1)")
        return before, connection.scalar(count)

    try:
        before, after = await any_shop.database.run(twice)
        assert before == after
    finally:
        any_shop.run("DELETE FROM shop_payments WHERE kind IS NULL")


async def test_many_at_once_share_few_connections(any_shop):
    patient = seen_through(any_shop, any_shop.address, seconds=60.0, connections=2)
    found = await asyncio.gather(*(asked(patient) for _ in range(20)))
    assert {len(each.records) for each in found} == {3}
    assert patient.database._engine.pool.checkedin() == 2
    patient.database.close()


async def test_errors_do_not_carry_addresses_into_the_log(any_shop, caplog):
    address = "@".join(("ana", "example.com"))  # not as it stands in this file, whose lines are in the log too

    def wrong(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM nowhere WHERE email = :email"), {"email": address})

    with pytest.raises(OrdersUnavailable) as failed:
        await any_shop.database.run(wrong)
    logging.getLogger(__name__).error("orders", exc_info=failed.value)
    assert "nowhere" in caplog.text
    assert address not in caplog.text


# --- the same work for unknown and foreign ------------------------------------------------------------------------------------
async def test_a_strangers_number_costs_the_very_same_statements_as_an_unknown_one(any_shop):
    async def sent(number: str, viewer) -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []

        def note(_connection, _cursor, statement, parameters, *_):
            seen.append((statement, repr(parameters)))

        engine = any_shop.database._engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            await any_shop.source.find(Wanted(references=(number,)), viewer=viewer, at=NOW)
            await any_shop.source.placed(number, email="ana@example.com")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return seen

    await asked(any_shop)
    foreign, unknown = await sent("#W7345128", ANA), await sent("#W9990815", ANA)
    assert foreign == unknown
    assert not any(number in str(foreign) for number in ("7345128", "9990815"))
    assert len(await sent("#W7345128", BO)) <= 16  # the look-up of one's own, and of `placed`


# --- servers that do not answer ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
async def test_a_server_that_accepts_and_says_nothing_is_given_up(kind):
    with SilentServer() as server:
        address = f"{kind}://someone:secret@127.0.0.1:{server.port}/shop"
        database = ShopDatabase(address, Limits(0.3, UTC_ZONE), connections=1)
        with pytest.raises(TooSlow, match=r"did not answer within 0\.3 s"):
            await database.run(lambda connection: None)
        database.close()


@pytest.mark.parametrize(("kind", "port"), [("postgresql", True), ("mysql", True), ("sqlite", False)])
async def test_a_server_that_is_not_there_is_told_without_its_password(kind, port, tmp_path, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"{kind}://someone:hunter2@127.0.0.1:{free.getsockname()[1]}/shop" if port else f"sqlite:///{tmp_path}/no/file"
        database = ShopDatabase(address, Limits(2.0, UTC_ZONE), connections=1)
        with pytest.raises(OrdersUnavailable, match="no connection to the order database") as failed:
            await database.run(lambda connection: None)
    logging.getLogger(__name__).error("orders", exc_info=failed.value)
    assert "hunter2" not in caplog.text


async def test_a_server_that_falls_silent_in_the_middle_holds_no_thread(postgresql_shop):
    """One thread, one connection: if either were held, nothing would be answered afterwards."""
    url = postgresql_shop.database._url
    folder = str(url.query["host"])
    with SilentServer(f"{folder}/.s.PGSQL.5432") as between:
        through = url.set(host="127.0.0.1", port=between.port, query={}).render_as_string(hide_password=False)
        shop = seen_through(postgresql_shop, through)
        assert len((await asked(shop)).records) == 3
        between.silent.set()
        with pytest.raises(TooSlow):
            await asked(shop)
        between.silent.clear()
        assert len((await asked(shop)).records) == 3
        shop.database.close()


async def test_connections_that_died_unnoticed_are_replaced(postgresql_shop):
    assert len((await asked(postgresql_shop)).records) == 3
    postgresql_shop.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'whereabouts'")
    assert len((await asked(postgresql_shop)).records) == 3


async def test_a_database_that_is_down_is_left_alone_for_a_while(tmp_path):
    shop = SqlShop(sqlite_address(tmp_path))
    shop.source._breaker.rest = 60.0
    tries = 0

    def opened(*_):
        nonlocal tries
        tries += 1

    event.listen(shop.database._engine, "begin", opened)
    for _ in range(5):
        with pytest.raises(OrdersUnavailable):
            await asked(shop)
    assert tries == 3
    health = await shop.source.check()
    assert "There is no view whereabouts_orders." in health.reason
    shop.close()


async def test_a_sample_of_numbers_that_takes_too_long_does_not_stop_look_ups(sqlite_shop, monkeypatch):
    def slow(self):
        raise TooSlow("The order database needed more than 3 s.")

    monkeypatch.setattr("orders.sources.sql_reading.Views.sample", slow)
    for _ in range(5):
        assert (await sqlite_shop.source.shapes()).is_empty
    assert len((await asked(sqlite_shop)).records) == 3


async def test_an_address_with_letters_that_only_look_like_ours_is_somebody_elses(any_shop):
    """Most databases make the Kelvin sign a k when they make letters small."""
    kelvin = "INSERT INTO shop_orders (order_id, number, customer_email, status) VALUES (77, '#W7700077', '\u212aim@example.com', 'shipped')"
    any_shop.run(kelvin)
    try:
        for wanted in (Wanted(), Wanted(references=("#W7700077",))):
            found = await any_shop.source.find(wanted, viewer=signed_in("kim@example.com"), at=NOW)
            assert (found.records, found.missing) == ((), wanted.references)
        assert not await any_shop.source.knows("kim@example.com")
    finally:
        any_shop.run("DELETE FROM shop_orders WHERE order_id = 77")
