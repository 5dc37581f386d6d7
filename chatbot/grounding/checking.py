"""One sentence of an answer against its grounds: shown, or held back with the reason in words. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chatbot.grounding import abroad
from chatbot.grounding.assertions import (
    action_in,
    is_about_their_order,
)
from chatbot.grounding.bounds import wrong_bound
from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import CITATION, citations_in, claims_in
from chatbot.grounding.grounds import Grounds, word_runs
from chatbot.grounding.markup import as_read, has_markup
from chatbot.grounding.reports import false_report, named_orders
from chatbot.grounding.rows import on_another_row, tells_of_another_row
from chatbot.grounding.small_talk import is_small_talk
from chatbot.grounding.stances import contradicts, turned_round
from chatbot.grounding.subjects import said_of_another
from chatbot.grounding.support import Source, supports
from chatbot.grounding.unheard import unknown_name, widened, without_its_un
from chatbot.grounding.verbatim import word_for_word
from chatbot.grounding.vocabulary import (
    SMALL_WORDS_ABROAD,
    content_words,
    coverage,
    is_english,
    is_negated,
    is_promised,
    strong_words,
    without_talk,
)
from chatbot.instructions.topics import spoken_of

MOST_VALUES = 60  # in one sentence: each is compared with all that the evidence has of its kind
ENOUGH_WORDS = 0.6  # share of a sentence's own words that its evidence must know
ENOUGH_WITH_VALUES = 0.5  # the same for one whose values are all in it
# words in which orders are told; with an order in the evidence they are no news
_ORDER_TALK = content_words(
    "order parcel package item delivery deliver arrive ship send sent carrier track tracking number way transit expect date day status issue "
    "process news update delay late warehouse leave left last seen scan payment pay card total cost contain include refund return cancel money"
)
# about one's own order a day or an id comes from the record, unless the sentence cites a policy
_FROM_THE_RECORD = frozenset({Kind.DATE, Kind.RELATIVE, Kind.WEEKDAY, Kind.MONTH, Kind.TIME, Kind.IDENTIFIER, Kind.STREET})
_WORDS_OF_A_CALL = content_words("phone telephone call ring dial number")
# a day or a month that every line denies ("closed on Sundays") is not to be affirmed
_OPEN_OR_NOT = frozenset({Kind.WEEKDAY, Kind.MONTH})
# how long there still is follows from an order's days, not from the length of a rule
_LEFT = re.compile(r"\b(?:left|remain\w*|still have|to go)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """supported: whether the sentence may be shown; reason in words; the claims found in it; the passages that carry it."""

    supported: bool
    reason: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[int, ...] = ()


def check(sentence: str, grounds: Grounds) -> Verdict:
    """Judge one sentence (or list line, or heading) of a model's answer."""
    bare = CITATION.sub("", sentence)
    if not any(c.isalnum() for c in bare):
        return Verdict(True, "nothing is said")
    bare = as_read(bare)
    claims = claims_in(bare)
    if len(claims) > MOST_VALUES:
        return Verdict(False, "more values than a sentence of an answer has", claims)
    if problem := _forbidden(bare, grounds) or false_report(bare, grounds):
        return Verdict(False, problem, claims)
    cited = [p for p in grounds.passages if p.n in citations_in(sentence)]
    if quoted := word_for_word(bare, (*cited, *grounds.passages)):
        return Verdict(True, "word for word in the evidence", claims, (quoted.n,) if quoted.n else ())
    facts = _facts_for(claims, grounds)
    carried: list[int] = []
    elsewhere = {id(p): on_another_row(bare, p, today=grounds.today) for p in grounds.passages}
    for claim in claims:
        found = _carrier(claim, bare, facts, cited, grounds, elsewhere)
        if found is None:
            return Verdict(False, f"{claim.kind} not in the evidence: {claim.text.strip()}", claims)
        carried.append(found)
    if wrong := said_of_another(bare, (*facts, *grounds.passages), today=grounds.today) or wrong_bound(
        bare, claims, (*facts, *grounds.passages), today=grounds.today
    ):
        return Verdict(False, f"said of something else in the evidence: {wrong}", claims)
    return _about_the_rest(bare, claims, facts, cited, [n for n in carried if n], grounds)


def _forbidden(sentence: str, grounds: Grounds) -> str:
    """Why a sentence may never be shown, whatever the evidence; "" if nothing forbids it."""
    if markup := has_markup(sentence):
        return f"markup: {markup}"
    if action := action_in(sentence):
        return f"claims an action: {action.strip()}"
    if leaks(sentence, grounds):
        return "repeats the instructions"
    if topic := spoken_of(sentence, grounds.excluded):
        return f"a topic that the shop's instructions exclude: {topic.name}"
    return ""


def leaks(sentence: str, grounds: Grounds) -> bool:
    """Whether a sentence repeats the instructions, or speaks of them and of the marks around the evidence."""
    if re.search(
        r"\b(?:system prompt|my instructions|my system message|evidence marks?|the customer['’]s question)\b|</?\s*(?:passage|evidence)",
        sentence,
        re.IGNORECASE,
    ):
        return True
    return bool(word_runs(sentence) & grounds.leaks)


def _facts_for(claims: tuple[Claim, ...], grounds: Grounds) -> tuple[Source, ...]:
    """The facts a sentence may use: a sentence that names one order may not use the dates of another."""
    return (*(o.facts for o in named_orders(claims, grounds)), *grounds.shared)


