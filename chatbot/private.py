"""What is private in a turn: the customer's own values, and what must stay readable. Without LLM_REDACT nothing is hidden."""

from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings

from chatbot.composing.wording import plain
from chatbot.redaction import ADDRESS, EMAIL, Redaction
from chatbot.turn import Evidence, Question, Understanding
from llm.client import ChatMessage
from orders.records import OrderRecord


class NothingHidden(Redaction):
    """For a shop that sends everything."""

    def hide(self, text: str) -> str:
        return text

    def hide_all(self, messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
        return tuple(messages)


def redaction_of(question: Question, meaning: Understanding, evidence: Evidence | None = None) -> Redaction:
    """Hides the customer's addresses and whatever looks personal; numbers of orders and parcels and the shop's own words stay."""
    if not settings.LLM_REDACT:
        return NothingHidden()
    records = evidence.orders.records if evidence is not None and evidence.orders is not None else ()
    passages = evidence.passages if evidence is not None else ()
    wanted = meaning.wanted
    named = (*wanted.references, *wanted.possible, *wanted.endings) if wanted else ()
    public = [settings.SHOP_EMAIL, *(p.text for p in passages)]
    return Redaction(_known(question, records), keep=[*named, *_numbers(records)], public=public)


def _known(question: Question, records: Sequence[OrderRecord]) -> Mapping[str, str]:
    found = {question.viewer.email: EMAIL} if question.viewer.email else {}
    for record in records:
        if record.ship_to:
            for line in (record.ship_to.line1, record.ship_to.line2):
                found |= {line: ADDRESS, plain(line): ADDRESS}  # as the record has it, and as an answer writes it
    return {value: kind for value, kind in found.items() if value.strip()}


def _numbers(records: Sequence[OrderRecord]) -> Iterator[str]:
    for record in records:
        yield record.number
        yield from (shipment.tracking_number for shipment in record.shipments)
        yield from (line.tracking_number for line in record.lines)
