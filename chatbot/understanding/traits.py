"""What tells an order from others beside its number, its items and its day: how it was paid ("the one paid with PayPal"), and where its
total stands ("my most expensive order"). In English, German, French, Spanish, Italian and Dutch. Pure.
"""

import re
from dataclasses import dataclass

_NOUN = r"(?:orders?|ones?|purchases?|bestellung(?:en)?|eink[aä]ufe?|commandes?|achats?|pedidos?|compras?|ordin[ei]|acquist[oi]|bestelling(?:en)?|aankoop|aankopen)"
_WORD = r"(?!(?:mit|per|via|avec|con|met|with)\b)[^\W_][\w*'’…-]*"
_HOW = rf"(?P<how{{}}>{_WORD}(?: {_WORD}){{{{0,4}}}}?)"
_END = r"(?=\W*$|[,;.!?]|\s+(?:and|or|but|in|on|from|of|last|yesterday|for|where|when|to|that|please|is|was|has|have|did|will|und|oder|am|im|vom|von|ist|et|ou|en|du|est|y|o|de|el|e|di|del)\b)"
_BY = r"(?:with|by|using|via|through|(?:on|in|to)(?= (?:my |an? |the )?(?:card|cash|invoice|credit|debit|paypal|klarna)))"
_BRANDS = (
    r"paypal|visa|master ?card|amex|american express|klarna|ideal|sepa|apple pay|google pay|amazon pay|afterpay|gift ?cards?"
    r"|(?:credit|debit) ?cards?|invoice|bank transfer|cash"
)
_KNOWN = rf"(?:(?:my|the|an?|our) )?(?P<brand{{}}>(?:{_BRANDS})\b(?: (?:card )?(?:ending|ends) (?:in |with )?\d{{{{2,6}}}})?)"
# what is paid with something, named by it: "the order I paid with PayPal", "what did I pay for with my card ending 4821"
_ENGLISH = re.compile(
    rf"\b(?:(?:the|my|our|that|this|those|these|which|what|all)(?: [\w'’]+){{0,3}}? (?P<noun>ones?|orders?|purchases?|parcels?)|everything|what|which)\b"
    rf"(?P<between>(?: [\w'’]+){{0,6}}?) (?P<phrase>(?:paid|payed|pay|bought|charged|billed|settled)(?: for)?(?: it| them)? {_BY} "
    rf"(?:{_KNOWN.format(1)}|{_HOW.format(1)}{_END}))",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(rf"\b(?:the|my|that) (?P<phrase>(?P<how>{_BRANDS}))(?= {_NOUN}\b)", re.IGNORECASE)
_OTHERS = re.compile(
    rf"\b(?P<phrase>(?:mit|per|[uü]ber|auf|met|via) {_HOW.format(1)} (?:be|ge)zahlt\w*|(?:mit|per|met|via) {_HOW.format(2)} betaald\w*"
    rf"|(?:bezahlt|betaald) (?:mit|per|[uü]ber|met|via) {_HOW.format(3)}{_END}"
    rf"|(?:pay[eé]+s?|r[eé]gl[eé]+s?) (?:avec|par|en|via) {_HOW.format(4)}{_END}"
    rf"|(?:pag(?:ad[oa]s?|u[eé])|pagat[oaie]) (?:con|por|mediante|tramite|via) {_HOW.format(5)}{_END})",
    re.IGNORECASE,
)
# "was my order paid with PayPal?" asks how it was paid, and names none by it
_ASKS_WHETHER = re.compile(r"^\W*(?:was|were|is|are|has|have|did|do)\b", re.IGNORECASE)
_ASKS_WHETHER_ABROAD = re.compile(r"^\W*(?:wurden?|ist|sind|war|hat|habe|est|ai|fue|est[aá]|ho|[eè]|werd|heb)\b", re.IGNORECASE)
_IN_GENERAL = re.compile(r"\b(?:can|could|may|might|must|should|would|will|do|does)\b", re.IGNORECASE)
_NO_METHOD = re.compile(
    r"^(?:(?:my|the|an?|our|mein\w*|unser\w*|de[rmn]|die|eine[rmn]?|ma|mon|la|le|une?|mi|el|mia|il|un[oa]?|mijn|de|het|een)\s+)+",
    re.IGNORECASE,
)

_MOST = r"most expensive|most costly|priciest|dearest|costliest|highest[- ]priced|teuerste[nrs]?|kostspieligste[nrs]?|plus (?:ch[eè]re?|co[uû]teuse)|m[aá]s (?:car[oa]|costos[oa])|pi[uù] (?:car[oa]|costos[oa])|duurste"
_LEAST = r"cheapest|least expensive|least costly|lowest[- ]priced|billigste[nrs]?|g[uü]nstigste[nrs]?|preiswerteste[nrs]?|moins (?:ch[eè]re?|co[uû]teuse)|m[aá]s barat[oa]|menos car[oa]|pi[uù] economic[oa]|meno (?:car[oa]|costos[oa])|goedkoopste"
_RANK = re.compile(
    rf"(?P<phrase>\b(?:(?P<nth>second|third|2nd|3rd|zweit|dritt)[ -]?)?(?:(?P<most>{_MOST}|(?:biggest|largest|highest)(?= {_NOUN}\b))"
    rf"|(?P<least>{_LEAST}|(?:smallest|lowest)(?= {_NOUN}\b))))(?P<after>\b(?: [\w'’-]+)?(?= {_NOUN}\b)| {_NOUN}\b|\W*$)",
    re.IGNORECASE,
)
_OF_ORDERS = re.compile(rf"\b{_NOUN}\b", re.IGNORECASE)
_NTH = {"second": 2, "2nd": 2, "zweit": 2, "third": 3, "3rd": 3, "dritt": 3}


@dataclass(frozen=True, slots=True)
class Trait:
    """paid_with: a payment method in the customer's words, "" for none. by_total: 1 for the highest total, 2 for the second highest,
    -1 for the lowest; 0 for none. spans: where in the text it is said.
    """

    paid_with: str = ""
    by_total: int = 0
    spans: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paid_with or self.by_total)


NO_TRAIT = Trait()


def find_trait(text: str) -> Trait:
    """Return by what a text names one of several orders; nothing where it does not."""
    paid, rank = _paid(text), _ranked(text)
    found = [match for match in (paid, rank) if match]
    how = next(value for name, value in paid.groupdict().items() if name.startswith(("how", "brand")) and value) if paid else ""
    return Trait(_NO_METHOD.sub("", how).strip(), _rank_of(rank) if rank else 0, tuple(match.span("phrase") for match in found))


def without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """The text with blanks in place of these stretches, so that all other places stay."""
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _paid(text: str) -> re.Match[str] | None:
    if (found := _ENGLISH.search(text)) and not _IN_GENERAL.search(found["between"]):
        relative = (
            found["between"].strip().lower() not in ("", "been", "already", "really") or (found["noun"] or "").lower() == "one"
        )
        return found if relative or not _ASKS_WHETHER.search(text) else None
    return _ADJECTIVE.search(text) or (None if _ASKS_WHETHER_ABROAD.search(text) else _OTHERS.search(text))


def _ranked(text: str) -> re.Match[str] | None:
    found = _RANK.search(text)
    return found if found and (_OF_ORDERS.search(found["after"]) or _OF_ORDERS.search(text)) else None


def _rank_of(found: re.Match[str]) -> int:
    nth = _NTH.get((found["nth"] or "").lower(), 1)
    return nth if found["most"] else -nth
