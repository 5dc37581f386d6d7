"""Evidence → an answer without a model. Pure: orders in plain sentences, policies in their own words, one draft out."""

import re
from collections.abc import Sequence
from datetime import date

from chatbot.composing import phrases
from chatbot.composing.choosing import Choice, choose
from chatbot.composing.deadlines import deadline, grants_a_period
from chatbot.composing.quoting import Quoted, prefer, quote, speaks_of, unmentioned
from chatbot.composing.rulings import Told, tell
from chatbot.composing.telling import about_orders
from chatbot.composing.wording import day, distance, join, method, plain
from chatbot.turn import Draft, Evidence, Intent, Outcome, Sentence, Understanding
from chatbot.understanding.clauses import ABOUT_AN_ORDER, BOTH
from orders.records import Status
from orders.rules import Topic
from orders.wanted import Suggestion
from retrieval.search import Passage

STRONG = 0.3  # above the least strength, at most 0.9: a match with the customer's own words that are mostly about an order
_WHY = re.compile(r"^\W*why\b|\b(?:reason|how come)\b", re.IGNORECASE)
_UNKNOWN = 0.2  # a question whose every word stands in no document must match by so much more
_RULES_ONLY = 0.6  # of the least strength: a match with the rule behind a wish


def compose(meaning: Understanding, evidence: Evidence, *, today: date, minimum_strength: float, shop: str) -> Draft:
    """Return the whole answer as sentences with their citations; never without a sentence."""
    if meaning.intents & {Intent.HUMAN}:
        return _said(phrases.HANDED_OFF, Outcome.HANDED_OFF)
    if meaning.signals.get("declined"):
        return _said(phrases.THEN_WHICH, Outcome.ASKED_BACK, ("Show me my orders",))
    if meaning.wanted is None and not meaning.query:
        return _small_talk(meaning, shop)
    choice = choose(meaning, evidence.orders) if evidence.orders else Choice()
    asked = str(meaning.signals.get("about_order", "")) or meaning.query
    ruled = Told() if choice.ask else tell(evidence.rulings, choice.orders, asked=asked, today=today)
    quotes, unanswered = _quotes(meaning, evidence, choice, minimum_strength, ruled)
    told, outcome = about_orders(meaning, evidence, choice, today)
    if quotes and outcome is Outcome.FAILED:
        outcome = Outcome.ANSWERED
    if quotes and _is_about_a_thing(meaning):
        told = []  # "how do I wash my wool coat?": the rule says it, the order does not
    cited = (*ruled.citations, *(c for q in quotes for c in q.citations))
    policy = [*ruled.quoted, *(Sentence(q.markdown, tuple(c.n for c in q.citations), "quoted") for q in quotes)]
    names = [name for query in meaning.queries for name in unmentioned(query, quotes)]  # each by itself, so that it has a beginning
    if policy and names and meaning.signals.get("general"):
        named = join([f"“{plain(name)}”" for name in names[:3]], last="or")
        policy.append(Sentence(phrases.NOT_MENTIONED.format(names=named), support="stated"))
    silent: tuple[str, ...] = ()
    if evidence.search_failed:
        policy.append(Sentence(phrases.POLICIES_UNAVAILABLE, support="stated"))
        outcome = outcome or Outcome.FAILED
    elif unanswered and (meaning.signals.get("general") or (outcome is None and not policy)):
        silent = tuple(unanswered)
        about = f"“{plain(unanswered[0][:120])}”: " if quotes or told else ""
        policy.append(Sentence(about + phrases.NOT_IN_POLICIES, support="stated"))
        outcome = outcome or (Outcome.NO_ANSWER if not quotes else None)
    conclusion = [] if choice.ask or ruled.topics else _conclusions(meaning, choice, quotes, today)
    if not choice.ask and choice.orders and not any(phrases.OFFER in s.text for s in (*ruled.said, *policy)):
        policy += _not_done_here(meaning, choice, bool(quotes or ruled.topics), decided=_decided(evidence))
    near = evidence.orders.suggested if evidence.orders else ()
    # what follows for the order first, then the words it follows from; a rule's yes or no is what was asked, so it leads
    sentences = (*ruled.said, *told, *conclusion, *policy)
    return Draft(sentences, outcome or Outcome.ANSWERED, cited, _suggestions(meaning, choice, outcome, near), silent)


