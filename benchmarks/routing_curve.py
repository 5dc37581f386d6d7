"""What a way to route costs and how often it is right, over questions that were tried in every way. Pure."""

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from llm.experience import Experience
from llm.routing import Signals, Thresholds, Tier, route

# the ways in which each question is tried
COMPOSED, SMALL_ALONE, LARGE_ALONE, SMALL_FIRST, LARGE_FIRST = (
    "composed",
    "small alone",
    "large alone",
    "small first",
    "large first",
)
BOTH = frozenset({Tier.SMALL, Tier.LARGE})
_WAY = {Tier.NONE: COMPOSED, Tier.SMALL: SMALL_FIRST, Tier.LARGE: LARGE_FIRST}
_ALONE = {Tier.SMALL: SMALL_ALONE, Tier.LARGE: LARGE_ALONE}
# what may be chosen from; far apart, since few questions lie between two neighbours
WEAK = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
LONG = (50, 75, 100, 150, 200, 400, 800)
MANY = (2, 3, 4, 6)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What models read and wrote, of all calls (repairs, escalations and rephrasing too)."""

    small_in: int = 0
    small_out: int = 0
    large_in: int = 0
    large_out: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @classmethod
    def of(cls, calls: Iterable[Mapping[str, Any]]) -> "Tokens":
        """calls: as they stand in a turn's trace."""
        counted = dict.fromkeys((f.name for f in fields(cls)), 0)
        for call in calls:
            counted[f"{call['tier']}_in"] += call["input"]
            counted[f"{call['tier']}_out"] += call["output"]
        return cls(**counted)

    @property
    def small(self) -> int:
        return self.small_in + self.small_out

    @property
    def large(self) -> int:
        return self.large_in + self.large_out

    def weighed(self, ratio: float) -> float:
        """Tokens of the large model, those of the small one counted at 1/ratio. ratio: how many times dearer a large one is."""
        return self.large + self.small / ratio


@dataclass(frozen=True, slots=True)
class Tried:
    """One question in one way. ms: the turn without models and its calls' own times. own_words: a model finished the answer.

    problems: what is wrong with the answer, in words.
    """

    problems: tuple[str, ...]
    tokens: Tokens = field(default_factory=Tokens)
    ms: float = 0.0
    own_words: bool = False

    @property
    def correct(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Graded:
    """A question with its signals, tried in every way. fits: it belongs to the half that thresholds are fitted on."""

    shop: str
    text: str
    fits: bool
    signals: Signals
    tried: Mapping[str, Tried]


Choose = Callable[[Graded], str]  # the way that a policy sends a question


@dataclass(frozen=True, slots=True)
class Total:
    """What a policy comes to. also: those right of which the large model alone was right too. ms: the median."""

    questions: int
    correct: int
    also: int
    own_words: int
    large_asked: int
    tokens: Tokens
    ms: float


def always(way: str) -> Choose:
    return lambda question: way


def routed(thresholds: Thresholds, *, escalates: bool = True) -> Choose:
    """As the product routes with these thresholds, both models at hand. Without escalation the composed answer follows a small model."""
    ways = _WAY if escalates else _WAY | {Tier.SMALL: SMALL_ALONE}
    return lambda question: ways[route(question.signals, BOTH, thresholds=thresholds).tier]


def experienced(before: Sequence[Graded], then: Sequence[Graded], thresholds: Thresholds, *, least: float) -> Choose:
    """As the product routes once it has seen how the models' answers stood: `before` and `then` are asked one after the other.

    least: the share of a model's last answers that must have held for it to be asked, as in LLM_LEAST_HELD.
    """
    seen = {Tier.SMALL: Experience(), Tier.LARGE: Experience()}
    ways: dict[int, str] = {}
    for question in (*before, *then):
        tier = route(question.signals, BOTH, thresholds=thresholds).tier
        if tier is Tier.NONE or not seen[tier].may_be_asked(least):
            ways[id(question)] = COMPOSED
            continue
        alone = tier is Tier.SMALL and seen[Tier.LARGE].is_poor(least)
        ways[id(question)] = SMALL_ALONE if alone else _WAY[tier]
        held = question.tried[_ALONE[tier]].own_words
        seen[tier].note(held=held)
        if tier is Tier.SMALL and not held and not alone:
            seen[Tier.LARGE].note(held=question.tried[SMALL_FIRST].own_words)
    return lambda question: ways[id(question)]


def total(questions: Sequence[Graded], choose: Choose) -> Total:
    """Raises ValueError for no questions."""
    if not questions:
        raise ValueError("no questions")
    ways = [question.tried[choose(question)] for question in questions]
    large = [question.tried[LARGE_ALONE] for question in questions]
    return Total(
        questions=len(questions),
        correct=sum(tried.correct for tried in ways),
        also=sum(tried.correct and best.correct for tried, best in zip(ways, large, strict=True)),
        own_words=sum(tried.own_words for tried in ways),
        large_asked=sum(tried.tokens.large > 0 for tried in ways),
        tokens=sum((tried.tokens for tried in ways), Tokens()),
        ms=statistics.median(tried.ms for tried in ways),
    )


def grid(usual: Thresholds) -> list[Thresholds]:
    """All thresholds to choose from, those in use among them."""
    made = {Thresholds(long, many, weak) for long, many, weak in itertools.product(LONG, MANY, WEAK)}
    return sorted(made | {usual}, key=lambda t: (t.weak_strength, t.long_question, t.many_questions))


def fitted(questions: Sequence[Graded], usual: Thresholds, *, ratio: float, share: float = 0.95) -> Thresholds:
    """The thresholds that spend least and still give `share` of the large model's correct answers.

    Where none do, those with most correct answers. Among equals those in use, or else those that change least of them: what
    the questions cannot tell apart is no reason to change anything.
    """
    wanted = share * total(questions, always(LARGE_ALONE)).correct
    found = {thresholds: total(questions, routed(thresholds)) for thresholds in grid(usual)}
    good = {t: result for t, result in found.items() if result.correct >= wanted}
    if not good:
        most = max(result.correct for result in found.values())
        good = {t: result for t, result in found.items() if result.correct == most}

    def cost(thresholds: Thresholds) -> tuple[float, int, float]:
        values = [(getattr(thresholds, f.name), getattr(usual, f.name)) for f in fields(Thresholds)]
        changed = sum(new != old for new, old in values)
        return good[thresholds].tokens.weighed(ratio), changed, sum(abs(new - old) / max(old, 1e-9) for new, old in values)

    return min(good, key=cost)


def curve(usual: Thresholds) -> list[tuple[str, Choose]]:
    """Settings in words with the policies they make: nothing large, each threshold moved alone, everything large."""
    named: list[tuple[str, Choose]] = [
        ("composed, no model", always(COMPOSED)),
        ("nothing large", always(SMALL_ALONE)),
        ("small first, always", always(SMALL_FIRST)),
    ]
    for weak in sorted({*WEAK, usual.weak_strength}):
        named.append((f"LLM_WEAK_STRENGTH={weak:g}", routed(Thresholds(usual.long_question, usual.many_questions, weak))))
    for long in sorted({*LONG, usual.long_question}):
        named.append((f"LLM_LONG_QUESTION={long}", routed(Thresholds(long, usual.many_questions, usual.weak_strength))))
    for many in sorted({*MANY, usual.many_questions}):
        named.append((f"LLM_MANY_QUESTIONS={many}", routed(Thresholds(usual.long_question, many, usual.weak_strength))))
    named.append(("as shipped, no escalation", routed(usual, escalates=False)))
    named.append(("everything large", always(LARGE_ALONE)))
    return named
