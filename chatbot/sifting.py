"""Questions that the documents did not answer: looked for in recorded turns, and grouped by what they mean.

Not in the turn itself, which must not wait for it: `sift` goes through what was recorded since the last time. Anybody may call it at
any time, twice at once, or be killed in it: each query of a turn is stored once, under one lock, together with how far it went.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet

from chatbot.gaps import Gap, asked, gaps
from chatbot.models import Feedback, QuestionGroup, Sifting, Turn, UnansweredQuestion
from chatbot.question_groups import alone, keep, recount
from retrieval.grouping import UNRELATED, Groups, alike, group, to_join

AT_ONCE = 200  # turns between two commits
OVERLAP = timedelta(minutes=10)  # looked at again: turns end in another order than they began, and none takes longer
COMMAND = "command"  # the channel of `manage.py ask`: no customer asked that
Why = UnansweredQuestion.Why

logger = logging.getLogger(__name__)


class Embeds(Protocol):
    """What is needed of the embedding model; see `retrieval.embedding`."""

    @property
    def recipe(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class _Found:
    turn: UUID
    gap: Gap
    asked_at: datetime
    why: str


def sift(embedder: Embeds | None = None, *, most: int = 100_000) -> bool:
    """Look through what was recorded since the last time, at most about `most` turns; True if nothing is left.

    Raises EmbeddingFailed; what was done before it stays.
    """
    model = embedder or _embedder()
    _renew(model)
    began = Sifting.objects.order_by("pk").first() or Sifting()
    looked_at = 0
    for turns in _batches(_turns_since(began.turns_until), "started_at"):
        _store([found for turn in turns for found in _gaps_of(turn)], model, turns_until=turns[-1].started_at)
        looked_at += len(turns)
        if looked_at >= most:
            return False
    for thumbs in _batches(_thumbs_since(began.thumbs_until), "created_at"):
        _store([found for thumb in thumbs for found in _gap_behind(thumb)], model, thumbs_until=thumbs[-1].created_at)
        taken_back = [thumb.turn_id for thumb in thumbs if thumb.helpful]
        UnansweredQuestion.objects.filter(turn__in=taken_back, why=Why.THUMB_DOWN).delete()
    return True


def _embedder() -> Embeds:
    from retrieval.embedding import embedder

    return embedder()


# --- what was recorded --------------------------------------------------------------------------------------------------
def _turns_since(mark: datetime | None) -> "QuerySet[Turn]":
    turns = Turn.objects.filter(state=Turn.State.FINISHED).exclude(conversation__channel=COMMAND)
    if mark:
        turns = turns.filter(started_at__gte=mark - OVERLAP)
    return turns.only("pk", "outcome", "understanding", "evidence", "started_at")


def _thumbs_since(mark: datetime | None) -> "QuerySet[Feedback]":
    thumbs = Feedback.objects.filter(turn__state=Turn.State.FINISHED).exclude(turn__conversation__channel=COMMAND)
    if mark:
        thumbs = thumbs.filter(created_at__gte=mark - OVERLAP)
    kept = ("helpful", "created_at", "turn__understanding", "turn__evidence", "turn__started_at")
    return thumbs.select_related("turn").only(*kept)


def _batches(rows: "QuerySet[Any]", moment: str) -> Iterator[list[Any]]:
    """All rows in order of that moment, some at a time: no cursor stays open while they are worked on."""
    after = Q()
    while batch := list(rows.filter(after).order_by(moment, "pk")[:AT_ONCE]):
        yield batch
        last = getattr(batch[-1], moment)
        after = Q(**{f"{moment}__gt": last}) | Q(**{moment: last, "pk__gt": batch[-1].pk})


def _gaps_of(turn: Turn) -> list[_Found]:
    return [_Found(turn.pk, gap, turn.started_at, Why.NOT_FOUND) for gap in gaps(turn.outcome, turn.understanding, turn.evidence)]


def _gap_behind(thumb: Feedback) -> list[_Found]:
    gap = None if thumb.helpful else asked(thumb.turn.understanding, thumb.turn.evidence)
    return [_Found(thumb.turn_id, gap, thumb.turn.started_at, Why.THUMB_DOWN)] if gap else []


# --- into groups --------------------------------------------------------------------------------------------------------
def _store(found: list[_Found], model: Embeds, **mark: datetime) -> None:
    """Add what is not there yet, and note how far the look has gone, in one transaction."""
    there = set(UnansweredQuestion.objects.filter(turn__in={f.turn for f in found}).values_list("turn", "position"))
    fresh = [f for f in found if (f.turn, f.gap.position) not in there]
    # outside the lock: nobody waits for the embedding model
    vectors = np.asarray(model.embed([f.gap.text for f in fresh]), dtype="<f4")
    least = _least_alike(model) if fresh else 1.0
    with alone():
        turns = {f.turn for f in fresh}
        # another process may have been faster, and a conversation may have been deleted
        there = set(UnansweredQuestion.objects.filter(turn__in=turns).values_list("turn", "position"))
        living = set(Turn.objects.filter(pk__in=turns).values_list("pk", flat=True))
        new = [n for n, f in enumerate(fresh) if (f.turn, f.gap.position) not in there and f.turn in living]
        if new:
            _add([fresh[n] for n in new], vectors[new], model, least)
        Sifting.objects.update_or_create(pk=1, defaults=mark)


def _add(found: list[_Found], vectors: np.ndarray, model: Embeds, least: float) -> None:
    """Put the questions into their groups. A group that was done is open again when somebody still gets no answer."""
    rows, before = _groups(model)
    places, after = group(vectors, before, least=least)
    rows += [QuestionGroup(recipe=model.recipe) for _ in range(len(after.sizes) - len(rows))]
    for place in sorted(set(places)):
        keep(rows[place], after.totals[place], int(after.sizes[place]))
    UnansweredQuestion.objects.bulk_create(
        UnansweredQuestion(
            turn_id=entry.turn, position=entry.gap.position, group=rows[place], text=entry.gap.text, why=entry.why,
            strength=entry.gap.strength, asked_at=entry.asked_at, vector=vector.tobytes(), recipe=model.recipe,
        )
        for entry, vector, place in zip(found, vectors, places, strict=True)
    )  # fmt: skip
    for place, last in _last_asked(found, places).items():
        done = QuestionGroup.objects.filter(pk=rows[place].pk, state=QuestionGroup.State.DONE, decided_at__lt=last)
        done.update(state=QuestionGroup.State.OPEN, reopened_at=last)
    _join(rows, after, places, least)
    logger.info("%s questions that the documents did not answer were added", len(found))


def _last_asked(found: list[_Found], places: list[int]) -> dict[int, datetime]:
    """By group, when the last of its new questions was asked."""
    last: dict[int, datetime] = {}
    for entry, place in zip(found, places, strict=True):
        last[place] = max(entry.asked_at, last.get(place, entry.asked_at))
    return last


def _groups(model: Embeds) -> tuple[list[QuestionGroup], Groups]:
    """All groups made with this model, oldest first, and their vectors."""
    rows = list(QuestionGroup.objects.filter(recipe=model.recipe, size__gt=0).order_by("pk"))
    totals = np.frombuffer(b"".join(row.total for row in rows), dtype="<f4").reshape(len(rows), model.dimension)
    return rows, Groups(totals.astype(np.float32), np.array([row.size for row in rows], dtype=np.int64))


def _join(rows: list[QuestionGroup], groups: Groups, changed: Sequence[int], least: float) -> None:
    """Join groups that have grown towards each other, as long as nobody has decided about the one that goes, or parted them."""
    by_hand = set(UnansweredQuestion.objects.exclude(placed_by="").order_by().values_list("group", flat=True).distinct())
    apart = [place for place, row in enumerate(rows) if row.pk in by_hand]
    for kept, joined in to_join(groups, changed, least=least, apart=apart):
        if rows[joined].state != QuestionGroup.State.OPEN or rows[joined].answer or rows[kept].state != QuestionGroup.State.OPEN:
            continue
        UnansweredQuestion.objects.filter(group=rows[joined]).update(group=rows[kept])
        keep(rows[kept], groups.totals[kept] + groups.totals[joined], int(groups.sizes[kept] + groups.sizes[joined]))
        rows[joined].delete()


_measured: dict[str, float] = {}


def _least_alike(model: Embeds) -> float:
    """How alike questions must be to be put together, for this model; measured once in a process."""
    if model.recipe not in _measured:
        _measured[model.recipe] = alike(model.embed(UNRELATED))
    return _measured[model.recipe]


def _renew(model: Embeds) -> None:
    """After a change of the embedding model: give the questions new vectors. They stay in their groups, which staff know."""
    stale = UnansweredQuestion.objects.exclude(recipe=model.recipe)
    while batch := list(stale.only("pk", "text", "group_id")[:AT_ONCE]):
        vectors = np.asarray(model.embed([question.text for question in batch]), dtype="<f4")
        with alone():
            for question, vector in zip(batch, vectors, strict=True):
                # a filter, because a question goes with its conversation at any time
                UnansweredQuestion.objects.filter(pk=question.pk).update(vector=vector.tobytes(), recipe=model.recipe)
            for row in QuestionGroup.objects.filter(pk__in={question.group_id for question in batch}):
                row.recipe = model.recipe
                row.save(update_fields=["recipe"])
                recount(row)


def forget_empty() -> int:
    """Delete the groups whose questions went with their conversations; return how many."""
    with alone():
        return QuestionGroup.objects.filter(questions__isnull=True).delete()[0]
