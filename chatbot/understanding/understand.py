"""Question and history → what is wanted: intents, which orders, and a stand-alone query for the policies. Pure, by rules.

A text is read clause by clause ("Where is my order? And do you ship to Norway?"), because one message may ask several things.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from chatbot.composing import phrases
from chatbot.turn import Intent, Role, Understanding, Utterance
from chatbot.understanding import languages
from chatbot.understanding.clauses import (
    ABOUT_AN_ORDER,
    BOTH,
    CLAUSE_END,
    COMPARING,
    COMPLAINING,
    EVERY,
    FOLLOW_UP,
    GENERAL,
    LATEST,
    PERSONAL,
    POINTING,
    Clause,
    Subject,
    read_clause,
)
from chatbot.understanding.intents import of_clause, small_talk
from chatbot.understanding.plainly import readable
from chatbot.understanding.pointing import OTHER, Place, last_question, names_by_place, offered, others, picked, place_of, spoken_of
from chatbot.understanding.queries import RULE_QUERY, asked_of_policies, context_of, queries_of
from chatbot.understanding.states import THE_ONE, means_the_newest_of_a_state
from chatbot.understanding.timewords import TIME_WORDS, period_of
from chatbot.words import terms
from orders.lookup import Wanted
from orders.references import Shapes, find_references

# a day named with one of these is not the day of the order
_AFTER_ORDERING = re.compile(
    r"\b(?:returned|sent (?:\w+ )?back|cancel\w*|refund\w*|arriv\w*|deliver\w*|receiv\w*|got|shipped|expect\w*|com(?:e|es|ing)|be here|gone? out)\b",
    re.IGNORECASE,
)


_ORDERED = re.compile(r"\b(?:ordered|bought|purchased|(?:i|we) placed|(?:orders?|purchases?) (?:from|of|placed))\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|them|that (?:one|order)|this (?:one|order))\b", re.IGNORECASE)
_OWN_NAMED = re.compile(r"\bmy (?!order|parcel|package)\w+|\bi (?:\w+ )?(?:ordered|bought)\b", re.IGNORECASE)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|nein|non|neither|none|not (?:that|it|really)|wrong(?: one)?)\b(?:\W+(?:thanks|thank|you|that|thats|that['’]s|this|is|it|it['’]s|was|not|one|neither|wrong|sorry|of|them|these|those|mine|my|order|i|didn['’]?t|did|mean)){0,7}\W*$",
    re.IGNORECASE,
)
_NAMED_ANEW = re.compile(r"\b(?:my|our) (?:\w+ ){0,3}(?:orders?|parcels?|packages?|deliver(?:y|ies))\b|\borders\b", re.IGNORECASE)
_SOMEBODYS = re.compile(r"\b(?:my|the|(?:order|buy|bought)(?:ed)? (?:an?|any)) (?:[\w'’-]+ ){0,2}$")
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?|please|absolutely|definitely|of course|go ahead|do (?:it|that|so)|exactly|correct|right|indeed"
    r"|that(?:['’]?s| is) (?:it|right|correct|the one)|ja|genau|oui|sí|si)\b(?:\W+\w+){0,4}\W*$",
    re.IGNORECASE,
)


def understand(text: str, *, history: Sequence[Utterance] = (), today: date, shapes: Shapes) -> Understanding:
    """Return what the question means in the light of what was said. `shapes`: how this shop's order numbers look."""
    if _accepts_a_person(text, history):
        return Understanding(frozenset({Intent.HUMAN}))
    near = offered(history, shapes)
    if near and _NO.search(text):
        return Understanding(frozenset(), signals={"declined": True})
    if near and _YES.search(text) and not any(r.certain for r in find_references(text, shapes)):
        return _confirmed(picked(text, near) or near, history)
    talk, rest = small_talk(readable(text))
    focus = spoken_of(history, shapes)
    clauses = _joined(_clauses(rest, focus, shapes))
    if not focus and history and any(c.pointing for c in clauses) and _spoke_of_the_shop(history, shapes):
        clauses = [replace(c, subject=Subject.SHOP) if c.pointing else c for c in clauses]
    intents = frozenset().union(*(c.intents for c in clauses)) if clauses else frozenset()
    clauses, inherited = _answering_back(clauses, history, focus)
    intents |= inherited
    personal = [c for c in clauses if c.subject is not Subject.SHOP]
    general = [c for c in clauses if c.subject is Subject.SHOP and not c.intents & {Intent.HUMAN, Intent.ABOUT_BOT}]
    if any(c.is_question for c in clauses):
        general = [c for c in general if c.is_question]  # "I need it for a wedding" beside a question asks nothing
    if not history:
        general = [c for c in general if terms(c.text)]  # "I have a question" asks nothing yet
    said = " ".join(c.text for c in personal)
    place = place_of(said, focus) if personal and not any(c.references or c.endings for c in personal) else Place()
    wanted = _wanted(personal, focus, today, place, others(focus, history, shapes) if place.without else ())
    if wanted is not None and wanted.names_numbers:
        place = Place()
    queries = queries_of(personal, general)
    if not intents & {Intent.HUMAN, Intent.ABOUT_BOT} and queries:
        intents |= {Intent.POLICY}
    context = context_of(rest, history) if queries else ""
    return Understanding(
        intents=intents | (talk if not clauses else frozenset()),
        queries=queries,
        wanted=wanted,
        signals={
            "context": context,
            "general": bool(general),
            "said": [asked_of_policies(c) for c in clauses],
            "about_order": said,
            "place": asdict(place) if place else {},
            "every": any(EVERY.search(c.text) for c in personal),
            "paid_with": next((c.trait.paid_with for c in personal if c.trait.paid_with), ""),
            "by_total": next((c.trait.by_total for c in personal if c.trait.by_total), 0),
            "newest": _means_the_newest(said),
            "focus": list(focus),
            "perhaps": bool(personal) and all(c.subject is Subject.PERHAPS for c in personal),
            "names_item": any(_names_item(c) for c in personal),
            "comparison": bool(COMPARING.search(rest)),
            "complaint": bool(COMPLAINING.search(rest)),
            "questions": max(len(clauses), 1),
        },
    )


