"""Budgets of API keys in the console: set for a key by its name, shown beside what it has spent, and gone when it is revoked."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.as_model.keys import make_key
from chatbot.models import AuditEntry
from llm import budget_notices, budget_terms
from llm.budget_counting import add
from llm.models import Budget

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    for module in (budget_terms, budget_notices):
        module.forget()
    yield
    for module in (budget_terms, budget_notices):
        module.forget()


@pytest.fixture
def key():
    return make_key("<Help> centre", per_minute=60, expires_at=None, by="mia", at=timezone.now())[0]


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def give(client, key, **values):
    given = {"scope": f"key:{key.prefix}", "period": "month", "limit_usd": "5", "warn_percent": "80"}
    return client.post(reverse("console:budgets"), given | values, follow=True)


def test_a_key_is_given_a_budget_under_its_name(admin_client, key):
    offered = text(admin_client.get(reverse("console:budgets"), {"scope": f"key:{key.prefix}"}))
    assert f'<option value="key:{key.prefix}" selected>the API key “&lt;Help&gt; centre”</option>' in offered
    said = text(give(admin_client, key))
    assert "The monthly budget of the API key “&lt;Help&gt; centre” is $5" in said and "<Help>" not in said
    assert AuditEntry.objects.get(action="set a budget").subject == "the monthly budget of the API key “<Help> centre”"
    assert Budget.objects.get().scope == f"key:{key.prefix}"


@pytest.mark.parametrize("scope", ["key:", "key:0123456789ab", "key:%", "visitor:x"])
def test_what_is_no_key_gets_no_budget(admin_client, key, scope):
    refused = give(admin_client, key, scope=scope)
    assert refused.status_code == 400 and "choose what the budget is for" in text(refused) and not Budget.objects.exists()


def test_the_page_of_keys_shows_what_each_has_spent_of_its_budget(admin_client, key):
    assert "Set a budget" in text(admin_client.get(reverse("console:api-keys")))
    add([f"key:{key.prefix}"], timezone.localdate(), spent=1_250_000)
    give(admin_client, key)
    give(admin_client, key, period="day", limit_usd="1")
    said = text(admin_client.get(reverse("console:api-keys")))
    assert "$1.25" in said and "of $1.00 a day, $5.00 a month" in said and f"?scope=key%3A{key.prefix}" in said
    overview = text(admin_client.get(reverse("console:budgets")))
    assert "The daily budget of the API key “&lt;Help&gt; centre”" in overview and "Who asks with it is answered" in overview


def test_a_key_that_is_revoked_leaves_no_budget_and_no_alarm(admin_client, key):
    add([f"key:{key.prefix}"], timezone.localdate(), spent=9_000_000)
    give(admin_client, key)
    assert "“&lt;Help&gt; centre” is used up" in text(admin_client.get(reverse("console:home")))
    admin_client.post(reverse("console:api-key-revoke", args=[key.pk]))
    assert not Budget.objects.exists() and "used up" not in text(admin_client.get(reverse("console:home")))
    assert key.prefix not in text(admin_client.get(reverse("console:budgets")))


def test_support_staff_set_none(staff_client, key):
    assert give(staff_client, key).status_code == 404 and not Budget.objects.exists()
