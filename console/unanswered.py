"""Questions the documents could not answer: the list of groups, one group, and what staff decide about it."""

import logging
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from chatbot.errors import TooManyTurns
from chatbot.models import QuestionGroup, UnansweredQuestion
from chatbot.sifting import sift
from chatbot.throttling import MINUTE, limit
from console.access import console_page
from console.audit import Action, record, subject_of
from console.documents import document_row
from console.unanswered_groups import PERIODS, USUAL_PERIOD, asked_in, find_groups, since, try_again, view_groups, wordings
from retrieval.errors import RetrievalError
from retrieval.models import Document

logger = logging.getLogger(__name__)

PER_PAGE = 20
SIFTED_AT_ONCE = 1000  # turns; what is left over is the worker's
NEWEST = 50  # questions of a group that its page shows
TRIES_PER_MINUTE = 60
STATES = {"open": "Open", "done": "Done", "ignored": "Set aside"}
SAID = {
    "open": "This group is open again.",
    "done": "This group is marked as done. It opens again by itself if somebody still gets no answer.",
    "ignored": "This group is set aside. It stays so, whoever asks again.",
}
TOO_MANY = "You are trying faster than this page allows. Please wait a moment."


@console_page("GET")
def unanswered_list(request: HttpRequest) -> HttpResponse:
    """The groups in one state and period, most asked first."""
    is_complete = _catch_up()
    period = request.GET.get("period", "")
    period = period if period in PERIODS else USUAL_PERIOD
    state = request.GET.get("state", "")
    state = state if state in STATES else "open"
    start = since(period, now=timezone.now())
    found = find_groups(state, start)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    total = asked_in(start)
    context = {
        "page": page,
        "groups": view_groups(page, start, total=total),
        "total": total,
        "asked": sum(found.values_list("asked", flat=True)),
        "period": period,
        "periods": PERIODS,
        "state": state,
        "states": STATES,
        "query": urlencode({"period": period, "state": state}),
        "is_complete": is_complete,
    }
    return render(request, "console/unanswered/list.html", context)


@console_page("GET")
def unanswered_group(request: HttpRequest, pk: int) -> HttpResponse:
    """One group: its questions, the document written for it, and whether they are answered now."""
    group = get_object_or_404(QuestionGroup.objects.defer("total"), pk=pk)
    questions = _newest(group)
    context = {
        "group": group,
        "questions": questions,
        "count": group.questions.count(),
        "title": wordings(questions)[0] if questions else "",
        "state": STATES[group.state],
    }
    return render(request, "console/unanswered/page.html", context | _now(request, group, questions))


@console_page("GET")
def unanswered_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the questions again on what is in force now: a part of the group's page, for htmx; without it, the page itself."""
    group = get_object_or_404(QuestionGroup.objects.defer("total"), pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("console:unanswered-group", pk)
    return render(request, "console/unanswered/now.html", {"group": group} | _now(request, group, _newest(group)))


@console_page("POST")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a group as done, set it aside or open it again; the same again is no error."""
    group = get_object_or_404(QuestionGroup.objects.defer("total"), pk=pk)
    state = request.POST.get("state", "")
    if state not in STATES:
        messages.error(request, "Please choose what to do with these questions.")
    else:
        who = {"decided_by": request.user.get_username(), "decided_at": timezone.now(), "reopened_at": None}
        if QuestionGroup.objects.filter(pk=pk).exclude(state=state).update(state=state, **who):
            record(request, Action.DECIDED_QUESTIONS, subject_of(pk), STATES[state])
        messages.success(request, SAID[state])
    return HttpResponseRedirect(f"{reverse('console:unanswered')}?{urlencode({'state': group.state})}")


def _catch_up() -> bool:
    """Look through what was recorded since the worker looked last; False if more is left, or the embedding model fails."""
    try:
        return sift(most=SIFTED_AT_ONCE)
    except RetrievalError:
        logger.exception("the questions of the last turns could not be grouped")
        return False


def _now(request: HttpRequest, group: QuestionGroup, questions: list[UnansweredQuestion]) -> dict[str, Any]:
    """What is in force now against these questions. Nothing is stored, so it is never out of date."""
    today = timezone.localdate()
    document = Document.objects.filter(slug=group.answer).prefetch_related("versions").first() if group.answer else None
    written = document_row(document, today=today) if document and document.versions.all() else None
    try:
        limit(f"unanswered:{request.user.pk}", TRIES_PER_MINUTE, MINUTE)
        tried = try_again(questions, today=today)
    except TooManyTurns:
        return {"written": written, "tried": [], "problem": TOO_MANY}
    return {"written": written, "tried": tried, "answered": sum(entry.answers for entry in tried), "tried_at": timezone.now()}


def _newest(group: QuestionGroup) -> list[UnansweredQuestion]:
    return list(group.questions.select_related("turn").defer("turn__events", "turn__prompt", "turn__evidence")[:NEWEST])