def _clauses(text: str, focus: tuple[str, ...], shapes: Shapes) -> list[Clause]:
    return [read_clause(part, focus, shapes) for part in CLAUSE_END.split(text) if part and part.strip()]


def _spoke_of_the_shop(history: Sequence[Utterance], shapes: Shapes) -> bool:
    """Whether the customer's last question was about the shop, so that "it" is no order."""
    before = _clauses(readable(last_question(history)), (), shapes)
    return bool(before) and all(c.subject is Subject.SHOP and c.words for c in before)


def _joined(clauses: list[Clause]) -> list[Clause]:
    """Clauses where one that leans ("and how much is it?", "and how long?") belongs to the question about the shop before it."""
    kept: list[Clause] = []
    for clause in clauses:
        leans = (clause.pointing and clause.subject is not Subject.SHOP) or (clause.subject is Subject.SHOP and not clause.words)
        if leans and kept and _asks_of_the_shop(kept[-1]) and not clause.intents & {Intent.HUMAN, Intent.ABOUT_BOT}:
            before = kept[-1]
            kept[-1] = replace(before, text=f"{before.text} {clause.text}", intents=before.intents | clause.intents)
        else:
            kept.append(clause)
    return kept


def _asks_of_the_shop(clause: Clause) -> bool:
    asks = clause.subject is Subject.SHOP and clause.is_question and not PERSONAL.search(clause.text)
    return asks and bool(clause.words or clause.intents & BOTH)


def _accepts_a_person(text: str, history: Sequence[Utterance]) -> bool:
    """Whether this is the "yes" to the offer to pass a question on."""
    last = history[-1] if history else None
    return last is not None and last.role is Role.BOT and phrases.OFFER in last.text and bool(_YES.search(text))


def _confirmed(numbers: tuple[str, ...], history: Sequence[Utterance]) -> Understanding:
    """The "yes" to what was offered for a mistyped number: what was asked before is asked of that order. Of several, it stays a question."""
    asked = readable(last_question(history))
    intents = of_clause(asked) & (ABOUT_AN_ORDER | BOTH) or frozenset({Intent.STATUS})
    queries = tuple(RULE_QUERY[intent] for intent in sorted(intents & BOTH) if intent in RULE_QUERY)
    signals = {
        "context": "",
        "general": False,
        "said": [],
        "about_order": asked,
        "place": {},
        "every": False,
        "focus": list(numbers),
    }
    signals |= {
        "which": len(numbers) > 1,
        "perhaps": False,
        "names_item": False,
        "comparison": False,
        "complaint": False,
        "questions": 1,
    }
    if queries:
        intents |= {Intent.POLICY}
    return Understanding(intents, queries, Wanted(references=numbers, limit=25), signals)


