"""What a street address looks like: by its words and endings in six languages, with a house number. Pure."""

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
    # "Musterstraße 12a", "Am Alten Markt 3" only by its ending; "Kerkstraat 5"
    re.compile(
        r"\b[A-ZÄÖÜ][\wäöüß-]{0,40}(?:straße|strasse|str\.|gasse|allee|platz|damm|weg|straat|laan|plein|gracht|kade) \d{1,4} ?[a-z]?\b"
        r"|\b[A-ZÄÖÜ][\wäöüß-]{0,40} (?:Straße|Strasse|Str\.|Allee|Platz|Weg) \d{1,4} ?[a-z]?\b"
    ),
    # "12 bis, rue de la Paix", "Calle de Alcalá 5", "via Roma, 7"
    re.compile(
        r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?i:rue|avenue|boulevard|place|chemin|allée|impasse|quai) (?:(?:de|du|des|la|le|les) |d['’]|l['’])*[A-ZÀ-Ý][\w'’-]{0,30}(?: [A-ZÀ-Ý][\w'’-]{0,30}){0,2}"
    ),
    re.compile(
        r"\b(?i:calle|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso) (?:(?:de|del|la|los|las|dei|della) )*[A-ZÀ-Ý][\w'’-]{0,30}(?: [A-ZÀ-Ý][\w'’-]{0,30}){0,2},? \d{1,4}\b"
    ),
)
