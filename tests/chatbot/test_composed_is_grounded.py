"""The composed answer under the same check as a model's: no value in it that its order or its quoted words do not hold."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.composing import order_wording
from chatbot.composing.choosing import choose
from chatbot.composing.compose import compose
from chatbot.grounding import Grounds, check, cleaned
from chatbot.streaming_text import SentenceStream
from chatbot.turn import Evidence, Question
from chatbot.understanding import understand
from orders.lookup import OrdersFound
from orders.records import Event, Kind, Line, OrderRecord, Shipment, Status, Transaction
from orders.references import learn
from orders.viewer import Viewer
from tests.factories import TODAY

SHAPES = learn(["#K100", "#K200"])
QUESTIONS = (
    "Where is order #K100?",
    "Track order #K100",
    "What is in order #K100?",
    "How much was order #K100?",
    "How did I pay for order #K100?",
    "Where is my refund for order #K100?",
)
VALUES = ("money", "date", "identifier", "percentage", "duration")

_days = st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=60))
_moments = st.none() | _days.map(lambda day: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
_amounts = st.decimals(Decimal("0.01"), Decimal("99999"), places=2)
_events = st.lists(
    st.builds(Event, at=_moments.filter(bool), description=st.just("Departed facility"), place=st.just("Memphis, TN")), max_size=2
)
_parcels = st.builds(
    Shipment,
    tracking_number=st.from_regex(r"1Z[0-9]{14}", fullmatch=True),
    carrier=st.just("UPS"),
    status=st.sampled_from(Status),
    shipped_at=_moments,
    estimated_on=st.none() | _days,
    delivered_at=_moments,
    events=_events.map(tuple),
)
_payments = st.builds(Transaction, kind=st.sampled_from(Kind), amount=_amounts, method=st.just("credit_card_4821"), at=_moments)
_orders = st.builds(
    OrderRecord,
    number=st.just("#K100"),
    status=st.sampled_from(Status),
    status_text=st.just(""),
    currency=st.sampled_from(["USD", "EUR", "CHF", ""]),
    placed_at=_moments,
    total=st.none() | _amounts,
    shipped_at=_moments,
    estimated_on=st.none() | _days,
    delivered_at=_moments,
    lines=st.lists(st.builds(Line, position=st.just(1), name=st.just("Linen shirt"), unit_price=_amounts), max_size=2).map(tuple),
    shipments=st.lists(_parcels, max_size=2).map(tuple),
    transactions=st.lists(_payments, max_size=3).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(order=_orders, text=st.sampled_from(QUESTIONS))
def test_every_value_about_an_order_is_in_its_record(order, text):
    assert ungrounded(order, text, TODAY) == []


@pytest.mark.parametrize("status", list(Status))
def test_every_state_is_told_as_the_record_has_it(status):
    order = OrderRecord(number="#K100", status=status, status_text=str(status), placed_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert ungrounded(order, QUESTIONS[0], TODAY) == []


def ungrounded(order: OrderRecord, text: str, today: date) -> list[str]:
    """The values of the composed answer that the check does not find, with their sentence."""
    question = Question(uuid4(), uuid4(), text, Viewer(), datetime(2026, 11, 21, tzinfo=UTC), today)
    meaning = understand(text, today=today, shapes=SHAPES)
    evidence = Evidence(orders=OrdersFound((order,), 1, narrowed=True))
    draft = compose(meaning, evidence, today=today, minimum_strength=0.4, shop="Kite & Co")
    facts = order_wording.facts(order, today=today)
    grounds = Grounds.of(
        question, evidence, facts, choose(meaning, evidence.orders).orders, cited=draft.citations, shop="Kite & Co"
    )
    missed = []
    for sentence in draft.sentences:
        stream = SentenceStream()
        for part in (*stream.feed(sentence.text), *stream.close()):
            verdict = check(cleaned(part.text, grounds), grounds)
            if not verdict.supported and verdict.reason.split(" ")[0] in VALUES:
                missed.append(f"{verdict.reason} | {part.text}")
    return missed
