"""Pages come from where they should, whole, within limits; everything else is one sentence, and no other machine is asked."""

import gzip
import socket
import time
from dataclasses import replace

import pytest

from retrieval.web.addresses import Address, parse_address
from retrieval.web.connecting import checked_addresses
from retrieval.web.errors import Forbidden, Gone, NotFetched
from retrieval.web.fetching import fetch
from retrieval.web.networks import networks
from tests.retrieval.web.site import bomb, dated, endless, hangs, html, in_turn, moved, page, raw, sends, status, tagged

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def asked(site, limits, path="/returns", host="127.0.0.1", **options):
    address = parse_address(site.url(path, host), ports=limits.ports)
    return fetch(address, limits=limits, **options)


def refusal(site, limits, path="/returns", **options):
    with pytest.raises(NotFetched) as error:
        asked(site, limits, path, **options)
    assert error.value.user_message.endswith(".")
    return error.value


def test_a_page_comes_with_what_is_needed_to_ask_again(site, limits):
    site.pages["/returns?lang=en"] = page(
        "Thirty days.", ETag='"v1"', Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT", Set_Cookie="a=b"
    )
    found = asked(site, limits, "/returns?lang=en")
    assert b"Thirty days." in found.body
    assert (found.kind, found.etag, found.last_modified) == ("text/html", '"v1"', "Sat, 21 Nov 2026 10:00:00 GMT")
    assert site.asked[0].headers["host"] == f"127.0.0.1:{site.port}"
    assert site.asked[0].headers["user-agent"] == "WhereaboutsBot/test"
    assert asked(site, limits, "/returns?lang=en").etag == '"v1"'
    assert not {"cookie", "authorization", "referer", "if-none-match"} & set(site.asked[1].headers)


def test_what_is_unchanged_is_not_loaded_again(site, limits):
    site.pages |= {"/a": tagged("Thirty days.", '"v1"'), "/b": dated("Thirty days.", "Sat, 21 Nov 2026 10:00:00 GMT")}
    assert asked(site, limits, "/a", etag='"v1"') is None
    assert asked(site, limits, "/a", etag='"v0"').etag == '"v1"'
    assert asked(site, limits, "/b", last_modified="Sat, 21 Nov 2026 10:00:00 GMT") is None


def test_unchanged_without_being_asked_is_no_answer(site, limits):
    site.pages["/returns"] = status(304)
    assert "304" in str(refusal(site, limits))


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_site_is_followed(code, site, limits):
    site.pages |= {"/returns": moved("/new/", code), "/new/": page("Thirty days.")}
    assert asked(site, limits).address.target == "/new/"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/", "http://0.0.0.0/",
        "http://2130706433/", "http://127.1/", "http://[64:ff9b::7f00:1]/", "http://127.0.0.2/", "http://user@127.0.0.1/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_a_redirect_into_a_private_network_is_not_followed(location, site, limits):
    site.pages["/returns"] = moved(location)
    refusal(site, limits)
    assert site.paths() == ["/returns"]


def test_each_redirect_is_checked_before_it_is_said_that_it_leaves_the_site(site, limits):
    site.pages["/returns"] = moved("http://169.254.169.254/")
    assert isinstance(refusal(site, limits), Forbidden)
    site.pages["/returns"] = moved("http://93.184.216.34/")
    assert "another one, 93.184.216.34" in refusal(site, limits).user_message


def test_redirects_end(site, limits):
    site.pages |= {"/returns": moved("/b"), "/b": moved("/returns")}
    assert "circle" in refusal(site, limits).user_message
    site.pages |= {f"/{n}": moved(f"/{n + 1}") for n in range(20)}
    assert "more than 5 times" in refusal(site, limits, "/0").user_message
    assert len(site.asked) == 2 + 6
    site.pages["/returns"] = status(302)
    assert "not where to" in refusal(site, limits).user_message


