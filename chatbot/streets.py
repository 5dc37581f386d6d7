"""What a street address looks like: by its words and endings in ten countries' ways, with a house number. Pure."""

import re

_UNIT = r"(?:,? (?:apt|apartment|unit|suite|ste|flat)\.? ?[\w-]{1,6})?"
STREETS = (
    # "12 Elm Street", "7b Upper Mill Road, Apt 4"; words that mean other things too count only with a capital
    re.compile(
        rf"\b\d{{1,5}}[a-z]? (?:[^\W\d_][\w'’.-]{{0,30}} ){{1,3}}(?:street|avenue|road|lane|boulevard|blvd|terrace|crescent|parkway|highway)\b{_UNIT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b\d{{1,5}}[A-Za-z]? (?:[A-Z][\w'’.-]{{0,30}} ){{1,3}}(?:St|Ave|Rd|Ln|Dr|Drive|Ct|Court|Way|Place|Pl|Square|Close|Row)\b(?i:{_UNIT})"
    ),
    # "PO Box 123", "Postfach 12 34 56"
    re.compile(
        r"\b(?:P\.? ?O\.? ?Box|Postfach|Postbus|Boîte postale|Apartado(?: de correos)?|Casella postale) (?:\d[\d ]{0,8}\d|\d)\b",
        re.IGNORECASE,
    ),
    # "Musterstraße 12a", "Am Alten Markt 3" only by its ending; "Kerkstraat 5"
    re.compile(
        r"\b[A-ZÄÖÜ][\wäöüß-]{0,40}(?:straße|strasse|str\.|gasse|allee|platz|damm|weg|straat|laan|plein|gracht|kade|singel|gatan|vägen|gränd|gade|vej|gata|veien|vegen|katu) \d{1,4} ?[A-Za-z]?\b"
        r"|\b[A-ZÄÖÜ][\wäöüß-]{0,40} (?:Straße|Strasse|Str\.|Allee|Platz|Weg|Damm|Ufer) \d{1,4} ?[a-z]?\b"
    ),
    # "Am Alten Markt 3": only with words that streets are named after, because "im Paket 2" is none
    re.compile(
        r"\b(?:Am|An der|Auf dem|Auf der|Im|In der|Unter den|Zum|Zur|Beim) (?:[A-ZÄÖÜ][\wäöüß-]{2,30} )?(?:Markt|Marktplatz|Bahnhof|Park|Hang|Bach|Wald|Berg|Feld"
        r"|Graben|Anger|Kirche|Mühle|Tor|Teich|See|Linden) \d{1,3} ?[a-z]?\b(?![.:,]?\d)"
    ),
    # "12 bis, rue de la Paix", "Calle de Alcalá 5", "via Roma, 7"
    re.compile(
        r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?i:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|cours|route) (?:(?:de|du|des|la|le|les) |d['’]|l['’])*[A-ZÀ-Ý][\w'’-]{0,30}(?: [A-ZÀ-Ý][\w'’-]{0,30}){0,2}"
    ),
    re.compile(
        r"\b(?i:calle|avenida|avda\.?|av\.|plaza|paseo|carrer|via|viale|piazza|corso|largo|rua|travessa|praça|ul\.|ulica|c/)(?: |(?<=/))(?:(?:de|del|la|los|las|dei|della|da|do|dos) )*[A-ZÀ-Ý][\w'’-]{0,30}(?: [A-ZÀ-Ý][\w'’-]{0,30}){0,2},? \d{1,4}\b"
    ),
)
