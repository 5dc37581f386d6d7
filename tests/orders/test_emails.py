"""One form of an address: two people never share it, and one person's spellings do."""

import pytest

from orders.emails import as_stored, canonical
from orders.errors import EmailRefused


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ana@example.com", "ana@example.com"),
        (" Ana@Example.COM \n", "ana@example.com"),
        (
            "ana+shop@example.com",
            "ana+shop@example.com",
        ),  # another address than ana@: what lies behind the plus is the provider's rule
        ("a.na@example.com", "a.na@example.com"),
        ("o'hara@example.ie", "o'hara@example.ie"),
        ("ana@bücher.example", "ana@bücher.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_spaces_around_and_capital_letters_do_not_count(typed, kept):
    assert canonical(typed) == kept
    assert canonical(kept) == kept


LOOKALIKES = {
    "a Kelvin sign for k": "an\u212a@example.com",
    "a long s": "mai\u017f@example.com",
    "a dotted capital I": "\u0130da@example.com",
    "a dotless i": "\u0131da@example.com",
    "a Cyrillic a": "\u0430na@example.com",
    "full width": "\uff41na@example.com",
    "full width in the domain": "ana@\uff45xample.com",
    "a Kelvin sign in the domain": "ana@boo\u212a.example",
    "nothing to see in the name": "an\u200ba@example.com",
    "nothing to see in the domain": "ana@exam\u200bple.com",
    "a soft hyphen": "ana@exam\u00adple.com",
    "a word joiner": "\u2060ana@example.com",
    "right to left": "\u202eana@example.com",
    "an ideographic full stop": "ana@example\u3002com",
    "an accent by itself": "ana@exa\u0308mple.com",  # the same letters as one sign would be another spelling of the same domain
    "a dot at the end": "ana@example.com.",
    "a space inside": "ana @example.com",
    "two addresses": "ana@example.com,bo@example.com",
    "a name before it": "Ana <ana@example.com>",
    "two at signs": "ana@example.com@evil.example",
    "a line break": "ana@example.com\nBcc: x@evil.example",
    "a NUL": "ana@example.com\x00",
    "a no-break space": "\u00a0ana@example.com",
    "nothing": "",
    "no domain": "ana@",
    "too long": "a" * 250 + "@example.com",
}


@pytest.mark.parametrize("typed", LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_only_looks_like_an_address_is_none(typed):
    with pytest.raises(EmailRefused):
        canonical(typed)


@pytest.mark.parametrize(
    ("stored", "compared"),
    [
        (" Ana@Example.com ", "ana@example.com"),
        ("ana@M\u00dcLLER.de", "ana@m\u00fcller.de"),
        ("\u212aim@example.com", "\u212aim@example.com"),  # the Kelvin sign, which lower() makes a k
        ("ana", "ana"),
        ("", ""),
    ],
)
def test_what_a_shop_keeps_is_compared_letter_for_letter(stored, compared):
    assert as_stored(stored) == compared
