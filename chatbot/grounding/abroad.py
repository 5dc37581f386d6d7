"""What a sentence in German, French, Spanish, Italian or Dutch reports of an order, on which days, and what it concludes. Pure.

Texts are folded first: small letters without accents. Patterns of all five languages are tried on every sentence that is not English,
because a short one does not tell its language; a report that is read wrongly holds a sentence back, never the other way round.
"""

import re
from collections.abc import Iterator

from chatbot.grounding.assertions import Assertion, State
from chatbot.grounding.order_days import Role
from chatbot.understanding.languages import folded
from orders.rules import Allowed, Topic

_STATES = (
    (State.OUT_FOR_DELIVERY, r"in zustellung|zur zustellung unterwegs|en cours de livraison|en reparto|in consegna\b|wordt vandaag bezorgd"),
    (State.READY, r"abholbereit|zur abholung bereit|liegt .{0,30}zur abholung|pret\w* (?:a etre retir|au retrait|pour le retrait)|list[oa] para (?:recoger|ser recogid)|pront[oa] per il ritiro|klaar om (?:op te halen|afgehaald)"),
    (State.UNDER_WAY, r"\bunterwegs\b|auf dem weg|en route|en chemin|en transit|en camino|en transito|in viaggio|in transito|\bonderweg\b"),
    (State.COMING, r"(?:wird|werden|soll\w*|durfte) [^;]{0,60}(?:geliefert|zugestellt|ankommen|eintreffen)|(?:kommt|trifft) [^;]{0,60}\b(?:an|ein)\b"
                   r"|sera livre|seront livre|arrivera|devrait arriver|va arriver|llegara|sera entregad|deberia llegar|va a llegar"
                   r"|in arrivo|arrivera|sara consegnat|dovrebbe arrivare|(?:wordt|zal) [^;]{0,60}(?:bezorgd|geleverd|aankomen)|komt [^;]{0,40}\baan\b"),
    (State.DELIVERED, r"\b(?:zugestellt|geliefert|ausgeliefert|angekommen|eingetroffen)\b|haben (?:sie )?[^;]{0,40}erhalten|\blivree?s?\b|\b(?:est|sont|etait) (?:bien )?arrivee?s?\b|\brecue?s?\b|\bremise?s? (?:a|au|le)\b"
                      r"|\bentregad[oa]s?\b|\b(?:ha|han) llegado\b|\bllego\b|\bconsegnat[oaie]\b|\be arrivat[oa]\b|\brecapitat[oa]\b|\b(?:bezorgd|afgeleverd|geleverd|aangekomen)\b"),
    (State.SENT, r"\b(?:versandt|verschickt|versendet|abgeschickt|losgeschickt|abgesendet)\b|\b(?:a|ont) (?:pas )?(?:encore )?ete (?:expedie|envoye)e?s?\b|\b(?:est|sont) (?:expedie|envoye|parti)e?s?\b|\b(?:enviad|despachad|expedid)[oa]s?\b|\bsalio de\b"
                 r"|\b(?:spedit|inviat)[oaie]\b|\b(?:verzonden|verstuurd)\b"),
    (State.PREPARED, r"in bearbeitung|in vorbereitung|(?:wird|werden) [^;]{0,30}(?:vorbereitet|bearbeitet|verpackt)|en (?:cours de )?(?:preparation|traitement)|en preparacion|se esta preparando|in preparazione|in lavorazione|in behandeling|wordt [^;]{0,30}(?:voorbereid|ingepakt)"),
    (State.ON_HOLD, r"\bangehalten\b|zuruckgestellt|\bsuspendue?s?\b|\bretenid[oa]s?\b|in sospeso|\bin de wacht\b|aangehouden"),
    (State.CANCELLED, r"\b(?:storniert|annulliert)\b|\bannulee?s?\b|\b(?:cancelad|anulad)[oa]s?\b|\b(?:annullat|cancellat)[oaie]\b|\bgeannuleerd\b"),
    (State.REFUNDED, r"\b(?:(?:zuruck)?erstattet|ruckerstattet|zuruckgezahlt|gutgeschrieben)\b|\brembourse\w*\b|\breembolsad[oa]s?\b|\brimborsat[oaie]\b|\bterugbetaald\b"),
    (State.RETURNED, r"\b(?:zuruckgeschickt|zuruckgesendet|zuruckgesandt|retourniert)\b|\b(?:retourne|renvoye)e?s?\b|\bdevuelt[oa]s?\b|\brestituit[oaie]\b|\b(?:teruggestuurd|geretourneerd)\b"),
    (State.LOST, r"verloren\s?gegangen|\bverschollen\b|\b(?:perdu|egare)e?s?\b|\b(?:perdid|extraviad)[oa]s?\b|\bsmarrit[oaie]\b|\bzoekgeraakt\b|\bkwijtgeraakt\b"),
    (State.LATE, r"\bverspatet\b|\bverspatung\b|\bverzogert\b|\ben retard\b|\bretardee?s?\b|\bretrasad[oa]s?\b|\bcon retraso\b|\bin ritardo\b|\bvertraagd\b|\bvertraging\b"),
)  # fmt: skip
_PATTERNS = tuple((state, re.compile(pattern)) for state, pattern in _STATES)
_NOT = re.compile(
    r"\b(?:nicht|kein\w*|nie|niemals|noch nie|ne|n['’]\w+|pas|jamais|aucun\w*|no|nunca|tampoco|sin|non|nessun\w*|niet|nooit|geen)\b|\bn['’]"
)
# what may, must or usually happens is no report; plurals are rules
_SUPPOSED = re.compile(
    r"\b(?:wenn|falls|sobald|nachdem|bevor|bis|ob|kann|konnen|konnt\w*|durf\w*|darf|muss\w*|wurden? sie|normalerweise|artikel|bestellungen|kunden|ware|waren"
    r"|si|lorsque|quand|des que|apres|avant|jusqu\w*|peut|peuvent|pouvez|doit|doivent|articles|commandes|clients|generalement"
    r"|cuando|despues|antes|hasta|puede\w*|debe\w*|articulos|pedidos|clientes|normalmente"
    r"|se|quando|dopo|prima|fino|puo|possono|deve|devono|articoli|ordini|clienti|di solito"
    r"|als|zodra|nadat|voordat|tot|kan|kunt|kunnen|mag|moet|artikelen|bestellingen|klanten|meestal)\b"
)
_MONEY = re.compile(r"\b(?:\w*erstattung|remboursement|reembolso|rimborso|terugbetaling)\b")
_FUTURE = re.compile(
    r"\b(?:wird|werden|soll\w*|sera|seront|va etre|vont etre|devrait|sera\b|seran|deberia|sara|saranno|dovrebbe|wordt|worden|zal|zullen)\b"
)
# a rule begins with its condition: "Als u voor 22 uur bestelt, wordt uw bestelling morgen bezorgd"
_IF = re.compile(
    r"^\W*(?:wenn|falls|sobald|bei|si|lorsque|quand|des que|cuando|una vez que|se|quando|una volta|als|zodra|wanneer|indien)\b"
)
CLAUSE = re.compile(r"[;:–—]|,(?!\s*(?:den|le|el|il)\s+\d)|\b(?:und|aber|sondern|et|mais|y|pero|e|ma|en|maar)\b")
_THEIRS = re.compile(
    r"\b(?:(?:ihr|dein|diese|ihre|deine|die|das|der)\w* (?:\S+ ){0,3}?(?:bestellung|paket|sendung|lieferung|ruckerstattung|erstattung)"
    r"|(?:votre|ta|ton|cette|ce|la|le) (?:\S+ ){0,3}?(?:commande|colis|livraison|remboursement)"
    r"|(?:su|tu|este|el|la) (?:\S+ ){0,3}?(?:pedido|paquete|envio|entrega|reembolso)"
    r"|(?:suo|tuo|questo|il|la|sua|tua|vostro) (?:\S+ ){0,3}?(?:ordine|pacco|spedizione|consegna|rimborso)"
    r"|(?:uw|je|jouw|deze|dit|de|het) (?:\S+ ){0,3}?(?:bestelling|pakket|zending|levering|terugbetaling))\b|^\W*(?:sie|es|er|elle|il|ella|zij|het)\b|\b(?:der betrag|das geld|le montant|l['’]argent|el importe|el dinero|l['’]importo|il denaro|het bedrag|het geld)\b|\b(?:wir haben|nous avons|hemos|abbiamo|wij? hebben)\b"
)
_ROLES = (
    (Role.EXPECTED, re.compile(r"\b(?:erwartet|voraussichtlich|attendue?|prevue?|prevu\w*|esperad[oa]|previst[oa]|verwacht|arrivera|devrait arriver|va arriver|llegara|deberia llegar|dovrebbe arrivare|sera livree?|sera entregad[oa])\b|(?:wird|soll)\b[^;]{0,60}\b(?:geliefert|zugestellt|ankommen)|(?:wordt|zal)\b[^;]{0,60}\b(?:bezorgd|geleverd)|\bkommt\b[^;]{0,40}\ban\b")),
    (Role.DELIVERED, re.compile(r"\b(?:zugestellt|geliefert|ausgeliefert|angekommen|livree?|entregad[oa]|llego|consegnat[oa]|arrivat[oa]|bezorgd|geleverd|afgeleverd)\b")),
    (Role.SENT, re.compile(r"\b(?:versandt|verschickt|versendet|expediee?|envoyee?|enviad[oa]|despachad[oa]|spedit[oa]|inviat[oa]|verzonden|verstuurd)\b")),
    (Role.PLACED, re.compile(r"\b(?:aufgegeben|bestellt|(?:avez|as) commande|passee?|realizad[oa]|pedist\w*|hizo|effettuat[oa]|ordinat[oa]|geplaatst|besteld)\b")),
    (Role.REFUNDED, re.compile(r"\b(?:erstattet|ruckerstattet|gutgeschrieben|remboursee?|reembolsad[oa]|rimborsat[oa]|terugbetaald)\b")),
)  # fmt: skip
_TOPICS = {
    Topic.RETURN: re.compile(r"zuruck(?:geb|schick|send|zugeb)\w*|ruckgabe|retour\w*|renvoy\w*|devol\w*|restitu\w*|\breso\b|terug(?:stur|zend|breng)\w*"),
    Topic.EXCHANGE: re.compile(r"umtausch\w*|umzutausch\w*|echang\w*|\bcambi[ao]\w*|scambi\w*|ruilen|omruil\w*"),
    Topic.CANCEL: re.compile(r"stornier\w*|annul\w*|cancel\w*|\banula\w*"),
}  # fmt: skip
_OVER = re.compile(
    r"\b(?:zu spat|abgelaufen|vorbei|verstrichen|ausgeschlossen|nicht mehr|trop tard|expire\w*|depasse\w*|plus possible|demasiado tarde|vencid[oa]|caducad[oa]|ya no"
    r"|troppo tardi|scadut[oa]|non e piu|te laat|verlopen|voorbij|niet meer)\b"
)
_POSSIBLE = re.compile(
    r"\b(?:kann|konnen|konnt|durfen|darf|moglich|noch|pouvez|peux|peut|possible|encore|puede\w*|posible|todavia|aun|puo|puoi|possibile|ancora|kunt|kan|mogelijk|nog)\b"
)
_YES = re.compile(r"^\W*(?:ja|klar|naturlich|oui|bien sur|si|claro|certo)\b")
_NO = re.compile(r"^\W*(?:nein|leider|non|malheureusement|no|lamentablemente|purtroppo|nee|helaas)\b")


