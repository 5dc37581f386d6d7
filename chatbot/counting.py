"""Conversations counted by the day they began on: how they ended, and which of their questions needed no model.

A day is counted whole and written in one statement; anybody may call `count_days` at any time, or twice at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from chatbot.models import Conversation, ConversationDay, Turn
from chatbot.resolution import COMING_BACK, SILENCE, Asked, step_of
from chatbot.word_quality import OfModel, answered_by, calls_of
from llm.budget_counting import micros
from llm.routing import Tier

COMMAND = "command"  # the channel of `manage.py ask`: no customer asked that
FRESH = timedelta(minutes=10)  # how old the figures of a day may be that can still change
ONE = timedelta(days=1)
UNFINISHED = "unfinished"  # in place of an outcome: the customer left, or the process died


def count_days(now: datetime, *, most: int | None = None) -> bool:
    """Count the days that can still change and those never counted, the newest first, at most so many; True if none is left."""
    for done, day in enumerate(_due(now)):
        if most is not None and done >= most:
            return False
        figures = _figures(day, now)
        ConversationDay.objects.update_or_create(day=day, defaults=figures | {"counted_at": now})
    return True


def conversation_days(first: date, last: date) -> list[ConversationDay]:
    """What was counted of these days, both included, oldest first; days not counted yet are left out."""
    return list(ConversationDay.objects.filter(day__gte=first, day__lte=last).order_by("day"))


def uncounted_days(first: date, last: date, now: datetime) -> int:
    """How many of these days have conversations that were not counted yet."""
    began = Conversation.objects.order_by("created_at").values_list("created_at", flat=True).first()
    if began is None:
        return 0
    first, last = max(first, timezone.localtime(began).date()), min(last, timezone.localtime(now).date())
    return max((last - first).days + 1 - ConversationDay.objects.filter(day__gte=first, day__lte=last).count(), 0)


def _due(now: datetime) -> list[date]:
    began = Conversation.objects.order_by("created_at").values_list("created_at", flat=True).first()
    if began is None:
        return []
    counted = dict(ConversationDay.objects.values_list("day", "counted_at"))
    first, day, due = timezone.localtime(began).date(), timezone.localtime(now).date(), []
    while day >= first:
        at = counted.get(day)
        settled = _midnight(day + ONE) + COMING_BACK + SILENCE
        if at is None or (at < settled and now - at >= FRESH):
            due.append(day)
        day -= ONE
    return due


def _figures(day: date, now: datetime) -> dict[str, Any]:
    talks: dict[UUID, list[Asked]] = defaultdict(list)
    with_staff: set[UUID] = set()
    outcomes: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    by_model: dict[str, OfModel] = defaultdict(OfModel)
    spared, kept = 0, []
    for talk, talk_state, at, state, outcome, cost, route, helpful in _turns(day):
        finished = state != Turn.State.RUNNING and bool(outcome)
        talks[talk].append(Asked(at, outcome, finished, helpful))
        if talk_state != Conversation.State.BOT:
            with_staff.add(talk)
        ending = outcomes[outcome or UNFINISHED]
        ending[0] += 1
        ending[1] += micros(cost)
        way = route if isinstance(route, dict) else {}
        calls = calls_of(way)
        ending[2] += any(call.get("cost_usd") is None for call in calls)
        answered_by(calls, by_model, helpful=helpful)
        if isinstance(way.get("cache"), dict):
            kept.append(way["cache"])
        elif way.get("tier") == Tier.NONE and way.get("could"):
            spared += 1
    steps = Counter(str(step_of(asked, with_a_person=talk in with_staff, now=now)) for talk, asked in talks.items())
    return {
        "conversations": len(talks),
        "questions": sum(count for count, *_ in outcomes.values()),
        "spared": spared,
        "cached": len(kept),
        "cached_input": sum(int(one.get("input") or 0) for one in kept),
        "cached_output": sum(int(one.get("output") or 0) for one in kept),
        "steps": dict(steps),
        "outcomes": dict(outcomes),
        "by_model": {model: list(astuple(found)) for model, found in by_model.items()},
    }


def _turns(day: date) -> Iterator[tuple[Any, ...]]:
    turns = Turn.objects.filter(
        conversation__created_at__gte=_midnight(day), conversation__created_at__lt=_midnight(day + ONE)
    ).exclude(conversation__channel=COMMAND)
    names = ("conversation_id", "conversation__state", "started_at", "state", "outcome", "cost_usd", "route", "feedback__helpful")
    return turns.order_by("started_at").values_list(*names).iterator()


def _midnight(day: date) -> datetime:
    """The beginning of a day of the shop."""
    return timezone.make_aware(datetime.combine(day, time.min))
