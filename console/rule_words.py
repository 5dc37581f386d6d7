"""Rules in words for staff: what one says, and how it stands today. Pure but for `looks`, which asks where the words stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chatbot.composing.rulings import period
from chatbot.rules_in_force import words_of
from orders.records import Status
from orders.rules import Rule, Start, Topic
from orders.rules_models import OrderRule
from retrieval.audiences import Audience
from retrieval.models import Document, DocumentVersion, State
from retrieval.plaintext import plain
from retrieval.standing_words import governed_by_order_date, where_they_stand

TOPICS = {
    Topic.RETURN: "Return",
    Topic.EXCHANGE: "Exchange",
    Topic.CANCEL: "Cancellation",
    Topic.CHANGE_ADDRESS: "Change of address",
    Topic.REFUND: "Time of a refund",
}
_NOT = {
    Topic.RETURN: "cannot be returned",
    Topic.EXCHANGE: "cannot be exchanged",
    Topic.CANCEL: "cannot be cancelled",
    Topic.CHANGE_ADDRESS: "cannot be sent elsewhere",
}
STARTS = {
    Start.DELIVERY: "from the delivery",
    Start.LAST_DELIVERY: "from the last delivery",
    Start.ORDER: "from the order",
    Start.REFUND: "from the day the money was sent",
    Start.RETURN_RECEIVED: "from the receipt of the return",
}


def says(rule: Rule) -> str:
    """ "30 days from the delivery, for boots", "swimwear cannot be returned", "possible while pending or on hold"."""
    about = _joined(rule.items)
    states = _joined(sorted(map(str, rule.states)))
    if not rule.permits:
        subject = about or "Orders"
        return f"{subject[:1].upper()}{subject[1:]} {_NOT.get(rule.topic, 'not')}{f' while {states}' if states else ''}"
    parts = [f"{period(rule)} {STARTS[rule.start]}"] if rule.amount is not None else []
    if states:
        parts.append(f"possible while {states}")
    said = ", ".join(parts) or "possible at any time"
    named = about or _joined(rule.methods)
    said = f"{said}{f', for {named}' if named else ''}"
    return f"{said[:1].upper()}{said[1:]}"


def _joined(words: Iterable[str]) -> str:
    listed = list(words)
    return " or ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


@dataclass(frozen=True, slots=True)
class Look:
    """label, tone (good, warn, bad, info, quiet) and an explanation. counts: whether customers are answered by it today."""

    label: str
    tone: str
    explanation: str
    counts: bool = False


RETRACTED = Look("Retracted", "quiet", "It was wrong, so it counts for no order.")
DISMISSED = Look("Dismissed", "quiet", "A suggestion that is no rule.")
FOLLOWED = Look("Replaced", "quiet", "It was confirmed again in the new words; that rule counts now.")
CHANGED = Look(
    "Confirm again",
    "warn",
    "Its words changed: they do not stand in the version that answers today, so it gives no yes or no. Answers quote the document.",
)
TO_COME = Look("Waits for its words", "info", "The version with its words is not in force yet; the rule counts from that moment.")
INTERNAL = Look("For staff only", "quiet", "Its words stand in a version that customers may not read, so no answer uses it.")
IN_FORCE = Look("In force", "good", "Customers are answered by it.", counts=True)
ORDER_DATE = Look(
    "In force", "good", "Customers are answered by it, each by the version in force when the order was placed.", counts=True
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the pages show it. title: of its document, its slug if that is gone."""

    row: OrderRule
    look: Look
    title: str

    @property
    def topic(self) -> str:
        return TOPICS[Topic(self.row.topic)]

    @property
    def says(self) -> str:
        return says(self.row.value())

    @property
    def words(self) -> str:
        """The words it rests on, as they are read."""
        return plain(self.row.quote)

    @property
    def can_be_ended(self) -> bool:
        return self.row.state == OrderRule.State.CONFIRMED and self.look.label != "Ended"

    @property
    def needs_confirming(self) -> bool:
        return self.look is CHANGED


def rule_rows(rows: Sequence[OrderRule], *, today: date) -> list[RuleRow]:
    """Each rule with how it stands on a day."""
    titles = dict(Document.objects.filter(slug__in={row.document for row in rows}).values_list("slug", "title"))
    return [
        RuleRow(row, look, titles.get(row.document, row.document)) for row, look in zip(rows, looks(rows, today=today), strict=True)
    ]


def looks(rows: Sequence[OrderRule], *, today: date) -> list[Look]:
    live = [row for row in rows if row.state == OrderRule.State.CONFIRMED]
    words = [words_of(row) for row in live]
    staff = where_they_stand(words, on=today, reader=Audience.STAFF)
    customers = where_they_stand(words, on=today, reader=Audience.CUSTOMERS)
    followed = set(
        OrderRule.objects.filter(follows__in=[row.pk for row in live], state=OrderRule.State.CONFIRMED).values_list(
            "follows", flat=True
        )
    )
    versions = DocumentVersion.objects.defer("markdown").in_bulk([row.version_id for row in live])
    by_order = governed_by_order_date({row.document for row in live})

    def look(row: OrderRule) -> Look:
        if row.state == OrderRule.State.RETRACTED:
            return RETRACTED
        if row.state == OrderRule.State.DISMISSED:
            return DISMISSED
        if row.until is not None and row.until <= today:
            return Look("Ended", "quiet", f"It applies no more since {row.until:%d.%m.%Y}.")
        if words_of(row) in customers:
            if row.since is not None and row.since > today:
                return Look(f"From {row.since:%d.%m.%Y}", "info", "It begins on that day.")
            return ORDER_DATE if by_order.get(row.document) else IN_FORCE
        if words_of(row) in staff:
            return INTERNAL
        if row.pk in followed:
            return FOLLOWED
        version = versions.get(row.version_id)
        waits = version is not None and (version.state == State.READY or version.state_on(today) == State.SCHEDULED)
        return TO_COME if waits else CHANGED

    return [look(row) for row in rows]


def state_names() -> list[tuple[str, str]]:
    """The states of an order that a rule may name."""
    return [(str(status), str(status)) for status in Status if status is not Status.UNKNOWN]
