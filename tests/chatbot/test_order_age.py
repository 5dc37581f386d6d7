"""Orders that were read some time ago say so: on the card from seconds on, in the answer from a minute on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot.composing.cards import card
from chatbot.composing.wording import ago
from chatbot.turn import OrderShown
from tests.factories import TODAY, make_order, moment, parcel
from tests.fakes import FakeOrders, fake_services

NOW = moment(11, 21)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 seconds ago"), (1, "1 second ago"), (20.7, "20 seconds ago"), (60, "1 minute ago"), (299, "4 minutes ago")],
)
def test_an_age_is_said_in_seconds_then_in_minutes(seconds, said):
    assert ago(NOW - timedelta(seconds=seconds), now=NOW) == said


def test_the_card_shows_how_old_an_order_is_only_when_it_is():
    fresh = card(make_order(), today=TODAY, now=NOW)
    old = card(make_order(as_of=NOW - timedelta(seconds=20)), today=TODAY, now=NOW)
    assert (fresh["as_of"], fresh["as_of_words"]) == (None, "")
    assert old["as_of_words"] == "As of 20 seconds ago"
    assert old["as_of"].startswith("2026-11-21T")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("seconds", "is_said"), [(20, False), (185, True)])
async def test_an_answer_says_that_it_is_not_of_now_from_a_minute_on(run_turn, seconds, is_said):
    order = make_order(as_of=timezone.now() - timedelta(seconds=seconds))
    events, turn = await run_turn("Where's my order?", fake_services(FakeOrders(order)))
    (shown,) = [event for event in events if isinstance(event, OrderShown)]
    assert shown.card["as_of_words"].startswith("As of ")
    assert ("This is how it stood 3 minutes ago" in turn.answer) is is_said


def test_a_parcel_without_a_number_is_told_without_one():
    from chatbot.composing import order_wording

    order = make_order(shipments=(parcel(tracking_number=""), parcel(tracking_number="", carrier="")))
    assert order_wording.tracking(order) == ["There is no tracking number for order **#K100** yet."]
    assert order_wording.parcel(order.shipments[1], order, today=TODAY).startswith("A parcel: ")
    unknown, delivered = parcel(tracking_number="", carrier=""), parcel(tracking_number="", carrier="", delivered_at=moment(11, 20))
    shown = card(make_order(shipments=(unknown, delivered)), today=TODAY, now=NOW)["shipments"]
    assert [one["when_words"] for one in shown] == ["Delivered on Friday 20 November (yesterday)"]
    numbered = make_order(shipments=(parcel(tracking_number=""), parcel(tracking_number="1Z77")))
    assert "(no tracking number yet)" in "".join(order_wording.tracking(numbered))
