"""A turn's stored trace as values that a page can show. Pure.

Traces are kept for months and outlive the code that wrote them: a part that is missing or has another shape is left out, never an error.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chatbot.citations import policy_url
from chatbot.models import Turn

# the stages of a turn that follow each other; lookup and search run side by side
_AFTER = {"understand": "", "orders": "understand", "search": "understand", "rules": "search"}
_MOMENTS = ("first_text", "total")  # measured from the beginning
_SHOWN_ELSEWHERE = ("strength", "passages", "search", "unanswered")
_NAMES = {"understand": "Understand", "orders": "Orders", "search": "Search", "first_text": "First text", "total": "Whole turn"}


@dataclass(frozen=True, slots=True)
class PassageView:
    document: str
    version: str
    heading: str
    text: str
    url: str
    scores: list[tuple[str, str]]
    is_cited: bool
    chunk: tuple[int, int] | None  # the id of the version and where the passage begins, for the page of its chunk


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of the waterfall: start and width in percent of the whole, length in words."""

    name: str
    start: float
    width: float
    length: str
    is_moment: bool


@dataclass(frozen=True, slots=True)
class SentenceView:
    text: str
    support: str
    citations: str
    by: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class CallView:
    """One call of a model: what for, by whom and why, how it ended, what it took."""

    purpose: str
    by: str
    reason: str
    ending: str
    took: str


@dataclass(frozen=True, slots=True)
class Trace:
    intents: list[str]
    query: str
    queries: list[str]  # each as it was searched for
    understood: list[tuple[str, str]]
    strength: int | None  # percent
    passages: list[PassageView]
    found: list[tuple[str, str]]  # what else the evidence says
    unanswered: list[str]  # what the customer was told the policies do not say
    orders: list[tuple[str, str]]  # number, the snapshot as indented JSON
    tier: str
    reason: str
    instructions: str  # which of the shop's, in words
    calls: list[CallView]
    cost: str
    saved: str  # the call that a kept answer saved
    redacted: list[str]  # what was hidden from models: "«EMAIL_1» an e-mail address, from the question"
    prompt: list[tuple[str, str]]  # role, text
    sentences: list[SentenceView]
    bars: list[Bar]
    viewer: str


def trace_of(turn: Turn, cited: Iterable[tuple[str, int, int, int]]) -> Trace:
    """The trace of a turn. cited: slug, version, start and end of every citation of its answer."""
    understanding, evidence, route = _dict(turn.understanding), _dict(turn.evidence), _dict(turn.route)
    search = _dict(evidence.get("search")) or evidence
    strength = search.get("strength")
    citations = list(cited)
    return Trace(
        intents=[str(intent) for intent in _list(understanding.get("intents"))],
        query=str(understanding.get("query") or ""),
        queries=[str(query) for query in _list(understanding.get("queries"))] or [str(understanding.get("query") or "")],
        understood=_pairs({name: value for name, value in understanding.items() if name not in ("intents", "query", "queries")}),
        strength=round(float(strength) * 100) if strength is not None and _is_number(strength) else None,
        passages=[_passage(_dict(passage), citations) for passage in _list(search.get("passages"))],
        found=_pairs({name: value for name, value in search.items() if name not in _SHOWN_ELSEWHERE}),
        unanswered=[_gap(_dict(gap)) for gap in _list(search.get("unanswered"))],
        orders=[(str(_dict(order).get("number") or "Order"), _indented(order)) for order in _list(turn.orders)],
        tier=str(route.get("tier") or turn.tier),
        reason=str(route.get("reason") or ""),
        instructions=_instructions(route.get("instructions")),
        calls=[_call(_dict(call)) for call in _list(route.get("calls"))],
        cost=_cost(turn.cost_usd, [_dict(call) for call in _list(route.get("calls"))]),
        saved=_saved(_dict(route.get("cache"))),
        redacted=[_hidden(_dict(one)) for one in _list(route.get("redacted"))],
        prompt=[(_role(_dict(part)), _text(_dict(part).get("content"))) for part in _list(turn.prompt)],
        sentences=[_sentence(part) for part in _list(turn.sentences)],
        bars=waterfall(_dict(turn.timings_ms)),
        viewer=_viewer(_dict(turn.viewer)),
    )


def _cost(usd: Decimal, calls: list[dict[str, Any]]) -> str:
    """What the calls of a turn cost. A call without a price costs what nobody knows, which is not nothing."""
    unpriced = sum(call.get("cost_usd") is None for call in calls)
    if not unpriced:
        return f"${usd}"
    if unpriced == len(calls):
        return "not known: the model has no price"
    return f"${usd}, and {unpriced} call{'' if unpriced == 1 else 's'} without a price"


