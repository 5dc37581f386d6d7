"""The overview's alarm about models: for administrators, with what to do, and gone when the model answers again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from console.model_trouble import is_trouble, model_trouble
from llm.models import ModelCall

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_model(settings):
    settings.OPENAI_BASE_URL, settings.LLM_SMALL_MODEL, settings.OPENAI_API_KEY = "https://models.example/v1", "tiny", "sk-secret"


def calls(*endings, minutes_ago=1, **values):
    """The oldest first."""
    for place, ending in enumerate(endings):
        at = timezone.now() - timedelta(minutes=minutes_ago, seconds=-place)
        ModelCall.objects.create(**({"at": at, "model": "tiny", "tier": "small", "purpose": "answer", "ending": ending} | values))


@pytest.mark.parametrize(
    ("endings", "expected"),
    [
        ([], False),
        (["unauthorized"], True),
        (["finished", "unauthorized"], False),
        (["timeout", "timeout"], False),
        (["timeout", "busy", "server_error"], True),
        (["timeout", "finished", "timeout"], False),
        (["cancelled", "timeout", "timeout"], False),
        (["repeating", "timeout", "timeout"], False),
    ],
)
def test_one_bad_key_or_three_failures_in_a_row_are_worth_an_alarm(endings, expected):
    assert is_trouble(endings) is expected


def test_administrators_are_told_what_to_do_and_nobody_the_key(admin_client, staff_client):
    calls("finished", "unauthorized")
    shown = admin_client.get(reverse("console:home")).content.decode()
    assert "does not accept the key" in shown and "OPENAI_API_KEY" in shown and reverse("console:endpoints") in shown
    assert "sk-secret" not in shown
    assert "does not accept the key" not in staff_client.get(reverse("console:home")).content.decode()


def test_the_alarm_is_gone_when_the_model_answers_again():
    calls("timeout", "timeout", "timeout")
    assert len(model_trouble(timezone.now())) == 1
    calls("finished", minutes_ago=0)
    assert model_trouble(timezone.now()) == []


def test_what_is_long_ago_a_test_or_of_another_model_is_no_alarm():
    calls("unauthorized", minutes_ago=60)
    calls("unauthorized", purpose="test")
    calls("unauthorized", model="gone")
    calls("breaker_open")
    assert model_trouble(timezone.now()) == []
