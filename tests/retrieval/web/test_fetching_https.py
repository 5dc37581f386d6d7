"""The connection goes to a checked IP address, the certificate is checked against the name."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.web.addresses import Address
from retrieval.web.errors import NotFetched
from retrieval.web.fetching import fetch
from tests.retrieval.web.site import Site, page

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes the certificate, is not installed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """A certificate for shop.example alone, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "shop.pem", folder / "shop.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example", "-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


@pytest.fixture
def secure_site(certificate) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Site({"/returns": page("Thirty days.")}, secured_by=context) as site:
        yield site


def read(site, limits, host="shop.example"):
    allowed = replace(limits, ports=frozenset({site.port}))
    return fetch(Address("https", host, site.port, "/returns"), limits=allowed, ask=lambda *_: ["127.0.0.1"])


def test_a_certificate_for_the_name_is_accepted_though_an_ip_address_is_connected_to(secure_site, limits, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert b"Thirty days." in read(secure_site, limits).body
    assert secure_site.asked[0].headers["host"] == f"shop.example:{secure_site.port}"


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
def test_a_certificate_for_another_name_is_not(host, secure_site, limits, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with pytest.raises(NotFetched, match="certificate is not valid"):
        read(secure_site, limits, host)
    assert secure_site.asked == []


def test_a_certificate_that_nobody_vouches_for_is_not(secure_site, limits, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(NotFetched, match="certificate is not valid"):
        read(secure_site, limits)
