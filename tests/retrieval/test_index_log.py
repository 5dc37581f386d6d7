"""The log that indexes follow: it is cut to what somebody may still read, and whoever comes too late notices."""

from datetime import timedelta

import pytest
from django.utils import timezone

from retrieval.index.local import LocalIndex
from retrieval.index.log import EMPTY, News, Position, newest_position, trim
from retrieval.ingestion import withdraw
from retrieval.models import IndexChange
from retrieval.tasks import sweep
from tests.retrieval.stand_ins import upload
from tests.retrieval.test_index import found

pytestmark = pytest.mark.django_db(transaction=True)


def rows(*ages_in_days):
    """Log rows of one version, oldest first."""
    version = upload("# Rule\n\nA rule about jackets.", "rule.md")
    IndexChange.objects.all().delete()
    made = []
    for age in ages_in_days:
        row = IndexChange.objects.create(version=version, action="redated")
        IndexChange.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=age))
        made.append(row.pk)
    return made


def left():
    return list(IndexChange.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("ages", "kept_rows", "stay"),
    [
        ([30, 20, 10, 1, 0], 1, 2),  # young ones stay, however many
        ([30, 20, 10, 9, 8], 3, 3),  # the newest stay, however old
        ([30, 20, 10], 100, 3),
        ([30, 1, 20, 0], 1, 3),  # a clock that was wrong makes no gap: only the oldest go
        ([30, 20], 0, 1),  # never all: the newest tells a replica that this is still its log
        ([], 5, 0),
    ],
)
def test_only_what_is_both_old_and_far_back_is_removed(ages, kept_rows, stay):
    made = rows(*ages)
    assert trim(now=timezone.now(), kept_for=timedelta(days=7), kept_rows=kept_rows) == len(ages) - stay
    assert left() == made[len(ages) - stay :]


def test_the_sweep_trims(monkeypatch):
    made = rows(30, 20, 0)
    monkeypatch.setattr("retrieval.index.log.trim.__kwdefaults__", {"kept_for": timedelta(days=7), "kept_rows": 1})
    sweep()
    assert left() == made[2:]


def test_a_replica_that_was_away_for_too_long_begins_anew():
    version = upload("# Jackets\n\nReturn a jacket in 30 days.", "jackets.md")
    away = LocalIndex()
    assert found(away, "jacket") == ["Jackets"]
    withdraw(version)
    upload("# Tents\n\nReturn a tent in 10 days.", "tents.md")
    trim(now=timezone.now() + timedelta(days=30), kept_rows=1)
    assert len(left()) == 1
    assert found(away, "return jacket tent") == ["Tents"]


def test_who_has_seen_an_empty_log_does_not_take_what_is_left_of_a_trimmed_one_for_all():
    early = LocalIndex()
    assert found(early, "jacket") == []
    upload("# Jackets\n\nReturn a jacket in 30 days.", "jackets.md")
    upload("# Tents\n\nReturn a tent in 10 days.", "tents.md")
    trim(now=timezone.now() + timedelta(days=30), kept_rows=1)
    assert sorted(found(early, "return jacket tent")) == ["Jackets", "Tents"]


def test_news_are_what_came_after_a_position():
    assert News(EMPTY).is_same_log and newest_position() == EMPTY
    first, *later = rows(2, 1, 0)
    position = Position(first, IndexChange.objects.get(pk=first).key)
    news = News(position)
    assert news.is_same_log and [entry.id for entry in news.entries] == later
    assert not News(position._replace(key="another")).is_same_log
    assert not News(EMPTY).is_same_log