def _said(text: str, outcome: Outcome, suggestions: tuple[str, ...] = ()) -> Draft:
    return Draft((Sentence(text, support="stated"),), outcome, suggestions=suggestions)


def _small_talk(meaning: Understanding, shop: str) -> Draft:
    for intent, text in (
        (Intent.ABOUT_BOT, phrases.ABOUT_BOT),
        (Intent.GREETING, phrases.GREETING),
        (Intent.GOODBYE, phrases.GOODBYE),
        (Intent.THANKS, phrases.WELCOME),
    ):
        if intent in meaning.intents:
            offers = phrases.SUGGESTIONS if intent in (Intent.GREETING, Intent.ABOUT_BOT) else ()
            return _said(text.format(shop=plain(shop)), Outcome.ANSWERED, offers)
    return _said(phrases.ASK_AGAIN, Outcome.ASKED_BACK, phrases.SUGGESTIONS)


def _quotes(
    meaning: Understanding, evidence: Evidence, choice: Choice, minimum: float, ruled: Told
) -> tuple[list[Quoted], list[str]]:
    """The policies' words, query by query, and the queries they are not likely to answer. ruled: what is quoted already.

    For a wish about one order a weaker match with the rule behind it is still worth quoting, since the order's own dates stand
    beside it; a match with the customer's own words must be a strong one, since they are mostly about the order.
    """
    thing = _is_about_a_thing(meaning)
    if meaning.signals.get("perhaps") and choice.orders and not thing and not meaning.intents & BOTH:
        return [], []  # it was about their order after all
    if meaning.intents & BOTH == {Intent.CANCEL} and choice.orders and all(o.status is Status.CANCELLED for o in choice.orders):
        return [], []  # it is cancelled already
    about_order = meaning.wanted is not None and bool(meaning.intents & BOTH) and not meaning.signals.get("general")
    hints = _hints(choice) if about_order and not choice.ask else ""
    strong = min(minimum + STRONG, 0.9)
    quotes: list[Quoted] = []
    unanswered = []
    alone = len(meaning.queries) == 1
    most = 1 + alone if about_order else 2 + alone
    searches = list(zip(meaning.queries, evidence.searches, strict=False))
    by_rule_alone = bool(meaning.signals.get("perhaps")) and not choice.orders and not evidence.needs_sign_in
    if by_rule_alone:  # it was no thing of theirs: first what was asked, and the rule in general only where that finds nothing
        searches.sort(key=lambda pair: pair[0] not in meaning.signals.get("said", ()))
    for query, found in searches:
        rule = about_order and query not in meaning.signals.get("said", ())
        needed = (
            minimum * _RULES_ONLY
            if rule
            else strong
            if (about_order and not by_rule_alone) or (thing and choice.orders)
            else minimum + _UNKNOWN * found.unknown
        )
        if rule and (ruled.topics or (by_rule_alone and quotes)):
            continue
        fresh = [
            p for p in found.passages if p.chunk_id not in ruled.chunks and all(p.chunk_id != q.passage.chunk_id for q in quotes)
        ]
        if about_order and not (by_rule_alone and not rule):
            fresh = _nearest_first(fresh, meaning, choice)
        words = (
            quote(fresh, f"{query} {hints}", first=len(ruled.citations) + len(quotes) + 1, most=most)
            if found.strength >= needed
            else []
        )
        quotes += words
        if not words:
            unanswered.append(query)
    return quotes, unanswered


def _is_about_a_thing(meaning: Understanding) -> bool:
    """Whether the message names a thing of the customer's, but asks nothing that orders alone can answer."""
    return bool(meaning.signals.get("perhaps")) and not meaning.intents & (ABOUT_AN_ORDER | BOTH)


def _nearest_first(passages: list[Passage], meaning: Understanding, choice: Choice) -> list[Passage]:
    """Those that a wish about an order turns on first: the time a return is possible, or orders in such a state."""
    if choice.orders and not choice.ask:
        states = " ".join(str(order.status) for order in choice.orders)
        passages = list(prefer(passages, lambda passage: speaks_of(passage, states)))
    if Intent.RETURN in meaning.intents:
        passages = list(prefer(passages, lambda passage: grants_a_period(passage.text)))
    elif Intent.EXCHANGE in meaning.intents:
        passages = list(prefer(passages, lambda passage: speaks_of(passage, "exchange swap Umtausch échange cambio")))
    return passages


