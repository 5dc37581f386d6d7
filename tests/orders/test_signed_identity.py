"""What the shop's site has signed is believed; whatever anybody else could write, alter, keep or carry elsewhere is not."""

import base64
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from orders.errors import IdentityRefused
from orders.models import UsedToken
from orders.signed_identity import Trust, check_hash, public_keys, read_token, use_token
from orders.viewer import Method
from tests.orders.signing_site import (
    EC,
    EMAIL,
    FOREIGN,
    NOW,
    OLDER,
    RSA,
    SECRET,
    altered,
    b64,
    claims,
    handmade,
    hash_of,
    pem,
    signed,
    trust,
)


@pytest.mark.parametrize(
    ("key", "algorithm"), [(SECRET, "HS256"), (OLDER, "HS256"), (RSA, "RS256"), (EC, "ES256")], ids=["new", "old", "RSA", "P-256"]
)
def test_a_token_of_the_shop_is_believed(key, algorithm):
    found = read_token(signed(key, algorithm, email=" Ana@Example.com"), trust=trust(), at=NOW)
    assert found.email == EMAIL and found.expires_at == NOW + timedelta(seconds=300)


GOOD = signed()
REFUSED = {
    "nothing": "",
    "no token": "ana@example.com",
    "two parts": GOOD.rpartition(".")[0],
    "four parts": GOOD + ".x",
    "no signature": GOOD.rpartition(".")[0] + ".",
    "half a signature": GOOD[:-10],
    "another's signature": GOOD.rpartition(".")[0] + "." + signed(email="bo@example.com").rpartition(".")[2],
    "an altered address": altered(GOOD, email="bo@example.com"),
    "an altered expiry": altered(GOOD, exp=NOW.timestamp() + 3000),
    "a space in it": GOOD[:50] + " " + GOOD[50:],
    "a line break at its end": GOOD + "\n",
    "padding": GOOD + "==",
    "a foreign secret": signed(FOREIGN),
    "an empty secret": handmade({"alg": "HS256"}, claims(), ""),
    "a foreign RSA key": signed(rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
    "a foreign P-256 key": signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "alg none": jwt.encode(claims(), None, algorithm="none"),
    "alg none with a signature": handmade({"alg": "none"}, claims()),
    "alg None": handmade({"alg": "None"}, claims()),
    "no alg": handmade({"typ": "JWT"}, claims()),
    "alg null": handmade({"alg": None}, claims()),
    "a list of algs": handmade({"alg": ["HS256", "none"]}, claims()),
    "HS512 with the right secret": signed(SECRET * 2, "HS512"),
    "hs256 in small letters": handmade({"alg": "hs256"}, claims()),
    "the public key as a secret": handmade({"alg": "HS256"}, claims(), pem(RSA)),
    "RS256 in the header of an HMAC": handmade({"alg": "RS256"}, claims()),
    "PS256": signed(RSA, "PS256"),
    "a key of its own in the header": handmade(
        {"alg": "HS256", "jwk": {"kty": "oct", "k": b64(FOREIGN.encode())}}, claims(), FOREIGN
    ),
    "a key's address in the header": handmade({"alg": "HS256", "jku": "https://evil.example/keys"}, claims(), FOREIGN),
    "a key's path in the header": handmade({"alg": "HS256", "kid": "../../dev/null"}, claims(), ""),
    "crit": handmade({"alg": "HS256", "crit": ["exp"]}, claims()),
    "b64": handmade({"alg": "HS256", "b64": False, "crit": ["b64"]}, claims()),
    "expired": signed(exp=NOW.timestamp() - 1),
    "expired this second": signed(exp=NOW.timestamp()),
    "without exp": signed(exp=None),
    "good for ever": signed(exp=NOW.timestamp() + 10 * 365 * 86400),
    "good for two days": signed(exp=NOW.timestamp() + 2 * 86400),
    "exp in words": handmade({"alg": "HS256"}, claims(exp="tomorrow")),
    "exp true": handmade({"alg": "HS256"}, claims(exp=True)),
    "exp infinite": handmade({"alg": "HS256"}, claims(exp=float("inf"))),
    "exp no number": handmade({"alg": "HS256"}, claims(exp=float("nan"))),
    "exp beyond numbers": handmade({"alg": "HS256"}, claims(exp=10**400)),
    "exp a list": handmade({"alg": "HS256"}, claims(exp=[NOW.timestamp() + 60])),
    "not yet": signed(nbf=NOW.timestamp() + 120),
    "from the future": signed(iat=NOW.timestamp() + 120),
    "without an address": signed(email=None),
    "the address as subject only": signed(email=None, sub=EMAIL),
    "an empty address": signed(email=""),
    "no address": signed(email="ana"),
    "addresses": handmade({"alg": "HS256"}, claims(email=[EMAIL])),
    "a Kelvin sign": signed(email="an\u212a@example.com"),
    "a dot at the end": signed(email="ana@example.com."),
    "an address that nobody proved": signed(email_verified=False),
    "an address proved in words": signed(email_verified="false"),
    "an address perhaps proved": handmade({"alg": "HS256"}, claims() | {"email_verified": None}),
    "for another audience": signed(aud="https://elsewhere.example"),
    "claims that are a list": handmade({"alg": "HS256"}, ["email", EMAIL]),
    "deep claims": handmade({"alg": "HS256"}, claims() | {"x": "y" * 9000}),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_any_other_token_is_refused_in_the_same_words(token):
    with pytest.raises(IdentityRefused) as refused:
        read_token(token, trust=trust(), at=NOW)
    assert refused.value.user_message == IdentityRefused.user_message
    assert EMAIL not in str(refused.value) and SECRET not in str(refused.value)


def test_clocks_may_differ_by_a_minute():
    ahead = NOW.timestamp() + 30
    assert read_token(signed(iat=ahead, nbf=ahead), trust=trust(), at=NOW)


@pytest.mark.parametrize(
    ("said", "is_right"),
    [
        ({"aud": "chat"}, True),
        ({"aud": ["x", "chat"]}, True),
        ({"aud": "x"}, False),
        ({}, False),
        ({"aud": ["x"]}, False),
        ({"aud": 7}, False),
    ],
)
def test_the_audience_must_be_the_one_that_is_set(said, is_right):
    token = handmade({"alg": "HS256"}, claims(**said))
    if is_right:
        assert read_token(token, trust=trust(audience="chat"), at=NOW)
    else:
        with pytest.raises(IdentityRefused):
            read_token(token, trust=trust(audience="chat"), at=NOW)


@pytest.mark.parametrize(
    ("said", "is_right"), [({"iss": "shop"}, True), ({"iss": "other"}, False), ({}, False), ({"iss": ["shop"]}, False)]
)
def test_the_issuer_must_be_the_one_that_is_set(said, is_right):
    token = handmade({"alg": "HS256"}, claims(**said))
    if is_right:
        assert read_token(token, trust=trust(issuer="shop"), at=NOW)
    else:
        with pytest.raises(IdentityRefused):
            read_token(token, trust=trust(issuer="shop"), at=NOW)


def test_nothing_is_believed_where_nothing_is_set():
    for token in (GOOD, REFUSED["alg none"], REFUSED["an empty secret"]):
        with pytest.raises(IdentityRefused):
            read_token(token, trust=Trust(()), at=NOW)
    with pytest.raises(IdentityRefused):
        check_hash(EMAIL, hash_of(EMAIL, ""), trust=Trust(()))


# --- one conversation for one token -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
async def test_a_token_is_good_for_the_conversation_it_came_to_first():
    token = signed()
    for _ in range(2):
        viewer = await use_token(read_token(token, trust=trust(), at=NOW), scope="one", at=NOW)
        assert viewer.email == EMAIL and viewer.method is Method.SIGNED and viewer.expires_at == NOW + timedelta(hours=12)
    with pytest.raises(IdentityRefused):
        await use_token(read_token(token, trust=trust(), at=NOW), scope="two", at=NOW)


@pytest.mark.django_db(transaction=True)
async def test_another_signature_of_the_same_claims_is_no_other_token():
    """For P-256, whoever has one signature can write a second that is right as well."""
    token = signed(EC, "ES256")
    start, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    second = f"{start}.{b64(twin)}"
    await use_token(read_token(token, trust=trust(), at=NOW), scope="one", at=NOW)
    with pytest.raises(IdentityRefused):
        await use_token(read_token(second, trust=trust(), at=NOW), scope="two", at=NOW)


@pytest.mark.django_db(transaction=True)
async def test_what_is_kept_of_tokens_goes_when_they_have_expired():
    await use_token(read_token(signed(), trust=trust(), at=NOW), scope="one", at=NOW)
    row = await UsedToken.objects.aget()
    assert EMAIL not in str(vars(row)) and row.expires_at == NOW + timedelta(seconds=300)
    later = NOW + timedelta(minutes=6)
    await use_token(read_token(signed(exp=later.timestamp() + 60), trust=trust(), at=later), scope="two", at=later)
    assert await UsedToken.objects.acount() == 1


# --- identifier_hash --------------------------------------------------------------------------------------------------------------
def test_keys_may_be_a_file_one_line_or_several(tmp_path):
    (tmp_path / "keys.pem").write_text(pem(RSA) + "\n" + pem(EC))
    assert [algorithm for algorithm, _ in public_keys(str(tmp_path / "keys.pem"))] == ["RS256", "ES256"]
    assert [algorithm for algorithm, _ in public_keys(pem(RSA).replace("\n", "\\n"))] == ["RS256"]
    assert public_keys("") == ()


UNUSABLE = {
    "a private key": EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "a short RSA key": pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    "another curve": pem(ec.generate_private_key(ec.SECP384R1())),
    "no key": "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----",
    "half a key": pem(EC)[:60],
    "no file": "/nowhere/key.pem",
}


@pytest.mark.parametrize("text", UNUSABLE.values(), ids=UNUSABLE)
def test_a_key_that_cannot_be_used_is_named(text):
    with pytest.raises(ValueError, match=r"[a-z]"):
        public_keys(text)
