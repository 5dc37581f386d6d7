"""What is private in a turn: the customer's own values, and what must stay readable. Without LLM_REDACT nothing is hidden."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from chatbot.composing.wording import plain
from chatbot.names import names_said, parts_of
from chatbot.redaction import ADDRESS, EMAIL, NAME, Redaction
from chatbot.turn import Evidence, Question, Role, Understanding
from llm.client import ChatMessage
from orders.records import OrderRecord

SHORTEST_POST_CODE = 5  # characters: four digits may be any number, and name no street


class NothingHidden(Redaction):
    """For a shop that sends everything."""

    def hide(self, text: str) -> str:
        return text

    def hide_all(self, messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
        return tuple(messages)


def redaction_of(question: Question, meaning: Understanding, evidence: Evidence | None = None) -> Redaction:
    """Hides the customer's names and addresses and whatever looks personal; numbers of orders and parcels and the shop's own words stay."""
    if not settings.LLM_REDACT:
        return NothingHidden()
    records = evidence.orders.records if evidence is not None and evidence.orders is not None else ()
    passages = evidence.passages if evidence is not None else ()
    wanted = meaning.wanted
    named = (*wanted.references, *wanted.possible, *wanted.endings) if wanted else ()
    public = [settings.SHOP_EMAIL, settings.SHOP_NAME, *(p.text for p in passages)]
    whole = tuple(_names(question, records))
    known = _known(question, records) | dict.fromkeys(whole, NAME)
    return Redaction(
        known, names=parts_of(whole, other=[*public, *_words(records)]), keep=[*named, *_numbers(records)], public=public
    )


def _known(question: Question, records: Sequence[OrderRecord]) -> dict[str, str]:
    found = {question.viewer.email: EMAIL} if question.viewer.email else {}
    for record in records:
        if where := record.ship_to:
            for line in (where.line1, where.line2, where.zip if len(where.zip) >= SHORTEST_POST_CODE else ""):
                found |= {line: ADDRESS, plain(line): ADDRESS}  # as the record has it, and as an answer writes it
    return {value: kind for value, kind in found.items() if value.strip()}


def _names(question: Question, records: Sequence[OrderRecord]) -> Iterator[str]:
    """The names of people that the records have, as they have them and as an answer writes them, and those that were said."""
    for record in records:
        for name in (record.customer_name.strip(), record.ship_to.name.strip()):
            yield from (name, plain(name)) if name else ()
    yield from names_said(question.text)
    for utterance in question.history:
        yield from names_said(utterance.text, by_shop=utterance.role is not Role.CUSTOMER)


def _words(records: Sequence[OrderRecord]) -> Iterator[str]:
    """What the records call things and places: a name that is also one of these words is not looked for alone."""
    for record in records:
        yield from (record.ship_to.city, record.ship_to.state, record.ship_to.country)
        for line in record.lines:
            yield from (line.name, *(value for _, value in line.options))
        for parcel in record.shipments:
            yield from (parcel.carrier, *(event.place for event in parcel.events))


def _numbers(records: Sequence[OrderRecord]) -> Iterator[str]:
    for record in records:
        yield record.number
        yield from (shipment.tracking_number for shipment in record.shipments)
        yield from (line.tracking_number for line in record.lines)
