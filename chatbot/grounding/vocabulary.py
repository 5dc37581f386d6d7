"""Words of an answer against words of its evidence: what it speaks of, whom it names, whether it says yes or no. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from chatbot.understanding.languages import language_of
from chatbot.words import STOPWORDS, SUBJECTS, stem

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FUNCTION_WORDS = STOPWORDS - SUBJECTS
_TALK_LIST = """
    absolutely afraid available reach contact apologies apologise apologize assist assistance certainly confusing course day days delighted evening exactly
    feel free fine frustrating further glad goodbye great happy hear help hope inconvenience information let lovely meantime
    mention morning nice okay patience please pleased pleasure question questions quick read reply short sure thank thanks trouble
    understand understandable unfortunately welcome wish wonderful answer answers ask check look rest send moment worries
    yes no simply note according based means mean per state states stated apply applies allow allowed able possible eligible
"""
_TALK = frozenset(_TALK_LIST.split())
# words that promise: they stand in the evidence, or they are invented
_STRONG = re.compile(
    r"\b(free|guarantee\w*|lifetime|unlimited|instant\w*|immediate\w*|automatic\w*|always|worldwide|anywhere|everywhere|everything|anything|"
    r"every time|no questions|regardless|whenever|forever|permanent\w*|all year(?: round)?|year[- ]round|complimentary|bonus|voucher|discount|coupon|compensat\w*|"
    r"(?:in full|fully|full (?=refund|price|amount|value|cost)|the full (?=\w+ )|entirely|completely)|"
    r"kostenlos|kostenfrei|gratis|umsonst|garantiert|lebenslang\w*|immer|stets|jederzeit|gratuit\w*|toujours|siempre|gratuit[oa]|sempre|altijd|unbegrenzt\w*|unbefristet\w*|illimit\w*|ilimitad\w*|onbeperkt\w*)\b",
    re.IGNORECASE,
)
# one promise in other words, in any language: each group as beginnings of words
_PROMISED_BY = (
    (
        "free",
        "no charge",
        "no cost",
        "nothing",
        "complimentary",
        "kostenlos",
        "kostenfrei",
        "gratis",
        "umsonst",
        "gratuit",
        "offert",
    ),
    ("full", "in full", "fully", "all ", "entire", "whole", "100", "complete", "everything", "voll", "total", "intégral", "compl"),
    ("discount", " off", "rabatt", "skonto", "reduction", "remise", "sconto", "descuento", "korting", "less"),
    ("guarant", "warrant", "garant"),
    ("always", "every", "at all times", "each time"),
    ("everything", "all ", "whatever"),
    ("anything", "any "),
    ("anywhere", "everywhere", "worldwide"),
    ("immer", "stets", "jederzeit", "jede"),
)
_FREE_TALK = re.compile(r"\bfeel free\b|\banything else\b|\balways (?:happy|glad|here|welcome)\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|never|cannot|no|none|nor|neither|nicht|kein\w*|niet|geen|nooit|jamais|pas|aucun\w*|nunca|nessun\w*|unable|impossible|excluded|ineligible|prohibited|closed|"
    r"nie|niemals|ausgeschlossen|ausgenommen|ne|ni|exclue?s?|interdit\w*|non|tampoco|excluid[oa]s?|né|esclus[oaie]|uitgesloten)\b|n['’]t\b|\bn['’]",
    re.IGNORECASE,
)
_TWO_SIDED = re.compile(
    r"\b(?:unless|except|other than|but|however|only|if|although|though|while|until|than|longer|aber|sondern|jedoch|nur|wenn|falls|sofern|mais|seulement|uniquement|lorsque|pero|sólo|solo|soltanto|però|maar|alleen|slechts|zolang)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\W*(?:yes|no(?=\s*[,.!:;–—-])|unfortunately|sorry|i[’']m sorry|i am sorry|good news)\b[\s,.!:;–—-]*", re.IGNORECASE
)
_COMMON = (
    "the a an of to and is are was were in on for your you it not with by be has have can will from our we or that this if at as"
)
_ENGLISH = frozenset(_COMMON.split())
_ABROAD = """
der die das und ist nicht mit von sie ihre ihr für eine einen wird werden innerhalb nach auf im den dem zu bei wenn
le la les des est une pas vous votre vos pour dans avec sur aux du et sont nous si chez
el los las es una para su sus con por en del que puede y se no desde
het een van voor uw u met op te zijn niet binnen bij kan deze onze wij je
il di che per un gli i con suo vostro entro della dei è o os as uma seu sua não dos da do em
"""
_OTHER = frozenset(_ABROAD.split()) - _ENGLISH - {"i", "no", "do", "we", "as"}


def _bare(word: str) -> str:
    """ "parcel's" is "parcel", "l'adesione" is "adesione"."""
    first, _, second = word.partition("'")
    return second if second and first in _ELIDED else first


_ELIDED = frozenset(["l", "d", "c", "j", "m", "n", "s", "t", "qu", "dell", "all", "nell", "sull", "dall", "un", "quest"])

# small words of other languages, for sentences that are not English
_MORE_ABROAD = """
de du d par pas pour elle il ils elles être autres autre nos vos vos de el en que y o con kann können könnt darf dürfen muss müssen soll wird werden bei beim zum zur vom ins bis ab auch nur liegt gibt beträgt kostet dauert lautet je
aus oder wenn dann bekommen erhalten haben habe
peut pouvez peuvent doit ont été plus très aussi ou où vers dès chez prend coûte reçoit recevez valent vaut partir
puede pueden debe más muy también o cuesta cuestan tarda ser recibe tiene hasta cuando
può possono deve più anche o costa costano riceve essere viene vengono fino quando
kan kunt kunnen mag moet wordt ook om tot kost duurt krijgt als
"""
# without those that are stems of words that English has for things: a "pass", a "plus plan"
SMALL_WORDS_ABROAD = frozenset(stem(word) for word in (*_OTHER, *_MORE_ABROAD.split())) - {
    stem(word) for word in ("pass", "plus", "par", "die", "son", "per")
}
_ENGLISH_ALONE = _ENGLISH - frozenset(
    ["a", "an", "in", "is", "was", "on", "we", "of", "as", "to", "at", "be"]
)  # others have these words too


# "e-book" is no book, and a "pre-order" no order
_PREFIXED = re.compile(r"\b(e|pre|re|co|un|t|x)-(?=[^\W\d_]{3})", re.IGNORECASE)
_SAME_THING = (
    "open closed", "exchange swap", "product item article", "begin start", "warranty guarantee", "repair fix", "bike bicycle", "leave quit",
    "call phone telephone", "mail email", "cost price charge fee", "ship deliver", "purchase buy",
    "rückgabe zurückgeben zurückschicken zurücksenden retoure retournieren", "widerruf widerrufen", "retour retourner renvoyer reprendre repris renvoyés renvoyé renvoi",
    "devolver devolución", "restituire reso restituzione", "retourneren terugsturen",
)  # fmt: skip
_SAME = {stem(word): stem(group.split()[0]) for group in _SAME_THING for word in group.split()}
# "next-day delivery" is not any delivery
_WHICH_DAY = re.compile(r"\b(next|same)[ -]day\b", re.IGNORECASE)
# "send it back", "taken back": one verb in two words
_BACK = re.compile(
    r"\b(?:sen[dt]|sending|giv(?:e|en|ing)|gave|br(?:ing|ought)|tak(?:e|en|ing)|took)\b((?:\W+\w+){0,4}?\W+)back\b", re.IGNORECASE
)


@lru_cache(maxsize=2048)  # the same lines are compared with every sentence of a turn
def content_words(text: str) -> frozenset[str]:
    """The stems of the words that bear meaning, numbers aside; words for the same thing have the same stem."""
    joined = _BACK.sub(r"return\1", _PREFIXED.sub(r"\1", _WHICH_DAY.sub(r"\1day", text)))
    words = (m[0].lower().replace("’", "'") for m in _WORD.finditer(joined))
    plain = (w if w in _FUNCTION_WORDS else _bare(w) for w in words)
    stems = (stem(w) for w in plain if len(w) > 1 and w not in _FUNCTION_WORDS)
    return frozenset(_SAME.get(one, one) for one in stems)


def without_talk(stems: Iterable[str]) -> frozenset[str]:
    """The stems that are about the shop, not about the conversation."""
    return frozenset(s for s in stems if s not in _TALK_STEMS)


_TALK_STEMS = frozenset(_SAME.get(stem(word), stem(word)) for word in _TALK)


def coverage(wanted: frozenset[str], known: frozenset[str]) -> float:
    """Share of the wanted stems that are known, also in another form of the word; 1 if none is wanted."""
    return len(known_of(wanted, known)) / len(wanted) if wanted else 1.0


def known_of(wanted: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Those of the wanted stems that are known, also in another form of the word."""
    beginnings = {word[:5] for word in known if len(word) >= 5}
    return frozenset(word for word in wanted if word in known or (len(word) >= 5 and word[:5] in beginnings))