def reports_in(sentence: str) -> Iterator[Assertion]:
    """What the sentence reports of an order; rules, conditions and questions are passed over."""
    plain = folded(sentence)
    if plain.rstrip().endswith("?") or _IF.match(plain):
        return
    for clause in CLAUSE.split(plain):
        if _SUPPOSED.search(clause):
            continue
        found = [(state, match[0]) for state, pattern in _PATTERNS if (match := pattern.search(clause))]
        to_come = (State.COMING, State.UNDER_WAY)
        coming = any(state in to_come for state, _ in found) or bool(_FUTURE.search(clause))
        for state, words in found:
            # "wird geliefert" is still to come; "wird storniert" is not yet so; and it may be money that comes
            if state in to_come or not coming:
                shown = State.REFUND_COMING if state in to_come and _MONEY.search(clause) else state
                yield Assertion(shown, bool(_NOT.search(clause)), words)


def is_about_their_order(sentence: str) -> bool:
    return bool(_THEIRS.search(folded(sentence)))


def roles_in(clause: str) -> Role | None:
    """What a clause says happened on its day; None where it does not say."""
    plain = folded(clause)
    return None if _SUPPOSED.search(plain) else next((role for role, words in _ROLES if words.search(plain)), None)


def topics_in(sentence: str) -> frozenset[Topic]:
    plain = folded(sentence)
    return frozenset(topic for topic, words in _TOPICS.items() if words.search(plain))


def conclusion_of(sentence: str) -> Allowed | None:
    """Yes or no to what was asked; None where the sentence draws no conclusion."""
    plain = folded(sentence)
    if plain.rstrip().endswith("?"):
        return None
    if _OVER.search(plain) or _NO.search(plain):
        return Allowed.NO
    if _POSSIBLE.search(plain) or _YES.search(plain):
        return Allowed.NO if _NOT.search(plain) else Allowed.YES
    return None


def is_negated(sentence: str) -> bool:
    return bool(_NOT.search(folded(sentence)))
