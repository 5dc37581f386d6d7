"""Numbers in words: those of English from `retrieval.numerals`, and of German, French, Spanish, Italian and Dutch. Pure."""

import re
from collections.abc import Iterable
from decimal import Decimal

from retrieval.numerals import WORDS, parse_number

_ABROAD = """
1 ein eine einen einem einer eines un une uno una een één
2 zwei deux dos due twee
3 drei trois tres tre drie
4 vier quatre cuatro quattro
5 fünf cinq cinco cinque vijf
6 sechs six seis sei zes
7 sieben sept siete sette zeven
8 acht huit ocho otto
9 neun neuf nueve nove negen
10 zehn dix diez dieci tien
11 elf onze once undici
12 zwölf douze doce dodici twaalf
13 dreizehn treize trece tredici dertien
14 vierzehn quatorze catorce quattordici veertien
15 fünfzehn quinze quince quindici vijftien
16 sechzehn seize dieciséis sedici zestien
17 siebzehn dix-sept diecisiete diciassette zeventien
18 achtzehn dix-huit dieciocho diciotto achttien
19 neunzehn dix-neuf diecinueve diciannove negentien
20 zwanzig vingt veinte venti twintig
21 einundzwanzig vingt-et-un veintiuno ventuno eenentwintig
24 vierundzwanzig vingt-quatre veinticuatro ventiquattro vierentwintig
30 dreißig dreissig trente treinta trenta dertig
28 achtundzwanzig vingt-huit veintiocho ventotto achtentwintig
36 sechsunddreißig trente-six treintaiséis trentasei zesendertig
40 vierzig quarante cuarenta quaranta veertig
45 fünfundvierzig quarante-cinq quarantacinque vijfenveertig
48 achtundvierzig quarante-huit
50 fünfzig cinquante cincuenta cinquanta vijftig
60 sechzig soixante sesenta sessanta zestig
70 siebzig soixante-dix setenta settanta zeventig
80 achtzig quatre-vingts ochenta ottanta tachtig
90 neunzig quatre-vingt-dix noventa novanta negentig
100 hundert cent cien cento honderd
"""
ABROAD: dict[str, int] = {word: int(line.split()[0]) for line in _ABROAD.strip().splitlines() for word in line.split()[1:]}
# words that mean something else in one of the languages or in English, unless a unit follows
_AMBIGUOUS = frozenset(
    "elf once ein eine einen einem einer eines un une uno una een één due dos six sei tre sept neuf otto nove venti cento cien hundert one zero".split()  # noqa: SIM905
)


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first. By their beginnings, so that two hundred cost as little as ten."""
    by_letter: dict[str, list[str]] = {}
    whole = False
    for word in words:
        whole = whole or not word
        if word:
            by_letter.setdefault(word[0], []).append(word[1:])
    ways = [re.escape(letter) + any_of(rests) for letter, rests in sorted(by_letter.items())]
    if not ways:
        return ""
    together = ways[0] if len(ways) == 1 and not whole else f"(?:{'|'.join(ways)})"
    return f"{together}?" if whole else together


WORD = any_of({*WORDS, *ABROAD})  # only before a unit
COUNT_WORD = any_of({*WORDS, *ABROAD} - _AMBIGUOUS)


def number_of(text: str) -> Decimal:
    """The value of a number in digits or in words of any of the languages. Raises ValueError for anything else."""
    lowered = text.lower()
    if lowered in WORDS:
        return parse_number(text)
    return Decimal(ABROAD[lowered]) if lowered in ABROAD else parse_number(text)