def is_english(text: str) -> bool | None:
    """Whether a text is English; None when it is too short, or too bare of small words, to tell."""
    words = [m[0].lower() for m in _WORD.finditer(text)]
    if len(words) < 5:
        return False if language_of(text) else None
    english, other = (sum(word in small for word in words) / len(words) for small in (_ENGLISH, _OTHER))
    only_shared = other > 0 and not any(word in _ENGLISH_ALONE for word in words)
    if english >= 0.15 and english >= other and not only_shared and not (english == other and language_of(text)):
        return True
    letters = [c for c in text if c.isalpha()]
    foreign = sum(ord(c) > 0x24F for c in letters) > len(letters) / 2  # another script
    return False if other >= 0.15 or foreign or only_shared or language_of(text) else None


def strong_words(text: str) -> frozenset[str]:
    """The promising words of a text, each in the form it is looked for in the evidence."""
    found = (m[1].lower() for m in _STRONG.finditer(_FREE_TALK.sub(" ", text)))
    return frozenset(found)


_NAMED = (
    "item: ",
    "last seen ",
)  # lines of an order's facts in which the words of others stand: a product may be called "Free returns"
_LINES = re.compile(r"(?<=[.!?;])\s+|\n+(?!\|)")  # a table is one line: its header is said in every row


