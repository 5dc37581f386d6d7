"""Models that word the answers: which servers are asked, in which order, and whether they can be reached. For administrators.

A change counts in this process at once and in every other within seconds, without a restart. The key of a model never comes here: an
endpoint names the environment variable that holds it.
"""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from console.access import console_page
from console.audit import Action, record
from console.endpoint_form import TESTED, EndpointForm, lacks_key
from console.roles import ADMINISTRATORS
from llm import endpoints
from llm.budget_terms import forget
from llm.endpoints import Endpoint
from llm.keys import names_set
from llm.models import ModelEndpoint
from llm.prices import price_on_day, rename_endpoint
from llm.probing import Found, probe
from llm.server_addresses import host_of, problem_with_host, resolved

TIERS = {tier.value: tier.label for tier in ModelEndpoint.Tier}


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint as the list shows it. endpoint: None for the one that the environment names."""

    endpoint: ModelEndpoint | None
    name: str
    model: str
    host: str
    tier: str
    label: str
    tone: str
    is_first: bool = False
    is_last: bool = False


@console_page("GET", roles=ADMINISTRATORS)
def endpoint_list(request: HttpRequest) -> HttpResponse:
    """Each tier with its endpoints, in the order in which they are called."""
    rows = list(ModelEndpoint.objects.all())
    tiers = []
    for tier, label in TIERS.items():
        own = [row for row in rows if row.tier == tier]
        shown = [_row(row, first=row is own[0], last=row is own[-1]) for row in own]
        shown += [
            Row(None, "The environment’s model", e.model, host_of(e.base_url), tier, "Last in line" if own else "In use", "good")
            for e in endpoints.of_environment()
            if e.tier == tier
        ]
        tiers.append((tier, label, shown))
    return render(request, "console/endpoints/list.html", {"tiers": tiers, "is_empty": not any(shown for _, _, shown in tiers)})


def _row(row: ModelEndpoint, *, first: bool, last: bool) -> Row:
    label, tone = look(row)
    return Row(row, row.name, row.model, host_of(row.base_url), row.tier, label, tone, first, last)


def look(row: ModelEndpoint) -> tuple[str, str]:
    """A word on an endpoint and its tone: what keeps it from being called, or what its last test found."""
    if not row.enabled:
        return "Switched off", "quiet"
    if lacks_key(row):
        return "Key is missing", "bad"
    if row.tested_at is None:
        return "Not tested", "info"
    if not row.test.get("works"):
        return "Does not answer", "bad"
    return ("Look at its context", "warn") if row.test.get("context_ok") is False else ("Answers", "good")


@console_page("GET", "POST", roles=ADMINISTRATORS)
def add_endpoint(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _form(request, EndpointForm())
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _form(request, form, problem=form.problem())
    row: ModelEndpoint = form.save(commit=False)
    with transaction.atomic():
        last = ModelEndpoint.objects.filter(tier=row.tier).aggregate(last=Max("place"))["last"]
        row.place = 0 if last is None else last + 1
        row.save()
        record(request, Action.ADDED_ENDPOINT, row.name, form.changes())
    endpoints.read()
    messages.success(request, f"“{row.name}” is set up. Test the connection before customers do.")
    return redirect("console:endpoint", row.pk)


@console_page("GET", "POST", roles=ADMINISTRATORS)
def endpoint_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint: what its last test found, and its form; a posted form changes it."""
    row = get_object_or_404(ModelEndpoint, pk=pk)
    if request.method == "GET":
        return _form(request, EndpointForm(instance=row), row=row)
    before, name = row.tier, row.name
    form = EndpointForm(request.POST, instance=row)
    if not form.is_valid():
        return _form(request, form, row=ModelEndpoint.objects.get(pk=pk), problem=form.problem())
    changed: ModelEndpoint = form.save(commit=False)
    if set(TESTED) & set(form.changed()):
        changed.tested_at, changed.test = None, {}
    with transaction.atomic():
        if changed.tier != before:
            last = ModelEndpoint.objects.filter(tier=changed.tier).aggregate(last=Max("place"))["last"]
            changed.place = 0 if last is None else last + 1
        changed.save()
        if changed.name != name:
            rename_endpoint(name, changed.name)
        if form.changed():
            record(request, Action.CHANGED_ENDPOINT, name, form.changes())
    endpoints.read()
    forget()
    messages.success(request, "Saved. It counts in every process within seconds.")
    return redirect("console:endpoint", pk)


