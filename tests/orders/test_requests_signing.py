"""Who knows the secret, and said it just now."""

from datetime import timedelta

import pytest

from orders.requests_settings import problems
from orders.requests_signing import NotSigned, check, headers_for, key_of
from tests.factories import moment

NOW, BODY = moment(11, 21), b'{"state":"done"}'
SECRET, OTHER = "k7QwZ0pLm3XvT9rBn5Yd" * 2, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_published_example_of_the_standard_gives_its_signature():
    """The example of the Standard Webhooks libraries, so that the shop can use any of them."""
    body = b'{"test": 2432232314}'
    headers = headers_for(
        body, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=NOW.fromtimestamp(1614265330, NOW.tzinfo), secrets=[OTHER]
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("ours", [[SECRET], [OTHER], [SECRET, OTHER], [OTHER, SECRET]])
@pytest.mark.parametrize("theirs", [[SECRET, OTHER]])
def test_what_was_signed_with_a_secret_in_use_is_believed(ours, theirs):
    headers = headers_for(BODY, message_id="msg_1", at=NOW, secrets=ours)
    assert check(BODY, headers, at=NOW + timedelta(minutes=4), secrets=theirs) == "msg_1"


@pytest.mark.parametrize(
    ("changed", "body", "later"),
    [
        ({}, BODY + b" ", 0),
        ({"webhook-id": "msg_2"}, BODY, 0),
        ({"webhook-timestamp": "1"}, BODY, 0),
        ({"webhook-timestamp": "soon"}, BODY, 0),
        ({"webhook-timestamp": "²"}, BODY, 0),
        ({"webhook-signature": ""}, BODY, 0),
        ({"webhook-signature": "v1,ümlaut"}, BODY, 0),
        ({"webhook-signature": "v2,abc"}, BODY, 0),
        ({"webhook-id": ""}, BODY, 0),
        ({"webhook-id": "x" * 101}, BODY, 0),
        ({}, BODY, 6),
        ({}, BODY, -6),
    ],
)
def test_what_was_altered_is_too_old_or_has_no_signature_is_not_believed(changed, body, later):
    headers = headers_for(BODY, message_id="msg_1", at=NOW, secrets=[SECRET]) | changed
    with pytest.raises(NotSigned):
        check(body, headers, at=NOW + timedelta(minutes=later), secrets=[SECRET])


def test_nothing_is_believed_without_a_secret():
    with pytest.raises(NotSigned):
        check(BODY, headers_for(BODY, message_id="m", at=NOW, secrets=[SECRET]), at=NOW, secrets=[])
    with pytest.raises(ValueError, match="secret"):
        headers_for(BODY, message_id="m", at=NOW, secrets=[])


def test_a_secret_is_a_text_or_base64():
    assert key_of("plain") == b"plain"
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_not base64!")


@pytest.mark.parametrize(
    ("url", "secrets", "numbers"),
    [
        ("", [], []),
        ("https://shop.example/hook", [SECRET], []),
        ("https://shop.example/hook", [OTHER, SECRET], []),
        ("http://10.0.0.5:8080/hook", [SECRET], []),
        ("http://hooks/x", [SECRET], []),
        ("http://shop.example/hook", [SECRET], [60]),
        ("ftp://shop.example", [SECRET], [60]),
        ("https://shop.example/hook", [], [61]),
        ("https://shop.example/hook", ["whsec_%%"], [62]),
        ("https://shop.example/hook", ["short"], [63]),
        ("https://shop.example/hook", ["a" * 40], [63]),
        ("https://shop.example/hook", ["used" + SECRET], [64]),
    ],
)
def test_settings_that_cannot_work_are_named(url, secrets, numbers):
    found = list(problems(url=url, secrets=secrets, in_use={"used" + SECRET}))
    assert [problem.number for problem in found] == numbers
    assert not any(secret in problem.message + problem.hint for problem in found for secret in secrets)
