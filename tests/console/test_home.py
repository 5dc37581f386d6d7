"""The overview's figures."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from console import waiting
from console.home import percentile, since
from console.traces import duration, waterfall
from retrieval.models import State
from tests.console.factories import a_conversation, a_version
from tests.console.test_addresses import a_source


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([7], 95, 7), ([3, 1, 2], 50, 2), (list(range(1, 101)), 95, 95), ([1, 2], 50, 1)],
)
def test_percentiles_are_measured_values(values, percent, expected):
    assert percentile(values, percent) == expected


@pytest.mark.django_db
def test_today_counts_what_happened_today():
    a_conversation(outcome="answered", timings_ms={"first_text": 10.0})
    a_conversation(outcome="no_answer", timings_ms={"first_text": 1500.0}, helpful=False)
    a_conversation(outcome="failed", timings_ms={})
    a_conversation(outcome="answered", minutes_ago=3 * 24 * 60)
    today = since(timezone.now() - timedelta(days=1))
    assert (today.conversations, today.turns, today.not_helpful) == (3, 3, 1)
    assert today.outcomes == [("answered", "Answered", 1), ("no_answer", "No answer", 1), ("failed", "Failed", 1)]
    assert (today.p50, today.p95, today.cost_usd) == ("10 ms", "1.5 s", Decimal("0.0036"))


@pytest.mark.django_db
def test_the_overview_names_what_failed_and_what_waits(staff_client):
    a_version()
    a_version(state=State.FAILED, reason="This file is empty.", filename="empty.md")
    a_conversation(state="open")
    page = staff_client.get("/console/").content.decode()
    assert "empty.md" in page and "This file is empty." in page and "<strong>1</strong><span>waiting for a person" in page


@pytest.mark.django_db
def test_what_waits_for_staff_is_named_and_leads_to_where_it_is_done(staff_client):
    assert "wait for you" not in staff_client.get("/console/").content.decode()
    ready = a_version("Sale items", state=State.READY, note="as agreed <b>with</b> sales")
    failed = a_version(state=State.FAILED, reason="This file is empty.", filename="empty.md")
    mended = a_version(state=State.FAILED, reason="Damaged.", filename="damaged.md")
    a_version(document=mended.document)
    gone = a_source("https://shop.example/gone", outcome="gone", result="The page is no longer there.")
    a_source("https://shop.example/fine")
    paused = a_source("https://shop.example/paused", outcome="failed", is_paused=True)
    held = a_source("https://shop.example/held")
    held.pages.update(document=ready.document)
    page = staff_client.get("/console/").content.decode()
    assert f'href="/console/versions/{ready.pk}/decide/">Sale items v1</a>' in page and "as agreed &lt;b&gt;with" in page
    assert f'href="/console/documents/{failed.document.slug}/">empty.md</a>' in page and "This file is empty." in page
    assert "damaged.md" not in page
    assert f'href="/console/addresses/{gone.pk}/"' in page and "Gone. The page is no longer there." in page
    assert f'href="/console/addresses/{held.pk}/"' in page and "Your decision." in page
    assert "shop.example/fine" not in page and paused.address not in page
    assert "Show all" not in page


@pytest.mark.django_db
def test_of_much_that_waits_the_newest_is_named_and_the_rest_counted(staff_client, monkeypatch):
    monkeypatch.setattr(waiting, "SHOWN", 2)
    for n in range(3):
        a_version(state=State.FAILED, reason="Empty.", filename=f"file-{n}.md")
    page = staff_client.get("/console/").content.decode()
    assert "file-2.md" in page and "file-1.md" in page and "file-0.md" not in page
    assert '<a href="/console/documents/?show=failed">Show all 3</a>' in page


@pytest.mark.django_db
def test_model_cost_is_for_administrators(staff_client, admin_client):
    assert "spent on models" not in staff_client.get("/console/").content.decode()
    assert "spent on models" in admin_client.get("/console/").content.decode()


def test_the_waterfall_draws_lookup_and_search_side_by_side():
    bars = waterfall({"total": 20, "search": 8, "understand": 2, "orders": 4, "first_text": 11, "odd": 1})
    assert [(bar.name, bar.start, bar.width) for bar in bars] == [
        ("Understand", 0.0, 10.0),
        ("Orders", 10.0, 20.0),
        ("Search", 10.0, 40.0),
        ("Odd", 0.0, 5.0),
        ("First text", 0.0, 55.0),
        ("Whole turn", 0.0, 100.0),
    ]
    assert waterfall({}) == [] and waterfall({"total": 0, "x": "y"}) == []


@pytest.mark.parametrize(("ms", "words"), [(0.42, "0.4 ms"), (12.4, "12 ms"), (1234, "1.2 s")])
def test_durations_read_like_durations(ms, words):
    assert duration(ms) == words
