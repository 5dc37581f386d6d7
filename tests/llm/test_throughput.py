"""How fast a model reads and writes, from what its calls have shown."""

from datetime import UTC, datetime, timedelta

import pytest

from llm.models import ModelCall
from llm.throughput import FinishedCall, measured_speed, seconds_covered, speed_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def calls(
    count: int, *, every: float, first: float = 500, total: float = 2_500, output: int = 100, at: datetime = NOON
) -> list[FinishedCall]:
    """So many calls that end so many seconds apart; of each, the milliseconds until its first word and in all."""
    return [FinishedCall(at + timedelta(seconds=every * n), first, total, 1_000, output) for n in range(count)]


def test_seconds_that_lie_upon_each_other_count_once():
    def span(begin: float, end: float) -> tuple[datetime, datetime]:
        return NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)

    assert seconds_covered([]) == 0
    assert seconds_covered([span(5, 6), span(0, 1), span(0.5, 2), span(1, 1.5)]) == 3


def test_calls_one_after_the_other_show_the_speed_of_one():
    found = speed_of(calls(10, every=10))
    assert found is not None
    assert (found.output_per_second, found.each, found.at_once, found.calls) == (50, 50, 1, 10)
    assert found.input_per_second == 2_000


def test_calls_at_once_show_what_the_machine_can_do_together():
    found = speed_of(calls(40, every=0.25))
    assert found is not None and found.each == 50 and found.at_once == 10
    assert found.output_per_second == pytest.approx(40 * 100 / (2 + 39 * 0.25))


def test_the_hour_in_which_most_was_written_counts():
    busy = calls(40, every=0.25, at=NOON + timedelta(hours=3))
    assert speed_of([*calls(10, every=10), *busy]) == speed_of(busy)


@pytest.mark.parametrize(
    "few",
    [
        [],
        calls(9, every=10),
        calls(20, every=10, first=2_499),  # replies that came in one piece
        calls(20, every=10, first=0, total=0),
        calls(10, every=10, first=10, total=60),  # half a second of writing in all
    ],
    ids=["none", "too few", "not streamed", "without a time", "too short"],
)
def test_what_tells_nothing_is_not_taken_for_a_speed(few):
    assert speed_of(few) is None


@pytest.mark.django_db
def test_only_finished_calls_of_the_model_since_then_count():
    given = {
        "model": "ours", "tier": "small", "purpose": "answer", "ending": "finished", "input_tokens": 1_100, "cached_tokens": 100,
        "output_tokens": 100, "first_token_ms": 500.0, "total_ms": 2_500.0,
    }  # fmt: skip

    def store(count: int, *, at: datetime = NOON, **values) -> None:
        ModelCall.objects.bulk_create(ModelCall(at=at + timedelta(seconds=10 * n), **(given | values)) for n in range(count))

    store(10)
    store(30, model="theirs", output_tokens=900)
    store(30, ending="cancelled", output_tokens=900)
    store(30, at=NOON - timedelta(days=40), output_tokens=900)
    found = measured_speed("ours", NOON - timedelta(days=30))
    assert found is not None and (found.calls, found.output_per_second, found.input_per_second) == (10, 50, 2_000)
    assert measured_speed("nobody's", NOON - timedelta(days=30)) is None
