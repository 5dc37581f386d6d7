"""The life of one version: what changed against the one before, and every step it went through."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from console.access import console_page
from console.documents import find_version
from console.standing import standing, step_words
from retrieval.audiences import Audience
from retrieval.difference import difference
from retrieval.history import time_line
from retrieval.models import DocumentVersion


@dataclass(frozen=True, slots=True)
class StepRow:
    label: str
    tone: str
    at: datetime
    reason: str
    by: str


@console_page("GET")
def version_history(request: HttpRequest, pk: int) -> HttpResponse:
    """The time line, with who did what and why, and who may read the version."""
    version = find_version(pk)
    line = time_line(version, version.events.all(), now=timezone.now())
    rows = [StepRow(*step_words(step.state), step.at, step.reason, step.by) for step in line]
    context = {
        "version": version,
        "standing": standing(version, today=timezone.localdate()),
        "steps": list(reversed(rows)),
        "audiences": Audience.choices,
        "may_differ": version.number > 1,
    }
    return render(request, "console/documents/history.html", context)


@console_page("GET")
def version_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of a version beside that of an earlier one: by default the last one before it that was published."""
    version = find_version(pk)
    earlier = [v for v in version.document.versions.defer("markdown").filter(number__lt=version.number) if v.has_been_read]
    wanted = request.GET.get("against", "")
    usual = next((v for v in earlier if v.published_at), earlier[0] if earlier else None)
    chosen = next((v for v in earlier if str(v.number) == wanted), usual)
    before = DocumentVersion.objects.values_list("markdown", flat=True).get(pk=chosen.pk) if chosen else ""
    context = {
        "version": version,
        "standing": standing(version, today=timezone.localdate()),
        "earlier": earlier,
        "chosen": chosen,
        "difference": difference(before, version.markdown) if chosen else None,
    }
    return render(request, "console/documents/changes.html", context)
