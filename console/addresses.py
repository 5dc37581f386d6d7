"""Web addresses: policies that are read from the web and read again by themselves. What became of each, and what staff do with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from console.access import console_page
from console.audit import Action, record
from retrieval.errors import RetrievalError
from retrieval.models import GovernedBy, Release, WebPage, WebSource
from retrieval.web import sources
from retrieval.web.sources import NEEDS_A_LOOK, Outcome

PER_PAGE = 50
INTERVALS = [
    (1, "every hour"),
    (6, "every 6 hours"),
    (24, "every day"),
    (72, "every 3 days"),
    (168, "every week"),
    (720, "every 30 days"),
]
KINDS = [
    ("", "told from its name"),
    (WebSource.Kind.PAGE, "a page"),
    (WebSource.Kind.SITEMAP, "a sitemap, with all pages it lists"),
]
NO_INTERVAL = "Please choose how often it is read again."
_SHOWN = {
    Outcome.NONE: ("Waiting", "info"),
    Outcome.NEW: ("Up to date", "good"),
    Outcome.CHANGED: ("Up to date", "good"),
    Outcome.UNCHANGED: ("Up to date", "good"),
    Outcome.HELD: ("Left to you", "warn"),
    Outcome.FAILED: ("Failed", "bad"),
    Outcome.GONE: ("Gone", "bad"),
    Outcome.SKIPPED: ("Not wanted", "quiet"),
}


class AddressForm(forms.Form):
    address = forms.CharField(
        max_length=1000,
        error_messages={"required": "Please give an address.", "max_length": "Please give an address of at most 1000 characters."},
    )
    kind = forms.ChoiceField(choices=KINDS, required=False, error_messages={"invalid_choice": "Please choose what the address is."})
    title = forms.CharField(
        max_length=200, required=False, error_messages={"max_length": "Please keep the title under 200 characters."}
    )
    category = forms.CharField(
        max_length=100, required=False, error_messages={"max_length": "Please keep the category under 100 characters."}
    )
    governed_by = forms.ChoiceField(
        choices=GovernedBy.choices,
        required=False,
        error_messages={"invalid_choice": "Please choose which version counts for an order."},
    )
    release = forms.ChoiceField(
        choices=Release.choices, required=False, initial=Release.IF_CLEAR,
        error_messages={"invalid_choice": "Please choose what happens to a new version."},
    )  # fmt: skip
    every_hours = forms.TypedChoiceField(
        choices=INTERVALS, coerce=int, initial=24, error_messages={"invalid_choice": NO_INTERVAL, "required": NO_INTERVAL}
    )

    def problem(self) -> str:
        """All that is wrong, in sentences; "" if nothing is."""
        return " ".join(str(message) for errors in self.errors.values() for message in errors)


@dataclass(frozen=True, slots=True)
class Look:
    """How a source or a page looks at a moment: a word, its tone (good, warn, bad, info, quiet), and whether something is going on."""

    label: str
    tone: str
    is_unfinished: bool = False


def look_of_source(source: WebSource, at: datetime, *, waiting: int = 0) -> Look:
    """waiting: how many of its documents have a new version that staff are to decide about."""
    if source.is_paused:
        return Look("Paused", "quiet")
    if source.is_being_read(at):
        return Look("Reading", "info", is_unfinished=True)
    if source.next_read_at <= at:
        return Look("Waiting", "info", is_unfinished=True)
    if waiting:
        return Look("Your decision", "warn")
    if source.is_sitemap and not source.failures and source.outcome in NEEDS_A_LOOK:
        return Look("Needs a look", "warn")  # some of its pages; each says what it is
    return Look(*_SHOWN[Outcome(source.outcome)])


def look_of_page(page: WebPage, *, is_waiting: bool = False) -> Look:
    if is_waiting:
        return Look("Your decision", "warn")
    return Look(*_SHOWN[Outcome(page.outcome)])


@console_page("GET", "POST")
def address_list(request: HttpRequest) -> HttpResponse:
    """All addresses; a posted form adds one. htmx asks for the table alone while something is being read."""
    if request.method == "POST":
        return _add(request)
    return _list(request, AddressForm())


def _list(request: HttpRequest, form: AddressForm, *, problem: str = "") -> HttpResponse:
    page = Paginator(sources.with_counts().order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    now, waiting = timezone.now(), sources.waiting_for_staff(source.pk for source in page)
    rows = [
        (source, look_of_source(source, now, waiting=count), count)
        for source, count in ((source, len(waiting.get(source.pk, ()))) for source in page)
    ]
    context = {"rows": rows, "page": page, "is_unfinished": any(look.is_unfinished for _, look, _ in rows)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/addresses/table.html", context)
    context |= {"form": form, "problem": problem}
    return render(request, "console/addresses/list.html", context, status=400 if problem else 200)


def _add(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _list(request, form, problem=form.problem())
    about: dict[str, Any] = dict(form.cleaned_data)
    try:
        source = sources.add(about.pop("address"), author=request.user, **about)
    except RetrievalError as error:
        return _list(request, form, problem=error.user_message)
    record(request, Action.ADDED_ADDRESS, source.address, f"read every {source.every_hours} hours")
    messages.success(request, "The address is kept and is read now. What becomes of it stands here.")
    return redirect("console:address", source.pk)


@console_page("GET")
def address_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One address with its pages, those that need a look first; htmx asks for their state alone."""
    source = get_object_or_404(WebSource.objects.defer("robots").select_related("author"), pk=pk)
    first = Case(When(outcome__in=NEEDS_A_LOOK, then=Value(0)), default=Value(1), output_field=IntegerField())
    page = Paginator(source.pages.select_related("document").order_by(first, "pk"), PER_PAGE).get_page(request.GET.get("page"))
    waiting = sources.waiting_for_staff([pk]).get(pk, set())
    context = {
        "source": source,
        "look": look_of_source(source, timezone.now(), waiting=len(waiting)),
        "waiting": len(waiting),
        "page": page,
        "rows": [(one, look_of_page(one, is_waiting=one.document_id in waiting)) for one in page],
        "release": Release(source.release).label,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/addresses/state.html", context)
    context["intervals"] = INTERVALS if source.every_hours in dict(INTERVALS) else [
        (source.every_hours, f"every {source.every_hours} hours"), *INTERVALS,
    ]  # fmt: skip
    return render(request, "console/addresses/page.html", context)


@console_page("POST")
def read_address(request: HttpRequest, pk: int) -> HttpResponse:
    source = _source(pk)
    try:
        sources.read_now(source)
    except RetrievalError as error:
        messages.error(request, error.user_message)
    else:
        record(request, Action.READ_ADDRESS, source.address)
        messages.success(request, "The address is read now.")
    return redirect("console:address", pk)


@console_page("POST")
def pause_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause it, or with `resume` in the form read it again."""
    source = _source(pk)
    if request.POST.get("resume"):
        sources.resume(source)
        record(request, Action.RESUMED_ADDRESS, source.address)
        messages.success(request, "The address is read again as planned.")
    else:
        sources.pause(source)
        record(request, Action.PAUSED_ADDRESS, source.address)
        messages.success(request, "The address is not read until you resume it. What was taken from it goes on answering.")
    return redirect("console:address", pk)


@console_page("POST")
def change_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Another interval."""
    source, hours = _source(pk), request.POST.get("every_hours", "")
    if hours not in {str(value) for value, _ in INTERVALS}:
        messages.error(request, NO_INTERVAL)
        return redirect("console:address", pk)
    sources.change(source, every_hours=int(hours))
    record(request, Action.CHANGED_ADDRESS, source.address, f"read every {hours} hours")
    messages.success(request, f"The address is read {dict(INTERVALS)[int(hours)]}.")
    return redirect("console:address", pk)


@console_page("GET", "POST")
def remove_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a confirmation, then forget the address; its documents go on answering unless they are to be withdrawn too."""
    source = _source(pk)
    if request.method != "POST":
        return render(
            request, "console/addresses/remove.html", {"source": source, "answering": sources.answering_versions(source).count()}
        )
    count = sources.remove(source, withdraw_documents=bool(request.POST.get("withdraw")), author=request.user)
    taken = f"{count} version{'' if count == 1 else 's'} withdrawn" if count else "what was taken from it goes on answering"
    record(request, Action.REMOVED_ADDRESS, source.address, taken)
    messages.success(request, f"The address is removed; {taken}.")
    return redirect("console:addresses")


def _source(pk: int) -> WebSource:
    return get_object_or_404(WebSource.objects.defer("robots"), pk=pk)
