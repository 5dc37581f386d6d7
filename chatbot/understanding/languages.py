"""What customers ask of their orders in German, French, Spanish, Italian and Dutch. Pure.

The answer is still in English, but it is about the right order. Texts are folded first: small letters without accents.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from chatbot.turn import Intent

_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "de": frozenset(
        """ich du er sie es wir ihr mein meine meinen meinem meiner meines unser unsere unseren dein deine der die das den dem des ein eine
        einen einem einer und oder aber nicht noch schon ist sind war waren wird werden wurde wurden hat haben habe hatte kann konnte konnen
        muss soll wo wann wie was wer warum wieso welche welcher welches welchen viel lange bitte danke mit von zu zum zur bei fur auf aus
        nach um an am im in ob denn mal jetzt heute gestern gerne mochte will lasst sich man euch euer eure bekomme hallo wurden""".split()  # noqa: SIM905
    ),
    "fr": frozenset(
        """je tu il elle nous vous ils ma mon mes notre nos votre vos le la les l un une des du de d et ou mais pas est sont etait sera a ai
        avez avons puis peux peut quand comment combien quoi que qui pourquoi quel quelle quels quelles s il plait merci avec pour sur dans
        encore deja ne se ce cette cet mes j c qu bonjour aux au en veux voudrais aimerais dois""".split()  # noqa: SIM905
    ),
    "es": frozenset(
        """yo tu el ella nosotros mi mis nuestro nuestra la los las un una unos y o pero no esta estan es son ha han he hemos puedo puede
        donde cuando como cuanto cuanta que quien por favor gracias con para en de del al a todavia aun ya se me lo hola cual quiero quisiera gustaria necesito""".split()  # noqa: SIM905
    ),
    "it": frozenset(
        """io il lo la i gli le un uno una mio mia miei mie nostro nostra e o ma non sono stato stata ho hai ha abbiamo posso dov dove quando
        come quanto quanta che chi perche per favore grazie con in di del della al ancora gia mi si ciao qual""".split()  # noqa: SIM905
    ),
    "nl": frozenset(
        """ik je u hij zij wij mijn onze de het een en of maar niet is zijn was wordt worden werd heeft heb hebben kan kunnen waar wanneer
        hoe hoeveel wat wie waarom welke alstublieft bedankt met van naar voor op uit om nog al""".split()  # noqa: SIM905
    ),
}
_THINGS = frozenset(
    """bestellung bestellungen paket pakete lieferung lieferungen sendung sendungen artikel ware commande commandes colis livraison article
    articles pedido pedidos paquete paquetes envio envios compra articulo articulos ordine ordini pacco spedizione consegna articolo bestelling
    bestellingen pakket zending levering sendungsnummer status suivi seguimiento numero nummer adresse direccion indirizzo adres letzte
    letzten derniere ultimo ultima laatste zuruck zuruckgeben zuruckschicken zurucksenden umtauschen umtausch stornieren storniere erstattung
    ruckerstattung geld kommt kommen bleibt angekommen versandt verschickt versendet geliefert zugestellt gekostet bezahlt arrive arrivee
    livree expediee llega llegado enviado arriva arrivato spedito aangekomen verzonden annuler annulez rembourse remboursement reembolso
    rimborso devolver devolucion cancelar anular retourner renvoyer echanger cambiar""".split()  # noqa: SIM905
)
_EVERY_FUNCTION_WORD = frozenset().union(*_FUNCTION_WORDS.values())
# words that English has as well decide nothing
_SHARED = frozenset(
    [
        "a",
        "i",
        "in",
        "is",
        "on",
        "me",
        "no",
        "so",
        "to",
        "an",
        "am",
        "was",
        "war",
        "die",
        "des",
        "en",
        "he",
        "hat",
        "man",
        "of",
        "we",
        "will",
        "um",
        "al",
        "at",
        "de",
        "see",
        "mi",
        "se",
        "see",
        "hand",
    ]
)
_ENGLISH = re.compile(
    r"\b(?:the|my|is|are|was|where|when|what|how|can|could|do|does|did|have|has|order|please|it|you|your|and|to|of|for|i)\b"
)
_WORD = re.compile(r"[^\W\d_]+")

PATTERNS: Mapping[Intent, re.Pattern[str]] = {
    Intent.STATUS: re.compile(
        r"\b(?:was ist (?:mit|los)|wo (?:ist|sind|bleibt|bleiben|steckt|befindet)|wann (?:kommt|kommen|wird|werden|erhalte|bekomme|ist|trifft|geht)"
        r"|(?:ist|sind|wurde|wurden|wird) .{0,50}\b(?:angekommen|versandt|verschickt|versendet|unterwegs|geliefert|zugestellt|da)|lieferstatus"
        r"|bestellstatus|ou (?:est|sont|en est|se trouve)|quand .{0,30}\b(?:arrive\w*|recevoir|recevrai|livre\w*|sera)|(?:commande|colis) .{0,30}\b(?:arrive|expedie|livre)e?"
        r"|donde (?:esta|estan)|cuando .{0,20}\b(?:llega\w*|recib\w*|viene)|ha (?:llegado|salido|sido enviado)"
        r"|dov ?['’]? ?e\b|quando .{0,20}\barriv\w*|waar (?:is|blijft)|wanneer .{0,20}\b(?:komt|krijg|wordt|ontvang)|status|statut|estado|stato)"
    ),
    Intent.TRACKING: re.compile(
        r"\b(?:sendungs(?:nummer|verfolgung)|tracking\w*|(?:numero|lien) de suivi|suivre|seguimiento|rastre\w*|tracciament\w*|volgnummer|volgcode)\b"
    ),
    Intent.ORDER_LIST: re.compile(r"\b(?:meine (?:\w+ )?bestellungen|mes commandes|mis pedidos|i miei ordini|mijn bestellingen)\b"),
    Intent.ITEMS: re.compile(
        r"\b(?:was (?:habe ich|ist in|war in)\b.{0,40}|qu['’]ai-je commande|que (?:hay|habia) en|que (?:he pedido|pedi)|cosa ho ordinato|wat heb ik besteld)"
    ),
    Intent.COST: re.compile(
        r"\b(?:(?:wie ?viel|was) .{0,60}\b(?:gekostet|bezahlt|kostet|gezahlt)|was kostet|combien .{0,40}\b(?:coute|paye)|cuanto .{0,40}\b(?:costo|cuesta|pague|costado)"
        r"|quanto .{0,40}\b(?:costa\w*|pagato)|hoeveel .{0,40}\b(?:gekost|betaald|kost))\b"
    ),
    Intent.PAYMENT: re.compile(
        r"\b(?:wie habe ich .{0,40}\bbezahlt|comment ai-je paye|como pague|zahlungsart|moyen de paiement)\b"
    ),
    Intent.DESTINATION: re.compile(
        r"\b(?:wohin (?:geht|wird|ist)|(?:an )?welche adresse|(?:a )?quelle adresse|(?:a )?que direccion|naar welk adres)\b"
    ),
    Intent.REFUND: re.compile(
        r"\b(?:\w*erstatt\w*|geld zuruck|gutschrift|rembours\w*|reembols\w*|rimbors\w*|terugbetal\w*|geld terug)\b"
    ),
    Intent.RETURN: re.compile(
        r"\b(?:zuruck(?:geben|schicken|senden|zugeben|zuschicken)|(?:geb|schick|send)e? .{0,40}\bzuruck|rucksend\w*|ruckgabe\w*|retour\w*|renvoy\w*|retourner"
        r"|devolver\w*|devolucion\w*|restituire|reso|terug(?:sturen|zenden))\b"
    ),
    Intent.EXCHANGE: re.compile(
        r"\b(?:umtausch\w*|umzutauschen|tausche\w*|echang\w*|cambiar (?:la |de |por )?(?:talla|color|otr\w)|scambi\w*|omruilen|ruilen)\b"
    ),
    Intent.CANCEL: re.compile(r"\b(?:stornier\w*|abbestell\w*|annul\w*|cancelar|cancelo|cancela|anular|annuleren)\b"),
    Intent.CHANGE_ADDRESS: re.compile(
        r"\b(?:\w*(?:adresse|anschrift) .{0,40}\b(?:ander\w*|falsch|aktualisier\w*)|(?:ander\w*|falsche\w*) .{0,40}(?:adresse|anschrift)"
        r"|(?:chang|modifi)\w* .{0,40}\badresse|cambiar .{0,20}\bdireccion|(?:cambiare|modificare) .{0,20}\bindirizzo)\b"
    ),
    Intent.PARCEL_PROBLEM: re.compile(
        r"\b(?:beschadigt\w*|kaputt\w*|defekt\w*|verloren|fehlt|fehlen|endommage\w*|casse\w*|perdu\w*|danad\w*|rot[oa]|perdid\w*|dannegg\w*|beschadigd)\b"
    ),
    Intent.HUMAN: re.compile(
        r"\b(?:mit (?:einem|einer) (?:menschen|mitarbeiter\w*|person) (?:sprechen|reden)|parler (?:a|avec) (?:un|une|quelqu)\w*|hablar con (?:un|una|alguien)\w*"
        r"|parlare con (?:un|una|qualcuno)\w*)\b"
    ),
}
_PERSONAL = re.compile(
    r"\b(?:mein\w*|unser\w*|ma|mon|mes|notre|nos|mi|mis|nuestr\w+|mio|mia|miei|mie|mijn|onze)\b|\bhabe ich\b|\bai-je\b|\bj['’]ai\b|\bhe (?:pedido|comprado)\b"
)
LATEST = re.compile(
    r"\b(?:letzte[nrsm]?|neueste[nrsm]?|dernier\w*|ultim[oa]s?|laatste)\b(?! (?:woche|monat|jahr|semaine|mois|semana|mes))"
)
SHOP = re.compile(
    r"\b(?:versand\w*|lieferung nach|liefert ihr|liefern sie|livraison|livrez|frais|envio a|gastos de envio|enviais|spedizione|verzending|gutschein\w*|"
    r"was kostet der|gibt es|habt ihr|haben sie)\b"
)
# what the policies are asked when the rule behind a wish is not in the customer's words
RULES: Mapping[str, Mapping[Intent, str]] = {
    "de": {
        Intent.RETURN: "Rückgabe: innerhalb wie vieler Tage nach Erhalt zurückgeben",
        Intent.EXCHANGE: "Umtausch in eine andere Größe: Frist",
        Intent.CANCEL: "Bestellung stornieren: bis wann möglich",
        Intent.CHANGE_ADDRESS: "Lieferadresse einer Bestellung ändern",
        Intent.REFUND: "Erstattung: wie lange dauert sie",
    },
    "fr": {
        Intent.RETURN: "retour d'un article : combien de jours après la livraison",
        Intent.EXCHANGE: "échange contre une autre taille : délai",
        Intent.CANCEL: "annuler une commande : jusqu'à quand",
        Intent.CHANGE_ADDRESS: "changer l'adresse de livraison d'une commande",
        Intent.REFUND: "remboursement : délai",
    },
    "es": {
        Intent.RETURN: "devolución de un artículo: cuántos días después de la entrega",
        Intent.EXCHANGE: "cambio por otra talla: plazo",
        Intent.CANCEL: "cancelar un pedido: hasta cuándo",
        Intent.CHANGE_ADDRESS: "cambiar la dirección de entrega de un pedido",
        Intent.REFUND: "reembolso: cuánto tarda",
    },
}


def folded(text: str) -> str:
    """Small letters without accents; "Größe" is "grosse", "où" is "ou"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=512)