@console_page("POST", roles=ADMINISTRATORS)
def switch_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an endpoint on or off; the form says which, so that a page of yesterday does not turn it round."""
    row = get_object_or_404(ModelEndpoint, pk=pk)
    on = request.POST.get("on") == "yes"
    if ModelEndpoint.objects.filter(pk=pk).exclude(enabled=on).update(enabled=on, updated_at=timezone.now()):
        record(request, Action.SWITCHED_ENDPOINT, row.name, "on" if on else "off")
        endpoints.read()
    messages.success(request, f"“{row.name}” is switched {'on' if on else 'off'}.")
    return redirect("console:endpoint", pk)


@console_page("POST", roles=ADMINISTRATORS)
def move_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an endpoint change places with the one before or after it in its tier."""
    row = get_object_or_404(ModelEndpoint, pk=pk)
    step = -1 if request.POST.get("to") == "earlier" else 1
    with transaction.atomic():
        line = list(ModelEndpoint.objects.select_for_update().filter(tier=row.tier))
        here = next((at for at, one in enumerate(line) if one.pk == pk), -1)
        if here >= 0 and 0 <= here + step < len(line):
            line[here], line[here + step] = line[here + step], line[here]
            for place, one in enumerate(line):
                ModelEndpoint.objects.filter(pk=one.pk).exclude(place=place).update(place=place)
            record(request, Action.MOVED_ENDPOINT, row.name, f"place {here + step + 1} of {row.tier}")
    endpoints.read()
    return redirect("console:endpoints")


@console_page("GET", "POST", roles=ADMINISTRATORS)
def remove_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ModelEndpoint, pk=pk)
    if request.method == "GET":
        return render(request, "console/endpoints/remove.html", {"row": row})
    with transaction.atomic():
        ModelEndpoint.objects.filter(pk=pk).delete()
        record(request, Action.REMOVED_ENDPOINT, row.name, f"{row.model} at {host_of(row.base_url)}")
    endpoints.read()
    messages.success(request, f"“{row.name}” is removed. What its calls cost stays on record.")
    return redirect("console:endpoints")


@console_page("POST", roles=ADMINISTRATORS)
def test_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Try an endpoint out, also one that is switched off, and keep what was found."""
    row = get_object_or_404(ModelEndpoint, pk=pk)
    if lacks_key(row):
        messages.error(request, f"{row.key_variable} is not set here. Put the key into it and restart Whereabouts.")
        return redirect("console:endpoint", pk)
    if problem := problem_with_host(row.base_url, resolved(row.base_url)):  # names may lead elsewhere than when they were typed
        messages.error(request, problem)
        return redirect("console:endpoint", pk)
    found = _tried(request, endpoints.of_row(row))
    # only what was tested is told about: it may have been changed meanwhile
    as_tested = {name: getattr(row, name) for name in TESTED}
    ModelEndpoint.objects.filter(pk=pk, **as_tested).update(tested_at=timezone.now(), test=found.as_json())
    return redirect("console:endpoint", pk)


@console_page("POST", roles=ADMINISTRATORS)
def test_environment(request: HttpRequest) -> HttpResponse:
    """Try the environment's model of the tier in the form; what was found is told, and not kept."""
    named = next((one for one in endpoints.of_environment() if one.tier == request.POST.get("tier")), None)
    if named is None:
        raise Http404("the environment names no such model")
    found = _tried(request, named)
    if found.works:
        messages.info(request, " ".join(filter(None, [figures(found.as_json()), found.context])))
    return redirect("console:endpoints")


def _tried(request: HttpRequest, endpoint: Endpoint) -> Found:
    found: Found = async_to_sync(probe)(endpoint)
    record(request, Action.TESTED_ENDPOINT, endpoint.name or "environment", "it answers" if found.works else found.problem)
    if found.works:
        messages.success(request, f"“{endpoint.model}” answers.")
    else:
        messages.error(request, found.problem)
    return found


def figures(test: dict[str, Any]) -> str:
    """What a test of an endpoint that answers has measured, in a sentence."""
    parts = [f"First word after {test['first_token_ms']:,.0f} ms"] if test.get("first_token_ms") is not None else []
    if test.get("tokens_per_second"):
        parts.append(f"{test['tokens_per_second']:,.0f} tokens a second")
    parts.append("streams" if test.get("streams") else "does not stream: customers see the whole answer at once, and later")
    parts.append("counts its tokens" if test.get("reports_usage") else "does not count its tokens: they are estimated")
    return ", ".join(parts) + "."


def _form(request: HttpRequest, form: EndpointForm, *, row: ModelEndpoint | None = None, problem: str = "") -> HttpResponse:
    label, tone = look(row) if row else ("", "")
    context = {
        "form": form.typed(),
        "row": row,
        "label": label,
        "tone": tone,
        "figures": figures(row.test) if row and row.test.get("works") else "",
        "host": host_of(row.base_url) if row else "",
        "lacks_key": row is not None and lacks_key(row),
        "price": price_on_day(row.model, timezone.localdate(), endpoint=row.name) if row else None,
        "tiers": TIERS,
        "variables": names_set(),
        "problem": problem,
    }
    return render(request, "console/endpoints/page.html", context, status=400 if problem else 200)
