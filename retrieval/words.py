"""Text to search terms: folded, lower case, English endings off. One analysis for every index, so that all of them agree.

Other languages keep their words whole but for what looks like an English ending, on both sides alike; scripts without spaces
become pairs of characters.
"""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_LONGEST = 40  # characters; longer "words" are encoded data

_stemmer = snowballstemmer.stemmer("english")
_lock = threading.Lock()  # a stemmer keeps its word in itself

# words that say how something is asked, not what about
COMMON = frozenset(
    """a about after again all also am an and any anyone anything are as at be because been before being but by can cannot could did do
    does doing don for from further get give go got had has have having he her here hers hi hello him his how i if in into is it its
    just know let like long me more most much my need no nor not now of off ok okay on once one only or other our out over own please
    possible same say she should so some someone something still such take tell than thank thanks that the their them then there
    these they thing this those through to too under until up us use very want was way we well were what when where which while who
    whom why will with within without would yes you your yours im ive id ill youre youve whats wheres hows dont doesnt cant wont
    isnt arent didnt""".split()  # noqa: SIM905
)


# the most frequent words of German, French, Spanish, Italian and Dutch that English hardly has; folded
_COMMON_ABROAD = frozenset(
    """der die das und ist nicht wir du sie ein eine einen von fur auf bei nach wird kann bis innerhalb le la les des du un une est vous
    nous pas pour dans sur avec ou el los las que para con por su se il di che per non sono della del een het van niet voor met wij
    zijn""".split()  # noqa: SIM905
)


def is_foreign(text: str) -> bool:
    """Whether a text is plainly in another language than English; False for what is too short or too bare to say."""
    every = words(text)[:120]
    abroad = sum(word in _COMMON_ABROAD for word in every)
    return abroad > 0.1 * len(every) and abroad > sum(word in COMMON for word in every)


def words(text: str) -> list[str]:
    """The words of a text in order: folded to plain lower-case letters, endings kept. "Rückgabe, don't" → ["ruckgabe", "dont"]."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = (
        "".join(character for character in decomposed if not unicodedata.combining(character)) if not text.isascii() else decomposed
    )
    found: list[str] = []
    for match in _WORD.finditer(plain):
        word = match.group()
        if word.endswith(("'s", "’s")):
            word = word[:-2]
        word = word.replace("'", "").replace("’", "")
        if _NO_SPACES.match(word):
            found += [word[i : i + 2] for i in range(max(len(word) - 1, 1))]
        elif len(word) <= _LONGEST:
            found.append(word)
    return found


def terms(text: str) -> list[str]:
    """The search terms of a text, in order, repeated as they occur."""
    return [stem(word) for word in words(text)]


def telling_terms(text: str) -> list[str]:
    """The terms that say what a question is about, each once; all its terms if it has no others."""
    every = words(text)
    telling = [word for word in every if word not in COMMON and (len(word) > 1 or word.isdigit())]
    return list(dict.fromkeys(stem(word) for word in telling or every))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """One folded word without its English ending."""
    if not word.isascii() or word.isdigit():
        return word
    with _lock:
        return str(_stemmer.stemWord(word))
