"""What customers asked to be done: the list, one request with the order as it was and the rule behind it, and what staff decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from chatbot.models import Conversation
from chatbot.requesting import telling
from console.access import console_page
from console.audit import Action, record
from orders import requests_outbox
from orders.errors import OrdersError
from orders.models import OrderRequest, RequestMessage
from orders.requests_values import BY_THE_SHOP, LONGEST_NOTE, NEXT, By, Kind, State

PER_PAGE = 30
WAITING = "waiting"
KINDS: dict[str, str] = {
    Kind.CANCEL: "Cancel",
    Kind.RETURN: "Return",
    Kind.EXCHANGE: "Exchange",
    Kind.CHANGE_ADDRESS: "Other address",
    Kind.MISSING: "Missing parcel",
}
STATES: dict[str, str] = {
    State.OPEN: "To be decided",
    State.ACCEPTED: "Accepted",
    State.DECLINED: "Declined",
    State.DONE: "Done",
    State.WITHDRAWN: "Withdrawn",
}
TONES: dict[str, str] = {State.OPEN: "warn", State.ACCEPTED: "info", State.DECLINED: "bad", State.DONE: "good"}
SHOWN = {WAITING: "Not finished", "": "All", **STATES}
DECISIONS: dict[str, str] = {State.ACCEPTED: "Accept", State.DECLINED: "Decline", State.DONE: "Mark as done"}
ALLOWED = {
    "yes": "By the rules it is possible",
    "no": "By the rules it is not possible",
    "unknown": "The rules do not decide it",
    "": "There is no rule about this",
}
TONES_OF_RULES = {"yes": "good", "no": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    request: OrderRequest
    kind: str
    state: str
    tone: str
    age: str


@console_page("GET")
def request_list(request: HttpRequest) -> HttpResponse:
    """The requests in a state and of a kind; those to be decided first, the oldest of them on top."""
    show, kind = request.GET.get("show", WAITING), request.GET.get("kind", "")
    show, kind = show if show in SHOWN else WAITING, kind if kind in KINDS else ""
    found = OrderRequest.objects.defer("snapshot", "quotes")
    if show == WAITING:
        found = found.unfinished().order_by("-state", "created_at", "pk")  # "open" before "accepted"
    elif show:
        found = found.filter(state=show).order_by("-state_at", "-pk")
    if kind:
        found = found.filter(kind=kind)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "rows": [row_of(one, now) for one in page],
        "show": show,
        "kind": kind,
        "shown": SHOWN,
        "kinds": KINDS,
        "query": urlencode({"show": show, "kind": kind}),
        "open": OrderRequest.objects.filter(state=str(State.OPEN)).count(),
    }
    return render(request, "console/requests/list.html", context)


@console_page("GET")
def request_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(OrderRequest, pk=pk)
    record(request, Action.READ_REQUEST, str(pk))
    return _page(request, found)


@console_page("POST")
def decide_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring the request into the state that a button names, with a note that its customer reads."""
    found = get_object_or_404(OrderRequest, pk=pk)
    wanted = request.POST.get("state", "")
    note = " ".join("".join(c if c.isprintable() else " " for c in request.POST.get("note", "")).split())
    if wanted not in {str(state) for state in BY_THE_SHOP}:
        messages.error(request, "Please choose what should happen.")
        return redirect("console:request", pk)
    try:
        who = request.user.get_username()
        changed = telling.decide(pk, State(wanted), by=By.STAFF, who=who, note=note, at=timezone.now())
    except OrdersError as error:
        messages.error(request, error.user_message)
        found.refresh_from_db()
        return _page(request, found, note=note)
    if changed.is_new:
        record(request, Action.DECIDED_REQUEST, str(pk), wanted)
        messages.success(request, "The customer can read your decision in the chat.")
    return redirect("console:request", pk)


@console_page("POST")
def send_request_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let messages that the shop's system never took be tried anew."""
    found = get_object_or_404(OrderRequest, pk=pk)
    given_up = found.messages.filter(state=RequestMessage.State.GIVEN_UP).values_list("pk", flat=True)
    sent = [requests_outbox.send_again(message, at=timezone.now()) for message in list(given_up)]
    if any(sent):
        record(request, Action.SENT_REQUEST, str(pk))
        messages.success(request, "The messages are being sent again, under the same ids.")
    return redirect("console:request", pk)


def row_of(found: OrderRequest, now: datetime) -> Row:
    return Row(found, KINDS[found.kind], STATES[found.state], TONES.get(found.state, "quiet"), age(now - found.created_at))


def age(since: Any) -> str:
    """ "5 min", "3 h", "2 days": how long a request has been there."""
    minutes = int(since.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // 1440} days"


def _page(request: HttpRequest, found: OrderRequest, *, note: str = "") -> HttpResponse:
    possible = [(str(state), label) for state, label in DECISIONS.items() if state in NEXT[State(found.state)]]
    context = {
        "row": row_of(found, timezone.now()),
        "found": found,
        "pieces": _pieces(found),
        "order": _order(found.snapshot),
        "allowed": ALLOWED.get(found.allowed, found.allowed),
        "allowed_tone": TONES_OF_RULES.get(found.allowed, "quiet"),
        "events": [(event, STATES[event.state], TONES.get(event.state, "quiet")) for event in found.events.all()],
        "messages_out": list(found.messages.all()),
        "given_up": found.messages.filter(state=RequestMessage.State.GIVEN_UP).exists(),
        "talk": found.conversation_id and Conversation.objects.filter(pk=found.conversation_id).exists(),
        "decisions": possible,
        "note": note,
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "console/requests/page.html", context)


def _pieces(found: OrderRequest) -> list[str]:
    """ "1 × Linen shirt (color blue)": what is meant, in the words of the order as it was."""
    lines = {line.get("position"): line for line in found.snapshot.get("lines", [])}
    return [f"{quantity} × {name}{_options(lines.get(position, {}))}" for position, quantity, name in found.pieces]


def _order(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The parts of the snapshot that a page shows."""
    address = snapshot.get("ship_to") or {}
    city = " ".join(part for part in (address.get("zip"), address.get("city"), address.get("state")) if part)
    parts = (address.get("name"), address.get("line1"), address.get("line2"), city, address.get("country"))
    return {
        "state": snapshot.get("status"),
        "word": snapshot.get("status_text"),
        "placed": _day(snapshot.get("placed_at")),
        "shipped": _day(snapshot.get("shipped_at")),
        "delivered": _day(snapshot.get("delivered_at")),
        "expected": _day(snapshot.get("estimated_on")),
        "total": " ".join(part for part in (snapshot.get("total"), snapshot.get("currency")) if part),
        "address": ", ".join(part for part in parts if part),
        "lines": [
            f"{line.get('quantity')} × {line.get('name')}{_options(line)}{_price(line, snapshot)}"
            for line in snapshot.get("lines", [])
        ],
        "parcels": [
            " · ".join(part for part in (p.get("carrier"), p.get("tracking_number"), p.get("status_text")) if part)
            for p in snapshot.get("shipments", [])
        ],
    }


def _options(line: dict[str, Any]) -> str:
    said = [f"{name} {value}".strip() for name, value in line.get("options", []) if value]
    return f" ({', '.join(said)})" if said else ""


def _price(line: dict[str, Any], snapshot: dict[str, Any]) -> str:
    return f", {line['unit_price']} {snapshot.get('currency') or ''}".rstrip() if line.get("unit_price") else ""


def _day(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
