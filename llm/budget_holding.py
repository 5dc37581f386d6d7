"""Calls in flight: what each may cost is held back before it is made, so that calls made at the same time cannot all spend the same dollar.

A call whose process died is found by its hold: it was made, so it is metered, with what it may have cost.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from database.prepared import insert
from llm.budget_counting import ALL, Changes, dollars, micros, take, tier_scope
from llm.budget_models import Hold
from llm.models import ModelCall, SummedUp
from llm.purposes import Purpose

LOST = "lost"  # the ending of a call whose process died before it could be told

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that was granted. scopes: the headings of the budgets it is held back from."""

    id: UUID
    day: date
    scopes: tuple[str, ...]
    micros: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that is to be made. micros: the most it may cost, None without a price; tokens: what it was worked out from."""

    model: str
    tier: str
    micros: int | None
    input_tokens: int
    output_tokens: int


class _Refused(Exception):
    """The heading whose counter has no room."""


def hold(wish: Wish, rooms: Mapping[str, int], *, day: date, at: datetime, until: datetime) -> Held | str:
    """Hold back what a call may cost; or the heading under which there is no room for it.

    rooms: by heading, what the day's counter may come to, in micros. A counter below that takes one more call, even if the call is
    larger than what is left: what was in flight is the most by which a budget can be passed.
    """
    amount = wish.micros or 0
    made = Held(uuid4(), day, tuple(sorted(rooms)), amount)
    try:
        with transaction.atomic():
            for scope in made.scopes:
                if not take(scope, day, amount, rooms[scope]):
                    raise _Refused(scope)
            insert(
                Hold(
                    id=made.id, day=day, model=wish.model, tier=wish.tier, scopes=list(made.scopes), micros=wish.micros,
                    input_tokens=wish.input_tokens, output_tokens=wish.output_tokens, at=at, until=until,
                )
            )  # fmt: skip
    except _Refused as refused:
        return str(refused)
    return made


def give_back(held: Held, changes: Changes) -> tuple[str, ...]:
    """End a hold; return the headings that the call is charged to. Once only: a hold that is gone gives nothing back.

    changes: of the caller's transaction, which writes them.
    """
    if Hold.objects.filter(pk=held.id).delete()[0]:
        changes.add(held.scopes, held.day, held=-held.micros)
    else:
        _forget_lost(held, changes)
    return held.scopes


def _forget_lost(held: Held, changes: Changes) -> None:
    """Take back that a call was lost: its process had only slept, and now tells what it really used.

    Not on days that are summed up: what stands there stays.
    """
    row = ModelCall.objects.filter(subject=_subject(held.id), ending=LOST).first()
    if row is None:
        return
    day = timezone.localtime(row.at).date()
    if SummedUp.objects.filter(until__gt=day).exists() or not ModelCall.objects.filter(pk=row.pk).delete()[0]:
        return
    if row.cost_usd:
        changes.add({ALL, tier_scope(row.tier), *held.scopes}, day, spent=-micros(row.cost_usd))


def _subject(hold: UUID) -> str:
    """Of the row of a lost call: what it was for is not known, but which hold it had."""
    return f"hold {hold}"


def meter_lost(now: datetime, *, most: int = 1000) -> int:
    """Meter the calls whose processes died while they were in flight, with what they may have cost; return how many."""
    found = 0
    for row in Hold.objects.filter(until__lt=now).order_by("until")[:most]:
        with transaction.atomic():
            if not Hold.objects.filter(pk=row.pk).delete()[0]:
                continue  # another process was faster
            call = ModelCall.objects.create(
                at=now, model=row.model, tier=row.tier, purpose=Purpose.UNKNOWN, subject=_subject(row.pk), ending=LOST, estimated=True,
                input_tokens=row.input_tokens, output_tokens=row.output_tokens, cost_usd=None if row.micros is None else dollars(row.micros),
                error="the process ended before the call did; it is counted with the most it may have cost",
            )  # fmt: skip
            changes = Changes()
            changes.add(row.scopes, row.day, held=-(row.micros or 0))
            changes.spend(call, day=timezone.localtime(now).date(), scopes=row.scopes)
            changes.write()
            found += 1
    if found:
        log.warning(
            "%d calls of models were in flight when their process ended; they are counted with what they may have cost", found
        )
    return found
