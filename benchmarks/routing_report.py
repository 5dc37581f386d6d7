"""What `bench_routing` found, as the section of docs/benchmarks.md. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.measuring import table
from benchmarks.quality import interval
from benchmarks.routing_curve import (
    COMPOSED,
    LARGE_ALONE,
    LARGE_FIRST,
    SMALL_ALONE,
    Choose,
    Graded,
    Total,
    always,
    curve,
    experienced,
    fitted,
    routed,
    total,
)
from benchmarks.routing_picture import Point, picture
from llm.routing import Thresholds

LEAST_CORRECT, MOST_TOKENS = 0.95, 0.40  # the goal, of the large model's
SHOWN_WRONG = 12


@dataclass(frozen=True, slots=True)
class Setting:
    """What was measured with. graded, reach: questions of all shops, and those of them that a model may answer.

    usual, least: the thresholds that are shipped, LLM_LEAST_HELD among them.
    """

    small: str
    large: str
    ratio: float
    graded: int
    reach: int
    context: int
    answer: int
    usual: Thresholds
    least: float
    estimated: bool = False


def halves(questions: Sequence[Graded]) -> tuple[list[Graded], list[Graded]]:
    """Those to fit on, and those to report."""
    return [q for q in questions if q.fits], [q for q in questions if not q.fits]


def section(questions: Sequence[Graded], setting: Setting, *, head: str, image: str) -> str:
    """head: the line of date, machine and command. image: where the picture stands, from the document."""
    fit, told = halves(questions)
    found = fitted(fit, setting.usual, ratio=setting.ratio)
    return "\n\n".join(
        [
            "## Routing between two models",
            head,
            _what(questions, told, setting),
            table(*policies(fit, told, found, setting)),
            table(["what", "measured", "goal"], goals(fit, told, setting)),
            _fit_told(fit, told, found, setting),
            f"![Answers that are right against tokens, for every setting]({image})",
            table(*settings_table(fit, told, setting)),
            _limits(told),
            *_wrong_table(told),
        ]
    )


def shipped(fit: Sequence[Graded], told: Sequence[Graded], setting: Setting) -> Choose:
    """What the product does with both models at hand, after the questions that are not reported."""
    return experienced(fit, told, setting.usual, least=setting.least)


def policies(
    fit: Sequence[Graded], told: Sequence[Graded], found: Thresholds, setting: Setting
) -> tuple[list[str], list[list[str]]]:
    head = ["policy", "right", "of large's", "right where large is", "own words", "small: in / out", "large: in / out"]
    head += ["tokens", "weighed", "median time"]
    chosen: list[tuple[str, Choose]] = [
        ("composed only", always(COMPOSED)),
        ("small only", always(SMALL_ALONE)),
        ("large only", always(LARGE_ALONE)),
        ("routed, as shipped", shipped(fit, told, setting)),
        ("the same, without experience", routed(setting.usual)),
        ("the same, no escalation either", routed(setting.usual, escalates=False)),
    ]
    if found != setting.usual:
        chosen.append(("routed, as fitted", routed(found)))
    return head, [_policy(name, total(told, choose), total(told, always(LARGE_ALONE)), setting.ratio) for name, choose in chosen]


def _policy(name: str, one: Total, large: Total, ratio: float) -> list[str]:
    t, most = one.tokens, large.tokens
    return [
        name,
        f"{one.correct} of {one.questions}",
        _share(one.correct, large.correct),
        f"{one.also} of {large.correct}",
        str(one.own_words),
        f"{t.small_in:,} / {t.small_out:,}",
        f"{t.large_in:,} / {t.large_out:,}",
        _share(t.small + t.large, most.large),
        _share(t.weighed(ratio), most.weighed(ratio)),
        f"{one.ms / 1000:.2f} s",
    ]


def goals(fit: Sequence[Graded], told: Sequence[Graded], setting: Setting) -> list[list[str]]:
    choose = shipped(fit, told, setting)
    one, large = total(told, choose), total(told, always(LARGE_ALONE))
    ours = [float(q.tried[choose(q)].correct) for q in told]
    theirs = [float(q.tried[LARGE_ALONE].correct) for q in told]
    low, high = interval(ours, theirs)
    at_once = sum(choose(question) == LARGE_FIRST for question in told)
    t, most = one.tokens, large.tokens
    return [
        ["right answers of the routing, of those of the large model", _share(one.correct, large.correct), f"≥ {LEAST_CORRECT:.0%}"],
        ["right answers more than the large model, of all questions, 95 % interval", f"{low:+.0%} to {high:+.0%}", ""],
        ["questions the large model gets right that the routing gets right too", f"{one.also} of {large.correct}", ""],
        [
            f"tokens, small ones counted at 1/{setting.ratio:g}, of the large model's",
            _share(t.weighed(setting.ratio), most.weighed(setting.ratio)),
            f"≤ {MOST_TOKENS:.0%}",
        ],
        ["tokens of the large model alone, the same", _share(t.large, most.large), ""],
        ["tokens of both counted alike, the same", _share(t.large + t.small, most.large), ""],
        [
            "questions for which the large model was asked: at once, or after the small one fell short",
            f"{at_once} and {one.large_asked - at_once} of {one.questions}",
            "",
        ],
    ]


def settings_table(fit: Sequence[Graded], told: Sequence[Graded], setting: Setting) -> tuple[list[str], list[list[str]]]:
    """The curve: what each setting comes to on either half. Neighbours that come to the same share a row."""
    rows = [(name, _at(fit, choose, setting.ratio), _at(told, choose, setting.ratio)) for name, choose in curve(setting.usual)]
    merged = []
    for (_, *figures), same in groupby(rows, key=lambda row: (row[0].partition("=")[0], *row[1:])):
        names = [name for name, *_ in same]
        first, mark, _ = names[0].partition("=")
        merged.append(
            [first + mark + ", ".join(name.partition("=")[2] for name in names), *(cell for half in figures for cell in half)]
        )
    head = [
        "setting, the others as shipped",
        "right, fitted on",
        "weighed",
        "asked large",
        "right, reported",
        "weighed",
        "asked large",
    ]
    return head, merged


def _at(half: Sequence[Graded], choose: Choose, ratio: float) -> tuple[str, str, str]:
    one, large = total(half, choose), total(half, always(LARGE_ALONE))
    return str(one.correct), _share(one.tokens.weighed(ratio), large.tokens.weighed(ratio)), str(one.large_asked)


def drawn(questions: Sequence[Graded], setting: Setting) -> str:
    """The curve over the questions that are reported."""
    fit, told = halves(questions)
    large = total(told, always(LARGE_ALONE))
    points = []
    for name, choose in [*curve(setting.usual), ("routed, as shipped", shipped(fit, told, setting))]:
        one = total(told, choose)
        cost = one.tokens.weighed(setting.ratio) / max(large.tokens.weighed(setting.ratio), 1e-9)
        point = Point(name.replace("LLM_", "").replace("_", " ").lower(), cost, one.correct / one.questions, "=" not in name)
        if point.marked or not any((p.cost, p.correct) == (point.cost, point.correct) for p in points):
            points.append(point)
    unnamed = {(p.cost, p.correct) for p in points if p.marked}  # what a marked point says already
    kept = [p for p in points if p.marked or (p.cost, p.correct) not in unnamed]
    return picture(kept, most_cost=MOST_TOKENS, least_correct=LEAST_CORRECT * large.correct / large.questions)


def wrong(told: Sequence[Graded]) -> list[list[str]]:
    """The wrong answers of each model alone, the large one's first."""
    rows = []
    for way in (LARGE_ALONE, SMALL_ALONE):
        for question in told:
            if problems := question.tried[way].problems:
                rows.append([question.shop, question.text[:70].replace("|", "/"), way, "; ".join(problems)[:90].replace("|", "/")])
    return rows


