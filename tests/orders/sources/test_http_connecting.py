"""With whom the client talks, and under which key: tokens of apps, certificates, no proxy of the environment."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.orders.sources.client_asking import ask, failure
from tests.orders.sources.shop_server import (
    ShopServer,
    order,
)


async def test_a_token_of_an_app_is_fetched_once_kept_and_fetched_anew_when_it_is_refused():
    with ShopServer([order("#W1", "ana@example.com")], kind="shopify") as shop:
        source = shop.asking()
        assert await source.knows("ana@example.com")
        assert not await source.knows("bo@example.com")
        assert shop.tokens == 1
        shop.tokens = 7  # what was given no longer holds
        assert not await source.knows("cy@example.com")
        assert shop.tokens == 8
        shop.token_seconds = 60  # ends too soon to be kept
        shop.tokens = 20
        await source.knows("dee@example.com")
        await source.knows("eve@example.com")
        assert shop.tokens == 22


async def test_an_app_with_a_wrong_secret_is_told_so_without_the_secret():
    with ShopServer([], kind="shopify") as shop:
        source = shop.asking(key={"password": "wrong-secret"})
        health = await source.check()
        assert not health.answers
        assert "wrong-secret" not in health.reason
        assert "wrong-secret" not in repr(source)
        assert len(shop.asked) == 1


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "shop.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


async def test_a_certificate_that_nobody_vouches_for_ends_the_talk_before_the_key_is_sent(tmp_path, monkeypatch):
    file = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(file)
    with ShopServer([order("#W1", "ana@example.com")], tls=tls) as shop:
        assert "certificate is not valid" in str(await failure(shop))
        assert shop.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(file))  # an authority of the shop's own
        assert (await ask(shop))["orders"]


async def test_no_proxy_of_the_environment_comes_between(shop, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await ask(shop))["orders"]
