"""For journeys: in this process, no limit or folder shared with another test; in the browser, the people of the story."""

import csv
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chatbot import live, throttling
from chatbot.answering import answer_turn
from tests.factories import make_passage
from tests.fakes import FakeOrders, FakePolicies, fake_services

ORDERS = Path(__file__).resolve().parents[2] / "fixtures" / "orders"
QUICK = 15_000  # milliseconds, of which a calm machine needs a fifth


def rows(name: str) -> list[dict[str, str]]:
    with (ORDERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def fresh_limits() -> None:
    throttling._own_counters.clear()
    caches["default"].clear()


@pytest.fixture
def own_uploads(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
async def composed_answers() -> AsyncIterator[None]:
    """Real turns, composed without a model, over one policy and no orders; only the two searches are stand-ins."""
    policies = FakePolicies(make_passage("An umbrella may be returned within 30 days of delivery.", document="Returns"))
    services = fake_services(FakeOrders(), policies)
    live.answer_with(lambda question: answer_turn(question, services))
    yield
    await live.turns().close(grace=0)


@pytest.fixture(scope="session")
def order() -> dict[str, Any]:
    """A demo order on its way, the only one of its customer: its row, with "items" and the "tracking_url" of its parcel."""
    orders = rows("orders")
    owners = [row["customer_email"] for row in orders]
    found = next(row for row in orders if row["status"] == "in transit" and owners.count(row["customer_email"]) == 1)
    parcel = next(row for row in rows("shipments") if row["tracking_number"] == found["tracking_numbers"])
    items = [row for row in rows("order_items") if row["order_number"] == found["order_number"]]
    return found | {"items": items, "tracking_url": parcel["tracking_url"]}


@pytest.fixture
def people(browser: Browser, live_url: str) -> Iterator[Any]:
    """Makes further visitors, each with a browser and a network address of their own."""
    contexts: list[BrowserContext] = []

    def visitor(**options: Any) -> Page:
        address = f"10.9.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
        context = browser.new_context(base_url=live_url, extra_http_headers={"X-Forwarded-For": address}, **options)
        context.set_default_timeout(QUICK)
        contexts.append(context)
        return context.new_page()

    yield visitor
    for context in contexts:
        context.close()


@pytest.fixture
def colleague(people: Any, demo_accounts: dict[str, Any]) -> Any:
    """Signs somebody of that role in to the console and gives their page."""

    def opened(role: str) -> Page:
        account = next(a for a in demo_accounts["staff"] if a["role"] == role)
        page: Page = people()
        page.goto("/console/login/")
        page.get_by_label("User name").fill(account["username"])
        page.get_by_label("Password").fill(account["password"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        return page

    return opened
