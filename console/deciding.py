"""What staff decide about a version that is prepared: whether it answers, beside what else says otherwise; and for whom."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from console.access import console_page
from console.audit import Action, record
from console.documents import find_version
from console.rules import rules_losing_words
from console.standing import Standing, standing
from retrieval import ingestion
from retrieval.audiences import Audience
from retrieval.errors import RetrievalError
from retrieval.models import DocumentVersion, Finding, State
from retrieval.plaintext import plain

MAX_REASON = 500
DISCARDED = "Discarded before it was published"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one document, cut into runs: (text, whether it is what differs)."""

    heading: str
    parts: tuple[tuple[str, bool], ...]


@dataclass(slots=True)
class Conflict:
    """All that was found against one other version. pairs: what this one says and what that one says."""

    other: DocumentVersion
    standing: Standing
    kind: str = ""
    percent: int = 0
    pairs: list[tuple[Quote, Quote]] = field(default_factory=list)

    @property
    def can_be_withdrawn(self) -> bool:
        return self.other.state == State.PUBLISHED


@console_page("GET", "POST")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was found side by side; then publish, publish and withdraw others, or discard."""
    version = find_version(pk)
    if version.state != State.READY:
        messages.info(request, "This version does not wait for a decision any more.")
        return redirect("console:document", version.document.slug)
    found = conflicts(version)
    if request.method == "POST":
        return _decided(request, version, found)
    stands = standing(version, today=timezone.localdate())
    context = {"version": version, "standing": stands, "conflicts": found, "rules": rules_losing_words(version)}
    return render(request, "console/documents/decide.html", context)


def _decided(request: HttpRequest, version: DocumentVersion, found: list[Conflict]) -> HttpResponse:
    """Only versions that the page named can be withdrawn along; everything is one transaction."""
    action, chosen = request.POST.get("action"), set(request.POST.getlist("withdraw"))
    others = [c.other for c in found if c.can_be_withdrawn and str(c.other.pk) in chosen]
    try:
        if action == "publish":
            ingestion.release(version, author=request.user, withdrawing=others)
            record(request, Action.RELEASED, str(version))
            for other in others:
                record(request, Action.WITHDREW, str(other), f"replaced by {version}")
            also = f", and {len(others)} other document{'s are' if len(others) > 1 else ' is'} withdrawn" if others else ""
            messages.success(request, f"Version {version.number} is published{also}.")
        elif action == "discard":
            reason = request.POST.get("reason", "").replace("\0", "").strip()[:MAX_REASON]
            ingestion.discard(version, author=request.user, reason=f"{DISCARDED}. {reason}".strip())
            record(request, Action.DISCARDED, str(version), reason)
            messages.success(request, f"Version {version.number} is discarded. It has answered nobody.")
        else:
            messages.error(request, "Please choose what should happen.")
            return redirect("console:version-decide", version.pk)
    except RetrievalError as error:
        messages.error(request, error.user_message)
    return redirect("console:document", version.document.slug)


@console_page("POST")
def change_audience(request: HttpRequest, pk: int) -> HttpResponse:
    """Say anew who may be answered from a version and read it."""
    version = find_version(pk)
    wanted = request.POST.get("audience", "")
    if wanted not in Audience.values:
        messages.error(request, "Please choose who may read this version.")
    elif wanted != version.audience:
        audience = Audience(wanted)
        ingestion.change_audience(version, audience, author=request.user)
        record(request, Action.CHANGED_AUDIENCE, str(version), f"for {audience.label}")
        messages.success(request, f"Version {version.number} is for {audience.label} now.")
    return redirect("console:version-history", version.pk)


def conflicts(version: DocumentVersion) -> list[Conflict]:
    """What the review has kept, by the other version, in the order in which it was found."""
    today = timezone.localdate()
    found: dict[int, Conflict] = {}
    for finding in version.findings.select_related("other__document"):
        conflict = found.setdefault(finding.other_id, Conflict(finding.other, standing(finding.other, today=today)))
        if finding.kind == Finding.Kind.CONTRADICTION:
            conflict.pairs.append(_pair(version, finding))
        else:
            conflict.kind, conflict.percent = finding.kind, int(100 * finding.share)
    return list(found.values())


def _pair(version: DocumentVersion, finding: Finding) -> tuple[Quote, Quote]:
    here = [value for pair in finding.differences for value in pair[0].split(", ")]
    there = [value for pair in finding.differences for value in pair[1].split(", ")]
    return (
        _quote(finding.heading, version.markdown[finding.start : finding.end], here),
        _quote(finding.other_heading, finding.other.markdown[finding.other_start : finding.other_end], there),
    )


def _quote(heading: str, markdown: str, values: Iterable[str]) -> Quote:
    return Quote(heading, tuple(_runs(plain(markdown), values)))


def _runs(text: str, values: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The text cut at the words that differ; nothing is marked where they are the whole of it."""
    wanted = [re.escape(value) for value in values if value and value != text]
    for place, run in enumerate(re.split(f"({'|'.join(wanted)})", text) if wanted else [text]):
        if run:
            yield run, place % 2 == 1
