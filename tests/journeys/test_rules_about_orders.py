"""From a sentence to a yes: staff confirm what a document seems to state, the customer gets the last day with the words, until they change."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.services import services
from chatbot.turn import Answer, Question, TurnFinished
from console.roles import Role
from console.rule_suggestions import suggestions
from orders.models import Customer, Order
from orders.references import digits_of, key_of
from orders.rules_models import OrderRule
from orders.viewer import ANONYMOUS, Method, Viewer
from retrieval.audiences import Audience
from retrieval.models import Chunk, DocumentVersion
from retrieval.passages import SearchResult
from retrieval.standing_words import in_version
from tests.chatbot.rule_shop import TEXT, WINDOW, policy, replaced_by
from tests.journeys.belongings import a_user, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_limits", "own_uploads")]
ANA = Viewer("ana@example.com", Method.CODE)
NUMBER = "#W2001"


async def all_in_force(query: str, *, as_of: date, k: int, context: str, reader: Audience) -> SearchResult:
    """A search that finds every passage in force, so that no model is needed."""
    return await sync_to_async(_all_in_force)(as_of, reader)


def _all_in_force(on: date, reader: Audience) -> SearchResult:
    versions = DocumentVersion.objects.in_force(on=on).readable_by(reader)
    found = [in_version(chunk.version_id, chunk.text) for chunk in Chunk.objects.filter(version__in=versions)]
    return SearchResult(tuple(replace(one.passage, score=1.0) for one in found if one), 0.95 if found else 0.0)


async def ask(text: str, viewer: Viewer = ANA) -> Answer:
    today = timezone.localdate()
    question = Question(uuid4(), uuid4(), text, viewer, timezone.now(), today)
    kit = replace(services(), search=all_in_force, models={})
    events: list[Any] = [event async for event in answer_turn(question, kit)]
    assert isinstance(events[-1], TurnFinished), events[-1]
    return events[-1].answer


@pytest.fixture
def delivered() -> date:
    """The day on which Ana's order came."""
    day = timezone.localdate() - timedelta(days=18)
    at = timezone.make_aware(datetime(day.year, day.month, day.day, 12))
    customer = Customer.objects.create(customer_id="1", email=ANA.email or "", first_name="Ana")
    order = Order.objects.create(
        number=NUMBER,
        key=key_of(NUMBER),
        digits=digits_of(NUMBER),
        customer=customer,
        status="delivered",
        placed_at=at,
        delivered_at=at,
    )
    order.lines.create(position=1, name="Linen shirt")
    return day


async def test_a_confirmed_suggestion_answers_until_its_words_change(delivered: date):
    version = await sync_to_async(policy)()
    staff = await signed_in(await a_user(Role.SUPPORT))
    before = await ask("Can I still return my order?")
    assert "Yes" not in before.text and WINDOW in before.text

    page = (await staff.get(f"/console/documents/{version.document.slug}/rules/")).content.decode()
    suggestion = next(one.key for one in suggestions(TEXT) if one.quote == WINDOW)
    assert f"?suggestion={suggestion}" in page
    assert "Yes" not in (await ask("Can I still return my order?")).text  # suggested is not confirmed
    form = {"topic": "return", "permits": "yes", "amount": "30", "unit": "day", "start": "delivery", "quote": WINDOW}
    sent = await staff.post(f"/console/versions/{version.pk}/rule/", form | {"suggestion": suggestion})
    assert sent.status_code == 302

    last = delivered + timedelta(days=30)
    answer = await ask("Can I still return my order?")
    assert answer.text.startswith(f"Yes, order **{NUMBER}** can still be returned until {last:%A} {last.day} {last:%B}")
    assert answer.citations[0].quote == WINDOW
    assert answer.citations[0].url.startswith(f"/policies/{version.document.slug}/1/?from={TEXT.index(WINDOW)}&")

    stranger = await ask("Can I still return my order?", ANONYMOUS)
    assert NUMBER not in stranger.text and "can still be returned" not in stranger.text
    other = await ask(f"Can I still return order {NUMBER}?", Viewer("bo@example.com", Method.CODE))
    unknown = await ask("Can I still return order #W9999?", Viewer("bo@example.com", Method.CODE))
    assert other.text.replace(NUMBER, "#W9999") == unknown.text

    changed = await sync_to_async(replaced_by)(version, TEXT.replace("30 days", "45 days"))
    after = await ask("Can I still return my order?")
    assert "can still be returned until" not in after.text
    assert "45 days" in after.text and WINDOW not in after.text
    rule = await OrderRule.objects.aget()
    again = form | {"amount": "45", "quote": WINDOW.replace("30", "45"), "follows": rule.pk}
    assert (await staff.post(f"/console/versions/{changed.pk}/rule/", again)).status_code == 302
    last = delivered + timedelta(days=45)
    assert f"until {last:%A} {last.day} {last:%B}" in (await ask("Can I still return my order?")).text


async def test_nobody_confirms_a_rule_without_signing_in():
    version = await sync_to_async(policy)()
    sent = await AsyncClient().post(f"/console/versions/{version.pk}/rule/", {"topic": "return", "quote": WINDOW})
    assert sent.status_code == 302 and sent["Location"].startswith("/console/login/")
    assert not await OrderRule.objects.aexists()
