"""What a message says about a request: which items or parcels, what instead, which address, why. Pure, from the customer's words."""

import re
from collections.abc import Sequence
from dataclasses import replace

from chatbot.composing.item_wording import named_lines
from chatbot.words import terms
from orders.records import Line, OrderRecord, Shipment
from orders.references import key_of
from orders.requests_values import LONGEST_ADDRESS, LONGEST_INSTEAD, LONGEST_REASON, Asked, Kind, Piece

_ALL = re.compile(
    r"\b(?:all|everything|every(?: single)? (?:item|one)|both|the whole (?:lot|order|thing)|the lot|whole order|entire order)\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:except(?: for)?|but not|apart from|other than|without|excluding|and not|just not)\b", re.IGNORECASE)
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_ONLY_NUMBERS = re.compile(
    r"(?:\W*(?:and|or|number|numbers|item|items|no|nr|parcel|parcels|the|please|just|only)\b)*[\W\d]*(?:(?:and|number|item)\b[\W\d]*)*",
    re.IGNORECASE,
)
_PLACE = re.compile(rf"\b({'|'.join(_PLACES)})\b", re.IGNORECASE)
_QUANTITY = re.compile(rf"\b(\d{{1,3}}|{'|'.join(_NUMBERS)})\b(?=\s*(?:x|×|of|pairs?|pieces?|\w))", re.IGNORECASE)
_PART = re.compile(r",|;|\n|&|\+|\band\b|\bplus\b|\bas well as\b", re.IGNORECASE)
_BECAUSE = re.compile(
    r"\b(?:because|since|due to|reason:|the reason is(?: that)?|as (?:it|they|i|the))\b\s*(?P<why>[^.!?\n]{3,})", re.IGNORECASE
)
_REASONS = re.compile(
    r"(?:\b(?:too (?:small|big|large|tight|short|long|wide|narrow|late|heavy|expensive)|not fit|changed my mind|by (?:mistake|accident)|no longer (?:need|want|like)|broken|damaged|defective|faulty"
    r"|torn|wrong (?:size|colou?r|item|one|product|address)|not as described|poor quality|scratched|ordered twice|duplicate|cheaper|moved|moving|typo)|n['’]t (?:fit|need|want|like))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?;\n]+")
