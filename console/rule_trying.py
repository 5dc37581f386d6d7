"""Trying the rules out: on an order that is made up on the page, or on a customer's, of which nothing but the verdict's own facts is shown.

A customer's order is found as the customer would find it, by number and e-mail address together, so that a number alone tells nothing; each
try is written down before anything is looked up.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chatbot.errors import TooManyTurns
from chatbot.rules_in_force import find_rules, ruling
from chatbot.throttling import MINUTE, limit
from console.access import console_page
from console.audit import Action, record
from console.rule_words import TOPICS, says, state_names
from orders.errors import OrdersUnavailable
from orders.lookup import Wanted, find_orders
from orders.records import Kind, Line, OrderRecord, Shipment, Status, Transaction
from orders.rules import Allowed, Part, Reason, Topic
from orders.viewer import Method, Viewer
from retrieval.audiences import Audience

TRIES_PER_MINUTE = 20
NOT_FOUND = "There is no order of that number with that e-mail address."
TOO_MANY = "That was tried too often. Please wait {seconds} seconds and try again."
NO_DATE = {"invalid": "Please write the dates as 2026-12-31."}
_TONES = {Allowed.YES: "good", Allowed.NO: "bad", Allowed.UNKNOWN: "warn"}


class TryForm(forms.Form):
    """The day, and an order: a made-up one, or a customer's by number and e-mail address."""

    of = forms.ChoiceField(choices=[("made up", ""), ("customer", "")])
    day = forms.DateField(required=False, error_messages=NO_DATE)
    number = forms.CharField(max_length=64, required=False)
    email = forms.CharField(max_length=254, required=False)
    state = forms.ChoiceField(choices=state_names(), required=False, initial=str(Status.DELIVERED))
    placed_on = forms.DateField(required=False, error_messages=NO_DATE)
    delivered_on = forms.DateField(required=False, error_messages=NO_DATE)
    items = forms.CharField(max_length=500, required=False)
    refunded_on = forms.DateField(required=False, error_messages=NO_DATE)
    method = forms.CharField(max_length=100, required=False)

    def problem(self) -> str:
        return " ".join(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))


@dataclass(frozen=True, slots=True)
class Row:
    """What the rules say about a topic, for some items or the whole order. rules: (id, what it says) of those it rests on."""

    topic: str
    about: str
    answer: str
    tone: str
    last_day: date | None
    reason: str
    rules: list[tuple[int, str]]
    facts: list[tuple[str, date | str]]


@console_page("GET", "POST")
def try_rules(request: HttpRequest) -> HttpResponse:
    """The form; posted, the verdicts below it. It is never in an address: e-mail addresses do not belong into logs."""
    if request.method != "POST":
        return _page(request, TryForm(initial={"day": timezone.localdate()}))
    form = TryForm(request.POST)
    if not form.is_valid():
        return _page(request, form, problem=form.problem())
    given = form.cleaned_data
    on = given["day"] or timezone.localdate()
    try:
        limit(f"rules-tried:{request.user.pk}", TRIES_PER_MINUTE, MINUTE)
        order = _of_customer(request, given) if given["of"] == "customer" else _made_up(given)
    except TooManyTurns as error:
        response = _page(request, form, problem=TOO_MANY.format(seconds=error.retry_after), status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    except OrdersUnavailable as error:
        return _page(request, form, problem=error.user_message, status=503)
    if order is None:
        return _page(request, form, problem=NOT_FOUND)
    return _page(request, form, rows=_rows(order, on), on=on, tried=True)


def _page(request: HttpRequest, form: TryForm, *, problem: str = "", status: int = 400, **found: Any) -> HttpResponse:
    context = {"form": form, "problem": problem, "states": state_names(), "of": form["of"].value() or "made up"} | found
    return render(request, "console/rules/try.html", context, status=status if problem else 200)


def _of_customer(request: HttpRequest, given: dict[str, Any]) -> OrderRecord | None:
    """The customer's order of exactly that number; None alike for an unknown one, and for one of somebody else."""
    number, email = given["number"].replace("\0", "").strip(), given["email"].replace("\0", "").strip()
    record(request, Action.TRIED_RULES, number or "no number")
    if not number or not email:
        return None
    viewer = Viewer(email, Method.OPERATOR)
    found = async_to_sync(find_orders)(Wanted(references=(number,)), viewer=viewer, at=timezone.now())
    return found.records[0] if len(found.records) == 1 else None


def _made_up(given: dict[str, Any]) -> OrderRecord:
    names = [name.strip() for name in given["items"].replace("\n", ",").split(",") if name.strip()][:20]
    delivered = _noon(given["delivered_on"])
    refunds = (
        (Transaction(Kind.REFUND_PENDING, amount=Decimal(0), method=given["method"], at=_noon(given["refunded_on"])),)
        if given["refunded_on"]
        else ()
    )
    status = Status(given["state"] or Status.DELIVERED)
    return OrderRecord(
        number="made up",
        status=status,
        status_text=str(status),
        placed_at=_noon(given["placed_on"]),
        delivered_at=delivered,
        lines=tuple(Line(at, name) for at, name in enumerate(names, 1)),
        shipments=(Shipment("made up", status=status, delivered_at=delivered),) if delivered else (),
        transactions=refunds,
    )


def _noon(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time(12))) if day else None


def _rows(order: OrderRecord, on: date) -> list[Row]:
    """A row for each topic that a rule speaks of, and for each part of the order where they differ."""
    rows = []
    found = find_rules(list(Topic), [order], today=on, reader=Audience.CUSTOMERS)[order.number]
    known = {one.rule.id: says(one.rule) for one in found}
    for topic in Topic:
        verdict = ruling(topic, order, found, on=on).verdict
        if verdict.reason is not Reason.NO_RULE:
            rows += [_row(topic, part, order, known) for part in verdict.parts]
    return rows


def _row(topic: Topic, part: Part, order: OrderRecord, known: dict[int, str]) -> Row:
    named = [line.name for line in order.lines if line.position in part.lines]
    words = {Allowed.YES: "Yes", Allowed.NO: "No", Allowed.UNKNOWN: "No conclusion"}
    if topic is Topic.REFUND:
        words = {Allowed.YES: "Not late", Allowed.NO: "Late", Allowed.UNKNOWN: "No conclusion"}
    about = ", ".join(named) if named and len(named) < len(order.lines) else ""
    rules = [(one, known[one]) for one in part.rules if one in known]
    facts = [(fact.name, fact.value) for fact in part.facts]
    return Row(TOPICS[topic], about, words[part.allowed], _TONES[part.allowed], part.last_day, str(part.reason), rules, facts)
