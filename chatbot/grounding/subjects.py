"""What a sentence says a value of: in running text, where no row tells things apart. Pure.

"Next-day delivery costs £2.95" is made of words and values of one passage and still wrong, if that passage says £2.95 of UK delivery and
£6.50 of the next day. So every statement of the evidence with a value of that kind is compared: where one of them knows all that any of them
knows of what the sentence speaks of, and none of those with the very value knows as much, the value was said of something else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.credible import none_is_told
from chatbot.grounding.elliptic import periods_going_on
from chatbot.grounding.number_words import ABROAD, COUNT_WORD
from chatbot.grounding.support import Source, supports, values_of
from chatbot.grounding.vocabulary import SMALL_WORDS_ABROAD, content_words, known_of, without_talk
from chatbot.words import stem
from retrieval.numerals import WORDS

_KINDS = frozenset({Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.TIME, Kind.NUMBER})
_OF_RULES = frozenset({Kind.MONEY, Kind.PERCENT, Kind.DURATION})
_NAMING = frozenset(
    {Kind.NUMBER, Kind.IDENTIFIER, Kind.LINK, Kind.EMAIL, Kind.HOST, Kind.STREET}
)  # kinds whose words may name a thing
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_PIECES = re.compile(
    r";|,(?!\d)|\b(?:and|but|or|while|whereas|und|aber|oder|während|et|mais|ou|y|pero|o|e|ma|maar)\b(?!\s+(?:a\s+half|more|less|above|over)\b)",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"^\W*(?:but|while|whereas|aber|während|mais|tandis|pero|mientras|ma|mentre|maar|terwijl)\b|^;", re.IGNORECASE
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|costs?|takes?|has|have|had|will|can(?:not)?|can['’]t|may|must|gets?|comes?|lasts|applies|apply|arrives?|ships?|expires?|carry|carries|keeps?|stays?|holds?|needs?|works?|receives?|pays?|includes?|starts?|begins?|runs?|ends?|earns?|covers?|ist|sind|kostet|kosten|dauert|beträgt"
    r"|betragen|gibt|haben|hat|est|sont|coûte|coûtent|prend|vaut|valent|es|son|cuestan?|tarda|è|sono|costan?o?|tardan|gelten|gilt|geldt|gelden|valen?|kost|duurt|zijn|bedraagt|kann|können|könnt|darf|dürfen|muss|müssen|wird|werden|peut|pouvez|peuvent|doit|puede|pueden|debe|può|possono|deve|kan|kunt|kunnen|mag|moet|wordt|worden)\b",
    re.IGNORECASE,
)
_TELLING_VERBS = ("ship", "arriv", "expir", "start", "begin", "end", "includ", "cover", "earn")
_CONDITION = re.compile(r"^\W*(?:if|when|once|wenn|falls|sobald|si|lorsque|quand|cuando|se|quando|als|zodra)\b", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"^\W*(?:and|or|but|und|oder|et|ou|y|o|e|en)?\W*(?:to|in|for|from|within|with|after|at|on|nach|für|bis|ab|von|mit|bei|im|à|pour|dès|après|vers|para|desde|hasta|per|da|voor|naar|vanaf)\b",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(
    r"^\W*(?:it|they|this|that|these|those|after (?:that|this)|then|sie|es|diese\w*|danach|ils?|elles?|cela|ensuite)\b",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\b(?:(?<!feel )free(?: of charge)?|no (?:extra )?(?:charge|cost|fee)|do(?:n['’]t| not) (?:have to )?pay|costs? nothing|nothing for|kostet nichts|ne coûte rien|no cuesta nada|non costa nulla|kost niets|kostenlos\w*|kostenfrei\w*|gratis|gratuit\w*|offerte?s?)\b",
    re.IGNORECASE,
)
_DAY_AND_NIGHT = re.compile(
    r"\b(?:around the clock|24/7|day and night|24 hours a day|rund um die uhr|jour et nuit|las 24 horas|giorno e notte)\b",
    re.IGNORECASE,
)
_NEXT_DAY = re.compile(
    r"\b(?:(?:the|on the) next day|lendemain|nächsten tag|día siguiente|giorno (?:dopo|successivo)|volgende dag)\b", re.IGNORECASE
)
_LIFETIME = re.compile(r"\b(?:lifetime|lifelong|for life|lebenslang\w*|à vie|de por vida|a vita|levenslang\w*)\b", re.IGNORECASE)
_ANY_TIME = re.compile(
    r"\b(?:at any (?:time|moment)|any ?time|whenever you (?:like|want)|jederzeit|à tout moment|en cualquier momento|in qualsiasi momento|op elk moment)\b",
    re.IGNORECASE,
)
# verbs and words of measure: what is said of a thing, not which thing it is
_SAID_OF_ALL_LIST = (
    "cost costs take takes taking lasts price pay paid amount day business working week month year hour period time need last valid get receive due usually normally typically generally more extra only per each both "
    "kostet kosten dauert beträgt betragen erhalten bekommen liegt tage wochen werktage coûte prend jours valent vaut"
)
_SMALL = (
    frozenset(stem(word) for word in (*_SAID_OF_ALL_LIST.split(), *WORDS, *ABROAD))
    | content_words(_SAID_OF_ALL_LIST)
    | SMALL_WORDS_ABROAD
)
_WHATEVER = content_words("order item product article purchase thing goods")  # a rule about these is about what is asked as well
_WHOLE = frozenset({"the whole order"})  # what a total is said of
_IN_ALL = re.compile(r"\b(?:total\w*|altogether|in all|insgesamt|gesamt\w*|montant|importe|totaal\w*)\b", re.IGNORECASE)
# where a value may be, to be looked for before it is read
_MAY_HOLD = re.compile(
    rf"\d|\b(?:{COUNT_WORD}|half|third|quarter|halb\w*|demi\w*|medi[oa]|mezz[oa]|free|pay|nothing|nichts|rien|nada|nulla|niets|no (?:charge|cost|fee|extra)|kostenlos\w*|kostenfrei\w*|gratis|gratuit\w*|offerte?s?"
    rf"|clock|day and night|rund um die uhr|jour et nuit|any ?time|jederzeit|moment\w*|momento|lifetime|lifelong|for life|lebenslang\w*|vie|vita|vida|lendemain|next day"
    rf"|(?:eine?r?|une?|una|uno|een|ein|one|an?) (?:\w+ )?(?:days?|weeks?|months?|years?|hours?|fortnight|tag|woche|monat|jahr|stunde|jour|semaine|mois|ans?|heure|d[ií]a|semana|mes|año"
    rf"|giorno|settimana|mese|anno|dag|week|maand|jaar))\b",
    re.IGNORECASE,
)
_ORDER_LINE = re.compile(r"^(?:total|payment|refund|refund pending)\b")
_ONE_ITEM = re.compile(r"^item: (?!\d+ ×)")


_NOTHING = values_of("")


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of the evidence with values. about: the stems of what it speaks of, its heading's among them; own: those without it; subject: those before its verb."""

    about: frozenset[str]
    own: frozenset[str]
    text: Source
    subject: frozenset[str] = frozenset()


