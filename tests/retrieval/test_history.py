"""What is kept of a version's life, and what the calendar adds to it."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from retrieval.errors import NotPossibleNow, Unreadable
from retrieval.history import ENDED, time_line
from retrieval.ingestion import advance, retry, withdraw
from retrieval.models import Audience, DocumentVersion, IndexChange, State
from retrieval.publishing import change_audience, keep_ready, release
from tests.retrieval.stand_ins import parts, upload

pytestmark = pytest.mark.django_db

TEXT = "# Returns\n\nYou can return a jacket within 30 days."


def steps(version: DocumentVersion, *, now: datetime | None = None) -> list[str]:
    version.refresh_from_db()
    return [str(step.state) for step in time_line(version, version.events.all(), now=now or timezone.now())]


def midnight(days: int) -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


def waiting(text: str = TEXT, **options) -> DocumentVersion:
    """A version that is prepared and waits for a person."""
    version = upload(text, **options)
    DocumentVersion.objects.filter(pk=version.pk).update(state=State.READY, published_at=None)
    IndexChange.objects.filter(version=version).delete()
    version.refresh_from_db()
    return version


def test_every_step_is_kept_with_its_time_its_reason_and_who_made_it():
    ana = User(username="ana")
    first = upload(TEXT)
    second = upload(TEXT + "!")
    withdraw(second, author=ana, reason="wrong prices")
    assert steps(first) == ["received", "reading", "embedding", "published", "superseded"]
    assert first.events.last().reason == "Version 2 took its place."
    assert steps(second) == ["received", "reading", "embedding", "published", "withdrawn"]
    last = second.events.last()
    assert (last.reason, last.by) == ("wrong prices", "ana")
    moments = list(second.events.values_list("at", flat=True))
    assert moments == sorted(moments)


def test_a_failure_and_the_next_try_are_kept():
    def broken(data, filename):
        raise Unreadable("This PDF is encrypted.")

    version = retry(upload(TEXT, using=parts(read=broken)), author=User(username="bo"))
    advance(version, parts=parts())
    assert steps(version) == ["received", "reading", "failed", "received", "reading", "embedding", "published"]
    assert list(version.events.values_list("reason", "by"))[2:4] == [("This PDF is encrypted.", ""), ("Tried again.", "bo")]


def test_a_version_with_a_first_day_to_come_is_scheduled_and_published_from_midnight_on_without_any_process():
    version = upload(TEXT, effective_from=timezone.localdate() + timedelta(days=3))
    assert version.state_on(timezone.localdate()) == State.SCHEDULED
    assert version.state_on(timezone.localdate() + timedelta(days=3)) == State.PUBLISHED
    assert steps(version)[-1] == "scheduled"
    assert steps(version, now=midnight(3) - timedelta(seconds=1))[-1] == "scheduled"
    assert steps(version, now=midnight(3))[-1] == "published"


def test_a_scheduled_version_that_was_withdrawn_before_its_first_day_was_never_published():
    version = upload(TEXT, effective_from=timezone.localdate() + timedelta(days=3))
    withdraw(version)
    assert steps(version, now=midnight(9))[-2:] == ["scheduled", "withdrawn"]


def test_the_last_day_of_a_version_is_on_its_line():
    version = upload(TEXT, effective_until=timezone.localdate() + timedelta(days=2))
    assert steps(version, now=midnight(2) - timedelta(seconds=1))[-1] == "published"
    assert steps(version, now=midnight(2))[-1] == ENDED
    over = upload(TEXT, "old.md", effective_from=timezone.localdate() - timedelta(days=9), effective_until=timezone.localdate())
    assert steps(over)[-2:] == ["published", ENDED]


def test_a_waiting_version_answers_only_once_it_is_released_and_then_replaces_the_old_one():
    old = upload(TEXT)
    version = waiting(TEXT + "!")
    DocumentVersion.objects.filter(pk=old.pk).update(state=State.PUBLISHED)
    assert DocumentVersion.objects.in_force(on=timezone.localdate()).get() == old
    released = release(version, author=User(username="cy"))
    assert (released.state, released.published_at is not None) == (State.PUBLISHED, True)
    assert DocumentVersion.objects.in_force(on=timezone.localdate()).get() == version
    assert version.events.last().by == "cy"
    with pytest.raises(NotPossibleNow, match="does not wait"):
        release(version)


def test_releasing_and_withdrawing_the_other_is_one_step_or_none():
    other = upload("# Exchanges\n\nWithin 14 days.", "exchanges.md")
    version = waiting()
    release(version, withdrawing=[other], author=User(username="cy"))
    other.refresh_from_db()
    assert other.state == State.WITHDRAWN and "“Returns”, version 1" in other.reason
    failed = upload(" ", "empty.md")
    with pytest.raises(NotPossibleNow):
        release(waiting(TEXT, filename="b.md"), withdrawing=[failed])
    assert DocumentVersion.objects.get(filename="b.md").state == State.READY


def test_a_waiting_version_can_be_discarded_and_never_answered():
    version = withdraw(waiting(), reason="not needed")
    assert (version.state, version.published_at) == (State.WITHDRAWN, None)
    assert not IndexChange.objects.exists()


def test_a_worker_that_lost_its_claim_makes_nothing_ready():
    version = upload(TEXT)
    assert not keep_ready(version, [], "recipe", reason="Please decide.")
    assert version.chunks.exists()


def test_another_audience_holds_at_once_for_every_process():
    version = upload(TEXT)
    change_audience(version, Audience.STAFF, author=User(username="ana"))
    assert (version.audience, version.events.last().reason) == (Audience.STAFF, "From now on for staff only.")
    assert [change.action for change in IndexChange.objects.order_by("id")] == ["added", "redated"]
    change_audience(version, Audience.STAFF)
    assert IndexChange.objects.count() == 2
    assert upload(TEXT + "!").audience == Audience.STAFF, "the next version is for the same readers unless staff say otherwise"


def test_a_reader_sees_what_is_for_more_people_too():
    assert Audience.EVERYONE.may_read == (Audience.EVERYONE,)
    assert Audience.CUSTOMERS.may_read == (Audience.EVERYONE, Audience.CUSTOMERS)
    assert Audience.STAFF.may_read == tuple(Audience)
