"""The frozen values that travel through a turn: question, understanding, evidence, answer, and the events a customer sees."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from typing import Any
from uuid import UUID

from orders.lookup import OrdersFound, Wanted
from orders.rules import Rule, Verdict
from orders.viewer import Viewer
from retrieval.search import Passage, SearchResult


class Role(StrEnum):
    CUSTOMER = "user"
    BOT = "assistant"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of the conversation so far."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by whom, when (aware), and what was said before, oldest first.

    today: the shop's calendar day. stands_alone: nothing can be said after the answer, so nothing may be left open.
    is_trial: asked by staff who try instructions, and by no customer. network: a keyed hash of where it came from, "" if not known.
    key: the beginning of the API key it came with, "" if it came with none.
    """

    turn_id: UUID
    conversation_id: UUID
    text: str
    viewer: Viewer
    asked_at: datetime
    today: date
    history: tuple[Utterance, ...] = ()
    stands_alone: bool = False
    is_trial: bool = False
    network: str = ""
    key: str = ""


class Intent(StrEnum):
    """What a customer may want; a question may carry several."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    ABOUT_BOT = "about the bot"
    HUMAN = "human"
    ORDER_LIST = "order list"
    STATUS = "status"
    TRACKING = "tracking"
    ITEMS = "items"
    COST = "cost"
    PAYMENT = "payment"
    DESTINATION = "destination"
    REFUND = "refund"
    RETURN = "return"
    EXCHANGE = "exchange"
    CANCEL = "cancel"
    CHANGE_ADDRESS = "change address"
    PARCEL_PROBLEM = "parcel problem"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the question means: stand-alone queries for the policies, and which orders are meant.

    wanted is None when the question is not about an order; queries are none when no policy could help.
    """

    intents: frozenset[Intent]
    queries: tuple[str, ...] = ()
    wanted: Wanted | None = None
    signals: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """All that is asked of the policies, in one line."""
        return " ".join(self.queries)


@dataclass(frozen=True, slots=True)
class RuleFound:
    """A rule with its words, passage.text[start:end]; passage is None where they do not stand on the day that governs the order."""

    rule: Rule
    passage: Passage | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one order, by its number. found: the rules that the verdict names."""

    order: str
    verdict: Verdict
    found: tuple[RuleFound, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All an answer may rest on. searches: one for each query, in their order. orders is None when no order was looked up."""

    searches: tuple[SearchResult, ...] = ()
    orders: OrdersFound | None = None
    orders_error: str = ""  # a sentence for the customer, when the source of orders failed
    orders_age: str = ""  # "3 minutes ago", when the orders are not of this minute
    search_failed: bool = False
    needs_sign_in: bool = False
    rulings: tuple[Ruling, ...] = ()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages with the words of rules, then those of all searches by rank, each once."""
        ruled = [one.passage for ruling in self.rulings for one in ruling.found if one.passage is not None]
        ranked = (p for rank in zip_longest(*(s.passages for s in self.searches)) for p in rank if p is not None)
        return tuple({p.chunk_id: p for p in (*ruled, *ranked)}.values())

    @property
    def strength(self) -> float:
        """That of the best search; 0.0 if nothing was searched."""
        return max((s.strength for s in self.searches), default=0.0)


class Outcome(StrEnum):
    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    NOT_FOUND = "not_found"
    NO_ANSWER = "no_answer"
    HANDED_OFF = "handed_off"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation: the exact words of a passage, where they stand in the version's text, and the page that shows them."""

    n: int
    document: str
    version: int
    heading: str
    quote: str
    url: str
    slug: str = ""
    start: int = 0
    end: int = 0

    def public(self) -> dict[str, Any]:
        """The citation as the answer object shows it."""
        return {
            "n": self.n,
            "document": self.document,
            "version": self.version,
            "heading": self.heading,
            "quote": self.quote,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of an answer that is shown at once: Markdown, the citation numbers it carries, and why it may be shown."""

    text: str
    citations: tuple[int, ...] = ()
    support: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed answer before it is shown. unanswered: the queries that it says the policies do not answer."""

    sentences: tuple[Sentence, ...]
    outcome: Outcome
    citations: tuple[Cited, ...] = ()
    suggestions: tuple[str, ...] = ()  # questions offered as buttons
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, whole; `public()` is the answer object of the contract."""

    id: str
    text: str
    outcome: Outcome
    citations: tuple[Cited, ...] = ()
    orders: tuple[dict[str, Any], ...] = ()
    order_lookup: bool = False
    tier: str = "none"
    model: str | None = None
    usage: dict[str, int] = field(default_factory=lambda: {"input": 0, "cached": 0, "output": 0})
    cost_usd: Decimal = Decimal(0)
    timings_ms: dict[str, float] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    needs_sign_in: bool = False

    def public(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "answer": self.text,
            "outcome": str(self.outcome),
            "citations": [c.public() for c in self.citations],
            "orders": list(self.orders),
            "order_lookup": self.order_lookup,
            "tier": self.tier,
            "model": self.model,
            "usage": self.usage,
            "cost_usd": str(self.cost_usd),
            "timings_ms": self.timings_ms,
            "suggestions": list(self.suggestions),
            "needs_sign_in": self.needs_sign_in,
        }


@dataclass(frozen=True, slots=True)
class StatusShown:
    """What is going on, in words, while nothing else can be shown yet."""

    text: str


@dataclass(frozen=True, slots=True)
class OrderShown:
    """One order as a card; see chatbot/cards.py for its fields."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SourcesFound:
    citations: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class TextShown:
    """The next piece of the answer. text: Markdown to append. html: the whole of paragraph number `block` so far, safe to show."""

    text: str
    html: str
    block: int = 0


@dataclass(frozen=True, slots=True)
class TurnFinished:
    answer: Answer
    html: str


@dataclass(frozen=True, slots=True)
class TurnFailed:
    code: str
    message: str
    retryable: bool


TurnEvent = StatusShown | OrderShown | SourcesFound | TextShown | TurnFinished | TurnFailed
