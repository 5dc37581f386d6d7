"""Prices of models: added from a day on, never changed, so that what was spent stays what it was."""

from dataclasses import astuple
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from console.access import console_page
from console.audit import Action, record
from console.measuring import MEASURED_DAYS
from console.roles import ADMINISTRATORS
from llm.budget_terms import forget
from llm.endpoints import current
from llm.metering_days import models_called
from llm.models import ModelEndpoint, Price
from llm.prices import DEAREST, Machine, TokenPrices, add_price, price_book
from llm.throughput import Speed, measured_speed
from llm.unpriced import unpriced_models

FASTEST = 10_000_000  # tokens per second
MOST_SHOWN = 500
RENTED, OWN = "rented", "own"
_MONEY = {
    "invalid": "Please give prices as numbers, such as 0.15.",
    "min_value": "A price cannot be less than 0.",
    "max_value": f"A price cannot be more than {DEAREST:,} dollars.",
    "max_digits": f"A price cannot be more than {DEAREST:,} dollars.",
    "max_whole_digits": f"A price cannot be more than {DEAREST:,} dollars.",
    "max_decimal_places": "A price has at most six places after the point.",
}
_SPEED = {
    "invalid": "Please give speeds as numbers of tokens per second.",
    "min_value": "A speed must be more than 0 tokens per second.",
    "max_value": f"A speed cannot be more than {FASTEST:,} tokens per second.",
    "max_digits": f"A speed cannot be more than {FASTEST:,} tokens per second.",
    "max_whole_digits": f"A speed cannot be more than {FASTEST:,} tokens per second.",
    "max_decimal_places": "A speed has at most two places after the point.",
}


def _money() -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0, max_value=DEAREST, max_digits=12, decimal_places=6, required=False, error_messages=_MONEY
    )


def _speed() -> forms.DecimalField:
    return forms.DecimalField(
        min_value=Decimal("0.01"), max_value=FASTEST, max_digits=12, decimal_places=2, required=False, error_messages=_SPEED
    )


class PriceForm(forms.Form):
    model = forms.CharField(
        max_length=200,
        error_messages={"required": "Please name the model.", "max_length": "The name of a model has at most 200 characters."},
    )
    endpoint = forms.CharField(max_length=60, required=False)  # "": wherever the model is called
    valid_from = forms.DateField(
        error_messages={"required": "Please say from which day on.", "invalid": "Please give the day as a date."}
    )
    kind = forms.ChoiceField(choices=[(RENTED, ""), (OWN, "")], error_messages={"invalid_choice": "Please choose rented or own."})
    input_usd, cached_usd, output_usd, hour_usd = _money(), _money(), _money(), _money()
    input_per_second, output_per_second = _speed(), _speed()

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise forms.ValidationError("A price begins today or later: calls that were made keep what they cost.")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("endpoint") and given.get("model"):
            served = ModelEndpoint.objects.filter(name=given["endpoint"]).values_list("model", flat=True).first()
            if served is None:
                raise forms.ValidationError("There is no such endpoint any more. Please choose another, or all.")
            if served != given["model"]:
                raise forms.ValidationError(
                    f"“{given['endpoint']}” serves the model {served}. A price for it is one of that model."
                )
        if given.get("kind") == RENTED and not self.errors and None in (given.get("input_usd"), given.get("output_usd")):
            raise forms.ValidationError("Please give the prices of input and output.")
        if given.get("kind") == OWN and not self.errors and None in (given.get("hour_usd"), given.get("output_per_second")):
            raise forms.ValidationError("Please give the price of an hour and the tokens per second that were measured.")
        if given.get("kind") == OWN and not self.errors and max(astuple(self.token_prices())) > DEAREST:
            raise forms.ValidationError(
                f"At that speed 1,000,000 tokens cost more than {DEAREST:,} dollars. Please look at the price and the tokens per second."
            )
        return given

    def machine(self) -> Machine | None:
        """What a model of one's own costs by the hour; without a speed of reading, it is taken to read as slowly as it writes."""
        given = self.cleaned_data
        if given["kind"] != OWN:
            return None
        return Machine(given["hour_usd"], given["input_per_second"] or given["output_per_second"], given["output_per_second"])

    def token_prices(self) -> TokenPrices:
        """Without a price of its own, cached input costs what other input costs."""
        given, machine = self.cleaned_data, self.machine()
        if machine is not None:
            return machine.token_prices()
        cached = given["input_usd"] if given["cached_usd"] is None else given["cached_usd"]
        return TokenPrices(given["input_usd"], cached, given["output_usd"])

    def problem(self) -> str:
        """All that is wrong, in sentences, each once."""
        return " ".join(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))


