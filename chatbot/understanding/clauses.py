"""One clause of a message: what it asks, which numbers it names, and whether it is about the customer's own order. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from chatbot.turn import Intent
from chatbot.understanding import languages
from chatbot.understanding.intents import of_clause
from chatbot.understanding.plainly import amount_of, spoken, without_amounts
from chatbot.understanding.traits import NO_TRAIT, Trait, find_trait, without
from chatbot.words import STOPWORDS
from orders.endings import find_endings
from orders.references import Shapes, find_references

ABOUT_AN_ORDER = frozenset(
    {Intent.ORDER_LIST, Intent.STATUS, Intent.TRACKING, Intent.ITEMS, Intent.COST, Intent.PAYMENT, Intent.DESTINATION}
)
BOTH = frozenset({Intent.RETURN, Intent.EXCHANGE, Intent.CANCEL, Intent.CHANGE_ADDRESS, Intent.REFUND, Intent.PARCEL_PROBLEM})

_THING = r"(?:order|parcel|package|packet|shipment|purchase|item)s?"
PERSONAL = re.compile(
    rf"\b(?:my|our)\b(?! (?:own )?(?:account|password|profile|data|privacy|points|name|question|state|country|bank|opinion|job)\b)"
    rf"|\bi(?:['’]ve| have|['’]d| had)? (?:just |already |also |recently |only )?"
    rf"(?:ordered|order|bought|purchased|received|got|returned|paid|placed|sent|made|picked)\b"
    rf"|\b(?:did|have|had|was) i\b|\b(?:did|have) you (?:\w+ )?(?:refund|ship|send|sent|charge|cancel|deliver|receive)\w*|\beverything\b|\b(?:do|did|will|would) i get\b.{{0,20}}\bback\b|\b(?:the|this|that) (?:\w+ ){{0,2}}{_THING}\b",
    re.IGNORECASE,
)
POINTING = re.compile(r"\b(?:it|its|it['’]s|them|they|this|that|these|those|this one|that one)\b", re.IGNORECASE)
GENERAL = re.compile(
    r"\b(?:polic(?:y|ies)|rules?|in general|generally|usually|normally|typically|always"
    r"|do you (?:offer|have|accept|take|allow|ship|deliver|charge|refund|exchange|sell|give|provide|do|guarantee|cover|match|use|keep|share)"
    r"|(?:what|which|where|when)(?: is| are|['’]s) your"
    r"|(?:what|how|when) (?:if|about if)|what happens|if (?:i|my|an?|the|it|something)\b"
    r"|how (?:do|can|would|should) (?:i|you|one|people|customers) (?!track\b)|how (?:many|long)(?: \w+){0,2} (?:do|does|have|has|can|should|would|is|are)\b"
    r"|(?:can|could|may) (?:i|we) (?:pay|use|buy|order|combine|redeem|earn|apply|choose|collect|split)|is there an?\b|are there|(?:do|must|should) i (?:need|have to|pay)|can (?:anyone|one|people|customers|you (?!please|also|quickly|kindly|resend|email|share|confirm|verify|provide|pull|arrange|send (?:my|the|it)|tell|show|check|find|look|help|give|let|see|explain|track|cancel|change|update|send me))|(?:an?|any|some|every) (?:\w+ )?(?:order|item|parcel|package|purchase|refund(?! (?:for|on|of) (?:the|my|this|it)\b)|product)s?"
    r"|(?<!my )(?<!our )(?<!these )(?<!those )(?<!the )(?:\w+ )?(?:items|products|goods|articles)(?! (?:in|of|from) (?:my|the|it))"
    r"|(?:are|is) (?:returns?|refunds?|exchanges?|cancellations?|shipping|delivery))\b",
    re.IGNORECASE,
)
FOLLOW_UP = re.compile(
    r"^\W*(?:and|but|also|or|so|then|what about|how about|what if|same for|for|even|including|only|which ones?|why|how come|really|how (?:long|much|many)\W*$)\b",
    re.IGNORECASE,
)
LATEST = re.compile(
    r"\b(?:latest|last|(?:most )?recent|newest|just (?:ordered|bought|placed|made))\b"
    r"(?! (?:week|weekend|month|year|night|time|chance|day|summer|winter|spring|autumn|fall|christmas|xmas|easter|black friday|halloween|valentine"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:two|three|four|five|six|\w+) digits?|digits?|numbers?|characters?|letters?))",
    re.IGNORECASE,
)
EVERY = re.compile(
    r"\b(?:all|every|each|both|altogether|everything (?:together|in total|(?:that )?i))\b(?: of)?(?: my| the)?(?: \w+)? ?(?:orders|parcels|packages|deliveries|purchases|of them)?\b|\borders\b",
    re.IGNORECASE,
)
CLAUSE_END = re.compile(
    r"(?<=[?!;])\s+(?![\s(])|(?<=[a-z)]\.)\s+(?=[A-Z])|\n+|(?:,| )(?: ?and| ?also)(?: also)? (?=(?:where|when|what|how|can|could|do|does|is|are|which|will|has)\b)",
    re.IGNORECASE,
)
COMPARING = re.compile(r"\b(?:compare|difference|differ|better|versus|vs|rather than|instead of|whichever)\b", re.IGNORECASE)
COMPLAINING = re.compile(
    r"\b(?:unacceptable|ridiculous|terrible|awful|worst|angry|furious|disappoint\w*|scam|fraud|lawyer|sue|complain\w*|fed up|useless|never again|disgusting)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W_][\w'’-]*")


_WISHING = re.compile(
    r"\b(?:can|could|may|should) i\b|\bi(?:['’]d| would)? (?:want|need|like|wish|have)\b|\bplease\b|^\W*\w+\W*$", re.IGNORECASE
)
_LEAD = r"^\W*(?:(?:and|or|also|but|what about|how about|and what about) )?"
_NAMING_ONE = re.compile(
    rf"{_LEAD}(?:the|that|this|my) (?:(?:other|\w+) )?ones?\b|{_LEAD}(?:the|my) other\b|^\W*(?:the|my) (?:\w+ ){{1,3}}(?:for|from|to|in) |{_LEAD}(?:(?:the|my) )?(?:order|purchase|parcel)s? (?:from|of|on|placed|with) "
    rf"|{_LEAD}the (?:first|second|third|fourth|fifth|last|latter|former)\W*$|\b(?:one|order) before (?:that|it|this|the last)\b",
    re.IGNORECASE,
)
_OWN_ORDER = re.compile(r"\b(?:my|our) (?:\w+ )?(?:orders?|parcels?|packages?|deliver(?:y|ies)|shipments?)\b", re.IGNORECASE)
_OWN_THING = re.compile(
    r"\bmy (?:\w+ )?\w+\b|\bi (?:\w+ )?(?:ordered|bought|purchased|received|paid|got)\b|\b(?:did|have) i \w+", re.IGNORECASE
)
_LIMITS = re.compile(r"\b(?:can|may|must|allowed|limit|per (?:day|week|month|customer))\b", re.IGNORECASE)
_TIME_LEFT = re.compile(r"\b(?:days|time|long)\b.{0,20}\b(?:left|remaining)\b|\bstill have time\b|\btoo late to\b", re.IGNORECASE)
# a thing that is moved or paid back is one of theirs: "is the coat coming on Monday", "was the belt refunded"
_ON_THE_WAY = re.compile(
    r"\b(?:is|are|was|were|has|have|will|did|does|when|where)\b.{0,20}\bthe (?:\w+ ){1,3}?(?:been |be |get |is |are |being )?"
    r"(?:com(?:e|ing)|arriv\w+|ship(?:ped)?|sent|delivered|refunded|delayed|here)\b",
    re.IGNORECASE,
)
# "my phone is 503 555 1047" tells how to reach them, and names no thing
_CONTACT = re.compile(
    r"\bmy (?:(?:mobile|cell|tele)?phone|mobile|cell|tel|(?:post|zip) ?code|e-?mail)(?: number| address)? (?:is|:) ?[+(]?\d[\d ()/.-]*",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\bsize:? ([A-Za-z]|\d)\b", re.IGNORECASE)
_NTH = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
_OF_THE_THING = re.compile(r"^\W*what(?:['’]?s| is| are) the \w+(?: \w+)? of the \w+", re.IGNORECASE)
_PAST = re.compile(r"\b(?:did|was|were|paid|spent)\b", re.IGNORECASE)
_SUPPOSING = re.compile(r"\b(?:what if|what happens|if (?:i|my|the|it)|polic(?:y|ies)|in general)\b", re.IGNORECASE)
_SHOP_SUBJECT = re.compile(
    r"\b(?:shipping|delivery|express|standard|returns?|refunds?|to [A-Z]\w+|postage|fees?|costs?|points|gift cards?)\b"
)
_ASKING = re.compile(
    r"\?|^\W*(?:what|when|where|which|who|why|how|can|could|do|does|did|is|are|will|would|may|should|tell|explain)\b", re.IGNORECASE
)
_MONEY_SPOKEN_OF = re.compile(
    r"\b(?:(?:order|one|purchase|parcel|item|payment|charge)s?|charged|paid|billed|spent)\b", re.IGNORECASE
)


class Subject(StrEnum):
    """What a clause is about. PERHAPS: a wish that may mean an order of theirs ("can I cancel?") or the rule as such."""

    OWN_ORDER = "own order"
    PERHAPS = "perhaps"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Clause:
    """references: certain order numbers; possible: numbers that may be one; words: what is left that may name an item.

    endings: what numbers end in ("the one ending in 156"). amount: a sum by which an order is named. pointing: nothing but "it" ties the clause to an order. language: "" for English.
    trait: how an order was paid, or where its total stands, where it is named by that.
    """

    text: str
    intents: frozenset[Intent]
    references: tuple[str, ...]
    possible: tuple[str, ...]
    subject: Subject
    words: tuple[str, ...]
    amount: Decimal | None = None
    pointing: bool = False
    language: str = ""
    endings: tuple[str, ...] = ()
    trait: Trait = NO_TRAIT

    @property
    def is_question(self) -> bool:
        return bool(self.intents) or bool(_ASKING.search(self.text))


def read_clause(text: str, focus: tuple[str, ...], shapes: Shapes) -> Clause:
    """Return what one clause says by itself. focus: the orders spoken of before."""
    whole, trait = text, find_trait(text)
    text = without(text, trait.spans)  # "paid with my card ending 4821" names an order by its payment, and asks nothing about one
    endings = find_endings(text)
    found = tuple(r for r in find_references(text, shapes) if not any(e.phrase_start <= r.start < e.end for e in endings))
    sure = tuple(r.text for r in found if r.certain)
    possible = tuple(r.text for r in found if not r.certain)
    bare = without_amounts(text)
    bare = _CONTACT.sub(" ", bare)
    for ending in endings:
        bare = bare.replace(text[ending.phrase_start : ending.end], " ")
    for reference in found:
        bare = bare.replace(reference.text, " ")
    language = languages.language_of(bare)
    said = spoken(text, found)
    words = tuple(
        w for w in (m[0].lower() for m in WORD.finditer(bare)) if w not in STOPWORDS and len(w) > 1 and not _NTH.fullmatch(w)
    )
    words += tuple(m[1].lower() for m in _SIZE.finditer(bare))
    if language:
        intents = languages.intents_of(text)
        words = tuple(w for w in words if languages.is_telling(w))
        subject = _foreign_subject(text, intents, focus, words)
    else:
        intents = of_clause(said)
        subject = _subject(said, intents, focus, words)
    if trait.by_total:
        intents = _asked_of_a_rank(intents)
    amount = amount_of(text) if not (GENERAL.search(said) or language) else None
    only_a_number = bool(possible) and (len(text.split()) <= 3 or (not intents and not words and not GENERAL.search(said)))
    if sure or endings or trait or only_a_number or (amount is not None and _MONEY_SPOKEN_OF.search(text)):
        subject = Subject.OWN_ORDER
    pointing = not (sure or endings) and bool(POINTING.search(said)) and not PERSONAL.search(said)
    keys = tuple(dict.fromkeys(ending.asked for ending in endings))
    return Clause(whole.strip(), intents, sure, possible, subject, words, amount, pointing, language, keys, trait)


def _asked_of_a_rank(intents: frozenset[Intent]) -> frozenset[Intent]:
    """What is asked of the order with the highest or lowest total: it is one, and its total shows why it is that."""
    asked = intents - {Intent.ORDER_LIST}
    if asked & BOTH:
        return asked
    return asked | {Intent.COST} | (frozenset() if asked - {Intent.COST} else frozenset({Intent.STATUS}))


def _subject(text: str, intents: frozenset[Intent], focus: tuple[str, ...], words: tuple[str, ...]) -> Subject:
    points_back = bool(focus and POINTING.search(text))
    if Intent.ORDER_LIST in intents and not _SUPPOSING.search(text) and not _LIMITS.search(text):
        return Subject.OWN_ORDER
    if intents & BOTH and words and _TIME_LEFT.search(text) and not _SUPPOSING.search(text):
        return Subject.PERHAPS
    if GENERAL.search(text) and not points_back:
        return Subject.OWN_ORDER if _OWN_ORDER.search(text) and not _SUPPOSING.search(text) else Subject.SHOP
    personal = bool(PERSONAL.search(text) or POINTING.search(text))
    if intents & ABOUT_AN_ORDER:
        personal = personal or (Intent.COST in intents and bool(_PAST.search(text)))
        if personal or focus:
            return Subject.OWN_ORDER
        if words and _ON_THE_WAY.search(text) and not _SHOP_SUBJECT.search(text):
            return Subject.OWN_ORDER
        # "where are the boots?" names a thing they may have ordered, "where are your servers?" does not; only the orders can tell
        return Subject.SHOP if _SHOP_SUBJECT.search(text) else Subject.PERHAPS if words else Subject.OWN_ORDER
    if intents & BOTH:
        if personal or (words and _ON_THE_WAY.search(text)):
            return Subject.OWN_ORDER
        return Subject.PERHAPS if words or (_WISHING.search(text) and len(text.split()) <= 5) else Subject.SHOP
    named = points_back and len(text.split()) <= 6
    if (
        named
        or _NAMING_ONE.search(text)
        or (PERSONAL.search(text) and LATEST.search(text))
        or (_OWN_ORDER.search(text) and not words)
    ):
        return Subject.OWN_ORDER
    # "what is the capacity of the bottle I ordered?", "espresso machine": no pattern knows the wish, but a thing may be theirs
    theirs = len(text.split()) <= 3 or ((_OWN_THING.search(text) or _OF_THE_THING.search(text)) and _ASKING.search(text))
    return Subject.PERHAPS if words and theirs and not intents else Subject.SHOP


def _foreign_subject(text: str, intents: frozenset[Intent], focus: tuple[str, ...], words: tuple[str, ...]) -> Subject:
    personal = languages.is_personal(text)
    if intents & ABOUT_AN_ORDER and not languages.is_about_the_shop(text):
        return Subject.OWN_ORDER if personal or focus or not words else Subject.PERHAPS
    if intents & BOTH:
        return Subject.OWN_ORDER if personal else Subject.PERHAPS if words else Subject.SHOP
    return Subject.PERHAPS if personal and words else Subject.SHOP
