"""What a model is told for one answer: facts of the orders, passages under their numbers, and after a sentence that was held back, why. Pure."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from chatbot.attempts import Attempt, Heard, Purpose
from chatbot.citations import cite
from chatbot.composing import order_wording
from chatbot.composing.choosing import Choice
from chatbot.composing.quoting import quote
from chatbot.composing.rulings import undecided
from chatbot.fencing import quoted, quoted_line
from chatbot.instructions.wording import AS_INSTALLED, Instructions
from chatbot.prompt import Prompt, TokenBudget, build_prompt
from chatbot.turn import Cited, Draft, Evidence, Intent, Question, Understanding
from llm.client import ChatMessage, estimate_messages
from retrieval.search import Passage

NOTHING_TO_ADD = re.compile(r"\W*DONE\W*")


@dataclass(frozen=True, slots=True)
class Brief:
    """The material of one answer. facts: lines about orders, `cited`: the passages that are offered, under their numbers."""

    question: Question
    evidence: Evidence
    facts: tuple[str, ...]
    cited: tuple[Cited, ...]
    budget: TokenBudget
    shop: str
    told: Instructions = AS_INSTALLED

    def parts(self) -> dict[str, str]:
        """What personal data may stand in, by the name it has in the trace."""
        history = "\n".join(utterance.text for utterance in self.question.history)
        return {"question": self.question.text, "conversation": history, "orders": "\n".join(self.facts)}

    def prompt(self, attempt: Attempt, *, shown: str = "", heard: Heard | None = None) -> Prompt:
        """The messages of a call. After a call that fell short: with what the customer has read, and what was wrong.

        Raises ValueError if the budget is too small for the instructions and the question.
        """
        goes_on = heard is not None and attempt.purpose is not Purpose.ANSWER and bool(shown or heard.sentence)
        more = _after(shown, heard) if goes_on and heard else []
        context = int((self.budget.context - self.budget.answer) * attempt.share) + self.budget.answer
        room = replace(self.budget, context=context - estimate_messages(more))
        made = build_prompt(
            self.question,
            self.evidence,
            budget=room,
            shop=self.shop,
            order_facts=self.facts,
            cited=self.cited,
            told=self.told,
        )
        return replace(made, messages=(*made.messages, *more))


def brief_of(
    question: Question,
    meaning: Understanding,
    evidence: Evidence,
    choice: Choice,
    draft: Draft,
    *,
    budget: TokenBudget,
    shop: str,
    told: Instructions = AS_INSTALLED,
) -> Brief:
    """The material for a question: what the composed draft derives is a fact too, so that no arithmetic is left to the model."""
    facts = [re.sub(r" ?\[\d+\]", "", s.text) for s in draft.sentences if s.support.startswith("derived")]
    facts += undecided(evidence.rulings)
    whole = bool(meaning.intents & {Intent.DESTINATION, Intent.CHANGE_ADDRESS})  # the street is needed for nothing else
    facts += [line for o in choice.orders for line in order_wording.facts(o, today=question.today, whole_address=whole)]
    offered = offers(evidence.passages, meaning.query, draft.citations)
    return Brief(question, evidence, tuple(facts), offered, budget, shop, told)


def _after(shown: str, heard: Heard) -> list[ChatMessage]:
    """The reply so far as the model's own words, and what it is to do about it. What it wrote is data to it as well."""
    written = " ".join(part for part in (shown, heard.sentence) if part)
    reason = quoted_line(heard.why or str(heard.ending))
    note = (
        _repair_text()
        .replace("{reason}", reason)
        .replace("{shown}", f"“{quoted_line(shown, cites=True)}”" if shown else "nothing yet")
    )
    return [ChatMessage("assistant", quoted(written, cites=True) or "…"), ChatMessage("user", note)]


@cache
def _repair_text() -> str:
    return (Path(__file__).parent / "instructions" / "repair.md").read_text(encoding="utf-8").strip()


def offers(passages: tuple[Passage, ...], query: str, already: tuple[Cited, ...]) -> tuple[Cited, ...]:
    """One citation a passage: its best sentences, or all of it; those of the composed draft keep their numbers."""
    made = list(already)
    taken = {(c.slug, c.version, p.chunk_id) for c in already for p in passages if _within(c, p)}
    for passage in passages:
        if (passage.slug, passage.version, passage.chunk_id) in taken or not passage.text:
            continue
        n = len(made) + 1
        best = quote([passage], query, first=n, most=1)
        made.append(best[0].citations[0] if best else cite(n, passage, 0, len(passage.text)))
    return tuple(made)


def _within(citation: Cited, passage: Passage) -> bool:
    same = (citation.slug, citation.version) == (passage.slug, passage.version)
    return same and passage.start <= citation.start and citation.end <= passage.end
