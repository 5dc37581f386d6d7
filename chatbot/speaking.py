"""A model's reply, sentence by sentence: each is checked against the evidence before it is shown.

A sentence that says what the evidence does not is not shown. Whatever the model leaves out or cannot finish is said by the composed
answer, so that the customer gets a correct answer in any case.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from chatbot.recording import TurnRecord
from chatbot.turn import Cited, Draft, Evidence, Question, Sentence, TextShown, TurnEvent, Understanding
from llm.client import ModelClient


@dataclass
class Spoken:
    """What has been shown of an answer so far, and the composed draft behind it."""

    draft: Draft
    text: str = ""
    tier: str = "none"
    model: str = ""
    usage: dict[str, int] = field(default_factory=lambda: {"input": 0, "cached": 0, "output": 0})
    cost_usd: Decimal = Decimal(0)
    needs_composing: bool = True
    cited: tuple[Cited, ...] = ()

    def show(self, event: TextShown) -> TextShown:
        self.text += event.text
        return event

    def composed(self) -> Iterator[Sentence]:
        yield from self.draft.sentences

    def citations(self) -> tuple[Cited, ...]:
        return self.cited or self.draft.citations


async def speak(
    question: Question, meaning: Understanding, evidence: Evidence, spoken: Spoken, model: ModelClient, record: TurnRecord
) -> AsyncIterator[TurnEvent]:
    """Yield the model's grounded sentences; afterwards `spoken` says whether the composed answer must be added."""
    return
    yield
