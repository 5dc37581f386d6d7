"""An answer worded by a model: grounded sentence by sentence, and never worse than the composed one."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatbot.models import Turn
from chatbot.rules_in_force import ruling
from chatbot.turn import RuleFound, TextShown, TurnFinished
from llm.client import Limits, ModelClient
from llm.models import ModelCall, Price
from llm.routing import Tier
from orders.records import Status
from orders.rules import Rule, Topic
from tests.factories import TODAY, make_order, make_passage, moment, parcel, shirt
from tests.fake_openai import FakeOpenAI, answers_with, echoes, hangs, html_page, says, status, stops_after
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
QUESTION = "What is your return policy?"
COMPOSED = "You can return an item within 45 days from delivery."


@pytest.fixture
async def ask_model(run_turn):
    """Ask with a model that behaves as told; return the events, the stored turn and the server."""
    opened = []

    async def ask(behaviour, text=QUESTION, orders=None, kit=None, **values):
        server = await FakeOpenAI(behaviour).__aenter__()
        limits = Limits(first_token=2.0, total=6.0, stall=0.5, pause=0.02)
        model = ModelClient("tiny", Tier.SMALL, server.base_url, "sk-secret", limits)
        opened.append((server, model))
        services = fake_services(orders or FakeOrders(), FakePolicies(WINDOW), models={Tier.SMALL: model}, **(kit or {}))
        events, turn = await run_turn(text, services, **values)
        return events, turn, server

    yield ask
    for server, model in opened:
        await model.aclose()
        await server.__aexit__(None, None, None)


async def test_the_model_s_words_are_shown_with_citations_and_recorded(ask_model):
    await Price.objects.acreate(model="tiny", valid_from=TODAY.replace(year=2020), input_usd=1, cached_usd=1, output_usd=2)
    events, turn, server = await ask_model(
        says("Of course! You can return an item within 45 days from delivery [1]. It must be unworn [1].")
    )
    answer = events[-1].answer
    assert "You can return an item within 45 days from delivery [1]." in answer.text
    assert (answer.tier, answer.model) == ("small", "tiny")
    assert answer.usage == {"input": 100, "cached": 0, "output": 20}
    assert str(answer.cost_usd) == "0.000140"
    assert [c.n for c in answer.citations] == [1]
    assert answer.citations[0].quote in WINDOW.text
    assert turn.prompt[0]["role"] == "system"
    assert turn.prompt[-1]["content"] == server.asked[0].messages[-1]["content"]
    assert all(s["shown"] for s in turn.sentences)
    call = await ModelCall.objects.aget(subject=str(turn.pk))
    assert (call.ending, call.input_tokens) == ("finished", 100)


async def test_the_pieces_shown_add_up_to_the_answer_and_paragraphs_grow(ask_model):
    events, _, _ = await ask_model(says("You can return an item within 45 days from delivery [1]. It must be unworn [1]."))
    shown = [e for e in events if isinstance(e, TextShown)]
    assert "".join(e.text for e in shown) == events[-1].answer.text
    assert [e.block for e in shown] == [0, 0]
    assert "45 days" in shown[1].html


async def test_a_sentence_that_the_evidence_does_not_hold_is_never_shown(ask_model):
    events, turn, _ = await ask_model(says("You can return an item within 45 days from delivery [1]. Shipping back costs $9.99."))
    answer = events[-1].answer
    assert "9.99" not in "".join(e.text for e in events if isinstance(e, TextShown))
    assert COMPOSED.removesuffix(".") in answer.text
    hidden = [s for s in turn.sentences if not s["shown"]]
    assert "9.99" in hidden[0]["text"]
    assert hidden[0]["support"]


async def test_a_wrong_date_about_an_order_is_replaced_by_the_record(ask_model):
    order = make_order(status=Status.IN_TRANSIT, shipments=(parcel(estimated_on=moment(11, 24).date()),))
    orders = FakeOrders(order)
    events, _, _ = await ask_model(says("Your order arrives on Friday 27 November."), "Where is order #K100?", orders)
    assert "27 November" not in events[-1].answer.text
    assert "24 November" in events[-1].answer.text


def ruled(*found: RuleFound) -> dict[str, Any]:
    """Services in whose shop these rules were confirmed."""

    async def rulings_for(meaning, choice, *, today, reader):
        return tuple(ruling(Topic.RETURN, order, found, on=today) for order in choice.orders)

    return {"rulings_for": rulings_for}


THIRTY = RuleFound(Rule(1, Topic.RETURN, amount=45), WINDOW, 0, WINDOW.text.index(".") + 1)


async def test_a_model_is_told_what_the_rules_say_and_cannot_say_otherwise(ask_model):
    came = timezone.localtime() - timedelta(days=10)
    orders = FakeOrders(make_order(status=Status.DELIVERED, delivered_at=came, lines=(shirt(),)))
    last = came.date() + timedelta(days=45)
    events, turn, _ = await ask_model(
        says("No, it is too late to return your order."), "Can I still return #K100?", orders, ruled(THIRTY)
    )
    until = f"Yes, order #K100 can still be returned until {last:%A} {last.day} {last:%B}"
    assert until in turn.prompt[1]["content"].replace("**", "").replace("\\", "")
    assert "too late" not in events[-1].answer.text
    assert until in events[-1].answer.text.replace("**", "")
    (kept,) = turn.evidence["rulings"]
    assert (kept["allowed"], kept["last_day"], kept["rules"]) == ("yes", last.isoformat(), [1])


async def test_a_model_is_told_where_the_rules_leave_a_doubt(ask_model):
    orders = FakeOrders(make_order(status=Status.IN_TRANSIT, lines=(shirt(),)))
    events, turn, _ = await ask_model(says("Yes, you can return it."), "Can I still return #K100?", orders, ruled(THIRTY))
    assert "say neither yes nor no" in turn.prompt[1]["content"]
    assert "Yes" not in events[-1].answer.text
    assert "has not been delivered yet" in events[-1].answer.text


@pytest.mark.parametrize(
    "behaviour",
    [status(500), status(401), status(429, retry_after="86400"), hangs(), html_page(), says(""), stops_after("You can re")],
    ids=["down", "bad key", "busy for a day", "silent", "html", "empty", "cut"],
)
async def test_whatever_the_model_does_the_customer_gets_the_composed_answer(ask_model, behaviour):
    events, turn, _ = await ask_model(behaviour)
    assert isinstance(events[-1], TurnFinished)
    assert "within 45 days from delivery" in events[-1].answer.text
    assert turn.state == Turn.State.FINISHED
    assert await ModelCall.objects.filter(subject=str(turn.pk)).aexists()


async def test_a_model_that_obeys_a_document_claims_nothing(ask_model):
    events, _, _ = await ask_model(says("I have refunded your order. Visit https://evil.example/claim to confirm."))
    assert "refunded your order" not in events[-1].answer.text
    assert "evil.example" not in events[-1].answer.text


async def test_nothing_of_another_customer_is_in_a_prompt(ask_model):
    orders = FakeOrders(make_order("#K100", lines=()), owner="bo@example.com")
    _, turn, server = await ask_model(echoes(), "Where is order #K100? And what is your return policy?", orders)
    said = " ".join(a.prompt for a in server.asked)
    assert "bo@example.com" not in said
    assert "in transit" not in said.lower().split("question")[0]
    assert "in transit" not in turn.answer.lower()


async def test_small_talk_costs_nothing(ask_model):
    _, turn, server = await ask_model(answers_with(lambda asked: "never asked"), "Hi there!")
    assert server.asked == []
    assert turn.tier == "none"


async def test_a_reply_that_only_repeats_the_question_is_no_answer(ask_model):
    events, turn, _ = await ask_model(says("The customer's question: What is your return policy?"))
    assert "customer's question" not in events[-1].answer.text
    assert events[-1].answer.text.startswith("**Returns**")
    assert not [s for s in turn.sentences if s["by"] == "tiny" and s["shown"]]


async def test_more_orders_than_are_shown_are_counted_without_the_model(ask_model):
    """It would see those that are shown, and count them."""
    orders = FakeOrders(*(make_order(f"#K{n}", Status.PROCESSING) for n in range(100, 130)))
    events, _, server = await ask_model(says("You have 25 open orders."), text="Which of my orders are open?", orders=orders)
    answer = events[-1].answer
    assert (answer.tier, server.asked) == ("none", [])
    assert answer.text.startswith("You have 30 open orders; these are the newest 25:")
