"""API keys for programs that speak to the bot as to a language model: made here, shown once, revoked at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from chatbot.as_model.keys import BEGINNING, NameTaken, make_key, revoke_key
from chatbot.models import ApiKey
from console.access import console_page
from console.audit import Action, record
from console.money import usd
from console.roles import ADMINISTRATORS
from llm.budget_counting import dollars, used
from llm.budget_terms import forget
from llm.budgets import KEY
from llm.models import Budget

PER_MINUTE = 60  # questions, unless said otherwise
MOST_PER_MINUTE = 10_000
ENDINGS = [("", "never"), ("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year")]
MOST_SHOWN = 500
TAKEN = "There is a key with that name. Please choose another name, or revoke that key first."


class KeyForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        error_messages={
            "required": "Please give the key a name that says who uses it.",
            "max_length": "Please keep the name under 80 characters.",
        },
    )
    ends = forms.ChoiceField(choices=ENDINGS, required=False, error_messages={"invalid_choice": "Please choose when the key ends."})
    per_minute = forms.IntegerField(
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=PER_MINUTE,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Please give the questions in a minute as a whole number from 1 to {MOST_PER_MINUTE:,}.",
        ),
    )

    def problem(self) -> str:
        """All that is wrong, in sentences."""
        return " ".join(str(message) for errors in self.errors.values() for message in errors)


@dataclass(frozen=True, slots=True)
class Line:
    """A key as it is shown. tone: as in the console's badges; spent: in this calendar month; budgets: such as "$5.00 a month"."""

    key: ApiKey
    state: str
    tone: str
    spent: str = ""
    budgets: str = ""
    scope: str = ""


@console_page("GET", "POST", roles=ADMINISTRATORS)
def api_keys(request: HttpRequest) -> HttpResponse:
    """All keys, those in use first; a posted form makes one and shows it, this once."""
    if request.method == "POST":
        return _make(request)
    return _page(request, KeyForm())


def _make(request: HttpRequest) -> HttpResponse:
    form, now = KeyForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, form, problem=form.problem(), status=400)
    name, days = form.cleaned_data["name"], form.cleaned_data["ends"]
    ends = now + timedelta(days=int(days)) if days else None
    per_minute = form.cleaned_data["per_minute"]
    try:
        row, key = make_key(name, per_minute=per_minute, expires_at=ends, by=request.user.get_username(), at=now)
    except NameTaken:  # also what a page that is loaded again comes to: no second key
        return _page(request, form, problem=TAKEN, status=400)
    until = f"until {timezone.localtime(ends):%Y-%m-%d %H:%M}" if ends else "without an end"
    record(request, Action.MADE_API_KEY, subject(row), f"{until}, {per_minute} questions a minute")
    return _page(request, KeyForm(), made=row, key=key)


@console_page("POST", roles=ADMINISTRATORS)
def revoke_api_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a key open nothing any more; again is no error. Its budgets go with it: what cannot spend needs none."""
    row = get_object_or_404(ApiKey, pk=pk)
    if revoke_key(pk, by=request.user.get_username(), at=timezone.now()):
        record(request, Action.REVOKED_API_KEY, subject(row))
        Budget.objects.filter(scope=f"{KEY}{row.prefix}").delete()
        forget()
    messages.success(request, f"The key “{row.name}” opens nothing any more.")
    return redirect("console:api-keys")


def subject(key: ApiKey) -> str:
    """How a key stands in the record of what was done."""
    return f"{key.name} ({key.prefix})"


def lines_of(keys: Sequence[ApiKey], at: datetime) -> list[Line]:
    """The keys as they are shown, with what was spent on the answers to each."""
    spent = used({f"{KEY}{key.prefix}" for key in keys}, timezone.localdate(at))
    limits: dict[str, list[str]] = defaultdict(list)
    for row in Budget.objects.filter(scope__startswith=KEY):
        limits[row.scope].append(f"{usd(row.limit_usd)} a {row.period}")
    lines = []
    for key in keys:
        scope = f"{KEY}{key.prefix}"
        state, tone = state_of(key, at)
        lines.append(Line(key, state, tone, usd(dollars(spent.get(scope, (0, 0))[1])), ", ".join(limits[scope]), scope))
    return lines


def state_of(key: ApiKey, at: datetime) -> tuple[str, str]:
    if key.revoked_at is not None:
        return "Revoked", "quiet"
    return ("In use", "good") if key.is_good(at=at) else ("Expired", "warn")


def _page(
    request: HttpRequest, form: KeyForm, *, problem: str = "", made: ApiKey | None = None, key: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    rows = list(ApiKey.objects.order_by(F("revoked_at").desc(nulls_first=True), "-made_at", "-pk")[:MOST_SHOWN])
    context = {
        "lines": lines_of(rows, now),
        "beginning": BEGINNING,
        "form": form,
        "endings": ENDINGS,
        "per_minute": PER_MINUTE,
        "most": MOST_PER_MINUTE,
        "problem": problem,
        "made": made,
        "key": key,
        "base_url": request.build_absolute_uri(reverse("openai-models")).removesuffix("/models"),
        "model": settings.BOT_MODEL_NAME,
    }
    return render(request, "console/api_keys/page.html", context, status=status)
