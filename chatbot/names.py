"""Names of people: as customers give their own ("my name is …", "Regards, …"), and as an order's record has them. Pure.

A name has no form of its own, so only what a sentence says is one is taken for one, in six languages. What is missed stays readable; what
is taken wrongly comes back in the answer as it was.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from chatbot.words import STOPWORDS

LONGEST = 4  # words of one name
FEWEST_LETTERS = 3  # of a part of a name that is looked for alone

_WORD = r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*"
_CAPITAL = (
    r"(?:(?:van|von|de|del|della|di|da|der|den|zu|la|le|el|bin|al) ){0,2}(?-i:[A-ZÀ-ÖØ-ÞŁŚŠŽČ])(?:\.|[^\W\d_]*(?:['’-][^\W\d_]+)*)"
)
_CAPITALS = rf"(?P<name>{_CAPITAL}(?: {_CAPITAL}){{0,3}})"
# whatever follows is a name, however it is written
_NAMED = re.compile(
    r"\b(?:(?:my|the|his|her) (?:full |first |last |real )?(?:name|surname)(?:['’]s| is| was|:)|i am called|under (?:the )?names?(?: of)?|in the name of"
    r"|mein (?:voller )?name (?:ist|lautet)|ich hei(?:ß|ss)e|(?:auf|unter) (?:den|dem) namen|je m['’]appelle|mon nom est|au nom de|me llamo|mi nombre es"
    r"|a nombre de|mi chiamo|il mio nome (?:è|e)|a nome di|ik heet|mijn naam is|op naam van)\s+(?P<name>"
    rf"{_WORD}(?: {_WORD}){{0,{LONGEST - 1}}})",
    re.IGNORECASE,
)
# a name only where it is written like one
_SAID = re.compile(
    rf"\b(?:this is|i am|i['’]m|here is|it['’]s)\s+{_CAPITALS}(?=\s*(?:[,.!;:?)\n–—-]|$|(?:and|from|again|here|with)\b))",
    re.IGNORECASE,
)
_SAID_ABROAD = re.compile(
    rf"\b(?:hier (?:ist|is|spricht)|ich bin|ici|je suis|soy|sono|ik ben)\s+(?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,3}})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?-i:Mrs|Mr|Ms|Mx|Miss|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Sra?|Señora?|Sig\.ra|Sig|Signora?|Signor|Dhr|Mevr|Mevrouw|Meneer)\b\.?\s+"
    + _CAPITALS,
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\b(?:regards|wishes|cheers|thanks|thank you|best|sincerely|faithfully|yours|grüßen|grüsse|grüße|gruß|gruss|danke|cordialement|merci|saludos|gracias"
    rf"|saluti|grazie|groet(?:en)?|bedankt)\b[\s,.!–—-]*[\n,!–—-]\s*{_CAPITALS}\W*$",
    re.IGNORECASE,
)
_GOES_TO = re.compile(rf"\bgoes to {_CAPITALS},")  # as our own answers tell where an order goes
_OTHER_WORDS = frozenset(
    """misspelled misspelt spelled spelt written printed incorrect german french spanish italian dutch english american british swiss
    und aber mit habe hat ich wir et mais avec je nous y pero con e ma ho en maar met ik nicht falsch pas mal no non niet auf sur sopra op""".split()  # noqa: SIM905
)
_NO_NAME = STOPWORDS | _OTHER_WORDS


def names_said(text: str, *, by_shop: bool = False) -> tuple[str, ...]:
    """The names that a text gives, each once, as they are written. by_shop: the text is an answer, which tells where an order goes."""
    patterns = (_GOES_TO,) if by_shop else (_NAMED, _SAID, _SAID_ABROAD, _TITLED, _SIGNED)
    found = (_until_no_name(match["name"]) for pattern in patterns for match in pattern.finditer(text))
    return tuple(dict.fromkeys(name for name in found if len(name) > 1))


def _until_no_name(words: str) -> str:
    """The words before the first that is none of a name: "maya lindqvist and my" is "maya lindqvist"."""
    kept: list[str] = []
    for word in words.split():
        if word.casefold().strip(".'’") in _NO_NAME and not (kept and word[0].isupper()):
            break
        kept.append(word)
    return " ".join(kept).rstrip(".'’-")


def parts_of(names: Iterable[str], *, other: Collection[str] = ()) -> Iterator[str]:
    """The single words of names that may stand for the person alone. other: texts whose words mean something else here, as of products."""
    taken = {word.casefold() for text in other for word in re.findall(r"[^\W\d_]+", text)}
    for name in names:
        for part in name.split():
            word = part.strip(".,'’")
            if len(word) >= FEWEST_LETTERS and word.casefold() not in taken | _NO_NAME:
                yield word


def as_written(name: str) -> re.Pattern[str]:
    """That word with its capital or in capitals: in small letters it may be any word."""
    forms = "|".join(re.escape(form) for form in {name, name.capitalize(), name.title(), name.upper()})
    return re.compile(rf"(?<!\w)(?:{forms})(?!\w)")