def _what(questions: Sequence[Graded], told: Sequence[Graded], setting: Setting) -> str:
    shops = len({question.shop for question in questions})
    return (
        f"Small: {setting.small}. Large: {setting.large}. The graded questions of `tests/shops` over {shops} shops: of {setting.graded}, "
        f"{setting.graded - setting.reach} never reach a model (asked back, nothing found, small talk, said in our own words), so they "
        f"cost nothing and are the same in every policy; they are left out here, where they would only make all shares look better. Of the "
        f"other {setting.reach}, {len(questions)} were drawn with a fixed seed, evenly over the shops; every second one of a shop is for "
        f"fitting, the other {len(told)} are what is reported. A question is asked as a whole turn in each way (a prompt of at most "
        f"{setting.context - setting.answer:,} tokens, {setting.answer} for the answer): without a model, with one alone, with the small or "
        "the large one first and both at hand. *Right* is an answer with every fact and no other thing that its case asks for. *Tokens* are "
        "all that models read and wrote for a turn, repairs, escalations and rephrasing included, a prompt that is read again counted again"
        + ("; counted by us, since the servers report none" if setting.estimated else "")
        + f". *Weighed* counts a token of the small model as 1/{setting.ratio:g}: the share of the cost where the small one is so many times "
        "cheaper; *tokens* counts all alike. Both are shares of what the large model takes for everything. *Own words*: answers that a model "
        "finished; the others were finished or said by the composed answer. *As shipped*: the questions are asked one after the other, those "
        f"for fitting first, and a model of whose last answers less than {setting.least:.0%} held is passed over, but for one question in "
        "ten. *Without experience*: every question goes where its signals send it. *No escalation either*: after a small model that falls "
        "short the composed answer speaks at once. Time is the turn's own and that of its calls."
    )


