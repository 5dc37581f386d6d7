"""Conversations: the list, and one of them with how every answer was made. Opening one is written down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from chatbot.models import ApiCall, Conversation, Turn
from chatbot.rendering import render_answer
from chatbot.transcripts import cited_by
from chatbot.turn import Cited, Role
from console.access import console_page
from console.audit import Action, record
from console.conversation_search import SearchForm, find_conversations
from console.outcomes import OUTCOMES, STATES, TONES
from console.requests import row_of
from console.traces import Trace, duration, trace_of
from orders.models import OrderRequest

PER_PAGE = 30
WHO = {Role.CUSTOMER: "Customer", Role.BOT: "Assistant", Role.STAFF: "Support"}


@dataclass(frozen=True, slots=True)
class TurnView:
    turn: Turn
    trace: Trace
    citations: tuple[Cited, ...]
    outcome: str
    tone: str
    total: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the transcript: a message, a turn without one, or an answer with its turn. html is "" for plain text."""

    who: str
    role: str
    at: datetime
    text: str = ""
    html: str = ""
    turn: TurnView | None = None


@console_page("GET")
def conversation_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    page = Paginator(find_conversations(form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": page,
        "form": form,
        "query": kept.urlencode(),
        "is_filtered": any(str(value).strip() for value in kept.values()),
        "waiting": Conversation.objects.filter(state=Conversation.State.OPEN).count(),
    }
    return render(request, "console/conversations/list.html", context)


@console_page("GET")
def conversation_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation, pk=pk)
    record(request, Action.READ_CONVERSATION, str(conversation.pk))
    context = {
        "conversation": conversation,
        "entries": entries_of(conversation),
        "state": STATES.get(conversation.state, conversation.state),
        "call": call_of(conversation),
        "requests": [row_of(one, timezone.now()) for one in requests_made_in(conversation)],
    }
    return render(request, "console/conversations/page.html", context)


@console_page("POST")
def resolve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a conversation as done; again is no error."""
    conversation = get_object_or_404(Conversation, pk=pk)
    unresolved = Conversation.objects.filter(pk=pk).exclude(state=Conversation.State.RESOLVED)
    if unresolved.update(state=Conversation.State.RESOLVED, updated_at=timezone.now()):
        record(request, Action.RESOLVED, str(conversation.pk))
    messages.success(request, "This conversation is marked as resolved.")
    return redirect("console:conversation", pk)


def requests_made_in(conversation: Conversation) -> "QuerySet[OrderRequest]":
    """What its customer asked to be done here, newest first."""
    return OrderRequest.objects.filter(conversation_id=conversation.pk).defer("snapshot", "quotes")


def call_of(conversation: Conversation) -> ApiCall | None:
    """What a program sent with its question, if this conversation is one call of the OpenAI-compatible interface."""
    return ApiCall.objects.select_related("key").filter(turn__conversation=conversation).first()


def entries_of(conversation: Conversation) -> list[Entry]:
    """The transcript, oldest first. A turn that never became a message stands where its question was asked."""
    turns = {turn.pk: turn_view(turn) for turn in conversation.turns.select_related("feedback").prefetch_related("citations")}
    placed: list[tuple[datetime, int, Entry]] = []
    for message in conversation.messages.all():
        view = turns.pop(message.pk, None)
        html = render_answer(message.text, view.citations if view else ()) if message.role == Role.BOT else ""
        who = WHO.get(Role(message.role), "") if message.role in [*Role] else message.role
        placed.append((message.created_at, message.seq, Entry(who, message.role, message.created_at, message.text, html, view)))
    after_all = max((seq for _, seq, _ in placed), default=0) + 1
    for view in turns.values():
        at = view.turn.started_at
        html = render_answer(view.turn.answer, view.citations) if view.turn.answer else ""
        placed.append((at, after_all, Entry(WHO[Role.BOT], Role.BOT, at, view.turn.answer, html, view)))
    return [entry for _, _, entry in sorted(placed, key=lambda place: place[:2])]


def turn_view(turn: Turn) -> TurnView:
    citations = cited_by(turn)
    trace = trace_of(turn, [(c.slug, c.version, c.start, c.end) for c in citations])
    total = turn.timings_ms.get("total") if isinstance(turn.timings_ms, dict) else None
    return TurnView(turn, trace, citations, *_ending(turn), total=duration(total) if isinstance(total, int | float) else "")


def _ending(turn: Turn) -> tuple[str, str]:
    """How the turn ended, and in which colour."""
    if turn.state == Turn.State.RUNNING:
        return "Still running", "info"
    if turn.state == Turn.State.ABANDONED:
        return "Abandoned: the customer left, or the process ended", "warn"
    if turn.state == Turn.State.FAILED:
        return "Failed", "bad"
    return OUTCOMES.get(turn.outcome, turn.outcome) or "Finished", TONES.get(turn.outcome, "quiet")
