"""The shop's own database does not answer: the customer is told so, policies still answer, and nothing is invented."""

from zoneinfo import ZoneInfo

import pytest

from orders import lookup
from orders.sources import configured
from orders.sources.sql import SqlSource
from orders.sources.sql_connection import ShopDatabase
from orders.sources.sql_dialects import Limits
from tests.factories import make_passage
from tests.fakes import FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
UTC = ZoneInfo("UTC")


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A database that is not there."""
    database = ShopDatabase(f"sqlite:///{tmp_path}/gone/orders.sqlite3", Limits(1.0, UTC), connections=1)
    source = SqlSource(database, zone=UTC, shown=UTC, currency="")
    monkeypatch.setattr(configured, "source", lambda: source)
    monkeypatch.setattr(lookup, "_memory", lookup._Memory())
    yield source
    database.close()


async def test_a_turn_without_the_shops_database(run_turn, source, caplog):
    policies = FakePolicies(make_passage("You can return an item within 45 days from delivery."))
    services = fake_services(policies=policies, find_orders=lookup.find_orders, known_shapes=lookup.known_shapes)
    events, turn = await run_turn("Where is my order #K100? And what is your return policy?", services)
    text = events[-1].answer.text
    assert "cannot reach our order system" in text
    assert "45 days" in text
    assert turn.orders == []
    assert "unable to open database file" in caplog.text  # staff can read why
    told = [record for record in caplog.records if "looked up" in record.message or "without orders" in record.message]
    assert [(record.name, bool(record.exc_info)) for record in told] == [("orders.lookup", True), ("chatbot.evidence", False)]
    assert "unable to open" not in text
    assert "maya@example.com" not in caplog.text

    health = await lookup.source_health()
    assert (health.answers, health.reason) == (False, "There is no connection to the order database.")
