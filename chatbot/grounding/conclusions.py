"""What a sentence concludes about an order against what the rules say of it: a yes where they say no is a wrong fact. Pure.

Only conclusions are judged ("you can still return it", "it is too late", "the last day is …"). A rule told as a rule ("items can be returned
within 30 days") is judged by its passage like any other sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chatbot.grounding.assertions import is_about_their_order
from chatbot.grounding.claim_values import Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.readers import plain_id
from chatbot.grounding.support import days_meant
from chatbot.grounding.vocabulary import content_words
from chatbot.turn import Ruling
from orders.records import OrderRecord
from orders.rules import Allowed, Topic


@dataclass(frozen=True, slots=True)
class Item:
    """One outcome among the items of an order. names: the last word of each item's name, as a stem."""

    names: frozenset[str]
    allowed: Allowed
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Result:
    """What the rules came to for one order and one topic. key: its number as ids compare."""

    key: str
    topic: Topic
    allowed: Allowed
    days: frozenset[date]
    items: tuple[Item, ...]


def result_of(ruling: Ruling, orders: Sequence[OrderRecord]) -> Result:
    """A ruling as sentences are held against it."""
    lines = {line.position: line.name for order in orders if order.number == ruling.order for line in order.lines}
    found = ruling.verdict
    items = tuple(
        Item(frozenset(_head(lines[at]) for at in part.lines if at in lines), part.allowed, part.last_day) for part in found.parts
    )
    days = (found.last_day, *(part.last_day for part in found.parts))
    return Result(plain_id(ruling.order), found.topic, found.allowed, frozenset(d for d in days if d), items)


def _head(name: str) -> str:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return next(iter(content_words(words[-1])), words[-1]) if words else ""


_TOPICS = {
    Topic.RETURN: re.compile(r"\b(?:return\w*|(?:send|sent|sending)\b.{0,30}\bback|give\b.{0,20}\bback|bring\b.{0,20}\bback)\b", re.IGNORECASE),
    Topic.EXCHANGE: re.compile(r"\b(?:exchang\w*|swap\w*)\b", re.IGNORECASE),
    Topic.CANCEL: re.compile(r"\bcancel\w*\b", re.IGNORECASE),
    Topic.CHANGE_ADDRESS: re.compile(r"\baddress\b", re.IGNORECASE),
}  # fmt: skip
# what concludes about no topic by its own words is about the one that was asked
_UNNAMED = re.compile(
    r"\b(?:last day|deadline|window|(?:still|enough) time|still have|too late|in time|(?:that|this) is (?:not |still |no longer )*possible)\b|"
    r"\byou (?:can|may|could)(?:not|['’]t| not)?\W*$|\b(?:do|done) (?:so|that|it)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"^\W*(?:yes|yep|yeah|sure|certainly|absolutely|of course|good news|ja|oui|sí|sì)\b", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no|nope|nein|non)\b(?=\W*[,.!:;–—-])", re.IGNORECASE)
