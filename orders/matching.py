"""Which of a customer's orders a description fits: "the blue shirt", "the one to Denver", "the one for $49.90". Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise

from orders.records import OrderRecord

# words that describe no order; what is left of a question when they are gone is looked for
_EMPTY_WORDS = """
a an the my mine our your his her their its this that these those it one ones of in on at to for from with without by and or is are was were
be been has have had do did does i me we us you he she they them where when what which who how why can could will would should still not no
yes please order orders ordered purchase purchased bought buy item items product products thing things package parcel delivery shipment
shipped sent send got get about there here some any s t
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
ALIKE = 0.84  # of 1: how alike a word must be to an item's to be a slip of it
MOST_SLIPS = 40  # words of one text that may be slips; a description has a few, a long letter hundreds
# everyday words for one thing; a shop uses one of them and its customers another
_SAME_THINGS = """
bike bicycle cycle; tv television telly; phone smartphone mobile cellphone; sneaker trainer shoe; jumper sweater pullover; trouser pant
slack; sofa couch settee; fridge refrigerator; earphone earbud headphone headset; laptop notebook computer; tee tshirt; mug cup; rug carpet;
curtain drape; torch flashlight; bag backpack rucksack handbag purse; jacket coat anorak parka; hat cap beanie; glove mitten;
glasses spectacle sunglass; watch smartwatch; pram stroller buggy pushchair; diaper nappy; tap faucet; hoover vacuum; cooker stove; pan skillet; lock padlock; tyre tire; sock stocking; swimsuit swimwear bikini; bathrobe robe; quilt duvet comforter;
pillow cushion; wardrobe closet; cutlery silverware; charger adapter; cable cord; case cover sleeve; necklace chain; boot bootie
"""
_IRREGULAR = {"shoes": "shoe", "knives": "knife", "scarves": "scarf", "shelves": "shelf", "mice": "mouse"}


def stems(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and plural endings."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("'s", "").replace("’s", "")
    return tuple(map(_stem, re.findall(r"[^\W_]+", letters)))


def best_matches(records: Sequence[OrderRecord], words: Iterable[str]) -> list[int]:
    """Places of the records that fit the words, best first, then in the order given.

    Those with all words, if there are any: those with all of them in one item (and the address) before the rest. Otherwise those
    with the most words, if that is at least half; of a chattier text those with the most words in an item's name. No meaningful
    word: all places.
    """
    needed = list(dict.fromkeys(stem for word in words for stem in stems(word) if stem not in _EMPTY))
    if not needed:
        return list(range(len(records)))
    needed = _set_right(needed, records)
    scores = [_score(record, needed) for record in records]
    best = max((hits for hits, _ in scores), default=0)
    if best * 2 < len(needed):
        return _by_name(records, needed)
    # "blue shirt" means the order with a blue shirt, not the one with a blue hat and a red shirt
    in_one = best == len(needed) and any(score == (best, best) for score in scores)
    kept = [place for place, (hits, together) in enumerate(scores) if hits == best and (not in_one or together == best)]
    return [*sorted(kept, key=lambda place: -scores[place][1]), *_beside(records, kept, needed)]


def _set_right(needed: list[str], records: Sequence[OrderRecord]) -> list[str]:
    """The words, with those that no order has changed to an item's word for the same thing ("bike" for a bicycle), to one that they
    are the end of, or to one that differs by a slip within ("purifer", "jaket").
    """
    known = {stem for record in records for line in record.lines for stem in stems(line.name)}
    right, compared = [], 0
    for word in needed:
        if word not in known and (same := _SAME.get(word, frozenset()) & known):
            right.append(min(same))
            continue
        if len(word) >= 4 and word not in known and (longer := [one for one in known if one.endswith(word)]):
            right.append(min(longer))  # "phone" for an iPhone, "Mantel" for a Wollmantel
            continue
        may_be_a_slip = len(word) >= 5 and word not in known and compared < MOST_SLIPS
        compared += may_be_a_slip
        near = get_close_matches(word, known, n=1, cutoff=ALIKE) if may_be_a_slip else []
        right.append(near[0] if near and near[0][0] == word[0] and near[0][-1] == word[-1] else word)
    return list(dict.fromkeys(right))


def _beside(records: Sequence[OrderRecord], kept: list[int], needed: list[str]) -> list[int]:
    """Places of further records whose items are named by words that the kept ones lack: "the tent and the boots" may be two orders."""
    left = [stem for stem in needed if not any(_score(records[place], [stem])[0] for place in kept)]
    if not left:
        return []
    others = (place for place in range(len(records)) if place not in kept)
    return [place for place in others if any(stem in _bag(line.name) for line in records[place].lines for stem in left)]


def _by_name(records: Sequence[OrderRecord], needed: list[str]) -> list[int]:
    """Places of the records with an item whose name has the most of the words: two at least, or all that it is made of."""
    hits = [max((_named(line.name, needed) for line in record.lines), default=0) for record in records]
    best = max(hits, default=0)
    return [place for place, n in enumerate(hits) if n == best] if best else []


def _named(name: str, needed: list[str]) -> int:
    bag = _bag(name)
    hits = sum(stem in bag for stem in needed)
    return hits if hits > 1 or (hits and hits == len(stems(name))) else 0


def costs(record: OrderRecord, amount: Decimal) -> bool:
    """Whether that amount is the order's total, or the price of one of its lines."""
    prices = [line.unit_price for line in record.lines if line.unit_price is not None]
    sums = [line.unit_price * line.quantity for line in record.lines if line.unit_price is not None]
    return amount in (record.total, *prices, *sums)


def _score(record: OrderRecord, needed: list[str]) -> tuple[int, int]:
    """(words found in the order, words found in its best line together with the address)."""
    to = record.ship_to
    place = _bag(f"{to.name} {to.line1} {to.city} {to.state} {to.zip} {to.country}")
    lines = [
        place
        | _bag(f"{line.name} {' '.join(f'{name} {value}' for name, value in line.options)}")
        | _ids(line.product_id, line.item_id)
        for line in record.lines
    ]
    everything = place.union(*lines)
    together = max((sum(stem in line for stem in needed) for line in lines), default=sum(stem in place for stem in needed))
    return sum(stem in everything for stem in needed), together


def _bag(text: str) -> set[str]:
    """The stems of a text, and each two neighbours as one word: a "t-shirt" is also a "tshirt"."""
    found = stems(text)
    whole = {"shirt"} if "tshirt" in found else set()
    return {*found, *whole, *(first + second for first, second in pairwise(found))}


def _ids(*ids: str) -> set[str]:
    return {i.casefold() for i in ids if i} | {stem for i in ids for stem in stems(i)}


def _stem(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_GROUPS = [frozenset(map(_stem, group.split())) for group in _SAME_THINGS.split(";")]
_SAME: dict[str, frozenset[str]] = {word: group - {word} for group in _GROUPS for word in group}
