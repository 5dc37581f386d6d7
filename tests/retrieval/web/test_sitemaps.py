"""Sitemaps and robots.txt: what is listed, in any of the usual forms, and nothing that a hostile file could do."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.web.addresses import parse_address
from retrieval.web.errors import NotFetched
from retrieval.web.robots import Robots, parse_robots
from retrieval.web.schedule import next_reading
from retrieval.web.sitemaps import parse_sitemap

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*locations: str, inside: str = "") -> bytes:
    entries = "".join(f"<url><loc>{location}</loc>{inside}</url>" for location in locations)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACE}>{entries}</urlset>'.encode()


def parsed(data: bytes, most: int = 100):
    return parse_sitemap(data, max_entries=most, max_bytes=1_000_000)


def test_the_addresses_come_in_order_and_once():
    found = parsed(
        urlset("https://a.example/1", " https://a.example/2&amp;x=1\n", "https://a.example/1", "<![CDATA[https://a.example/3]]>")
    )
    assert list(found.pages) == ["https://a.example/1", "https://a.example/2&x=1", "https://a.example/3"]
    assert not found.is_cut


def test_other_elements_are_passed_over():
    image = '<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://a.example/i.png</image:loc></image:image>'
    assert list(parsed(urlset("https://a.example/1", inside=image + "<lastmod>2026-01-01</lastmod>")).pages) == [
        "https://a.example/1"
    ]


def test_an_index_names_further_sitemaps():
    index = f"<sitemapindex {NAMESPACE}><sitemap><loc>https://a.example/s1.xml.gz</loc></sitemap></sitemapindex>"
    found = parsed(index.encode())
    assert (list(found.pages), list(found.sitemaps)) == ([], ["https://a.example/s1.xml.gz"])


def test_a_packed_one_and_a_plain_list_are_read_too():
    assert list(parsed(gzip.compress(urlset("https://a.example/1"))).pages) == ["https://a.example/1"]
    assert list(parsed(b"\xef\xbb\xbfhttps://a.example/1\r\n\r\nhttps://a.example/2").pages) == [
        "https://a.example/1",
        "https://a.example/2",
    ]


def test_no_more_than_the_limit_is_taken_and_that_is_said():
    found = parsed(urlset(*(f"https://a.example/{n}" for n in range(50))), most=20)
    assert (len(found.pages), found.is_cut) == (20, True)
    exactly = parsed(urlset(*(f"https://a.example/{n}" for n in range(20))), most=20)
    assert (len(exactly.pages), exactly.is_cut) == (20, False)


LAUGHS = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>' + urlset("&y;").split(b"?>", 1)[1]
EXTERNAL = b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">' + urlset("https://a.example/").split(b"?>", 1)[1]


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>Not found</body></html>", b"<urlset><url><loc>https://a.example/</loc>", b"Not found", b"\xff\xfe<\x00", b"<",
        LAUGHS, EXTERNAL, LAUGHS.decode().encode("utf-16"), gzip.compress(b" " * 2_000_000), gzip.compress(urlset("https://a.example/"))[:-9],
        b"<urlset>" + b"<a>" * 5_000,
    ],
    ids=["html", "cut", "words", "utf-16", "begun", "laughs", "external", "laughs in utf-16", "bomb", "packed and cut", "deep"],
)  # fmt: skip
def test_what_is_no_sitemap_is_refused_in_a_sentence(data):
    with pytest.raises(NotFetched) as refused:
        parsed(data)
    assert refused.value.user_message.endswith(".")


def test_an_entry_that_is_too_long_is_passed_over_in_however_many_pieces_it_comes():
    assert not parsed(urlset("https://a.example/" + "&#97;" * 150_000)).pages


def robots(text: str) -> Robots:
    return parse_robots(text.encode(), name="WhereaboutsBot")


def test_what_a_site_asks_of_us_is_kept():
    rules = robots(
        "User-agent: *\nDisallow: /\n\nUser-agent: whereaboutsbot\nDisallow: /private\nAllow: /private/returns$\nCrawl-delay: 3"
    )
    allowed = {path: rules.allow(parse_address(f"https://a.example{path}")) for path in ("/", "/private/x", "/private/returns")}
    assert allowed == {"/": True, "/private/x": False, "/private/returns": True}
    assert rules.delay == 3
    assert robots("User-agent: *\nCrawl-delay: 100000").delay == 30


@pytest.mark.parametrize("text", ["", "<html>Not found</html>", "\0\0", "Crawl-delay: x\nUser-agent: *\nDisallow:"])
def test_a_file_without_rules_forbids_nothing(text):
    assert robots(text).allow(parse_address("https://a.example/x"))
    assert robots(text).delay == 0


START = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "retry_after", "pause"),
    [
        (0, 0, timedelta(hours=24)),
        (0, 999, timedelta(hours=24)),
        (1, 0, timedelta(minutes=5)),
        (2, 0, timedelta(minutes=10)),
        (4, 0, timedelta(minutes=40)),
        (10_000, 0, timedelta(hours=24)),
        (1, 3600, timedelta(hours=1)),
        (1, 1e15, timedelta(hours=24)),
    ],
)
def test_a_page_that_fails_is_asked_ever_later(failures, retry_after, pause):
    assert next_reading(START, every_hours=24, failures=failures, retry_after=retry_after) - START == pause