def said_of_another(sentence: str, sources: Sequence[Source], *, today: date) -> str:
    """The first value of a sentence, as written, that the evidence says of another thing only; "" if there is none."""
    if not _MAY_HOLD.search(sentence):
        return ""
    known = [statement for one in sources for statement in _statements(one.text, one.label)]
    recorded = {id(statement) for one in sources if not one.n for statement in _statements(one.text, one.label)}
    for piece, head in _pieces(sentence):
        words = things_in(piece) or head
        subject = frozenset[str]() if _CONDITION.match(piece) else subject_of(piece)
        for claim in _values(piece):
            rivals = [one for one in known if one.text.claims.get(claim.kind)]
            holding = [one for one in rivals if supports(claim, one.text, today=today, sentence=piece)]
            if holding and _is_widened(piece, holding):
                return claim.text.strip()
            if holding and any(_is_of_another(said, rivals, holding) for said in (words, subject)):
                return claim.text.strip()
            if holding and _has_its_own(subject, known, holding):
                return claim.text.strip()
            of_rules = claim.kind in _OF_RULES and not any(id(one) in recorded for one in holding)
            if holding and of_rules and words and none_is_told(words, known, rivals, holding):
                return claim.text.strip()
    return ""


def _has_its_own(subject: frozenset[str], known: Sequence[Statement], holding: Sequence[Statement]) -> bool:
    """Whether a statement is about the very subject of a sentence, and each with the value is about another."""
    if not subject or any(
        not one.subject or known_of(subject, one.about) == subject or _EVERY.search(one.text.text) for one in holding
    ):
        return False
    return any(one.subject and known_of(subject, one.subject) == subject for one in known)