@console_page("GET", "POST", roles=ADMINISTRATORS)
def prices(request: HttpRequest) -> HttpResponse:
    """The prices in force, all that were added, and models that are called without one; a posted form adds a price."""
    if request.method == "POST":
        form = PriceForm(request.POST)
        if not form.is_valid():
            return _page(request, form, status=400)
        return _add(request, form)
    model, endpoint = request.GET.get("model", "")[:200], request.GET.get("endpoint", "")[:60]
    wanted = {"model": model, "endpoint": endpoint, "valid_from": timezone.localdate().isoformat(), "kind": RENTED}
    return _page(request, PriceForm(initial=wanted))


def _add(request: HttpRequest, form: PriceForm) -> HttpResponse:
    today, name, endpoint = timezone.localdate(), form.cleaned_data["model"], form.cleaned_data["endpoint"]
    row = add_price(
        name, form.token_prices(), endpoint=endpoint, valid_from=form.cleaned_data["valid_from"], machine=form.machine(),
        by=request.user.get_username(), at=timezone.now(), today=today,
    )  # fmt: skip
    forget()
    figures = " / ".join(f"{amount:f}".rstrip("0").rstrip(".") or "0" for amount in row.amounts())
    record(
        request, Action.ADDED_PRICE, row.label, f"from {row.valid_from}: ${figures} per 1,000,000 tokens (input / cached / output)"
    )
    when = "From now on" if row.valid_from == today else f"From {row.valid_from:%-d %B %Y} on"
    messages.success(request, f"{when}, calls of {row.label} are counted with this price.")
    return redirect("console:prices")


def _page(request: HttpRequest, form: PriceForm, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    in_force = price_book(today).all()
    counting = {row.pk for row in in_force}
    since = timezone.now() - timedelta(days=MEASURED_DAYS)
    speeds = {row.pk: speed_in_words(measured_speed(row.model, since)) for row in in_force if row.is_self_hosted}
    rows = Price.objects.order_by("model", "endpoint", "-valid_from", "-pk")[:MOST_SHOWN]
    context = {
        "form": form,
        "value": {name: form[name].value() or "" for name in form.fields},
        "problem": form.problem() if form.is_bound else "",
        "rows": [
            (row, "counts today" if row.pk in counting else "to come" if row.valid_from > today else "", speeds.get(row.pk, ""))
            for row in rows
        ],
        "without": unpriced_models(today),
        "known": sorted({*models_called(today), *(one.model for one in current())}),
        "endpoints": list(ModelEndpoint.objects.order_by("name")),
        "today": today.isoformat(),
    }
    return render(request, "console/costs/prices.html", context, status=status)


def speed_in_words(speed: Speed | None) -> str:
    """What the calls of a machine of one's own have shown of it."""
    if speed is None:
        return ""
    return (
        f"In the busiest hour of {MEASURED_DAYS} days it read {speed.input_per_second:,.0f} and wrote {speed.output_per_second:,.0f} tokens/s, "
        f"with up to {speed.at_once} call{'' if speed.at_once == 1 else 's'} at once."
    )
