"""Budgets: how much may be spent in a day or a month, and how far each is used up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from chatbot.models import ApiKey
from console.access import console_page
from console.audit import Action, record
from console.money import usd
from console.roles import ADMINISTRATORS
from llm import budget_terms
from llm.budget_counting import dollars, micros
from llm.budget_notices import of_visitors, standings_now
from llm.budgets import FINE, KEY, USED_UP, VISITOR, VISITORS_OF_A_NETWORK, Limit, Standing
from llm.models import Budget
from llm.unpriced import unpriced_models

LARGEST = Decimal(10_000_000)  # dollars
_AMOUNT = {
    "required": "Please give the amount in dollars, such as 25.",
    "invalid": "Please give the amount in dollars, such as 25.",
    "min_value": "A budget cannot be less than 0.",
    "max_value": f"A budget cannot be more than {LARGEST:,} dollars.",
    "max_digits": f"A budget cannot be more than {LARGEST:,} dollars.",
    "max_whole_digits": f"A budget cannot be more than {LARGEST:,} dollars.",
    "max_decimal_places": "An amount has at most six places after the point.",
}
_SHARE = "Please give the share at which to warn as a whole number from 1 to 100."


def scopes() -> list[tuple[str, str]]:
    """What a budget may be for, with its name: also each API key that opens something."""
    keys = ApiKey.objects.filter(revoked_at=None).order_by("name").values_list("prefix", "name")
    return [*Budget.Scope.choices, *((f"{KEY}{prefix}", f"the API key “{name}”") for prefix, name in keys)]


class BudgetForm(forms.Form):
    scope = forms.ChoiceField(
        choices=scopes,
        error_messages={
            "invalid_choice": "Please choose what the budget is for.",
            "required": "Please choose what the budget is for.",
        },
    )
    period = forms.ChoiceField(
        choices=Budget.Period.choices,
        error_messages={"invalid_choice": "Please choose a day or a month.", "required": "Please choose a day or a month."},
    )
    limit_usd = forms.DecimalField(min_value=0, max_value=LARGEST, max_digits=14, decimal_places=6, error_messages=_AMOUNT)
    warn_percent = forms.IntegerField(
        min_value=1, max_value=100, required=False, error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _SHARE)
    )

    def problem(self) -> str:
        """All that is wrong, in sentences, each once."""
        return " ".join(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget as it is shown. percent: of what is used, at most 100 for the bar; None where it is one of each visitor."""

    row: Budget
    name: str
    used: str
    percent: int | None
    label: str
    tone: str
    about: str


@console_page("GET", "POST", roles=ADMINISTRATORS)
def budgets(request: HttpRequest) -> HttpResponse:
    """All budgets with what is used of them; a posted form sets one, or changes the one for the same."""
    if request.method != "POST":
        return _page(request, BudgetForm(initial={"warn_percent": 80, "scope": request.GET.get("scope", "")[:20]}))
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    given = form.cleaned_data
    key = {"scope": given["scope"], "period": given["period"]}
    before = Budget.objects.filter(**key).first()
    values = {
        "limit_usd": given["limit_usd"],
        "warn_percent": given["warn_percent"] or 80,
        "changed_at": timezone.now(),
        "changed_by": request.user.get_username(),
    }
    Budget.objects.update_or_create(**key, defaults=values)
    budget_terms.forget()
    name = _name(_limit(given["scope"], given["period"], given["limit_usd"], values["warn_percent"]))
    new = f"{usd(given['limit_usd'])}, warning at {values['warn_percent']} %"
    old = f"{usd(before.limit_usd)}, warning at {before.warn_percent} % → " if before else ""
    record(request, Action.SET_BUDGET, name, old + new)
    messages.success(request, f"{_capital(name)} is {usd(given['limit_usd'])}. It counts within seconds, everywhere.")
    return redirect("console:budgets")