def _fit_told(fit: Sequence[Graded], told: Sequence[Graded], found: Thresholds, setting: Setting) -> str:
    def words(t: Thresholds) -> str:
        return f"`LLM_WEAK_STRENGTH={t.weak_strength:g} LLM_LONG_QUESTION={t.long_question} LLM_MANY_QUESTIONS={t.many_questions}`"

    rule = (
        f"Fitted on the {len(fit)} questions that are not reported: of all settings that keep {LEAST_CORRECT:.0%} of the large model's right "
        "answers, the one with the fewest weighed tokens, and among equals the one nearest to what is shipped. "
    )
    longest = max(question.signals.characters for question in (*fit, *told))
    can = f"The longest question has {longest} characters, so nothing is said here of thresholds above that."
    if found == setting.usual:
        return rule + f"That is what is shipped: {words(found)}. " + can
    at = f"There it gives {total(fit, routed(found)).correct} right answers, what is shipped gives {total(fit, routed(setting.usual)).correct}. "
    return rule + f"That is {words(found)}; shipped is {words(setting.usual)}. " + at + can


def _wrong_table(told: Sequence[Graded]) -> list[str]:
    rows = wrong(told)
    if not rows:
        return []
    said = "Wrong answers of either model alone" + (
        f", the first {SHOWN_WRONG} of {len(rows)}:" if len(rows) > SHOWN_WRONG else ":"
    )
    return [said, table(["asked in", "question", "way", "what is wrong"], rows[:SHOWN_WRONG])]


def _limits(told: Sequence[Graded]) -> str:
    large, small, none = (total(told, always(way)) for way in (LARGE_ALONE, SMALL_ALONE, COMPOSED))
    return (
        f"How to read it: the large model finished {large.own_words} of {large.questions} answers in its own words, the small one "
        f"{small.own_words}; what a model says that the evidence does not hold is not shown, and the composed answer says the rest. These "
        f"questions are the ones that composed answers are tested with ({none.correct} of {none.questions} right), and they ask for certain "
        "words, so a model can hardly win against no model here, and one that is soon cut short loses least. What they do "
        "show is what routing costs and keeps against the large model. "
        f"With {len(told)} questions one more or less is {1 / len(told):.0%}."
    )


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else "–"
