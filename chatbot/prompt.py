"""Evidence → the messages for a model, within a budget. Pure: the same input gives the same messages.

The order is: instructions, newest history that fits, then one message with today's date, the evidence and, last, the question.
Instructions come first and never change within a shop, so that a server may keep them in its cache; there is one system message
and the roles alternate, because many local models take nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chatbot.citations import cite
from chatbot.fencing import quoted, quoted_line, without_citations
from chatbot.instructions.wording import AS_INSTALLED, Instructions, system_text
from chatbot.turn import Cited, Evidence, Question, Role, Utterance
from llm.client import ChatMessage, estimate_messages, estimate_tokens
from retrieval.search import Passage

FACTS_SHARE = 0.6  # of what instructions and question leave, at most, when there are passages too
HISTORY_SHARE = 0.25  # of what is left after the order facts, at most
MOST_HISTORY = 8  # messages
FRAME = 16  # tokens of the marks around orders and policies
KEPT_PASSAGES = 1000  # that are not quoted anew for each question


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """context: what the model can read and write together. answer: kept free for what it writes. Both in tokens."""

    context: int = 4096
    answer: int = 400

    @property
    def prompt(self) -> int:
        return self.context - self.answer


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent, and the citations whose passages are in it: only these numbers may be in the answer."""

    messages: tuple[ChatMessage, ...]
    cited: tuple[Cited, ...]


def build_messages(
    question: Question,
    evidence: Evidence,
    *,
    budget: TokenBudget,
    shop: str,
    order_facts: Sequence[str] = (),
    cited: Sequence[Cited] | None = None,
) -> list[ChatMessage]:
    """The messages of `build_prompt` alone."""
    return list(build_prompt(question, evidence, budget=budget, shop=shop, order_facts=order_facts, cited=cited).messages)


