"""One strict reading of addresses: what another program could understand differently is refused, in a sentence."""

import pytest

from retrieval.web.addresses import follow, is_same_site, parse_address
from retrieval.web.errors import BadAddress
from retrieval.web.networks import may_be_reached, networks

USUAL = frozenset({80, 443})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://shop.example/returns", "https://shop.example/returns"),
        ("  HTTPS://Shop.Example/Returns ", "https://shop.example/Returns"),
        ("shop.example/returns", "https://shop.example/returns"),
        ("//shop.example", "https://shop.example/"),
        ("shop.example:443", "https://shop.example/"),
        ("http://shop.example:80?x=1#part", "http://shop.example/?x=1"),
        ("http://shop.example:443/x", "http://shop.example:443/x"),
        ("https://shop.example./a b".replace(" ", "%20"), "https://shop.example/a%20b"),
        ("https://münchen.example/rückgabe", "https://xn--mnchen-3ya.example/r%C3%BCckgabe"),
        ("https://help_desk.example/", "https://help_desk.example/"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
        ("https://shop.example/a[1]|<b>", "https://shop.example/a%5B1%5D%7C%3Cb%3E"),
    ],
)
def test_an_address_is_read_in_one_way(typed, meant):
    address = parse_address(typed)
    assert address.text == meant
    assert parse_address(address.text) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "x" * 1001,
        "ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "javascript:alert(1)", "data:text/html,x", "http:shop.example",
        "https://", "https:///returns", "https://./", "https://shop..example/", "https://-shop.example/", "https://shop.example:443:80/", "http://:80/",
        "https://ana:secret@shop.example/", "https://shop.example@evil.example/", "https://shop.example:80@evil.example/",
        "https://shop.example\\@evil.example/", "https://shop.example/\r\nHost: evil", "https://sh op.example/", "https://shop.example/\x00",
        "https://shop%2eexample/", "https://127.0.0.1%00.example/", "https://shop.example\u200b.evil.example/",
        "http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/",
        "http://127.0.0.1.5/", "http://1.2.3.256/", "http://١٢٧.1/", "http://a.0x1/",
        "http://[::1/", "http://[::1]x/", "http://::1/", "http://[fe80::1%25eth0]/", "http://[::ffff:127.0.0.1:80]/", "http://[v1.x]/",
        "http://shop.example:22/", "http://shop.example:8080/", "http://shop.example:0/", "http://shop.example:65616/", "http://shop.example:80x/",
    ],
)  # fmt: skip
def test_what_could_be_understood_differently_is_refused_in_a_sentence(typed):
    with pytest.raises(BadAddress) as refused:
        parse_address(typed)
    assert refused.value.user_message.endswith(".")


def test_wide_digits_are_the_digits_they_look_like():
    assert parse_address("http://１２７.０.０.１/").host == "127.0.0.1"  # and the network check refuses that


def test_the_name_of_a_page_has_no_scheme_and_no_last_slash():
    assert parse_address("https://shop.example/help/").name == "shop.example/help"
    assert parse_address("https://shop.example").name == "shop.example"


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("/new", "https://shop.example/new"),
        ("b?x", "https://shop.example/help/b?x"),
        ("//www.shop.example/n", "https://www.shop.example/n"),
        ("https://shop.example:443/n#x", "https://shop.example/n"),
    ],
)
def test_a_redirect_is_read_like_a_first_address(location, there):
    assert follow(parse_address("https://shop.example/help/a"), location, ports=USUAL).text == there


@pytest.mark.parametrize(
    "location",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "//a@b.example/",
        "https://shop.example:22/",
        "http://[::1",
        "/a\r\nb",
        "\\\\evil",
    ],
)
def test_a_redirect_that_leads_nowhere_good_is_refused(location):
    with pytest.raises(BadAddress):
        follow(parse_address("https://shop.example/help/a"), location, ports=USUAL)


def test_www_is_the_same_site_and_another_name_is_not():
    shop = parse_address("https://shop.example/")
    assert is_same_site(shop, parse_address("https://www.shop.example/x"))
    assert not is_same_site(shop, parse_address("https://shop.example.evil.example/"))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:5db8:d822::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "100::1", "5f00::1", "4000::1", "localhost", "", "1.2.3",
    ],
)  # fmt: skip
def test_no_address_of_a_private_or_reserved_network_may_be_reached(address):
    assert not may_be_reached(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_public_internet_may_be_reached(address):
    assert may_be_reached(address)


def test_a_network_that_was_allowed_may_be_reached_and_only_that():
    allowed = networks(["10.1.0.0/16", " fd00:1::/64", "", "127.0.0.1"])
    assert may_be_reached("10.1.2.3", allowed=allowed)
    assert may_be_reached("::ffff:10.1.2.3", allowed=allowed)
    assert may_be_reached("fd00:1::5", allowed=allowed)
    for other in ("10.2.0.1", "127.0.0.2", "fd00:2::1", "::1", "::ffff:127.0.0.2"):
        assert not may_be_reached(other, allowed=allowed)


def test_an_address_that_grows_too_long_when_it_is_written_for_the_web_is_refused():
    assert len(parse_address(f"https://shop.example/{'ф' * 160}").text) < 1000
    with pytest.raises(BadAddress, match="longer than 1000"):
        parse_address(f"https://shop.example/{'ф' * 170}")  # 190 characters as typed, 1041 as sent and stored
