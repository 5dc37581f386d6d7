"""What one answer may rest on, read once a turn: passages, the facts of each order, and the day. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Self

from chatbot.grounding.assertions import State, states_of
from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.conclusions import Result, result_of
from chatbot.grounding.elliptic import periods_going_on
from chatbot.grounding.injected import for_customers
from chatbot.grounding.order_days import Days, days_of
from chatbot.grounding.readers import plain_id, plain_link
from chatbot.grounding.support import Source, source
from chatbot.grounding.vocabulary import content_words
from chatbot.instructions.topics import Topic
from chatbot.instructions.wording import AS_INSTALLED, Instructions
from chatbot.names import names_said
from chatbot.prompt import KEPT_PASSAGES, cites, instructions
from chatbot.turn import Cited, Evidence, Question, Ruling
from orders.records import OrderRecord
from retrieval.search import Passage

_WORDS = re.compile(r"\w+")
_WHOLE_SENTENCE = 4  # words; a whole sentence of the instructions is a leak even if it is short
_LEAK_WORDS = 8  # so many words in a row from the instructions are a leak


@dataclass(frozen=True, slots=True)
class OrderGrounds:
    """What is known of one order. partly: states that hold for a part of it, so that they may be told either way.

    days: its days by what happened on them. things: stems of the names of its items. places: words of the places where it was seen.
    """

    key: str
    facts: Source
    days: Days
    things: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()
    partly: frozenset[State] = frozenset()


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that one answer may rest on. shared: facts that belong to no single order. leaks: runs of words from the instructions.

    results: what the rules say of the orders; a conclusion must not say otherwise. excluded: what the shop does not want spoken of.
    called: words of the name that the customer gave, by which they may be greeted and no more.
    """

    today: date
    passages: tuple[Source, ...] = ()
    orders: tuple[OrderGrounds, ...] = ()
    shared: tuple[Source, ...] = ()
    names: frozenset[str] = frozenset()
    leaks: frozenset[tuple[str, ...]] = frozenset()
    results: tuple[Result, ...] = ()
    excluded: tuple[Topic, ...] = ()
    called: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        question: Question,
        evidence: Evidence,
        order_facts: Sequence[str],
        orders: Sequence[OrderRecord],
        *,
        cited: Sequence[Cited] = (),
        shop: str = "",
        told: Instructions = AS_INSTALLED,
    ) -> Self:
        """Read the evidence of a turn once.

        order_facts: the lines the prompt holds; those from "Order <number>:" on belong to that order, those before it to all.
        cited: the citations the answer may use; a passage without one supports a sentence but gives it no number.
        """
        shared, own = _by_order(order_facts, orders)
        if evidence.orders is not None:
            shared += [f"There is no order {number} among the orders." for number in evidence.orders.missing]
            shared += [f"Did you mean order {one.number}?" for one in evidence.orders.suggested]
            shared += [f"{len(orders)} orders shown."]
            shared += [] if evidence.orders.narrowed else [f"{evidence.orders.total} orders in all."]
        known = [_order(record, own[record.number], question.today, evidence.rulings) for record in orders]
        return cls(
            today=question.today,
            passages=tuple(_passage(p, cited) for p in evidence.passages),
            orders=tuple(known),
            shared=(source("facts", "\n".join(shared)),) if shared else (),
            names=frozenset(re.findall(r"\w+", f"{shop} {told.shop}".lower())),
            leaks=_runs_of(instructions(shop, told)),
            excluded=told.topics,
            called=frozenset(word for name in names_said(question.text) for word in re.findall(r"\w+", name.lower())),
            results=tuple(result_of(ruling, orders) for ruling in evidence.rulings),
        )

    @property
    def numbers(self) -> frozenset[int]:
        """The citation numbers that exist."""
        return frozenset(p.n for p in self.passages)

    @property
    def links(self) -> frozenset[str]:
        """The links that may be shown: to pages of the web. What a document links within itself leads nowhere in an answer."""
        sources = (*self.passages, *self.shared, *(o.facts for o in self.orders))
        values = (c.value for s in sources for c in s.claims.get(Kind.LINK, ()))
        return frozenset(value for value in values if value.startswith(("https://", "http://", "/policies/")))


@lru_cache(maxsize=8)
def _runs_of(told: str) -> frozenset[tuple[str, ...]]:
    """What of the instructions no answer repeats; what stands in quotation marks there is an example to be said."""
    return word_runs(re.sub(r"“[^”]*”|\"[^\"]*\"", " | ", told))


def word_runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of words long enough to be told from chance, and every sentence that is nearly as long."""
    words = _WORDS.findall(text.lower())
    runs = {tuple(words[i : i + _LEAK_WORDS]) for i in range(len(words) - _LEAK_WORDS + 1)}
    whole = (tuple(_WORDS.findall(part)) for part in re.split(r"[.:;!?|\n]", text.lower()))
    return frozenset(runs | {part for part in whole if len(part) >= _WHOLE_SENTENCE})


def _by_order(lines: Sequence[str], orders: Sequence[OrderRecord]) -> tuple[list[str], dict[str, list[str]]]:
    """The lines before any order's own, and each order's own by its number."""
    shared: list[str] = []
    own: dict[str, list[str]] = {record.number: [] for record in orders}
    current = shared
    for line in lines:
        begun = next((number for number in own if line.startswith(f"Order {number}:")), None)
        current = own[begun] if begun is not None else current
        current.append(line)
    return shared, own


def _order(record: OrderRecord, lines: Sequence[str], today: date, rulings: Sequence[Ruling]) -> OrderGrounds:
    """An order's facts in words, and the values of its record that compare exactly: ids and links."""
    ids = [record.number, *(s.tracking_number for s in record.shipments), *(line.tracking_number for line in record.lines)]
    extra = [Claim(Kind.IDENTIFIER, plain_id(one), one) for one in dict.fromkeys(ids) if one]
    extra += [Claim(Kind.LINK, plain_link(s.tracking_url), s.tracking_url) for s in record.shipments if s.tracking_url]
    things = sum(line.quantity for line in record.lines)
    counts = f"{len(record.shipments)} parcels, {len(record.lines)} items, {things} items."
    text = "\n".join([*lines, counts, record.status_text, record.customer_name])
    states, partly = states_of(record)
    if record.days_late(on=today):
        states |= {State.LATE}
    return OrderGrounds(
        plain_id(record.number),
        source(f"order {record.number}", text, extra=extra),
        days_of(record, rulings),
        content_words(" ".join(line.name for line in record.lines)),
        frozenset(re.findall(r"\w+", " ".join(f"{e.place} {e.description}" for s in record.shipments for e in s.events).lower())),
        states,
        partly,
    )


def _passage(passage: Passage, cited: Sequence[Cited]) -> Source:
    n = min((c.n for c in cited if cites(c, passage)), default=0)
    return replace(_read(passage.document, passage.heading, passage.text), n=n)


@lru_cache(maxsize=KEPT_PASSAGES)
def _read(document: str, heading: str, text: str) -> Source:
    """What a passage holds. Kept, because the same ones answer many questions, and reading one takes longer than judging a sentence."""
    whole = f"{document}\n{heading}\n{for_customers(text)}"
    return source(heading, whole, extra=periods_going_on(whole))