def language_of(text: str) -> str:
    """The language of a text if it is plainly one of ours ("de", "fr", "es", "it", "nl"); "" for English and all others."""
    plain = folded(text[:600])
    said = set(_WORD.findall(plain))
    hits = {code: len((said & words) - _SHARED) for code, words in _FUNCTION_WORDS.items()}
    best = max(hits, key=lambda code: hits[code])
    things = len(said & _THINGS - {"status", "article", "articles", "ware", "arrive", "numero"})
    english = len(set(_ENGLISH.findall(plain)))
    return best if hits[best] and hits[best] + things > english else ""


def intents_of(text: str) -> frozenset[Intent]:
    """What a text in one of our other languages asks for."""
    plain = folded(text)
    found = {intent for intent, pattern in PATTERNS.items() if pattern.search(plain)}
    if found & {Intent.REFUND, Intent.TRACKING, Intent.DESTINATION, Intent.CHANGE_ADDRESS, Intent.ITEMS, Intent.ORDER_LIST}:
        found.discard(Intent.STATUS)
    return frozenset(found)


def is_personal(text: str) -> bool:
    return bool(_PERSONAL.search(folded(text)))


def is_about_the_shop(text: str) -> bool:
    return bool(SHOP.search(folded(text)))


def means_the_latest(text: str) -> bool:
    return bool(LATEST.search(folded(text)))


def is_telling(word: str) -> bool:
    """Whether a word may name an item or a subject, and is none that only holds a sentence together."""
    plain = folded(word)
    return plain not in _EVERY_FUNCTION_WORD and plain not in _THINGS


def telling_part(text: str) -> str:
    """A question without the words that only hold it together, for a search that knows those of English alone."""
    kept = [word for word in text.split() if folded(word.strip("¿?¡!.,;:")) not in _EVERY_FUNCTION_WORD]
    return " ".join(kept) or text
