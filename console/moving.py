"""Questions in the wrong group: choosing them, where they belong, and putting them there."""

from dataclasses import dataclass

import numpy as np
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from chatbot.models import QuestionGroup
from chatbot.regrouping import NotMoved, move
from console.access import console_page
from console.audit import Action, record, subject_of
from console.unanswered_groups import newest_of, wordings
from retrieval.grouping import Groups

SHOWN = 200  # questions to choose from, the newest
OFFERED = 30  # groups, the most alike
MAX_DIGITS = 15
OWN = "new"
UNCHOSEN = "Please choose where the questions are to go."


@dataclass(frozen=True, slots=True)
class Target:
    """A group that questions can be moved into. title: its most typical wording; label: of its state."""

    pk: int
    title: str
    count: int
    state: str
    label: str


@console_page("GET", "POST")
def move_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose questions of a group and where they belong; posted, put them there."""
    group = get_object_or_404(QuestionGroup, pk=pk)
    if request.method != "POST":
        return _page(request, group)
    to = request.POST.get("to", "")
    chosen = [number for text in request.POST.getlist("question")[:SHOWN] if (number := _id(text)) is not None]
    into = _id(to)
    if into is None and to != OWN:
        return _page(request, group, chosen, to, problem=UNCHOSEN)
    try:
        target, count = move(chosen, out_of=pk, into=into, by=request.user.get_username())
    except NotMoved as error:
        return _page(request, group, chosen, to, problem=error.user_message)
    words = f"{count} question{'' if count == 1 else 's'}"
    record(request, Action.MOVED_QUESTIONS, subject_of(pk), f"{words} to {subject_of(target)}")
    messages.success(request, f"{words} moved here. What is asked later does not change that.")
    return redirect("console:unanswered-group", target)


def nearest_groups(group: QuestionGroup, most: int) -> list[Target]:
    """The groups that are most like this one, whatever their state, at most so many."""
    others: QuerySet[QuestionGroup] = QuestionGroup.objects.filter(recipe=group.recipe, size__gt=0).exclude(pk=group.pk)
    rows = list(others.order_by("pk").values_list("pk", "total", "size"))
    if not rows or not group.size:
        return []
    own = np.frombuffer(group.total, dtype="<f4")
    totals = np.frombuffer(b"".join(total for _, total, _ in rows), dtype="<f4").reshape(len(rows), len(own))
    near = Groups(totals, np.array([size for *_, size in rows])).likeness(own, group.size)
    order = [rows[place][0] for place in np.argsort(-near, kind="stable")[:most]]
    found = QuestionGroup.objects.filter(pk__in=order).defer("total").annotate(count=Count("questions")).in_bulk()
    members = newest_of(order)
    return [
        Target(pk, wordings(members[pk])[0], found[pk].count, found[pk].state, found[pk].get_state_display())
        for pk in order
        if pk in found and pk in members
    ]


def _page(
    request: HttpRequest, group: QuestionGroup, chosen: list[int] | None = None, to: str = "", *, problem: str = ""
) -> HttpResponse:
    questions = list(group.questions.only("text", "vector", "recipe", "placed_by", "group")[:SHOWN])
    context = {
        "group": group,
        "title": wordings(questions)[0] if questions else "A group without questions",
        "questions": questions,
        "count": group.questions.count(),
        "targets": nearest_groups(group, OFFERED),
        "chosen": chosen or [],
        "to": to,
        "problem": problem,
    }
    return render(request, "console/unanswered/move.html", context, status=400 if problem else 200)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None
