"""Rules about orders as staff confirmed them, each with the words it was taken from, and what was done with it, when and by whom.

A rule is never changed and never deleted: what it says stays beside the answers that were given by it. Other words make another rule
that follows it.
"""

from typing import Any

from django.db import models

from orders.records import Status
from orders.rules_values import Rule, Start, Topic, Unit


def choices(kind: Any) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in kind]


class OrderRule(models.Model):
    """A rule beside a document; see `rules_values.Rule` for its values.

    document: the slug of the document; version_id, version: which upload of it the words were taken from; heading, quote: the words, as
    they stand there. Rooms do not know each other, so these are plain values; who reads both joins them (`chatbot/rules_in_force.py`).
    follows: the rule whose words had changed; chain: the first of those, itself for a rule that follows none.
    """

    class State(models.TextChoices):
        CONFIRMED = "confirmed"
        RETRACTED = "retracted"  # it was wrong: it counts for no order, older ones either
        DISMISSED = "dismissed"  # a suggestion that is no rule; kept so that it is not suggested again

    topic = models.CharField(max_length=20, choices=choices(Topic))
    state = models.CharField(max_length=20, choices=State.choices, default=State.CONFIRMED, db_index=True)
    permits = models.BooleanField(default=True)
    amount = models.PositiveIntegerField(null=True, blank=True)
    least = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, choices=choices(Unit), default=str(Unit.DAY))
    start = models.CharField(max_length=30, choices=choices(Start), default=str(Start.DELIVERY))
    items = models.JSONField(default=list, blank=True)
    methods = models.JSONField(default=list, blank=True)
    states = models.JSONField(default=list, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)  # the first day on which it no longer applies
    document = models.CharField(max_length=100, db_index=True)
    version_id = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    quote = models.TextField()
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    chain = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Rule {self.pk} ({self.topic})"

    def value(self, *, by_order_date: bool = False, stands: bool = False) -> Rule:
        """The rule as `verdict` takes it. by_order_date, stands: what the documents say of its words, which this room cannot know."""
        return Rule(
            id=self.pk,
            topic=Topic(self.topic),
            quote=self.quote,
            permits=self.permits,
            amount=self.amount,
            least=self.least,
            unit=Unit(self.unit),
            start=Start(self.start),
            items=tuple(self.items),
            methods=tuple(self.methods),
            states=frozenset(Status(state) for state in self.states),
            since=self.since,
            until=self.until,
            by_order_date=by_order_date,
            chain=self.chain or self.pk,
            stands=stands,
        )


class RuleEvent(models.Model):
    """Something that was done with a rule. `by`: a user's name, kept when the user is gone."""

    class What(models.TextChoices):
        STATED = "stated"
        SUGGESTED = "taken from a suggestion"
        CONFIRMED = "confirmed"
        CONFIRMED_AGAIN = "confirmed again in new words"
        ENDED = "ended"
        RETRACTED = "retracted"
        DISMISSED = "dismissed as a suggestion"

    rule = models.ForeignKey(OrderRule, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=40, choices=What.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["rule_id", "pk"]
