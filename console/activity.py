"""Who did what in the console, newest first. What a customer said or is called is looked up, never kept: it is gone with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from chatbot.models import AuditEntry, Conversation, QuestionGroup
from console.access import console_page
from console.audit import CONVERSATION_ACTIONS, QUESTION_ACTIONS, REQUEST_ACTIONS, group_of
from console.roles import ADMINISTRATORS

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown. url: the page of its subject, "" if there is none (any more); about: what is known of it today."""

    entry: AuditEntry
    url: str
    about: str


@console_page("GET", roles=ADMINISTRATORS)
def activity(request: HttpRequest) -> HttpResponse:
    entries = list(AuditEntry.objects.order_by("-at", "-pk")[:SHOWN])
    return render(request, "console/activity.html", {"lines": lines(entries), "shown": SHOWN})


def lines(entries: Sequence[AuditEntry]) -> list[Line]:
    talks = {entry.pk: UUID(entry.subject) for entry in entries if entry.action in CONVERSATION_ACTIONS}
    groups = {entry.pk: group_of(entry) for entry in entries if entry.action in QUESTION_ACTIONS}
    emails = dict(Conversation.objects.filter(pk__in=talks.values()).values_list("pk", "email"))
    living = set(QuestionGroup.objects.filter(pk__in=groups.values()).values_list("pk", flat=True))
    shown = []
    for entry in entries:
        talk, group = talks.get(entry.pk), groups.get(entry.pk)
        if talk in emails:
            shown.append(Line(entry, reverse("console:conversation", args=[talk]), emails[talk]))
        elif entry.action in REQUEST_ACTIONS:
            shown.append(Line(entry, reverse("console:request", args=[UUID(entry.subject)]), ""))
        elif group in living:
            shown.append(Line(entry, reverse("console:unanswered-group", args=[group]), ""))
        else:
            shown.append(Line(entry, "", ""))
    return shown
