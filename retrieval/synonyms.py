"""Words that customers and shops use for one thing: "shipping" where the policy says "delivery". Pure data of the trade, of no shop.

Synonyms find passages by terms and count as found when strength is judged. Vectors need them less, but take the trade's short words
at their face ("return window" is near windows), so a question is spelled out before it is embedded.
"""

import re

from retrieval.words import stem

SHARE = 0.8  # of a term that is met by a synonym only

_GROUPS = """
window period deadline limit timeframe
ship shipping shipment deliver delivery dispatch postage
parcel package packet
cost price fee charge rate
refund reimburse reimbursement
buy purchase
voucher certificate gift
coupon promo discount code
broken damaged faulty defective defect
cancel cancellation abort revoke
exchange swap replace replacement
phone telephone call hotline
email mail
shop store branch
account profile login
delete erase remove close
expire expiry valid validity
guarantee warranty
change alter edit modify amend
late delayed delay overdue
lost missing
arrive reach
track trace locate
customs duty import tariff
pickup collect
employee staff
pay payment
""".strip()

# the same for shops whose documents are in another language than the question: German, French, Spanish, Italian and Dutch, folded to
# plain letters as `words` does. Words that mean something else in English ("tag", "gift", "termine") are left out.
_ABROAD = """
return ruckgabe rucksendung retoure zuruckgeben zuruckgibst zurucksenden zuruckschicken renvoyer retourner devolucion devolver restituire restituzione retourneren terugsturen
ship shipping shipment deliver delivery dispatch versand versenden lieferung liefern liefert liefere livraison livrer livrez expedition envio enviar entrega spedizione spedire consegna verzending verzenden levering leveren bezorging
exchange umtausch umtauschen umgetauscht echange echanger cambiar ruilen omruilen
refund erstattung ruckerstattung erstattet erstatten remboursement rembourser reembolso rimborso terugbetaling
cancel cancellation stornierung stornieren storniert annulation annuler cancelacion cancelar annullamento annulering annuleren
cost price fee kosten kostet preis versandkosten porto frais prix precio prezzo prijs
warranty guarantee garantie gewahrleistung garantia garanzia
order bestellung commande pedido ordine bestelling
damaged broken faulty beschadigt defekt kaputt endommage danado danneggiato beschadigd
address adresse lieferadresse direccion indirizzo adres
customs duty zoll douane aduana dogana
deadline period frist ruckgabefrist delai plazo termijn
day tage tagen jours giorni dagen
parcel package paket pakete colis paquete pacco pakket
free kostenlos gratuit gratuito gratis
"""


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in (*_GROUPS.splitlines(), *_ABROAD.split("\n")):
        group = {stem(word) for word in line.split()}
        for term in group:
            found.setdefault(term, set()).update(group - {term})
    return {term: frozenset(others) for term, others in found.items()}


_TABLE = _table()
_NONE: frozenset[str] = frozenset()


def related(term: str) -> frozenset[str]:
    """The terms that mean about the same; none for most terms."""
    return _TABLE.get(term, _NONE)


_LIMITED = r"(?:return|refund|exchange|cancel|cancellation|claim|warranty|guarantee|complaint|withdrawal)"
_SPELLED = [
    (re.compile(rf"\b({_LIMITED}\w{{0,4}}(?:\W+\w+){{0,2}}?\W+)windows?\b", re.IGNORECASE), r"\1time limit"),
    (re.compile(rf"\bwindow(\W+(?:for|to|on|in which)\W+(?:\w+\W+){{0,3}}{_LIMITED})", re.IGNORECASE), r"time limit\1"),
    # "send it back": both words alone mean something else
    (
        re.compile(
            r"\b(?:send|give|bring|ship|post|mail|take)((?:\W+(?:it|them|this|that|these|those|(?:some|any)thing|items?|an?|the|my|one)){0,3})\W+back\b",
            re.IGNORECASE,
        ),
        r"return\1",
    ),
    (re.compile(r"\bETA\b"), "estimated delivery date"),
    (re.compile(r"\bRMA\b"), "return authorization"),
    (re.compile(r"\bCOD\b"), "cash on delivery"),
    (re.compile(r"\b(?:T\s?&\s?Cs?|TOS)\b"), "terms and conditions"),
    (re.compile(r"\b(?:whats|wats)\b", re.IGNORECASE), "what is"),
    (re.compile(r"\b(?:pls|plz)\b", re.IGNORECASE), "please"),
    (re.compile(r"\bur\b", re.IGNORECASE), "your"),
]


def spelled_out(question: str) -> str:
    """The question with the trade's short words written in full: "return window" → "return time limit"."""
    for short, full in _SPELLED:
        question = short.sub(full, question)
    return question