@console_page("POST", roles=ADMINISTRATORS)
def remove_budget(request: HttpRequest) -> HttpResponse:
    """Take a budget away. What it is for stands in the form, so that the page need not be of this moment."""
    row = Budget.objects.filter(scope=request.POST.get("scope", ""), period=request.POST.get("period", "")).first()
    if row is None:
        messages.info(request, "There is no such budget any more.")
        return redirect("console:budgets")
    name = _name(_limit(row.scope, row.period, row.limit_usd, row.warn_percent))
    row.delete()
    budget_terms.forget()
    record(request, Action.REMOVED_BUDGET, name, usd(row.limit_usd))
    messages.success(request, f"{_capital(name)} is gone. Nothing is held to it any more.")
    return redirect("console:budgets")


def budget_warnings() -> list[str]:
    """What an administrator must know of the budgets now, in sentences; nothing while all is well."""
    said = []
    for standing in standings_now(timezone.localdate()):
        if standing.level == USED_UP:
            said.append(f"{_capital(_name(standing.limit))} is used up. {_consequence(standing.limit)}")
        elif standing.level != FINE:
            spared = "" if standing.limit.tier else " The large model is spared from here on, where there is a small one."
            said.append(f"{_capital(_name(standing.limit))} is used up to {standing.percent} %.{spared}")
    return said


def _page(request: HttpRequest, form: BudgetForm, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    budget_terms.forget()  # this page shows what stands in the database now
    views = _views(list(Budget.objects.all()), today)
    context = {
        "budgets": views,
        "form": form,
        "value": {name: "" if (given := form[name].value()) is None else given for name in form.fields},
        "problem": form.problem() if form.is_bound else "",
        "scopes": scopes(),
        "periods": Budget.Period.choices,
        "without": unpriced_models(today),
    }
    return render(request, "console/costs/budgets.html", context, status=status)


def _views(rows: list[Budget], today: date) -> list[BudgetView]:
    standings = {(s.limit.scope, s.limit.period): s for s in standings_now(today)}
    visitors = {v.limit.period: v for v in of_visitors(today)}
    shown = []
    for row in rows:
        limit = _limit(row.scope, row.period, row.limit_usd, row.warn_percent)
        if row.scope == VISITOR:
            found = visitors.get(row.period)
            count = found.used_up if found else 0
            about = f"{count} visitor{'' if count == 1 else 's'} used it up {_IN_PERIOD[row.period]}."
            if found and found.networks:
                about += f" {found.networks} network{'' if found.networks == 1 else 's'} used up that of {VISITORS_OF_A_NETWORK}."
            shown.append(BudgetView(row, _capital(_name(limit)), "", None, "for each", "quiet", about))
            continue
        standing = standings.get((row.scope, row.period)) or Standing(limit, 0)
        label, tone = _LABELS[standing.level]
        about = _consequence(limit) if standing.level == USED_UP else ""
        shown.append(
            BudgetView(row, _capital(_name(limit)), usd(dollars(standing.used)), min(standing.percent, 100), label, tone, about)
        )
    return shown


_IN_PERIOD = {"day": "today", "month": "this month"}
_LABELS = {FINE: ("fine", "good"), "warning": ("nearly used up", "warn"), USED_UP: ("used up", "bad")}


def _consequence(limit: Limit) -> str:
    until = "tomorrow" if limit.period == "day" else "the end of the month"
    if limit.tier == "large":
        return f"Until {until} the small model answers in its place, or answers are composed from the records."
    if limit.key:
        return f"Who asks with it is answered from the records until {until}, in composed words, without a model."
    return f"Answers are composed from the records until {until}, without {'that model' if limit.tier else 'a model'}."


def _limit(scope: str, period: str, limit_usd: Decimal, warn_percent: int) -> Limit:
    return Limit(scope, period, micros(limit_usd), warn_percent)


def _name(limit: Limit) -> str:
    """A budget as administrators know it."""
    if limit.key:
        name = ApiKey.objects.filter(prefix=limit.key).values_list("name", flat=True).first()
        return limit.words.replace(limit.key, f"“{name}”") if name else limit.words
    return limit.words.replace("this visitor's", "each visitor's")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