def waterfall(timings_ms: dict[str, Any]) -> list[Bar]:
    """Stages as bars on the time line of the turn, in the order in which they happen; nothing for no numbers."""
    lengths = {str(name): float(value) for name, value in timings_ms.items() if _is_number(value) and value >= 0}
    whole = max(lengths.values(), default=0.0)
    if whole <= 0:
        return []
    stages = [name for name in dict.fromkeys((*_AFTER, *lengths)) if name in lengths and name not in _MOMENTS]
    bars = []
    for name in (*stages, *(moment for moment in _MOMENTS if moment in lengths)):
        start = min(lengths.get(_AFTER.get(name, ""), 0.0), whole - lengths[name]) if name in _AFTER else 0.0
        bars.append(
            Bar(
                name=_NAMES.get(name, name.replace("_", " ").capitalize()),
                start=round(100 * start / whole, 2),
                width=round(max(100 * lengths[name] / whole, 0.6), 2),
                length=duration(lengths[name]),
                is_moment=name in _MOMENTS,
            )
        )
    return bars


def duration(milliseconds: float) -> str:
    """A time as people read it: "0.4 ms", "12 ms", "1.2 s"."""
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _passage(passage: dict[str, Any], cited: list[tuple[str, int, int, int]]) -> PassageView:
    slug, version = str(passage.get("slug") or ""), passage.get("version")
    start, end = passage.get("start"), passage.get("end")
    url, is_cited = "", False
    if slug and all(isinstance(value, int) for value in (version, start, end)):
        url = policy_url(slug, version, start, end)  # type: ignore[arg-type]
        is_cited = any(c[:2] == (slug, version) and c[2] < end and start < c[3] for c in cited)  # type: ignore[operator]
    said = _dict(passage.get("why")) | passage  # older traces say it of the passage itself
    scores = [(name, f"{said[name]:.3f}") for name in ("score", "dense", "lexical") if _is_number(said.get(name))]
    heading, text = str(passage.get("heading") or ""), _text(passage.get("text"))
    pk = passage.get("version_id")
    chunk = (pk, start) if isinstance(pk, int) and isinstance(start, int) else None
    return PassageView(str(passage.get("document") or slug), str(version or ""), heading, text, url, scores, is_cited, chunk)


def _gap(gap: dict[str, Any]) -> str:
    strength = gap.get("strength")
    said = f" (strength {round(100 * strength)} %)" if isinstance(strength, int | float) else ""
    return f"{_text(gap.get('query'))}{said}"


def _sentence(sentence: Any) -> SentenceView:
    if not isinstance(sentence, dict):
        return SentenceView(_text(sentence), "", "", "", is_shown=True)
    citations = ", ".join(str(n) for n in _list(sentence.get("citations")))
    support = sentence.get("support")
    shown = sentence.get("shown", True)
    by = str(sentence.get("by") or "")
    return SentenceView(_text(sentence.get("text")), _text(support) if support else "", citations, by, is_shown=bool(shown))


def _role(part: dict[str, Any]) -> str:
    role, purpose = str(part.get("role") or ""), part.get("purpose")
    return f"{role} ({purpose})" if purpose and purpose != "answer" else role


def _instructions(number: Any) -> str:
    if not isinstance(number, int):
        return ""
    return f"version {number}" if number else "as they come with the product"


def _call(call: dict[str, Any]) -> CallView:
    tokens = f"{call.get('input', 0)} in, {call.get('output', 0)} out{' (estimated)' if call.get('estimated') else ''}"
    cost = f", ${call['cost_usd']}" if call.get("cost_usd") else ", no price is known"
    took = f", {duration(call['total_ms'])}" if _is_number(call.get("total_ms")) else ""
    by = f"{call.get('model') or 'a model'} ({call.get('tier') or '?'})"
    return CallView(
        _text(call.get("purpose")),
        by,
        _text(call.get("reason")),
        _text(call.get("heard") or call.get("ending")),
        f"{tokens}{cost}{took}",
    )


def _saved(cache: dict[str, Any]) -> str:
    if not cache:
        return ""
    cost = f", ${cache['cost_usd']}" if cache.get("cost_usd") else ""
    return f"a call of {cache.get('model') or 'a model'}: {cache.get('input', 0)} tokens in, {cache.get('output', 0)} out{cost}"


def _hidden(one: dict[str, Any]) -> str:
    where = ", ".join(str(part) for part in _list(one.get("where")))
    return f"{_text(one.get('mark'))} {_text(one.get('kind'))}{f', from the {where}' if where else ''}"


def _viewer(viewer: dict[str, Any]) -> str:
    if not viewer.get("email"):
        return "not signed in"
    method = viewer.get("method")
    return f"{viewer['email']} ({method})" if method else f"{viewer['email']} (not verified)"


def _pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and value of what says something; nested values as JSON."""
    return [(name.replace("_", " "), _text(value)) for name, value in values.items() if value not in (None, "", [], {}, False)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