def _is_told_of_other_subjects(said: frozenset[str], rivals: Sequence[Statement], holding: Sequence[Statement]) -> bool:
    """Whether each statement with the value has a subject that is not spoken of, and another statement has one that is."""
    if any(not one.subject or known_of(said, one.own) or _EVERY.search(one.text.text) for one in holding):
        return False
    return any(one.subject and known_of(one.subject, said) for one in rivals)


_EVERY = re.compile(r"\b(?:every|each|all|any)(?: of)?(?: the| your)? (?P<thing>[^\W\d_]{3,})", re.IGNORECASE)


def _is_widened(piece: str, holding: Sequence[Statement]) -> bool:
    """Whether a sentence says of every order what each statement with the value says of the first, or of some."""
    for match in _EVERY.finditer(piece):
        thing = re.escape(match["thing"].rstrip("s"))
        some = re.compile(rf"\b(?:first|next|one|single|some|certain|selected)(?: \w+)? {thing}", re.IGNORECASE)
        if all(some.search(one.text.text) for one in holding):
            return True
    return False


def _is_of_another(said: frozenset[str], rivals: Sequence[Statement], holding: Sequence[Statement]) -> bool:
    """Whether a statement without the value knows all that is known of what is spoken of, and none with it does."""
    everything = frozenset[str]().union(*(known_of(said, one.about) for one in rivals))
    if not everything:
        return False
    if not any(known_of(said, one.about) == everything for one in holding) and any(
        known_of(said, one.about) == everything for one in rivals
    ):
        return True
    if _is_told_of_other_subjects(said, rivals, holding):
        return True
    # a heading is over all of them: then what each says itself decides, if another thing is named there
    itself = frozenset[str]().union(*(known_of(said, one.own) for one in rivals))
    if not itself or any(not one.own or known_of(said, one.own) for one in holding):
        return False
    best = [one for one in rivals if known_of(said, one.own) == itself]
    return any(all(known_of(said, held.about) <= known_of(said, one.about) for held in holding) for one in best)


def things_in(text: str) -> frozenset[str]:
    """The stems of what a text speaks of, without the words of its values."""
    of_values = (claim.text for claim in claims_in(text) if claim.kind not in _NAMING) if _MAY_HOLD.search(text) else ()
    of_all = _words(text) - content_words(" ".join(of_values))
    return of_all | _WHOLE if _IN_ALL.search(text) else of_all


def _words(text: str) -> frozenset[str]:
    return without_talk(content_words(_VERB.sub(_kept, text))) - _SMALL


def _kept(verb: re.Match[str]) -> str:
    """A verb that tells what happens stays; one of measure or of help goes."""
    return verb[0] if verb[0].lower().startswith(_TELLING_VERBS) else " "


def _values(text: str) -> Iterator[Claim]:
    """The values of a text that may be said of the wrong thing; what is free costs nothing."""
    yield from (claim for claim in claims_in(text) if claim.kind in _KINDS)
    # "in a week" of a rule is its period
    yield from (
        Claim(Kind.DURATION, (None, Decimal(claim.value[1]).normalize(), "day"), claim.text)
        for claim in claims_in(text)
        if claim.kind is Kind.RELATIVE and claim.value[0] == "ahead"
    )
    yield from _in_words(text)


