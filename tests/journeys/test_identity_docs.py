"""What docs/identity.md tells a shop to do is what is believed."""

import re

from django.conf import settings
from django.utils import timezone

from orders import verification
from orders.signed_identity import Trust, check_hash, read_token

DOCS = (settings.BASE_DIR / "docs" / "identity.md").read_text("utf-8")
SECRET = "kX7mQ2pL9vRt4Wz8-kX7mQ2pL9vRt4Wz8"


def test_the_example_in_python_makes_what_is_believed():
    made: dict = {}
    exec(re.search(r"```python\n(.+?)```", DOCS, re.DOTALL)[1], made)
    trust = Trust((("HS256", SECRET),))
    assert read_token(made["chat_token"]("ana@example.com", SECRET), trust=trust, at=timezone.now()).email == "ana@example.com"
    assert made["chat_token"]("a@b.co", SECRET) != made["chat_token"]("a@b.co", SECRET)
    assert check_hash("ana@example.com", made["identifier_hash"](" Ana@Example.com", SECRET), trust=trust) == "ana@example.com"


def test_the_limits_are_those_that_are_told():
    told = [int(n) for n in re.findall(r"^\| (?:codes|wrong tries) .+\| (\d+) \|$", DOCS, re.MULTILINE)]
    names = ("CODES_PER_EMAIL", "CODES_PER_SCOPE", "CODES_PER_ADDRESS", "WRONG_TRIES_PER_EMAIL", "WRONG_TRIES_PER_ADDRESS")
    assert told == [getattr(verification, name) for name in names]


def test_every_setting_it_names_exists():
    for name in set(re.findall(r"\b(?:IDENTITY|SIGN_IN)_[A-Z_]+\b", DOCS)):
        assert hasattr(settings, name), name
