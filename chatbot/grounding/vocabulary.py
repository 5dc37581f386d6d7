"""Words of an answer against words of its evidence: what it speaks of, whom it names, whether it says yes or no. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chatbot.understanding.languages import language_of
from chatbot.words import STOPWORDS, SUBJECTS, stem

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FUNCTION_WORDS = STOPWORDS - SUBJECTS
_TALK_LIST = """
    absolutely apologies apologise apologize assist assistance certainly confusing course day days delighted evening exactly
    feel free fine frustrating further glad goodbye great happy hear help hope inconvenience information let lovely meantime
    mention morning nice okay patience please pleased pleasure question questions quick read reply short sure thank thanks trouble
    understand understandable unfortunately welcome wish wonderful answer answers ask check look rest send moment worries
    yes no simply note according based means mean per state states stated apply applies allow allowed able possible eligible
"""
_TALK = frozenset(_TALK_LIST.split())
# words that promise: they stand in the evidence, or they are invented
_STRONG = re.compile(
    r"\b(free|guarantee\w*|lifetime|unlimited|instant\w*|immediate\w*|automatic\w*|always|worldwide|anywhere|everything|anything|"
    r"every time|no questions|regardless|whenever|forever|permanent\w*|complimentary|bonus|voucher|discount|coupon|compensat\w*)\b",
    re.IGNORECASE,
)
_SAME_PROMISE = {"complimentary": "free", "everything": "all", "anything": "any", "anywhere": "everywhere", "always": "every"}
_FREE_TALK = re.compile(r"\bfeel free\b|\banything else\b|\balways (?:happy|glad|here|welcome)\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|never|cannot|no|none|nor|neither|nicht|kein\w*|niet|geen|nooit|jamais|pas|aucun\w*|nunca|nessun\w*|unable|impossible|excluded|ineligible|prohibited)\b|n['’]t\b",
    re.IGNORECASE,
)
_TWO_SIDED = re.compile(
    r"\b(?:unless|except|other than|but|however|only|if|although|though|while|until|than|longer)\b", re.IGNORECASE
)
_OPENING = re.compile(r"^\W*(?:yes|no|unfortunately|sorry|i[’']m sorry|i am sorry|good news)\b[\s,.!:;–—-]*", re.IGNORECASE)
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
_ENGLISH_ALONE = _ENGLISH - frozenset(
    ["a", "an", "in", "is", "was", "on", "we", "of", "as", "to", "at", "be"]
)  # others have these words too
_OTHER = frozenset(_ABROAD.split()) - _ENGLISH - {"i", "no", "do", "we", "as"}


def content_words(text: str) -> frozenset[str]:
    """The stems of the words that bear meaning, numbers aside."""
    words = (m[0].lower().replace("’", "'") for m in _WORD.finditer(text))
    plain = (w if w in _FUNCTION_WORDS else w.partition("'")[0] for w in words)  # "here's" is "here", "parcel's" is "parcel"
    return frozenset(stem(w) for w in plain if len(w) > 1 and w not in _FUNCTION_WORDS)


def without_talk(stems: Iterable[str]) -> frozenset[str]:
    """The stems that are about the shop, not about the conversation."""
    return frozenset(s for s in stems if s not in _TALK_STEMS)


_TALK_STEMS = frozenset(stem(word) for word in _TALK)


def coverage(wanted: frozenset[str], known: frozenset[str]) -> float:
    """Share of the wanted stems that are known, also in another form of the word; 1 if none is wanted."""
    if not wanted:
        return 1.0
    beginnings = {word[:5] for word in known if len(word) >= 5}
    return sum(word in known or (len(word) >= 5 and word[:5] in beginnings) for word in wanted) / len(wanted)


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
    return frozenset(_SAME_PROMISE.get(word, word) for word in found)


def promises(word: str, evidence: str) -> bool:
    """Whether a promising word (or another form of it) stands in the evidence, which is in lower case."""
    return word[:7] in evidence or (word == "free" and ("no charge" in evidence or "no cost" in evidence))


def is_negated(text: str) -> bool:
    """Whether a sentence denies something, its opening "No," or "Unfortunately," aside."""
    return bool(_NEGATED.search(_OPENING.sub("", text)))


def is_two_sided(text: str) -> bool:
    """Whether a sentence has a condition or an exception, so that it may rightly be told either way."""
    return bool(_TWO_SIDED.search(text))


# --- names --------------------------------------------------------------------------------------------------------------
_TOKEN = re.compile(r"[^\W_](?:[\w&’'-]*\w)?")
_STARTS_AFTER = re.compile(r"(?:^|[.!?:;…][\"”’')*_\s\]]*\s|[\"“”‘'(\[*_•–—-]\s?|\n\s*|\d[.)]\s+)$")
_NO_NAME_LIST = (
    "i i'm i've i'd i'll i’m i’ve i’d i’ll id ids faq ok tv usa pdf e-mail url am pm monday tuesday wednesday thursday friday saturday sunday january "
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
