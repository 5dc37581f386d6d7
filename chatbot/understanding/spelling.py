"""Mistyped key words set right: "were is my oder", "cancle", "trakcing". Pure.

Only the words that decide what is wanted are looked at. A word is changed when it is one slip away from exactly such a word (a letter
wrong, too many, missing, or two swapped; two slips in a long word), begins alike, and is no other word that customers use.
"""

import re
from functools import lru_cache

from chatbot.words import STOPWORDS

SHORTEST = 5  # letters of a key word; one slip away from a shorter one are too many other words
LONG = 9  # letters from which two slips may still be a typing error

_KEY_WORDS = """
    order orders ordered parcel parcels package packages packet delivery deliveries deliver delivered delivering delivers refund refunds
    refunded return returns returned returning cancel cancelled canceled cancellation tracking track shipping shipped shipment shipments
    exchange exchanged exchanging address status where when receive received arrive arrived arrives arriving purchase purchased payment
    payments paid warranty policy policies damaged broken missing late latest delayed change changed charge charged total bought invoice
    number estimated expected dispatched customer
"""
KEY_WORDS = frozenset(_KEY_WORDS.split())
# words that are one slip from a key word and mean what they say
_REAL_WORDS = frozenset(
    """were wheres wheels trick tract tractor trekking older odder odor border cancer cancels chancel shopping shopped skipping skipped slipping slipped stripped chipping chipped whipped
    statue statues states there were here whey wheel then hen prince trucking tracing tricking tracks tracked tracker trace truck tack rack
    charger charges changes changer chance chances mission kissing later lates lasted lately plate plates tidal toy totally local bough
    brought broke brokered relayed delays rate arrival retain retail returnable refuse refused reruns number's numbers lumber member
    policed police packed packs packaged packing pocket packets parcelled deliverer addressed addresses dress payments pavement paying
    customers custom customs ordering orderly received receives receiver shipper ships ship ordeal warrant warranted warrants who whose
    what that than them they while white whole statutes stats invoiced invoices expecting expects estimates excepted exported accepted
    exchanges exchanger purchases purchaser arrives derived missed misses massing dissing messing wishing fishing damage damages paint pair
    pain said laid raid aid pad pay pays page mate hate gate date lane lace lake lane""".split()  # noqa: SIM905
)
_WORD = re.compile(r"(?<![\w@./#-])[^\W\d_]{4,16}(?![\w@]|[./-]\w)")


def corrected(text: str) -> str:
    """Return the text with mistyped key words replaced; everything else stays as it is written."""
    return _WORD.sub(lambda found: _set_right(found[0].lower()) or found[0], text)


@lru_cache(maxsize=4096)
def _set_right(word: str) -> str:
    """The key word that was meant, or "" to leave the word alone."""
    if word in KEY_WORDS or word in _REAL_WORDS or word in STOPWORDS:
        return ""
    near = [(_slips(word, key), key) for key in KEY_WORDS if _may_be(word, key)]
    close = [(slips, abs(len(key) - len(word)), key) for slips, key in near if slips <= (2 if len(key) >= LONG else 1)]
    return min(close)[2] if close else ""


def _may_be(word: str, key: str) -> bool:
    alike = word[0] == key[0] or word[:2] == key[1::-1]
    return alike and len(key) >= SHORTEST and abs(len(key) - len(word)) <= 2


def _slips(word: str, key: str) -> int:
    """How many letters are wrong, missing or too many; two swapped neighbours count once."""
    rows = [list(range(len(key) + 1))]
    for i, letter in enumerate(word, 1):
        rows.append([i])
        for j, other in enumerate(key, 1):
            cost = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == key[j - 2] and word[i - 2] == other:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            rows[i].append(cost)
    return rows[-1][-1]
