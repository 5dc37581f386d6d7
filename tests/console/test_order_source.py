"""Staff see on the overview that orders cannot be read, since when, and why."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from console import order_source
from console.order_source import in_words
from orders import lookup
from orders.health import SourceHealth
from orders.sources import configured

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def source_that_says(monkeypatch):
    def says(health: SourceHealth, *, after: float = 0.0) -> None:
        class Source:
            async def check(self):
                await asyncio.sleep(after)
                return health

        monkeypatch.setattr(configured, "source", Source)
        monkeypatch.setattr(lookup, "_memory", lookup._Memory())

    return says


@pytest.mark.django_db
def test_the_overview_says_since_when_and_why(staff_client, source_that_says):
    source_that_says(SourceHealth(False, timezone.now(), "The order database cannot be reached."))
    page = staff_client.get("/console/").content.decode()
    assert "Orders cannot be reached since " in page
    assert "The order database cannot be reached. Customers who ask about an order are told so" in page


@pytest.mark.django_db
def test_the_overview_says_nothing_while_orders_can_be_read(staff_client, source_that_says):
    source_that_says(SourceHealth())
    assert "Orders cannot be reached" not in staff_client.get("/console/").content.decode()


async def test_a_page_does_not_wait_for_an_order_system_that_hangs(source_that_says, monkeypatch):
    monkeypatch.setattr(order_source, "PATIENCE", 0.01)
    source_that_says(SourceHealth(), after=0.2)
    assert "has not answered" in await order_source.order_trouble(NOW)


def test_a_time_of_another_day_is_told_with_its_day(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    said = in_words(SourceHealth(False, datetime(2026, 3, 18, 9, 5, tzinfo=UTC), "It is gone."), NOW)
    assert said.startswith("Orders cannot be reached since 18 March, 10:05. It is gone. ")
    assert in_words(SourceHealth(False, datetime(2026, 3, 20, 9, 5, tzinfo=UTC), "It is gone."), NOW).startswith(
        "Orders cannot be reached since 10:05. "
    )