def build_prompt(
    question: Question,
    evidence: Evidence,
    *,
    budget: TokenBudget,
    shop: str,
    order_facts: Sequence[str] = (),
    cited: Sequence[Cited] | None = None,
    told: Instructions = AS_INSTALLED,
) -> Prompt:
    """Instructions, newest history, evidence by rank, question.

    order_facts: lines of values in words, complete orders after each other. cited: which passages are offered and under which
    number; None offers all, numbered from 1 by rank. told: how the shop wants to be spoken for. What does not fit is left out: the oldest history first, then the passages
    of lowest rank, then the last order facts. Raises ValueError if not even instructions and question fit.
    """
    system, asked = ChatMessage("system", instructions(shop, told)), _shortened(quoted(question.text), budget.prompt // 3)
    room = budget.prompt - estimate_messages([system, ChatMessage("user", _last_message(question, [], [], asked))])
    room -= FRAME
    if room < 0:
        raise ValueError(f"a budget of {budget.prompt} tokens is too small for the instructions and the question")
    most = int(room * FACTS_SHARE) if evidence.passages else room
    facts = _fitting([quoted_line(line) for line in (*_what_is_missing(evidence), *order_facts)], most)
    room -= sum(map(_cost, facts))
    history = _newest(question.history, int(room * HISTORY_SHARE))
    room -= estimate_messages(history)
    offered = cite_all(evidence.passages) if cited is None else tuple(cited)
    numbered = _numbered(evidence.passages, offered)
    fences = _fitting([_fenced(n, passage) for n, passage in numbered], room)
    shown = {passage.chunk_id for _, passage in numbered[: len(fences)]}
    message = ChatMessage("user", _last_message(question, facts, fences, asked))
    kept = tuple(c for c in offered if any(cites(c, p) for p in evidence.passages if p.chunk_id in shown))
    return Prompt((system, *history, message), kept)


def instructions(shop: str, told: Instructions = AS_INSTALLED) -> str:
    """What the model is told before the conversation, for that shop."""
    return system_text(told, shop=shop)


def cite_all(passages: Sequence[Passage]) -> tuple[Cited, ...]:
    """Cite every passage whole, numbered from 1 by rank."""
    return tuple(cite(n, passage, 0, len(passage.text)) for n, passage in enumerate(passages, 1) if passage.text)


def _numbered(passages: Sequence[Passage], cited: Sequence[Cited]) -> list[tuple[int, Passage]]:
    """The passages that are offered, best first, each with the first number that cites it."""
    numbers = [(min((c.n for c in cited if cites(c, passage)), default=0), passage) for passage in passages]
    return [(n, passage) for n, passage in numbers if n]


def cites(reference: Cited, passage: Passage) -> bool:
    """Whether a citation points into a passage."""
    same_text = (reference.slug, reference.version) == (passage.slug, passage.version)
    return same_text and passage.start <= reference.start and reference.end <= passage.end


def _what_is_missing(evidence: Evidence) -> list[str]:
    """What could not be looked up, as facts: better said than passed over."""
    lines = []
    if evidence.needs_sign_in:
        lines.append("The customer is not signed in, so no order could be looked up.")
    if evidence.orders_error:
        lines.append("The order system could not be reached, so no order could be looked up.")
    if evidence.orders_age:
        lines.append(f"The orders are as they stood {evidence.orders_age}; the order system has told nothing newer.")
    if evidence.orders is not None:
        lines += [f"There is no order {number} among the customer's orders." for number in evidence.orders.missing]
        lines += [
            f"By {one.asked} the customer may have meant their order {one.number}: ask whether they did."
            for one in evidence.orders.suggested
        ]
        if not evidence.orders.records and not evidence.orders.missing:
            lines.append("No order of the customer was found.")
    return lines


def _fenced(n: int, passage: Passage) -> str:
    title, heading, text = _quoted_passage(passage.document, passage.heading, passage.text)
    return f'<passage number="{n}" document="{title}" heading="{heading}">\n{text}\n</passage>'


@lru_cache(maxsize=KEPT_PASSAGES)
def _quoted_passage(document: str, heading: str, text: str) -> tuple[str, str, str]:
    """Title, heading and text as they may stand in a fence. Kept, because the same passages answer many questions."""
    return quoted_line(document), quoted_line(heading), quoted(text)


def _shortened(text: str, room: int) -> str:
    """The beginning and the end of a text too long for so many tokens: a question stands at one of them."""
    tokens = estimate_tokens(text)
    if tokens <= room:
        return text
    half = len(text) * room // tokens // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"


def _cost(text: str) -> int:
    """Tokens of one text with what joins it to the next."""
    return estimate_tokens(text) + 2


def _fitting(texts: Sequence[str], room: int) -> list[str]:
    """The first texts that fit into so many tokens; none after the first that does not."""
    kept = []
    for text in texts:
        room -= _cost(text)
        if room < 0:
            break
        kept.append(text)
    return kept


def _newest(history: Sequence[Utterance], room: int) -> list[ChatMessage]:
    """The newest messages that fit, oldest first, beginning with the customer; neighbours of one role become one message."""
    kept: list[ChatMessage] = []
    for said in reversed(history[-MOST_HISTORY:]):
        role = "user" if said.role is Role.CUSTOMER else "assistant"
        message = ChatMessage(role, quoted(said.text if role == "user" else without_citations(said.text)))
        room -= estimate_messages([message])
        if room < 0:
            break
        if message.content:
            kept.insert(0, message)
    merged: list[ChatMessage] = []
    for message in kept:
        if merged and merged[-1].role == message.role:
            merged[-1] = ChatMessage(message.role, f"{merged[-1].content}\n\n{message.content}")
        elif merged or message.role == "user":
            merged.append(message)
    if merged and merged[-1].role == "user":  # a question that got no answer: the new one follows in its own message
        merged.append(ChatMessage("assistant", "…"))
    return merged


def _last_message(question: Question, facts: Sequence[str], fences: Sequence[str], asked: str) -> str:
    today = f"{question.today:%A} {question.today.day} {question.today:%B %Y}"
    parts = [f"Today is {today}.", "<evidence>"]
    parts.append("\n".join(["<orders>", *(f"- {line}" for line in facts), "</orders>"]) if facts else "<orders>none</orders>")
    parts.append("\n".join(["<policies>", *fences, "</policies>"]) if fences else "<policies>none</policies>")
    parts += ["</evidence>", f"The customer's question:\n{asked}"]
    return "\n".join(parts)
