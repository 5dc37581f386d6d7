"""Sums of days and hours: kept once a day is over, true while it is not, and the same either way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from llm import metering_days
from llm.metering_days import day_sums, hours, models_called, most_at_once, sum_up
from llm.models import DaySum, HourSum, ModelCall, SummedUp

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def a_call(at: datetime, **values) -> ModelCall:
    given = {
        "model": "tiny", "tier": "small", "purpose": "answer", "ending": "finished", "input_tokens": 100, "cached_tokens": 10,
        "output_tokens": 20, "cost_usd": Decimal("0.000150"), "total_ms": 1_000.0,
    } | values  # fmt: skip
    return ModelCall.objects.create(at=at, **given)


@pytest.fixture
def calls(db):
    for day in (10, 12, 23, 24):
        for minute in range(3):
            a_call(datetime(2026, 11, day, 9, minute, tzinfo=UTC))
    a_call(datetime(2026, 11, 12, 9, 0, 0, 500_000, tzinfo=UTC), model="grand", tier="large", cost_usd=None, estimated=True)
    a_call(datetime(2026, 11, 12, 23, 59, 59, tzinfo=UTC), ending="timeout", purpose="rephrase")


def test_calls_are_summed_by_day_model_tier_purpose_and_ending(calls):
    sums = day_sums(date(2026, 11, 12), date(2026, 11, 12))
    assert [(s.model, s.purpose, s.ending, s.calls, s.unpriced, s.estimated, s.cost_micros) for s in sums] == [
        ("grand", "answer", "finished", 1, 1, 1, 0),
        ("tiny", "answer", "finished", 3, 0, 0, 450),
        ("tiny", "rephrase", "timeout", 1, 0, 0, 150),
    ]
    assert sums[1].input_tokens == 300 and sums[1].cached_tokens == 30 and sums[1].output_tokens == 60


def test_kept_sums_are_those_of_the_calls_and_today_is_never_kept(calls):
    live = day_sums(FIRST, LAST), hours(FIRST, LAST)
    assert sum_up(NOON)
    assert (day_sums(FIRST, LAST), hours(FIRST, LAST)) == live
    assert SummedUp.objects.get().until == date(2026, 11, 24)
    assert not DaySum.objects.filter(day=date(2026, 11, 24)).exists()
    a_call(NOON)
    assert sum(s.calls for s in day_sums(date(2026, 11, 24), date(2026, 11, 24))) == 4


def test_a_day_is_not_over_before_its_last_calls_are_stored_also_where_the_clock_ran_ahead(calls):
    sum_up(datetime(2026, 11, 25, 1, 5, tzinfo=UTC))
    assert SummedUp.objects.get().until == date(2026, 11, 24)
    sum_up(datetime(2026, 11, 25, 2, 5, tzinfo=UTC))
    assert SummedUp.objects.get().until == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("zone", "day", "hours_long"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # this day has no midnight: the clock goes from 23:59 to 1:00
        ("America/Havana", date(2026, 11, 1), 25),  # this one has two
        ("UTC", date(2028, 2, 29), 24),
    ],
)
def test_each_call_counts_on_one_day_also_when_clocks_are_changed(db, settings, zone, day, hours_long):
    settings.TIME_ZONE = zone
    here, before = ZoneInfo(zone), day - timedelta(days=1)
    noon = datetime.combine(before, time(12), here).astimezone(UTC)
    for hour in range(60):
        a_call(noon + timedelta(hours=hour))
    last = day + timedelta(days=2)
    live = [(s.day, s.calls) for s in day_sums(before, last)]
    assert dict(live)[day] == hours_long and sum(calls for _, calls in live) == 60
    sum_up(datetime.combine(last + timedelta(days=1), time(12), here))
    assert [(s.day, s.calls) for s in day_sums(before, last)] == live


@pytest.mark.django_db(transaction=True)
def test_two_who_sum_up_the_same_day_at_once_do_not_disturb_each_other(monkeypatch):
    a_call(NOON - timedelta(days=1))
    together = Barrier(2, timeout=20)
    of_day = metering_days._of_day

    def waiting(day):
        sums = of_day(day)
        together.wait()
        return sums

    def one(_: int) -> bool:
        try:
            return sum_up(NOON)
        finally:
            connection.close()

    monkeypatch.setattr(metering_days, "_of_day", waiting)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, range(2))) == [True, True]
    assert (DaySum.objects.get().calls, HourSum.objects.get().calls) == (1, 1)


def test_summing_up_goes_on_where_it_stopped_and_twice_is_once(calls):
    assert not sum_up(NOON, most=1)
    assert SummedUp.objects.get().until == date(2026, 11, 12)  # the silent day between is passed over
    half = day_sums(FIRST, LAST)
    assert sum_up(NOON) and sum_up(NOON)
    assert day_sums(FIRST, LAST) == half
    assert DaySum.objects.count() == 5 and HourSum.objects.count() == 4


def test_days_that_are_over_are_not_read_call_by_call(calls, django_assert_num_queries):
    sum_up(NOON)
    with django_assert_num_queries(2) as asked:
        day_sums(FIRST, date(2026, 11, 23))
    assert isinstance(asked, CaptureQueriesContext)
    assert not any("llm_modelcall" in query["sql"] for query in asked.captured_queries)


def test_without_any_call_there_is_nothing(db):
    assert sum_up(NOON) and day_sums(FIRST, LAST) == [] and hours(FIRST, LAST) == [] and models_called(LAST) == []


def test_the_models_of_the_last_month_are_named(calls):
    assert models_called(date(2026, 11, 24)) == ["grand", "tiny"]
    assert models_called(date(2026, 11, 24), days=2) == ["tiny"]


def test_calls_under_way_together_are_counted(calls):
    def span(begin: float, end: float) -> tuple[datetime, datetime]:
        return NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)

    assert most_at_once([]) == 0
    assert most_at_once([span(0, 1), span(1, 2)]) == 1
    assert most_at_once([span(0, 5), span(1, 2), span(1.5, 3), span(2.5, 4)]) == 3
    (hour,) = hours(date(2026, 11, 24), date(2026, 11, 24))
    assert (hour.calls, hour.busy_ms, hour.most_at_once) == (3, 3_000.0, 1)