# --- claims -------------------------------------------------------------------------------------------------------------
def _carrier(
    claim: Claim,
    sentence: str,
    facts: tuple[Source, ...],
    cited: list[Source],
    grounds: Grounds,
    elsewhere: Mapping[int, frozenset[str]],
) -> int | None:
    """The number of the passage that holds the claim, 0 if the facts do, None if nothing does. What is cited comes first.

    elsewhere: by passage, the values that it has for another thing than the sentence speaks of.
    """
    if any(supports(claim, fact, today=grounds.today, sentence=sentence) for fact in facts):
        return 0
    strict = grounds.orders and (
        (claim.kind in _FROM_THE_RECORD and is_about_their_order(sentence))
        or (claim.kind is Kind.DURATION and bool(_LEFT.search(sentence)))
    )
    for passage in cited if strict else (*cited, *grounds.passages):
        if claim.text not in elsewhere[id(passage)] and supports(claim, passage, today=grounds.today, sentence=sentence):
            return passage.n
    return None


def _about_the_rest(
    sentence: str, claims: tuple[Claim, ...], facts: tuple[Source, ...], cited: list[Source], carried: list[int], grounds: Grounds
) -> Verdict:
    """Judge what is not a value: names, promises, yes against no, and whether the words are of the evidence at all."""
    sources = (*facts, *grounds.passages)
    english = is_english(sentence)
    is_talk = is_small_talk(sentence, bool(claims), called=grounds.called)
    known = grounds.names | grounds.called if is_talk else grounds.names
    if unknown := unknown_name(sentence, sources, known, abroad=english is False):
        return Verdict(False, f"name not in the evidence: {unknown}", claims)
    if is_talk:
        return Verdict(True, "says nothing about orders or policies", claims)
    citations = tuple(dict.fromkeys([*(p.n for p in cited if p.n in carried), *carried]))
    if english is None and contradicts(sentence, [(passage.label, passage.text) for passage in grounds.passages]):
        return Verdict(False, "says the opposite of the evidence", claims)
    if tells_of_another_row(sentence, grounds.passages):
        return Verdict(False, "the evidence says it of another row", claims)
    languages = {s.is_english for s in grounds.passages} - {None}
    if claims and languages in ({False}, {True}) and (languages != {english} if english is not None else languages == {False}):
        if turned_round(sentence, claims, grounds.passages, today=grounds.today):
            return Verdict(False, "says the opposite of the evidence, which is in another language", claims)
        return Verdict(True, "its values are in the evidence, which is in another language", claims, citations)
    if turned := without_its_un(sentence, sources):
        return Verdict(False, f"the evidence says the opposite of: {turned}", claims)
    if wide := widened(sentence, sources):
        return Verdict(False, f"the evidence says it of fewer: {wide}", claims)
    for word in strong_words(sentence) if not is_negated(sentence) else ():
        if not is_promised(word, sentence, (s.lowered for s in sources)):
            return Verdict(False, f"promise not in the evidence: {word}", claims)
    if contradicts(sentence, [(passage.label, passage.text) for passage in grounds.passages]):
        return Verdict(False, "says the opposite of the evidence", claims)
    days = [claim for claim in claims if claim.kind in _OPEN_OR_NOT]
    if turned_round(sentence, days, grounds.passages, today=grounds.today):
        return Verdict(False, "says the opposite of the evidence", claims)
    if english is False and facts and not citations and _tells_of_the_record(sentence, claims, grounds):
        return Verdict(True, "what it tells is in the record", claims)  # which is in English, so that its words cannot be compared
    return _words(sentence, claims, facts, cited, citations, grounds)


def _tells_of_the_record(sentence: str, claims: tuple[Claim, ...], grounds: Grounds) -> bool:
    """Whether a sentence in another language reports of an order, or holds more of it than its number."""
    numbers = {order.key for order in grounds.orders}
    return any(claim.value not in numbers for claim in claims) or any(True for _ in abroad.reports_in(sentence))


def _words(
    sentence: str,
    claims: tuple[Claim, ...],
    facts: tuple[Source, ...],
    cited: list[Source],
    citations: tuple[int, ...],
    grounds: Grounds,
) -> Verdict:
    # the words of values and promises were judged already
    judged = " ".join([*strong_words(sentence), *(c.text for c in claims if c.kind is not Kind.NUMBER)])
    wanted = without_talk(content_words(sentence)) - content_words(judged)
    if any(c.kind is Kind.PHONE for c in claims):
        wanted -= _WORDS_OF_A_CALL
    if is_english(sentence) is not True:
        wanted -= SMALL_WORDS_ABROAD
    known = frozenset[str]().union(*(f.words for f in facts), _ORDER_TALK if grounds.orders else ())
    by_facts = coverage(wanted, known) if facts else 0.0
    ranked = sorted(grounds.passages, key=lambda p: (-coverage(wanted, p.words | known), p not in cited))
    enough = ENOUGH_WITH_VALUES if claims else ENOUGH_WORDS
    if max([by_facts, *(coverage(wanted, p.words | known) for p in ranked[:1])]) < enough:
        return Verdict(False, "its words are not those of the evidence", claims)
    if not wanted and not claims:
        return Verdict(bool(facts), "about the order in general" if facts else "nothing in it can be checked", claims)
    if citations:
        return Verdict(True, "its values are in the evidence", claims, citations)
    if by_facts >= ENOUGH_WORDS:  # a citation stays only if its passage says something the record does not
        beyond = frozenset(word for word in wanted if not coverage(frozenset({word}), known))
        carried = tuple(p.n for p in cited if beyond and coverage(beyond, p.words))
        return Verdict(True, "its values are in the record" if claims else "its words are those of the record", claims, carried)
    best = [p.n for p in cited if coverage(wanted, p.words | known) >= ENOUGH_WORDS] or [p.n for p in ranked[:1] if p.n]
    return Verdict(True, "its words are those of the evidence", claims, tuple(best))
