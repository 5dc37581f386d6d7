"""Texts for reading: a citation opens its words for ever, and nobody learns of what was never published."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from retrieval.ingestion import receive, withdraw
from retrieval.policies import get_policy, list_policies
from tests.retrieval.stand_ins import PlainReading, parts, upload

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "# Returns\n\nYou can return a jacket within 30 days."
send = sync_to_async(upload)


async def test_a_published_version_is_read_whole():
    await send(TEXT, "returns.md", category="returns")
    policy = await get_policy("returns", 1)
    assert (policy.title, policy.category, policy.version, policy.markdown) == ("Returns", "returns", 1, TEXT)
    assert policy.is_current
    assert policy.state == "published"


async def test_a_superseded_version_stays_readable_and_says_so():
    await send(TEXT)
    await send(TEXT + "!")
    old, new = await get_policy("returns", 1), await get_policy("returns", 2)
    assert (old.state, old.is_current, old.markdown) == ("superseded", False, TEXT)
    assert new.is_current


async def test_a_withdrawn_version_is_marked():
    await sync_to_async(withdraw)(await send(TEXT))
    assert (await get_policy("returns", 1)).state == "withdrawn"


async def test_what_was_never_published_looks_like_what_does_not_exist():
    await sync_to_async(receive)(TEXT.encode(), "received.md", queue=False)
    await send("x", "failed.md", using=parts(read=lambda data, name: PlainReading("")))
    for slug, number in [("received", 1), ("failed", 1), ("unknown", 1), ("received", 2)]:
        assert await get_policy(slug, number) is None


async def test_the_list_has_what_is_in_force_on_the_day_without_the_texts():
    today, later = timezone.localdate(), timezone.localdate() + timedelta(days=7)
    await send(TEXT)
    await send(TEXT + "!", effective_from=later)
    assert [(policy.version, policy.is_current, policy.markdown) for policy in await list_policies(today)] == [(1, True, "")]
    assert [(policy.version, policy.is_current) for policy in await list_policies(later)] == [(2, False)]


async def test_one_policy_is_looked_up_alone():
    today = timezone.localdate()
    await send(TEXT)
    await send("# Shipping\n\nTwo days.", "shipping.md")
    assert [policy.title for policy in await list_policies(today, slug="shipping")] == ["Shipping"]
    assert await list_policies(today, slug="unknown") == []
