"""One turn, from question to record."""

import asyncio
from uuid import uuid4

import pytest
from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.conversations import accept_question, start_conversation
from chatbot.models import Citation, Conversation, Message, Turn
from chatbot.turn import OrderShown, SourcesFound, TextShown, TurnFailed, TurnFinished
from orders.records import Status
from tests.factories import make_order, make_passage, moment
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = make_passage("You can return an item within 45 days from delivery.")


async def test_a_turn_shows_the_order_then_the_text_and_ends_with_the_whole_answer(run_turn):
    events, _ = await run_turn("Where's my order?", fake_services(FakeOrders(make_order())))
    assert isinstance(events[0], OrderShown)
    assert isinstance(events[-1], TurnFinished)
    shown = "".join(e.text for e in events if isinstance(e, TextShown))
    assert shown == events[-1].answer.text
    assert "#K100" in shown
    assert events[-1].answer.order_lookup


async def test_sources_are_told_before_the_words_that_cite_them(run_turn):
    events, _ = await run_turn("What is your return policy?", fake_services(policies=FakePolicies(WINDOW)))
    kinds = [type(e) for e in events]
    assert kinds.index(SourcesFound) < kinds.index(TextShown)
    assert events[-1].answer.citations[0].quote == WINDOW.text
    assert 'class="cite"' in events[-1].html


async def test_the_whole_trace_is_stored(run_turn):
    order = make_order(status=Status.DELIVERED, delivered_at=moment(11, 11))
    _, turn = await run_turn("Can I return order #K100?", fake_services(FakeOrders(order), FakePolicies(WINDOW)))
    assert (turn.state, turn.outcome) == (Turn.State.FINISHED, "answered")
    assert turn.orders[0]["number"] == "#K100"
    assert turn.evidence["passages"][0]["text"] == WINDOW.text
    assert turn.evidence["strength"] == 0.9
    assert "return" in turn.understanding["intents"]
    assert turn.route["reason"]
    assert {"understand", "orders", "search", "compose", "first_text", "total"} <= set(turn.timings_ms)
    assert [s["shown"] for s in turn.sentences]
    assert turn.viewer["email"] == "maya@example.com"
    assert turn.events[-1]["event"] == "final"
    assert await Citation.objects.filter(turn=turn, quote=WINDOW.text).aexists()
    answer = await Message.objects.aget(pk=turn.pk)
    assert answer.text == turn.answer


async def test_a_stranger_gets_no_order_and_the_door_is_not_even_asked(run_turn):
    orders = FakeOrders(make_order())
    events, turn = await run_turn("Where is order #K100?", fake_services(orders), email=None)
    assert orders.asked == []
    assert "sign in" in events[-1].answer.text
    assert events[-1].answer.needs_sign_in
    assert turn.orders == []


async def test_an_order_that_is_not_theirs_reads_like_one_that_does_not_exist(run_turn):
    orders = FakeOrders(make_order("#K100"), make_order("#K200"), owner="bo@example.com")
    texts = []
    for number in ("#K100", "#K999"):
        events, _ = await run_turn(f"Where is order {number}?", fake_services(orders))
        texts.append(events[-1].answer.text.replace(number, "X"))
    assert texts[0] == texts[1]


async def test_a_broken_policy_room_still_answers_for_orders(run_turn):
    policies = FakePolicies(WINDOW)
    policies.broken = True
    events, _ = await run_turn("Can I return order #K100?", fake_services(FakeOrders(make_order()), policies))
    assert "#K100" in events[-1].answer.text
    assert "cannot look into our policies" in events[-1].answer.text
    alone, _ = await run_turn("What is your return policy?", fake_services(policies=policies))
    assert alone[-1].answer.outcome == "failed"
    assert "cannot look into our policies" in alone[-1].answer.text


async def test_a_source_of_orders_that_is_down_is_said_and_policies_still_answer(run_turn):
    orders = FakeOrders(make_order())
    orders.down = True
    events, _ = await run_turn("Where is my order? And what is your return policy?", fake_services(orders, FakePolicies(WINDOW)))
    assert "cannot reach our order system" in events[-1].answer.text
    assert "45 days" in events[-1].answer.text


async def test_a_fault_of_ours_ends_in_a_sentence_and_keeps_its_cause(run_turn):
    async def broken():
        raise RuntimeError("no shapes today")

    events, turn = await run_turn("Where's my order?", fake_services(known_shapes=broken))
    assert isinstance(events[-1], TurnFailed)
    assert "RuntimeError" not in events[-1].message
    assert (turn.state, turn.outcome) == (Turn.State.FAILED, "failed")
    assert "no shapes today" in turn.error


async def test_a_customer_who_leaves_half_way_leaves_one_record():
    conversation, _ = await start_conversation(channel="test", at=timezone.now())
    accepted = await accept_question(conversation, "What is your return policy?", "a", at=timezone.now())
    events = answer_turn(accepted.question, fake_services(policies=FakePolicies(WINDOW)))
    async for event in events:
        if isinstance(event, TextShown):
            break
    await events.aclose()
    turn = await Turn.objects.aget(conversation=conversation)
    assert turn.state == Turn.State.ABANDONED
    assert turn.answer in event.text
    assert turn.evidence["passages"]


async def test_a_turn_that_is_cancelled_while_it_waits_is_recorded():
    conversation, _ = await start_conversation(channel="test", at=timezone.now())
    accepted = await accept_question(conversation, "What is your return policy?", "a", at=timezone.now())

    async def slow(query, **_):
        await asyncio.sleep(60)

    async def consume():
        async for _ in answer_turn(accepted.question, fake_services(search=slow)):
            pass

    task = asyncio.create_task(consume())
    while not task.done():
        await asyncio.sleep(0.05)
        task.cancel()
    turn = await Turn.objects.aget(conversation=conversation)
    assert turn.state == Turn.State.ABANDONED
    assert turn.understanding["query"]


async def test_asking_for_a_person_puts_the_conversation_before_staff(run_turn):
    _, turn = await run_turn("I want to talk to a human", fake_services())
    conversation = await Conversation.objects.aget(pk=turn.conversation_id)
    assert (conversation.state, turn.outcome) == (Conversation.State.OPEN, "handed_off")


async def test_the_next_question_knows_what_was_said_before(run_turn):
    conversation, _ = await start_conversation(channel="test", at=timezone.now())
    orders = FakeOrders(make_order("#K100", Status.DELIVERED, delivered_at=moment(11, 11)), make_order("#K200"))
    services = fake_services(orders, FakePolicies(WINDOW))
    await run_turn("Where is order #K100?", services, conversation=conversation)
    await run_turn("Can I still return it?", services, conversation=conversation)
    wanted, _ = orders.asked[-1]
    assert wanted.references == ("#K100",)


async def test_the_same_client_id_is_one_turn_and_another_text_is_refused():
    from chatbot.errors import SameKeyOtherText

    conversation, _ = await start_conversation(channel="test", at=timezone.now())
    key = uuid4().hex
    first = await accept_question(conversation, "Where's my order?", key, at=timezone.now())
    second = await accept_question(conversation, "Where's my order?", key, at=timezone.now())
    assert (first.is_new, second.is_new) == (True, False)
    assert first.turn.pk == second.turn.pk
    with pytest.raises(SameKeyOtherText):
        await accept_question(conversation, "Something else", key, at=timezone.now())
