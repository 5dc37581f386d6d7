"""The one form of an e-mail address that people are told apart by. Pure.

Two addresses are one person's only if this form is the same, letter for letter. So nothing is guessed at here: letters that some
program somewhere would turn into others (the Kelvin sign into k, a full-width a into a, a letter that cannot be seen into nothing)
are refused, because whoever owns such an address would otherwise become the customer whose address looks like it.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from orders.errors import EmailRefused

LONGEST = 254
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def canonical(text: str) -> str:
    """The address without the spaces around it, A-Z in lower case, as customers are stored with. Raises EmailRefused."""
    cleaned = text.strip(" \t\r\n").translate(_ASCII_LOWER)
    name, _, domain = cleaned.rpartition("@")
    if len(cleaned) > LONGEST or not name.isascii() or not _is_plain(domain):
        raise EmailRefused("not an e-mail address that can be told apart from others")
    try:
        validate_email(cleaned)
    except ValidationError as error:
        raise EmailRefused("not an e-mail address") from error
    return cleaned


def as_stored(text: str) -> str:
    """An address as a shop keeps it, in the form that a canonical one is compared with.

    In the name only A-Z become small letters: what only looks like one of ours (the Kelvin sign) stays what it is, and is nobody's
    of ours. Of a domain the case never counts.
    """
    name, at, domain = text.strip().rpartition("@")
    return f"{name.translate(_ASCII_LOWER)}{at}{domain.lower()}"


def _is_plain(domain: str) -> bool:
    """Whether the domain consists of letters, digits and marks that mean nothing but themselves."""
    if unicodedata.normalize("NFKC", domain).lower() != domain:
        return False
    return all(c in ".-" or unicodedata.category(c)[0] in "LMN" for c in domain)