_POSSIBLE = re.compile(
    r"\b(?:can|may|could|able to|allowed|eligible|possible|permitted|entitled|qualif(?:y|ies)|returnable|exchangeable|still time|enough time|in time|"
    r"still have|still (?:open|within|inside)|within (?:the|its|your|our) (?:\S+ ){0,2}(?:window|period)|"
    r"(?:last day|deadline)\b[^.;]{0,60}\bis|window\b[^.;]{0,40}\b(?:open|runs|ends|closes))\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:too late|no longer|any ?more|expired|passed|(?:is|are|was) over|has ended|ended|closed|ineligible|missed|non-?returnable|"
    r"final sale|excluded|outside (?:the|its|your|our) (?:\S+ ){0,2}(?:window|period)|(?:last day|deadline)\b[^.;]{0,60}\bwas)\b",
    re.IGNORECASE,
)
_NOT_OVER = re.compile(r"\b(?:not|n['’]t|never)\b(?: \w+)? (?:too late|expired|passed|over|ended|closed|excluded)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|cannot|unable|none|nothing|isn|aren|wasn|can['’]t|couldn)\b|n['’]t\b", re.IGNORECASE)
_BY_US = re.compile(r"\b(?:I|we)\b\W+(?:(?:am|are|can|cannot|could|may|will)\b|can['’]t|['’](?:m|re|ll)\b)", re.IGNORECASE)
_NOW = re.compile(r"\b(?:still|no longer|any ?more|too late|now|last day|deadline|passed|expired|until|in time)\b", re.IGNORECASE)
_IN_GENERAL = re.compile(
    r"\b(?:an|any|every|each|most|all) (?:\w+ )?(?:orders?|items?|products?|returns?|exchanges?|parcels?)\b|\b(?:items|products|orders|customers|goods)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"\b(?:if|unless|once|when|as long as|provided|whether|depends?)\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[;:–—]|,(?!\s*\d)|\b(?:and|but|so|because|which|however)\b", re.IGNORECASE)
_LIMIT = re.compile(
    r"\b(?:until|till|up to|by|before|last day\b[^.;]{0,60}?\b(?:is|was)|deadline\b[^.;]{0,60}?\b(?:is|was)|no later than)\b",
    re.IGNORECASE,
)
_LONGEST_SHORT = 6  # words; "Yes, you can!" needs no topic


def against_rules(sentence: str, results: Sequence[Result], named: frozenset[str], *, today: date) -> str:
    """What the sentence concludes against the rules, in words; "" if nothing. named: the keys of the orders it names, if any."""
    about = [one for one in results if one.topic in _TOPICS and (not named or one.key in named)]
    topics = {topic for topic, words in _TOPICS.items() if words.search(sentence)}
    if not about or sentence.rstrip().endswith("?"):
        return ""
    meant = [one for one in about if one.topic in topics]
    if not meant and (_UNNAMED.search(sentence) or _is_short_answer(sentence)):
        meant = about
    if not meant or _is_a_rule(sentence, bool(named)):
        return ""
    for stance, clause in _stances(sentence):
        if not any(_agrees(stance, clause, one) for one in meant):
            return f"the rules say otherwise: {clause.strip()}"
    return _wrong_day(sentence, meant, today)


def _is_short_answer(sentence: str) -> bool:
    return bool(_YES.search(sentence) or _NO.search(sentence)) and len(sentence.split()) <= _LONGEST_SHORT


def _is_a_rule(sentence: str, names_an_order: bool) -> bool:
    """Whether a sentence tells a rule in general rather than what holds for the order."""
    if names_an_order or _YES.search(sentence) or _NO.search(sentence) or is_about_their_order(sentence):
        return False
    if _IN_GENERAL.search(sentence):
        return True
    is_short = len(sentence.split()) <= _LONGEST_SHORT  # "A return is possible." tells no rule
    return not (_NOW.search(sentence) or re.search(r"\byou\b", sentence, re.IGNORECASE) or is_short)


def _stances(sentence: str) -> Iterator[tuple[Allowed, str]]:
    """Each conclusion of a sentence: yes or no, with the clause that draws it.

    "Yes, it has arrived, but it cannot be returned" says yes to something else: an opening counts for what follows it at once.
    """
    opening = Allowed.YES if _YES.search(sentence) else Allowed.NO if _NO.search(sentence) else None
    clauses = [(_stance(clause), clause) for clause in _CLAUSES.split(sentence)]
    first = next((place for place, (stance, _) in enumerate(clauses) if stance is not None), 0)
    if opening is not None and first <= 1:
        yield opening, sentence
    for stance, clause in clauses:
        if stance is not None:
            yield stance, clause


def _stance(clause: str) -> Allowed | None:
    if _BY_US.search(clause):
        return None
    if _NOT_OVER.search(clause):
        return Allowed.YES
    if _OVER.search(clause):
        return Allowed.NO
    if _POSSIBLE.search(clause):
        return Allowed.NO if _NOT.search(clause) else Allowed.YES
    return None


def _agrees(stance: Allowed, clause: str, result: Result) -> bool:
    words = content_words(clause)
    items = [item for item in result.items if item.names & words] if len(result.items) > 1 else []
    outcomes = {item.allowed for item in items} or {result.allowed}
    if outcomes == {Allowed.UNKNOWN}:
        return bool(_SUPPOSED.search(clause))
    return outcomes == {stance}


def _wrong_day(sentence: str, results: Sequence[Result], today: date) -> str:
    """A last day that is none of the rules'."""
    known = frozenset[date]().union(*(one.days for one in results))
    for clause in _CLAUSES.split(sentence):
        for limit in _LIMIT.finditer(clause):
            dates = [c for c in claims_in(clause[limit.end() : limit.end() + 60]) if c.kind is Kind.DATE][:1]
            for claim in dates:
                if not any(days_meant(reading, today) & known for reading in claim.value.readings):
                    return f"not the last day by the rules: {claim.text.strip()}"
    return ""
