"""Finding conversations: by words, e-mail, order number or id, and by how they went."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone

from chatbot.models import Conversation, Feedback, Message, Turn
from chatbot.turn import Role
from console.outcomes import OUTCOMES, STATES

THUMBS = {"up": "Thumb up", "down": "Thumb down"}
_PART_OF_AN_ID = re.compile(r"[0-9a-f-]{6,36}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; "" and None mean anything. until is included."""

    words: str = ""
    outcome: str = ""
    state: str = ""
    thumb: str = ""
    since: date | None = None
    until: date | None = None


class SearchForm(forms.Form):
    """The filters above the list. What cannot be understood is left out rather than refused: it comes from an address line."""

    q = forms.CharField(max_length=200, required=False)
    outcome = forms.ChoiceField(choices=[("", "Any outcome"), *OUTCOMES.items()], required=False)
    state = forms.ChoiceField(choices=[("", "Any state"), *STATES.items()], required=False)
    thumb = forms.ChoiceField(choices=[("", "Any feedback"), *THUMBS.items()], required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def wanted(self) -> Wanted:
        self.full_clean()
        values = self.cleaned_data
        return Wanted(
            words=(values.get("q") or "").replace("\0", ""),
            outcome=values.get("outcome") or "",
            state=values.get("state") or "",
            thumb=values.get("thumb") or "",
            since=values.get("since"),
            until=values.get("until"),
        )


def find_conversations(wanted: Wanted) -> "QuerySet[Conversation]":
    """Conversations that match everything wanted, last spoken first, each with what the list shows of it."""
    found = Conversation.objects.filter(Exists(Message.objects.filter(conversation=OuterRef("pk"))))
    if wanted.words:
        found = found.filter(_said(wanted.words))
    turns = Turn.objects.filter(conversation=OuterRef("pk"))
    if wanted.outcome:
        found = found.filter(Exists(turns.filter(outcome=wanted.outcome)))
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.thumb:
        thumbs = Feedback.objects.filter(turn__conversation=OuterRef("pk"), helpful=wanted.thumb == "up")
        found = found.filter(Exists(thumbs))
    if wanted.since:
        found = found.filter(updated_at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(updated_at__lt=_midnight(wanted.until + timedelta(days=1)))
    asked = Message.objects.filter(conversation=OuterRef("pk"), role=Role.CUSTOMER).order_by("seq")
    thumbs = Feedback.objects.filter(turn__conversation=OuterRef("pk")).order_by("-created_at")
    return found.annotate(
        first_question=Subquery(asked.values("text")[:1]),
        turn_count=Count("turns"),
        last_outcome=Subquery(turns.order_by("-started_at").values("outcome")[:1]),
        last_thumb=Subquery(thumbs.values("helpful")[:1]),
    ).order_by("-updated_at", "-pk")


def _said(words: str) -> Q:
    """Whether the words stand in a message, the customer's address, an order that was looked at, or the id."""
    messages = Message.objects.filter(conversation=OuterRef("pk"), text__icontains=words)
    # the snapshot is JSON: searched as the text it is stored as, for order numbers with and without their sign
    looked_at = Turn.objects.annotate(snapshot=Cast("orders", TextField())).filter(
        conversation=OuterRef("pk"), snapshot__icontains=words.strip().lstrip("#") or words
    )
    matches = Q(Exists(messages)) | Q(email__icontains=words) | Q(Exists(looked_at))
    if _PART_OF_AN_ID.fullmatch(words):
        matches |= _has_id(words.lower().replace("-", ""))
    return matches


def _has_id(digits: str) -> Q:
    if len(digits) == 32:
        return Q(pk=UUID(digits))
    # SQLite keeps the id as 32 digits, PostgreSQL writes it with dashes
    written = Replace(Cast("pk", TextField()), Value("-"), Value(""), output_field=TextField())
    by_digits = Conversation.objects.annotate(digits=written).filter(digits__startswith=digits)
    return Q(pk__in=by_digits.values("pk"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
