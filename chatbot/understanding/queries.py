"""What the policies are asked: one stand-alone query for each thing, and for a wish about an order the rule behind it. Pure."""

import re
from collections.abc import Sequence

from chatbot.turn import Intent, Role, Utterance
from chatbot.understanding import languages
from chatbot.understanding.clauses import BOTH, Clause, Subject
from chatbot.words import terms
from retrieval import followups

MOST_QUERIES = 4
# what the policy is asked when the customer speaks of one order and leaves the rest unsaid ("can I still return it?");
# kept short, because every word that a policy does not use makes a match with it look weaker
RULE_QUERY = {
    Intent.RETURN: "return an item: how many days after delivery",
    Intent.EXCHANGE: "exchange an item",
    Intent.CANCEL: "cancel an order: until when is it possible",
    Intent.CHANGE_ADDRESS: "change the delivery address of an order",
    Intent.REFUND: "refund: how long does it take",
}
_PROBLEM_QUERIES = (
    (re.compile(r"\b(?:late|delayed|overdue|stuck)\b", re.IGNORECASE), "late delivery"),
    (re.compile(r"\bdelivered\b|\bneighbou?r|\bstolen\b", re.IGNORECASE), "parcel marked as delivered but not received"),
    (re.compile(r"\bwrong|incorrect|different|missing\b", re.IGNORECASE), "wrong or missing item"),
    (re.compile(r"\b(?:faulty|defect\w*|stopped|work|works|fell apart|came apart)\b", re.IGNORECASE), "faulty item: warranty"),
    (re.compile(r"\blost|never|n['’]?t|\bnot\b|vanish|disappear", re.IGNORECASE), "lost parcel"),
    (re.compile(r""), "report damage on delivery"),
)


# stems that only name a rule: "policy", "return", "window"
_RULE_NAMES = terms(
    "policy policies rule rules return returns refund refunds exchange exchanges cancel cancellation period window time times limit long "
    "days tell explain deliver delivery deliveries ship shipping shipment usually normally standard take takes"
)
_PERIOD = re.compile(r"\b(?:how (?:long|many (?:days|weeks|months))|(?:un)?till? when|by when)\b.*\b(?:i|we|you)\b", re.IGNORECASE)
_DELIVERY_TIME = re.compile(
    r"\b(?:how (?:long|fast|quickly|soon)|time|times|days|when)\b.*\b(?:deliver|ship)|\b(?:delivery|shipping) times?\b",
    re.IGNORECASE,
)


def queries_of(personal: list[Clause], general: list[Clause]) -> tuple[str, ...]:
    """One query for each thing the policies are asked; for a wish about an order also the rule behind it."""
    asked: list[str] = []
    for clause in general:
        # "what is your return policy?" names the rule and nothing else: the rule's own question finds its heart; so it does for
        # "how long do I have to return a jacket?", where no policy speaks of jackets, or a single one that is about something else
        bare = not [w for w in terms(clause.text) if w not in _RULE_NAMES]
        names_rule = bare or bool(_PERIOD.search(clause.text))
        asked += [_rule_query(intent, clause) for intent in sorted(clause.intents & BOTH)] if names_rule else []
        asked += ["delivery time and price"] if bare and _DELIVERY_TIME.search(clause.text) else []
        asked.append(asked_of_policies(clause))
    for clause in personal:
        rules = [_rule_query(intent, clause) for intent in sorted(clause.intents & BOTH)]
        telling = bool(rules) and (bool(clause.words) or len(clause.text.split()) > 8)
        asked += rules + ([asked_of_policies(clause)] if telling or (not rules and clause.subject is Subject.PERHAPS) else [])
    return tuple(dict.fromkeys(asked))[:MOST_QUERIES]


def asked_of_policies(clause: Clause) -> str:
    """The clause as a search for policies: the words between the telling ones are known to the search in English only."""
    return languages.telling_part(clause.text) if clause.language else clause.text


def _rule_query(intent: Intent, clause: Clause) -> str:
    if intent is Intent.PARCEL_PROBLEM:
        return next(query for pattern, query in _PROBLEM_QUERIES if pattern.search(clause.text))
    return languages.RULES.get(clause.language, {}).get(intent) or RULE_QUERY[intent]


def context_of(text: str, history: Sequence[Utterance]) -> str:
    """What a follow-up leans on, by the rule of the search itself: the customer's last questions.

    "" for a question that stands alone: its queries are worded anew above, and what is left to take from the talk is too little.
    """
    return followups.context_of(u.text for u in history if u.role is Role.CUSTOMER) if followups.leans(text) else ""