def test_no_private_address_is_asked_unless_allowed(site, limits):
    site.pages["/returns"] = page("Secret.")
    strict = replace(limits, allowed=())
    assert isinstance(refusal(site, strict), Forbidden)
    with pytest.raises(Forbidden):
        asked(site, strict, host="localhost")
    assert site.asked == []
    wrong = replace(limits, allowed=tuple(networks(["10.0.0.0/8"])))
    assert isinstance(refusal(site, wrong), Forbidden)


def test_a_host_is_looked_up_once_and_its_checked_address_is_the_one_that_is_asked(site, limits):
    """DNS rebinding: the second answer would lead elsewhere, and there is no second question."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    site.pages["/returns"] = page("Thirty days.")
    found = asked(site, limits, host="rebind.example", ask=lambda host, port: answers.pop(0))
    assert b"Thirty days." in found.body
    assert len(answers) == 1
    assert site.asked[0].headers["host"] == f"rebind.example:{site.port}"


def test_a_redirect_is_looked_up_and_checked_anew(site, limits):
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    site.pages |= {"/returns": moved("/b"), "/b": page("Thirty days.")}
    assert isinstance(refusal(site, limits, host="rebind.example", ask=lambda host, port: answers.pop(0)), Forbidden)
    assert site.paths() == ["/returns"]


@pytest.mark.parametrize("mixed", [["127.0.0.1", "10.0.0.1"], ["8.8.8.8", "::1"], ["nonsense"]])
def test_an_answer_that_mixes_in_a_private_address_is_not_trusted_at_all(mixed, site, limits):
    assert isinstance(refusal(site, limits, host="mixed.example", ask=lambda host, port: mixed), Forbidden)
    assert site.asked == []


def test_the_second_address_of_a_host_is_tried_when_the_first_is_silent(site, limits):
    site.pages["/returns"] = page("Thirty days.")
    both = replace(limits, allowed=tuple(networks(["127.0.0.0/8"])))
    assert asked(site, both, host="two.example", ask=lambda host, port: ["127.0.0.9", "127.0.0.1"])


def test_a_host_that_does_not_exist_and_one_whose_name_server_is_slow_are_sentences():
    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NotFetched, match=r"no site named “nowhere\.example”"):
        checked_addresses("nowhere.example", 80, seconds=1, ask=unknown)
    with pytest.raises(NotFetched, match="name server"):
        checked_addresses("slow.example", 80, seconds=0.05, ask=lambda host, port: time.sleep(1) or [])


def test_proxies_of_the_environment_are_ignored(site, limits, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/returns"] = page("Thirty days.")
    assert asked(site, limits)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("silent", hangs),
        ("slow headers", raw(HEAD, b"X-A: b\r\n", pause=0.05, again=400)),
        ("slow body", raw(HEAD + b"\r\n", b"<p>", pause=0.05, again=400)),
        ("informed for ever", raw(b"HTTP/1.1 103 Early Hints\r\n\r\n", pause=0.01, again=2000)),
    ],
)  # fmt: skip
def test_a_slow_site_is_left_at_the_deadline(name, reply, site, limits):
    site.pages["/returns"] = reply
    assert "did not deliver the page within 0.4 seconds" in refusal(site, replace(limits, seconds=0.4)).user_message


@pytest.mark.parametrize(
    "reply",
    [
        endless,
        sends(b"x" * (1024 * 1024 + 1)),
        sends(bomb(20), Content_Encoding="gzip"),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 0x10000 + b"\r\n", again=40),
    ],
    ids=["endless", "one byte too many", "bomb", "chunks"],
)
def test_a_page_is_not_loaded_beyond_the_limit(reply, site, limits):
    site.pages["/returns"] = reply
    assert "larger than 1 MB" in refusal(site, limits).user_message


def test_a_packed_page_is_unpacked(site, limits):
    site.pages["/returns"] = sends(gzip.compress(html("Thirty days.").encode()), Content_Encoding="gzip")
    assert b"Thirty days." in asked(site, limits).body
    assert site.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    "reply",
    [
        sends("x" * 100, length=200),
        sends(gzip.compress(b"x" * 100)[:-10], Content_Encoding="gzip"),
        sends("not packed", Content_Encoding="gzip"),
        sends(gzip.compress(b"x") * 20_000, Content_Encoding="gzip"),  # each costs a step, and a copy of what is left
        sends("x", Content_Encoding="br"),
        sends("x", Content_Encoding="gzip, gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nxxxxxxx"),
        raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        raw(b""),
        raw(HEAD + b"X: " + b"y" * 200_000 + b"\r\n\r\n"),
        sends("   "),
        status(206),
        status(204),
        status(101),
    ],
    ids=[
        "cut",
        "packed and cut",
        "not packed",
        "many packed",
        "br",
        "twice",
        "two lengths",
        "ssh",
        "nothing",
        "header",
        "empty",
        "206",
        "204",
        "101",
    ],
)
def test_what_is_not_a_whole_page_is_a_sentence(reply, site, limits):
    site.pages["/returns"] = reply
    refusal(site, limits)


@pytest.mark.parametrize(
    "kind", ["image/png", "video/mp4", "application/javascript", "text/css", "application/json", "application/zip"]
)
def test_what_cannot_be_a_document_is_not_loaded(kind, site, limits):
    site.pages["/returns"] = sends("x", kind)
    assert kind in refusal(site, limits).user_message


def test_a_sitemap_is_told_from_a_page(site, limits):
    site.pages["/returns"] = sends("<urlset/>", "application/xml")
    assert "as a sitemap" in refusal(site, limits).user_message
    assert asked(site, limits, sitemap=True)
    site.pages["/returns"] = page("Thirty days.")
    assert "as a page" in refusal(site, limits, sitemap=True).user_message


@pytest.mark.parametrize("code", [404, 410])
def test_a_page_that_is_gone_is_told_apart(code, site, limits):
    site.pages["/returns"] = status(code)
    assert isinstance(refusal(site, limits), Gone)


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("soon", 0), ("-5", 0), ("9" * 40, 999_999_999)])
def test_a_site_that_is_busy_says_for_how_long(said, seconds, site, limits):
    site.pages["/returns"] = status(503, Retry_After=said)
    assert refusal(site, limits).retry_after == seconds


def test_a_site_that_fails_once_answers_the_next_time(site, limits):
    site.pages["/returns"] = in_turn(status(500), page("Thirty days."))
    assert "problem of its own" in refusal(site, limits).user_message
    assert asked(site, limits)


def test_a_site_that_is_down_is_a_sentence(limits):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotFetched, match="could not be reached"):
        fetch(Address("http", "127.0.0.1", port, "/"), limits=limits)


def test_a_secure_address_that_speaks_no_https_is_a_sentence(site, limits):
    with pytest.raises(NotFetched, match="secure connection"):
        fetch(Address("https", "127.0.0.1", site.port, "/"), limits=limits)


def test_the_encoding_that_only_the_header_names_is_kept_in_the_file(site, limits):
    site.pages["/returns"] = sends("Rückgabe – 30 €".encode("cp1252"), "text/html; charset=windows-1252")
    assert asked(site, limits).body.decode("utf-8-sig") == "Rückgabe – 30 €"
    site.pages["/returns"] = sends("Rückgabe".encode(), "text/html; charset=nonsense")
    assert asked(site, limits).body == "Rückgabe".encode()


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "utf-7", "rot13", "base64"])
def test_an_encoding_that_no_page_is_written_in_is_not_tried(charset, site, limits):
    """Some of what Python calls an encoding takes hours for a large page, or makes another text of it."""
    body = b"9a" * 100_000
    site.pages["/returns"] = sends(body, f"text/html; charset={charset}")
    assert asked(site, limits).body == body