def is_promised(word: str, sentence: str, texts: Iterable[str]) -> bool:
    """Whether a line of the texts, which are in lower case, promises the same and speaks of anything that the sentence speaks of."""
    said = without_talk(content_words(sentence)) - content_words(word)
    lines = (line for text in texts if promises(word, text) for line in _LINES.split(text) if promises(word, line))
    lines = (line for line in lines if not line.startswith(_NAMED))
    return any(not said or known_of(said, content_words(line)) for line in lines)


def promises(word: str, evidence: str) -> bool:
    """Whether a promising word (or another form of it, or the same in other words) stands in a text, which is in lower case."""
    word = word.removeprefix("the ").strip()
    if word[:7] in evidence:
        return True
    return any(one in evidence for group in _PROMISED_BY if any(word.startswith(said) for said in group) for one in group)


# "not only" says yes, "you don't pay" says that it is free, and what stands in a condition is not told
_NO_DENIAL = re.compile(
    r"\b(?:not only|nicht nur|(?:non|pas) seulement|no s[oó]lo|non solo|niet alleen)\b|\b(?:do(?:n['’]t| not) (?:have to )?pay|not charged|no (?:extra )?(?:charge|cost|fee))\b"
    r"|^\W*(?:if|when|unless|wenn|falls|si|se|als|cuando|quand|quando)\b[^,]*,",
    re.IGNORECASE,
)


def is_negated(text: str) -> bool:
    """Whether a sentence denies something, its opening "No," or "Unfortunately," aside."""
    return bool(_NEGATED.search(_NO_DENIAL.sub("", _OPENING.sub("", text))))


def is_two_sided(text: str) -> bool:
    """Whether a sentence has a condition or an exception, so that it may rightly be told either way."""
    return bool(_TWO_SIDED.search(text))


# --- names --------------------------------------------------------------------------------------------------------------
_TOKEN = re.compile(r"[^\W_](?:[\w&’'-]*\w)?")
_STARTS_AFTER = re.compile(r"(?:^|[.!?:;…][\"”’')*_\s\]]*\s|[\"“”‘'(\[*_•–—-]\s?|\n\s*|\d[.)]\s+)$")
_NO_NAME_LIST = (
    "i i'm i've i'd i'll i’m i’ve i’d i’ll id ids faq ok tv usa pdf e-mail url am pm monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays january "
    "february march april may june july august september october november december"
)
_NO_NAMES = frozenset(_NO_NAME_LIST.split())


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    words: tuple[str, ...]


def names_in(text: str) -> tuple[Name, ...]:
    """Words written like names: a capital inside a sentence, or capitals inside the word ("FedEx"), wherever it stands."""
    plain = re.sub(r"\]\([^)]*\)|https?://\S+|[\w.+-]+@[\w.-]+", " ", text)
    found = []
    for match in _TOKEN.finditer(plain):
        word = match[0]
        lowered = word.lower()
        if lowered in _NO_NAMES or any(c.isdigit() for c in word):
            continue
        inner = any(c.isupper() for c in word[1:])
        first = word[0].isupper() and not _STARTS_AFTER.search(plain[: match.start()])
        if inner or first:
            found.append(Name(word, tuple(part for part in re.split(r"[-'’&]", lowered) if len(part) > 1)))
    return tuple(found)