def _names_item(clause: Clause) -> bool:
    """Whether a clause speaks of a thing ("my blue kayak", "the kayak"), not only with words that happen to be there."""
    if any(_is_called(word, clause.text) for word in clause.words[:8]):
        return True
    person = re.search(r"\bfor ([A-Z][\w'’-]+)", clause.text)  # "the order for Ingrid"
    return person is not None and person[1].lower() in clause.words


def _is_called(word: str, text: str) -> bool:
    """Whether a text has that word as a thing of somebody: "my blue kayak" for "kayak". Without a pattern of its own for every word:
    to make one takes longer than to understand the rest."""
    said, at = text.lower(), -1
    while (at := said.find(word.lower(), at + 1)) >= 0:
        end = at + len(word)
        if not (said[end : end + 1].isalnum() or said[end : end + 1] == "_") and _SOMEBODYS.search(said[:at]):
            return True
    return False


def _answering_back(
    clauses: list[Clause], history: Sequence[Utterance], focus: tuple[str, ...]
) -> tuple[list[Clause], frozenset[Intent]]:
    """A short reply that only names an order ("the boots", "and the other one?") takes over what was asked before."""
    if not clauses or not last_question(history) or any(c.intents for c in clauses):
        return clauses, frozenset()
    reply = " ".join(c.text for c in clauses)
    names_one = any(c.references or c.possible or c.endings for c in clauses) or names_by_place(reply) or len(reply.split()) <= 6
    asked_back = "?" in next((u.text for u in reversed(history) if u.role is Role.BOT), "")
    follows = bool(FOLLOW_UP.search(reply) or OTHER.search(reply)) and any(c.subject is Subject.OWN_ORDER for c in clauses)
    if not names_one or not focus or GENERAL.search(reply) or not (asked_back or follows):
        return clauses, frozenset()
    before = of_clause(readable(last_question(history))) & (ABOUT_AN_ORDER | BOTH)
    if not before:
        return clauses, frozenset()
    return [replace(c, subject=Subject.OWN_ORDER, intents=before) for c in clauses], before


def _wanted(personal: list[Clause], focus: tuple[str, ...], today: date, place: Place, beside: tuple[str, ...]) -> Wanted | None:
    if not personal:
        return None
    said = " ".join(c.text for c in personal)
    references = tuple(dict.fromkeys(r for c in personal for r in c.references))
    possible = tuple(dict.fromkeys(r for c in personal for r in c.possible))
    later = _AFTER_ORDERING.search(said) and not _ORDERED.search(said)
    start, end = (None, None) if later else period_of(said, today=today)
    words = tuple(dict.fromkeys(w for c in personal for w in c.words if not w.isdigit() and not (start and w in TIME_WORDS)))
    amounts = {c.amount for c in personal if c.amount is not None}
    amount = amounts.pop() if len(amounts) == 1 else None
    endings = tuple(dict.fromkeys(e for c in personal for e in c.endings))
    if references or endings:
        return Wanted(references=references, endings=endings, limit=25)
    if place:
        return Wanted(references=beside, limit=25)
    if focus and (one := picked(said, focus)):
        return Wanted(references=one, limit=25)
    # of those that were paid so, or cost so much, which a source does not look for
    latest = _means_the_newest(said) and not any(c.trait for c in personal)
    if focus and not latest and not start and amount is None and _means_the_same(said, words):
        return Wanted(references=focus, limit=25)
    return Wanted(words=words, latest=latest, on_or_after=start, before=end, amount=amount, limit=25, possible=possible)


def _means_the_newest(said: str) -> bool:
    newest = bool(LATEST.search(said)) or languages.means_the_latest(said)
    return newest and not EVERY.search(said) and not means_the_newest_of_a_state(said)


def _means_the_same(said: str, words: tuple[str, ...]) -> bool:
    """Whether a clause points back ("it", "that order") or is too short to name anything new ("and the tracking number?").

    With "it" the words tell of something else: "can I exchange it for a larger tent?"
    """
    if words:
        return bool(_PRONOUN.search(said)) and not _OWN_NAMED.search(said)
    if _NAMED_ANEW.search(said) or THE_ONE.search(said):
        return False
    return bool(POINTING.search(said)) or len(said.split()) <= 8
