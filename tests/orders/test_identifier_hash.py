"""An address that the shop's site has signed is believed, and no other."""

import base64
import hashlib

import pytest

from orders.errors import IdentityRefused
from orders.signed_identity import check_hash
from tests.orders.signing_site import (
    EMAIL,
    FOREIGN,
    OLDER,
    SECRET,
    hash_of,
    signed,
    trust,
)


@pytest.mark.parametrize(
    ("email", "given"),
    [
        (EMAIL, hash_of(EMAIL)),
        (EMAIL, hash_of(EMAIL, OLDER)),
        (EMAIL, hash_of(EMAIL).upper()),
        (EMAIL, f" {hash_of(EMAIL)} "),
        ("Ana@Example.com", hash_of(EMAIL)),
        (f" {EMAIL} ", hash_of(EMAIL)),
    ],
    ids=["right", "the older secret", "capital digits", "spaces around it", "capital letters", "spaces around the address"],
)
def test_a_signed_address_is_believed(email, given):
    assert check_hash(email, given, trust=trust()) == EMAIL


_TOKEN = signed()
HASHES = {
    "another's": (EMAIL, hash_of("bo@example.com")),
    "a foreign secret": (EMAIL, hash_of(EMAIL, FOREIGN)),
    "no secret": (EMAIL, hash_of(EMAIL, "")),
    "a plain digest": (EMAIL, hashlib.sha256(EMAIL.encode()).hexdigest()),
    "secret and address in a row": (EMAIL, hashlib.sha256(f"{SECRET}{EMAIL}".encode()).hexdigest()),
    "of another case": (EMAIL, hash_of("Ana@Example.com")),
    "of another case, as it was signed": ("Ana@Example.com", hash_of("Ana@Example.com")),
    "of spaces too": (EMAIL, hash_of(f"{EMAIL} ")),
    "of a dot at the end": ("ana@example.com.", hash_of("ana@example.com.")),
    "of a plus address": (EMAIL, hash_of("ana+x@example.com")),
    "for a plus address": ("ana+x@example.com", hash_of(EMAIL)),
    "of a lookalike": (EMAIL, hash_of("\u0430na@example.com")),
    "for a lookalike": ("\u0430na@example.com", hash_of(EMAIL)),
    "a Kelvin sign, as it was signed": ("an\u212a@example.com", hash_of("an\u212a@example.com")),
    "full width, as it was signed": ("\uff41na@example.com", hash_of("\uff41na@example.com")),
    "cut": (EMAIL, hash_of(EMAIL)[:63]),
    "longer": (EMAIL, hash_of(EMAIL) + "0"),
    "nothing": (EMAIL, ""),
    "base64": (EMAIL, base64.b64encode(bytes.fromhex(hash_of(EMAIL))).decode()),
    "no digits": (EMAIL, "z" * 64),
    "digits of another script": (EMAIL, "\u0661" * 64),
    "no address": ("", hash_of("")),
    "a token's signature": (_TOKEN.rpartition(".")[0], base64.urlsafe_b64decode(_TOKEN.rpartition(".")[2] + "==").hex()),
}


@pytest.mark.parametrize(("email", "given"), HASHES.values(), ids=HASHES)
def test_any_other_hash_is_refused_in_the_same_words(email, given):
    with pytest.raises(IdentityRefused) as refused:
        check_hash(email, given, trust=trust())
    assert refused.value.user_message == IdentityRefused.user_message


def test_hashes_can_be_switched_off():
    with pytest.raises(IdentityRefused):
        check_hash(EMAIL, hash_of(EMAIL), trust=trust(hashes=False))


# --- keys -------------------------------------------------------------------------------------------------------------------------
