"""A question about an order is answered by the version that governs it."""

from datetime import date

import pytest

from orders.records import Status
from retrieval.search import SearchResult
from tests.factories import make_order, make_passage, moment
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
THEN = make_passage("You can return an item within 30 days from delivery.", chunk_id=1, version=1, governed_by="order date")
NOW = make_passage("You can return an item within 45 days from delivery.", chunk_id=2, version=2, governed_by="order date")
CHANGED_ON = date(2026, 9, 22)


class Dated(FakePolicies):
    """Two versions of one policy; the later one is in force from CHANGED_ON."""

    async def search(self, query, *, as_of, k, context="", **_):
        self.asked.append((query, as_of, context))
        return SearchResult((NOW if as_of >= CHANGED_ON else THEN,), 0.9)


def delivered(placed):
    return FakeOrders(make_order(status=Status.DELIVERED, placed_at=placed, delivered_at=moment(10, 20)))


async def test_an_order_follows_the_version_of_the_day_it_was_placed(run_turn):
    events, turn = await run_turn("Can I still return order #K100?", fake_services(delivered(moment(9, 20)), Dated()))
    assert "within 30 days" in events[-1].answer.text
    assert "45 days" not in events[-1].answer.text
    assert turn.evidence["passages"][0]["version"] == 1


async def test_an_order_placed_since_the_change_follows_the_new_version(run_turn):
    events, _ = await run_turn("Can I still return order #K100?", fake_services(delivered(moment(10, 1)), Dated()))
    assert "within 45 days" in events[-1].answer.text


async def test_a_question_about_the_rule_alone_is_answered_by_today_s_version(run_turn):
    policies = Dated()
    events, _ = await run_turn("What is your return policy?", fake_services(delivered(moment(9, 20)), policies))
    assert "within 45 days" in events[-1].answer.text
    assert len({as_of for _, as_of, _ in policies.asked}) == 1


async def test_a_document_governed_by_today_is_not_asked_again(run_turn):
    policies = FakePolicies(make_passage("You can return an item within 45 days from delivery."))
    await run_turn("Can I still return order #K100?", fake_services(delivered(moment(9, 20)), policies))
    assert len({as_of for _, as_of, _ in policies.asked}) == 1