def _decided(evidence: Evidence) -> frozenset[Topic]:
    """What the rules have said yes or no to."""
    return frozenset(one.verdict.topic for one in evidence.rulings if one.verdict.is_decided)


def _not_done_here(meaning: Understanding, choice: Choice, has_words: bool, *, decided: frozenset[Topic]) -> list[Sentence]:
    """That a wish is not carried out by being told of, or not answered by what is known, with the offer of somebody who can help.

    decided: what a rule said yes or no to. That was the question, and what can be done about it is asked or offered after the answer.
    """
    if _WHY.search(str(meaning.signals.get("about_order", ""))) and not has_words:
        return [Sentence(phrases.NO_REASON, support="stated")]
    if (
        Topic.CANCEL not in decided
        and Intent.CANCEL in meaning.intents
        and any(o.status is not Status.CANCELLED for o in choice.orders)
    ):
        return [Sentence(phrases.CANNOT_CANCEL, support="stated")]
    if Topic.CHANGE_ADDRESS not in decided and Intent.CHANGE_ADDRESS in meaning.intents:
        return [Sentence(phrases.CANNOT_CHANGE, support="stated")]
    if (
        meaning.intents & {Intent.RETURN, Intent.EXCHANGE, Intent.PARCEL_PROBLEM}
        and not has_words
        and not meaning.signals.get("general")
    ):
        return [Sentence(phrases.NO_RULE, support="stated")]
    return []


def _hints(choice: Choice) -> str:
    """What the orders meant are like, to prefer the sentence or row that is about such orders."""
    states = [str(order.status) for order in choice.orders]
    ways = [method(t.method) for order in choice.orders for t in order.transactions]
    return " ".join(dict.fromkeys((*states, *ways)))


def _conclusions(meaning: Understanding, choice: Choice, quotes: Sequence[Quoted], today: date) -> list[Sentence]:
    """What the quoted period means for the order's own dates, said as following from that sentence and nothing more."""
    if not meaning.intents & {Intent.RETURN, Intent.EXCHANGE} or not quotes or len(choice.orders) != 1:
        return []
    order = choice.orders[0]
    word = "return" if Intent.RETURN in meaning.intents else "exchang"
    best = next((q for q in quotes if word in q.text.lower() and deadline(q.text, order)), None)
    limit = deadline(best.text, order) if best else None
    if best is None or limit is None:
        return []
    n = best.citations[0].n
    start = "delivery" if limit.after_delivery else "order"
    said = f"Counting {limit.days} days from the {start} on {day(limit.counted_from, today=today)}, the last day"
    if limit.last_day >= today:
        said += f" is {day(limit.last_day, today=today)} ({distance(limit.last_day, today=today)}), as far as that rule applies to your items. [{n}]"
    else:
        said += f" was {day(limit.last_day, today=today)} ({distance(limit.last_day, today=today)}), so by that rule the time has passed. [{n}]"
    return [Sentence(said, (n,), f"derived from order {order.number} and citation {n}")]


def _suggestions(meaning: Understanding, choice: Choice, outcome: Outcome | None, near: Sequence[Suggestion]) -> tuple[str, ...]:
    if choice.ask:
        return tuple(order.number for order in choice.orders)
    if near:
        return tuple(dict.fromkeys(one.number for one in near))
    if outcome is Outcome.NO_ANSWER:
        return (phrases.TALK_TO_A_PERSON,)
    if outcome is Outcome.ANSWERED and len(choice.orders) == 1 and not meaning.signals.get("general"):
        order = choice.orders[0]
        offers = [
            phrases.TRACK if order.is_open and order.shipments else "",
            phrases.WHAT_IS_IN_IT if Intent.ITEMS not in meaning.intents else "",
        ]
        offers.append(
            phrases.RETURN_IT if order.delivered_at and not order.is_open and Intent.RETURN not in meaning.intents else ""
        )
        return tuple(o for o in offers if o and not (o == phrases.TRACK and Intent.TRACKING in meaning.intents))
    return ()