def _in_words(text: str) -> Iterator[Claim]:
    """Values that are words: what is free costs nothing, what is open day and night has its hours, what may be done at any time its period."""
    yield from (Claim(Kind.MONEY, ("free", Decimal(0)), match[0]) for match in _FREE.finditer(text))
    yield from (Claim(Kind.DURATION, (None, Decimal(1), "day"), match[0]) for match in _NEXT_DAY.finditer(text))
    yield from (Claim(Kind.DURATION, (None, Decimal(0), "life"), match[0]) for match in _LIFETIME.finditer(text))
    yield from (Claim(Kind.TIME, "always", match[0]) for match in _DAY_AND_NIGHT.finditer(text))
    yield from (Claim(Kind.DURATION, (None, Decimal(0), "any"), match[0]) for match in _ANY_TIME.finditer(text))


def _pieces(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The text cut where another value begins, each piece with what the one before it spoke of."""
    pieces: list[str] = []
    last = 0
    for cut in [*(m.start() for m in _PIECES.finditer(text)), len(text)]:
        piece = text[last:cut]
        if pieces and not _begins_anew(piece, pieces[-1]):
            pieces[-1] += piece
        else:
            pieces.append(piece)
        last = cut
    head = frozenset[str]()
    for piece in pieces:
        yield piece, head
        head = subject_of(piece) or things_in(piece) or head


def _begins_anew(piece: str, before: str) -> bool:
    """Whether a piece has a value of its own, or sets another thing against the one before it."""
    if _MAY_HOLD.search(piece) and _MAY_HOLD.search(before):
        return True
    return bool(_CONTRAST.match(piece) and _VERB.search(piece) and _VERB.search(before))


@lru_cache(maxsize=256)  # the passages of a turn are asked for every sentence
def _statements(text: str, label: str) -> tuple[Statement, ...]:
    return tuple(_read(text, label))


def _read(text: str, label: str) -> Iterator[Statement]:
    heading = things_in(label)
    header, before = "", frozenset[str]()
    for raw in _SENTENCES.split(text):
        if raw.lstrip().startswith("|"):
            if set(raw) <= set("|-: \t"):
                continue
            if header:  # "free from" over a column is said in every row
                row = things_in(raw) | things_in(header)
                yield Statement(heading | row, row, _with_words(raw, besides=header))
            header = header or raw
            continue
        header = ""
        referred = before if REFERS_BACK.match(raw) else frozenset[str]()
        going_on = tuple(periods_going_on(raw))
        for piece, head in _pieces(raw):
            value = _MAY_HOLD.search(piece)
            if value is None:
                if subject := subject_of(piece):
                    yield Statement(subject, subject, _NOTHING, subject)
                continue
            first = _words(piece[: value.start()])
            # "and ¥1,650 to Okinawa" and "and arrives the next day" go on about the same; "oversized pots cost $39" begins anew
            subject = subject_of(piece)
            goes_on = not subject and (not first or bool(_PREPOSITION.match(piece)))
            own = things_in(piece) | referred | (head if goes_on else frozenset())
            if _ORDER_LINE.match(raw):
                own |= _WHOLE
            yield Statement(
                own | heading,
                own,
                _of_item(raw, piece) if raw.startswith("item: ") else _with_words(piece, going_on=going_on),
                (subject or (frozenset() if goes_on or _VERB.search(piece) else first)) - _WHATEVER,
            )
        before = _words(raw)


def _of_item(line: str, piece: str) -> Source:
    """A line of an item: of one, where no number is said; what its name promises is only a name."""
    return values_of(f"1 × {piece.partition(':')[2]}" if _ONE_ITEM.match(line) else piece)


def _with_words(piece: str, *, besides: str = "", going_on: Sequence[Claim] = ()) -> Source:
    """besides: what is said over the piece. going_on: periods of its sentence whose unit stands in another piece."""
    last = piece.rstrip(" .;,!?")
    periods = [claim for claim in going_on if last.endswith(claim.text.rstrip(" .;!?"))]
    return values_of(piece, extra=[*_in_words(piece), *_in_words(besides), *periods])


def subject_of(sentence: str) -> frozenset[str]:
    """The stems of what a sentence speaks of, before its verb; none for one without a verb that is known."""
    verb = _VERB.search(sentence)
    return _words(sentence[: verb.start()]) if verb else frozenset()
