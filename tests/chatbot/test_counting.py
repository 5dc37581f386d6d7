"""How conversations ended, in one ladder, and what is counted of each day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from chatbot.counting import conversation_days, count_days
from chatbot.models import Conversation, ConversationDay, Feedback, Turn
from chatbot.resolution import DEFINITIONS, Asked, Step, step_of
from chatbot.tasks import keep_accounts
from chatbot.word_quality import OfModel
from llm.models import DaySum, ModelCall

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


def asked(*outcomes: str, ago: float = 5.0, gap: float = 0.1, helpful: bool | None = None) -> list[Asked]:
    """Questions with these outcomes, so many hours ago and apart; helpful: the thumb on the last."""
    began = NOW - timedelta(hours=ago)
    last = len(outcomes) - 1
    return [
        Asked(began + timedelta(hours=gap * n), outcome, outcome != "", helpful if n == last else None)
        for n, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("questions", "with_a_person", "step"),
    [
        (asked("answered"), False, Step.ASSUMED),
        (asked("no_answer", "answered"), False, Step.ASSUMED),
        (asked("answered", helpful=True), False, Step.CONFIRMED),
        (asked("answered", helpful=False), False, Step.ABANDONED),
        (asked("answered", "no_answer"), False, Step.ABANDONED),
        (asked("asked_back"), False, Step.ABANDONED),
        (asked(""), False, Step.ABANDONED),
        (asked("answered", ago=0.5), False, Step.RUNNING),
        (asked("answered", "answered", ago=30, gap=20), False, Step.REOPENED),
        (asked("no_answer", "answered", ago=30, gap=20), False, Step.ASSUMED),
        (asked("answered", "answered", ago=300, gap=200), False, Step.ASSUMED),
        (asked("handed_off"), False, Step.HANDED_OFF),
        (asked("answered", helpful=True), True, Step.HANDED_OFF),
    ],
)
def test_each_conversation_stands_on_one_step(questions, with_a_person, step):
    assert step_of(questions, with_a_person=with_a_person, now=NOW) is step


def test_every_step_has_its_definition():
    assert set(DEFINITIONS) == set(Step)


def talk(at: datetime, *, outcome: str = "answered", channel: str = "web", route: dict | None = None, **fields) -> Turn:
    conversation = Conversation.objects.create(token_hash=uuid4().hex, channel=channel, created_at=at, updated_at=at)
    return Turn.objects.create(
        conversation=conversation, client_id="1", question="?", state=Turn.State.FINISHED, outcome=outcome, started_at=at,
        route={"tier": "small", "could": ["small"]} if route is None else route, **fields,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_day_is_counted_with_steps_outcomes_and_what_needed_no_model():
    early = NOW - timedelta(hours=4)
    Feedback.objects.create(turn=talk(early, cost_usd=Decimal("0.002")), helpful=True, created_at=NOW)
    talk(early, route={"tier": "none", "could": ["small", "large"]})
    talk(early, route={"tier": "none", "could": []}, outcome="no_answer")
    talk(early, route={"tier": "small", "could": ["small"], "cache": {"input": 900, "output": 80, "cost_usd": None}})
    talk(early, channel="command")
    assert count_days(NOW)
    (day,) = conversation_days(TODAY, TODAY)
    assert (day.conversations, day.questions, day.spared, day.cached) == (4, 4, 1, 1)
    assert (day.cached_input, day.cached_output) == (900, 80)
    assert day.steps == {"confirmed": 1, "assumed": 2, "abandoned": 1}
    assert day.outcomes == {"answered": [3, 2000, 0], "no_answer": [1, 0, 0]}


def a_reply(model: str = "tiny", heard: str = "whole", purpose: str = "answer", cost: str | None = "0.001") -> dict:
    return {"purpose": purpose, "model": model, "tier": "small", "heard": heard, "cost_usd": cost}


@pytest.mark.django_db
def test_what_each_model_answered_is_counted_by_the_one_that_was_asked_first():
    early = NOW - timedelta(hours=4)
    held_back = "a sentence is not held by the evidence: the amount $9"
    ways = [
        [a_reply()],
        [a_reply(heard=held_back), a_reply(purpose="repair"), a_reply("grand", purpose="escalation")],
        [a_reply("down", heard=""), a_reply("spare", cost=None)],  # after a failover, the endpoint that spoke
        [a_reply(heard="the model failed: timeout")],  # which says nothing of its words
        [a_reply(purpose="rephrase", heard="")],
    ]
    turns = [talk(early, route={"tier": "small", "could": ["small"], "calls": calls}) for calls in ways]
    Feedback.objects.create(turn=turns[0], helpful=True, created_at=NOW)
    Feedback.objects.create(turn=turns[1], helpful=False, created_at=NOW)
    talk(early, route={"tier": "small", "calls": "of another shape"})
    count_days(NOW)
    (day,) = conversation_days(TODAY, TODAY)
    assert day.by_model == {"tiny": [3, 2, 1, 1, 1], "spare": [1, 1, 1, 0, 0]}
    assert day.outcomes["answered"] == [6, 0, 1]


def test_a_share_of_few_replies_says_nothing():
    few, many = OfModel(), OfModel()
    few.add([10, 10, 9, 0, 0])
    many.add([10, 10, 9, 0, 0])
    many.add([20, 10, 9, 1, 0])
    assert few.share_whole is None and many.share_whole == 0.9


@pytest.mark.django_db
def test_days_are_counted_again_until_nothing_can_reopen_them():
    talk(NOW - timedelta(days=20))
    talk(NOW - timedelta(days=2))
    assert not count_days(NOW, most=5)
    assert count_days(NOW)
    assert ConversationDay.objects.count() == 21
    with_others = talk(NOW - timedelta(days=2))
    talk(NOW - timedelta(days=20))  # which cannot be: it is settled
    assert count_days(NOW + timedelta(minutes=5))
    assert conversation_days(with_others.started_at.date(), TODAY)[0].conversations == 1
    assert count_days(NOW + timedelta(minutes=11))
    days = {day.day: day.conversations for day in conversation_days(TODAY - timedelta(days=20), TODAY)}
    assert (days[TODAY - timedelta(days=2)], days[TODAY - timedelta(days=20)]) == (2, 1)


@pytest.mark.django_db
def test_the_worker_keeps_the_accounts():
    then = timezone.now() - timedelta(days=2)  # yesterday is summed up an hour after it ended
    talk(then)
    call = {"model": "tiny", "tier": "small", "purpose": "answer", "ending": "finished"}
    ModelCall.objects.create(at=then, **call)
    keep_accounts()
    keep_accounts()
    assert DaySum.objects.get().calls == 1
    assert ConversationDay.objects.get(day=timezone.localtime(then).date()).questions == 1


@pytest.mark.django_db
def test_without_conversations_there_is_nothing_to_count():
    assert count_days(NOW) and conversation_days(TODAY, TODAY) == []