_INSTEAD = re.compile(
    r"\b(?:for|into|to|with)\s+(?P<what>(?:an?|the (?:next|same|other|larger|smaller|bigger)|another|size|something|one|different|bigger|larger|smaller|two|\d|black|white|red|blue|green|gr[ae]y|brown)\b[^.!?;\n]{0,200})",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(?:orders?|purchase)\b", re.IGNORECASE)
_OF_ORDER = re.compile(
    r"\b(?:from|in|of|out of|on) (?:(?:my|the|this|that|our|last|latest|newest|recent)\s+)*(?:orders?|purchase)\b", re.IGNORECASE
)
_TO = re.compile(r"(?:\bto|\binto|:)\s+", re.IGNORECASE)
_NOT_OF_AN_ADDRESS = re.compile(
    r"\b(?:order|address|change|cancel|return|ship|deliver|please|want|would|could)\b|[?]", re.IGNORECASE
)
_BEFORE_ADDRESS = re.compile(
    r"^\W*(?:(?:yes|ok|sure|no|sorry|it['’]?s|it is|the|my|new|correct|right|full|address|is|to|please|send it|ship it)\b[\s:,]*)+",
    re.IGNORECASE,
)


def picked_lines(text: str, order: OrderRecord, *, listed: bool) -> tuple[Piece, ...]:
    """The items that a message names; none where it names none. listed: they were shown with numbers, which may be said."""
    kept, _, but = _split_at(_EXCEPT, text)
    every = bool(_ALL.search(kept))
    named = _named(kept, order, listed=listed)
    if every and not named:
        named = {line.position: _piece(line, line.quantity) for line in order.lines}
    left_out = _named(but, order, listed=listed)
    return tuple(named[position] for position in sorted(named) if position not in left_out)


def picked_parcels(text: str, parcels: Sequence[Shipment], *, listed: bool) -> tuple[str, ...]:
    """The tracking numbers of the parcels that a message names."""
    if _ALL.search(text):
        return tuple(parcel.tracking_number for parcel in parcels)
    if named := tuple(
        p.tracking_number for p in parcels if len(key_of(p.tracking_number)) > 3 and key_of(p.tracking_number) in key_of(text)
    ):
        return named
    return tuple(parcels[place - 1].tracking_number for place in _places(text, len(parcels))) if listed else ()


def reason_in(text: str) -> str:
    """Why the customer wishes it, in their words; "" if they do not say."""
    if found := _BECAUSE.search(text):
        return _tidy(found["why"], LONGEST_REASON)
    for sentence in _SENTENCE.findall(text):
        for part in re.split(r",| and (?=i\b)| so ", sentence, flags=re.IGNORECASE):
            if _REASONS.search(part):
                return _tidy(part, LONGEST_REASON)
    return ""


def instead_in(text: str) -> str:
    """What the customer would like in exchange, in their words."""
    bare = _BECAUSE.sub(" ", text)
    found = _INSTEAD.search(bare)
    return _tidy(found["what"], LONGEST_INSTEAD) if found else ""


def address_in(text: str) -> str:
    """The whole address that a wish names ("… to 12 Elm Street, Denver, CO 80203"); "" if it names none."""
    for found in _TO.finditer(text):
        rest = text[found.end() :]
        if not _NOT_OF_AN_ADDRESS.search(rest) and is_an_address(rest):
            return tidy_address(rest)
    return ""


def is_an_address(text: str) -> bool:
    """Whether a text could be where a parcel goes: words and a number, or several lines or parts of words."""
    kept = tidy_address(text)
    words = re.findall(r"[^\W\d_]{2,}", kept)
    parts = [part for part in re.split(r"[,\n]", kept) if part.strip()]
    long_enough = 8 <= len(kept) <= LONGEST_ADDRESS and len(words) >= 2
    return long_enough and ((bool(re.search(r"\d", kept)) and (len(words) >= 3 or len(parts) >= 2)) or len(parts) >= 3)


def tidy_address(text: str) -> str:
    """The address without what was said before it; its lines are kept."""
    bare = _BEFORE_ADDRESS.sub("", text.strip())
    return "\n".join(line for line in (" ".join(part.split()) for part in bare.splitlines()) if line).strip(" .!;")


def names_an_order(text: str) -> bool:
    """Whether the items in a text tell which order is meant ("the steel bottle order"), and not what of it."""
    return bool(_ORDER.search(text)) and not _OF_ORDER.search(text)


def filled(asked: Asked, text: str, order: OrderRecord) -> Asked:
    """The request with what its first message says already."""
    about = _without_number(text, order)
    pieces: tuple[Piece, ...] = ()
    if asked.kind is not Kind.CHANGE_ADDRESS and asked.kind is not Kind.MISSING:
        bare = _INSTEAD.sub(" ", _BECAUSE.sub(" ", about)) if asked.kind is Kind.EXCHANGE else _BECAUSE.sub(" ", about)
        pieces = () if names_an_order(bare) else picked_lines(bare, order, listed=False)
        if asked.kind is Kind.CANCEL and len(pieces) == len(order.lines):
            pieces = ()
    return replace(
        asked,
        pieces=pieces,
        parcels=picked_parcels(text, order.shipments, listed=False) if asked.kind is Kind.MISSING else (),
        reason=reason_in(about) if asked.kind is not Kind.MISSING else "",
        instead=instead_in(about) if asked.kind is Kind.EXCHANGE else "",
        address=address_in(about) if asked.kind is Kind.CHANGE_ADDRESS else "",
    )


def open_parcels(order: OrderRecord) -> tuple[Shipment, ...]:
    """The parcels that can be missing: all, or those that nobody says were delivered, if there are such."""
    under_way = tuple(parcel for parcel in order.shipments if parcel.delivered_at is None)
    return under_way or order.shipments


def _named(text: str, order: OrderRecord, *, listed: bool) -> dict[int, Piece]:
    """The items that a text names by their words or their places, by position; "all of the socks" are the socks."""
    lines = order.lines
    if listed and (places := _places(text, len(lines))):
        return {lines[place - 1].position: _piece(lines[place - 1], lines[place - 1].quantity) for place in places}
    found: dict[int, Piece] = {}
    for part in _PART.split(text):
        for line in named_lines(order, _words(part)):
            found.setdefault(line.position, _piece(line, _quantity(part, line)))
    return found


def _split_at(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    """What stands before the first hit, the hit, and what stands after it."""
    found = pattern.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _piece(line: Line, quantity: int) -> Piece:
    return Piece(line.position, quantity, line.name)


def _places(text: str, most: int) -> list[int]:
    """The numbers of a list that a short message names: "1 and 3", "the second"."""
    if said := [_PLACES[word.lower()] for word in _PLACE.findall(text)]:
        return sorted({place for place in said if place <= most})
    if not _ONLY_NUMBERS.fullmatch(text):
        return []
    return sorted({int(number) for number in re.findall(r"\d{1,3}", text) if 1 <= int(number) <= most})


def _words(part: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", part) if terms(word)]


def _quantity(part: str, line: Line) -> int:
    """How many of an item are meant: all of them, unless a smaller number stands before it."""
    found = _QUANTITY.search(part)
    said = 0 if found is None else int(found[1]) if found[1].isdigit() else _NUMBERS[found[1].lower()]
    return said if 1 <= said < line.quantity else line.quantity


def _without_number(text: str, order: OrderRecord) -> str:
    """The text without the order's own number, whose digits would count as something else."""
    key = key_of(order.number)
    return re.sub(
        r"[^\s,.;:!?]*\d[^\s,.;:!?]*",
        lambda word: " " if key and key_of(word[0]) in (key, re.sub(r"\D", "", key)) else word[0],
        text,
    )


def _tidy(text: str, most: int) -> str:
    return " ".join(text.split()).strip(" ,.;:")[:most]
