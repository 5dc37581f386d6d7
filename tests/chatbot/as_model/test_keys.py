"""API keys: what is kept of one, and what opens."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chatbot.as_model.keys import NameTaken, find_key, make_key, revoke_key
from chatbot.models import ApiKey

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def made(name="Help centre", **values):
    return make_key(name, **{"per_minute": 60, "expires_at": None, "by": "mia", "at": NOW} | values)


def test_a_key_is_256_random_bits_of_which_only_a_hash_is_kept():
    row, key = made()
    other = made("Other")[1]
    assert find_key(key, at=NOW).pk == row.pk
    assert len(key.split("_", 2)[2]) == 43 and key != other
    kept = str(ApiKey.objects.filter(pk=row.pk).values().get())
    assert key not in kept and key.split("_", 2)[2] not in kept


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: key[:-1],
        lambda key: key + "A",
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.upper(),
        lambda key: key.split("_")[1],
        lambda key: f" {key}",
        lambda key: "wab_" + "0" * 12 + "_" + "A" * 43,
        lambda key: "w\u00e4b_" + key[4:],
        lambda key: "x" * 100_000,
    ],
)
def test_anything_but_the_key_opens_nothing(spoil):
    _, key = made()
    assert find_key(spoil(key), at=NOW) is None


def test_a_wrong_key_asks_the_database_what_a_right_one_asks():
    """So that the time tells nothing of which beginnings there are."""
    _, key = made()
    find_key(key, at=NOW)
    asked = []
    for tried in (key, key[:-1] + "~", key[:20], "anything", "wab_" + "0" * 12 + "_" + "A" * 43):
        with CaptureQueriesContext(connection) as queries:
            find_key(tried, at=NOW)
        asked.append(len(queries))
    assert set(asked) == {1}


def test_a_revoked_key_and_an_expired_one_open_nothing():
    ends = NOW + timedelta(days=30)
    row, key = made(expires_at=ends)
    assert find_key(key, at=ends - timedelta(seconds=1)) is not None
    assert find_key(key, at=ends) is None
    assert revoke_key(row.pk, by="ben", at=NOW)
    assert find_key(key, at=NOW) is None
    assert not revoke_key(row.pk, by="someone else", at=NOW), "it was revoked once, by one person"
    row.refresh_from_db()
    assert row.revoked_by == "ben"


def test_the_last_use_is_kept_to_the_minute():
    row, key = made()
    for at in (NOW, NOW + timedelta(seconds=59), NOW + timedelta(seconds=90)):
        find_key(key, at=at)
        row.refresh_from_db()
        assert row.last_used_at == (NOW if at < NOW + timedelta(minutes=1) else at)


def test_a_name_is_used_once_among_the_keys_in_use():
    row, _ = made("Help centre")
    with pytest.raises(NameTaken):
        made("HELP centre")
    revoke_key(row.pk, by="mia", at=NOW)
    assert made("help centre")[0].pk != row.pk
