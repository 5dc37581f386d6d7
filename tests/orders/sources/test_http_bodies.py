"""Bodies that nobody has checked: JSON within limits, or a reason in words that repeats none of it."""

import contextlib
import gzip
import json
import zlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.sources.http_bodies import BadBody, TooLarge, Unpacker, parsed


def unpacked(body: bytes, encoding: str = "", *, limit: int = 1000, piece: int = 7) -> bytes:
    unpacker = Unpacker(encoding, limit=limit)
    for start in range(0, len(body), piece):
        unpacker.feed(body[start : start + piece])
    return unpacker.whole()


def test_numbers_are_exact_and_what_no_shop_means_is_not_known():
    said = parsed(b'{"total": 79.90, "count": 3, "huge": 1e999999999, "long": %s, "tiny": 1e-400}' % (b"9" * 5000))
    assert said == {"total": Decimal("79.90"), "count": 3, "huge": None, "long": None, "tiny": None}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"  \n", "application/json"),
        (b'{"orders": [', "application/json"),
        (b"{'orders': []}", "application/json"),
        (b"<!doctype html><title>502</title>", "application/json"),
        (b"{}", "text/html; charset=utf-8"),
        (b"<orders/>", "application/xml"),
        (b'{"total": NaN}', "application/json"),
        (b'{"total": -Infinity}', "application/json"),
        (b"[" * 200_000, "application/json"),
        (b'{"a":' * 50_000, "application/json"),
        ('{"name": "Jürgen"}'.encode("latin-1"), "application/json"),
        (b"\xff\xfe\xfa", "application/json; charset=iso-8859-1"),
        (b'{"a": 1} {"b": 2}', "application/json"),
    ],
)
def test_what_is_not_json_is_refused_without_repeating_it(body, content_type):
    with pytest.raises(BadBody) as refused:
        parsed(body, content_type)
    assert "Jürgen" not in str(refused.value)
    assert "orders" not in str(refused.value)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"name": "Jürgen"}'.encode(), ""),
        ('{"name": "Jürgen"}'.encode("utf-8-sig"), "application/json"),
        ('{"name": "Jürgen"}'.encode("utf-16"), "application/json"),
        ('{"name": "Jürgen"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"),
        ('{"name": "Jürgen"}'.encode("cp1252"), 'application/json;charset="windows-1252"'),
        (b'{"name": "J\\u00fcrgen"}', "text/plain"),
    ],
)
def test_the_character_sets_that_servers_really_send_are_read(body, content_type):
    assert parsed(body, content_type) == {"name": "Jürgen"}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body):
    with contextlib.suppress(BadBody):
        parsed(body, "application/json")


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "X-GZip", "deflate"])
def test_a_body_is_unpacked_piece_by_piece(encoding):
    body = json.dumps({"orders": list(range(50))}).encode()
    sent = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}.get(encoding.lower(), bytes)(body)
    assert unpacked(sent, encoding) == body


def test_a_body_stops_at_the_limit_and_a_bomb_before_it_is_unpacked():
    assert len(unpacked(b"x" * 1000)) == 1000
    with pytest.raises(TooLarge):
        unpacked(b"x" * 1001)
    bomb = gzip.compress(b"\0" * 20_000_000)
    unpacker = Unpacker("gzip", limit=10_000)
    with pytest.raises(TooLarge):
        unpacker.feed(bomb)
    assert sum(map(len, unpacker._pieces)) <= 10_000


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"not gzip", "gzip"), (gzip.compress(b"x" * 500)[:-9], "gzip"), (b"x", "br"), (b"x", "gzip, gzip")]
)
def test_what_cannot_be_unpacked_is_refused(body, encoding):
    with pytest.raises(BadBody):
        unpacked(body, encoding)
