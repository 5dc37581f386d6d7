"""The console's page of models: administrators set them up, test them and put them in order; a key is never kept, shown or sent astray."""

import re

import pytest
from django.urls import reverse

from chatbot.models import AuditEntry
from llm import endpoints
from llm.client import configured
from llm.models import ModelCall, ModelEndpoint
from llm.routing import Tier
from tests.fake_openai import in_thread, says, status

pytestmark = pytest.mark.django_db(transaction=True)
GIVEN = {
    "name": "Near",
    "tier": "small",
    "base_url": "http://localhost:11434/v1/",
    "model": "tiny",
    "key_variable": "LLM_KEY_NEAR",
    "context_tokens": "8192",
    "answer_tokens": "300",
    "first_token_seconds": "2.5",
    "total_seconds": "20",
    "concurrent": "4",
    "notes": "On the machine under the stairs",
}


@pytest.fixture(autouse=True)
def a_key(settings):
    settings.LLM_KEYS = {"LLM_KEY_NEAR": "sk-near"}
    yield
    endpoints._memory.rows, endpoints._memory.until = (), 0.0


def add(client, **changed):
    return client.post(reverse("console:endpoint-add"), GIVEN | changed)


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def made(client, **changed) -> ModelEndpoint:
    assert add(client, **changed).status_code == 302
    return ModelEndpoint.objects.latest("pk")


def names(tier=Tier.SMALL):
    return [one.endpoint for one in configured()[tier].candidates] if tier in configured() else []


def test_a_model_is_set_up_counts_at_once_and_is_kept_without_its_key(admin_client):
    row = made(admin_client)
    assert (row.base_url, row.context_tokens, row.first_token_seconds, row.enabled) == (
        "http://localhost:11434/v1",
        8192,
        2.5,
        True,
    )
    client = configured()[Tier.SMALL]
    assert (client.endpoint, client.api_key, client.limits.concurrent) == ("Near", "sk-near", 4)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.subject) == ("added a model", "Near") and "LLM_KEY_NEAR" in entry.detail
    shown = words(admin_client.get(reverse("console:endpoints"))) + words(
        admin_client.get(reverse("console:endpoint", args=[row.pk]))
    )
    assert "Not tested" in shown and "sent to this host" in shown
    kept = str([*AuditEntry.objects.values(), *ModelEndpoint.objects.values()]) + shown
    assert "sk-near" not in kept


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key_variable": "SECRET_KEY"}, "begins with LLM_KEY_"),
        ({"key_variable": "DATABASE_URL"}, "begins with LLM_KEY_"),
        ({"key_variable": "sk-live-typed-by-mistake"}, "replace it at its provider"),
        ({"base_url": "http://169.254.169.254/latest"}, "credentials"),
        ({"base_url": "https://ann:secret@models.example/v1"}, "without a name or password"),
        ({"base_url": "file:///etc/passwd"}, "http:// or https://"),
        ({"tier": "none"}, "choose the tier"),
        ({"name": ""}, "fill in: name"),
        ({"context_tokens": "many"}, "a number: tokens of context"),
        ({"context_tokens": "100"}, "from 512"),
        ({"answer_tokens": "8000"}, "half of the context"),
        ({"first_token_seconds": "nan"}, "a number"),
        ({"first_token_seconds": "30"}, "cannot be more"),
        ({"concurrent": "0"}, "from 1 to"),
        ({"total_seconds": "31"}, "LLM_TIMEOUT_SECONDS"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(admin_client, changed, said):
    answer = add(admin_client, **changed)
    assert answer.status_code == 400 and said in words(answer)
    assert not ModelEndpoint.objects.exists()
    assert "sk-live" not in words(answer) and "On the machine under the stairs" in words(answer)


def test_a_name_stands_for_one_model(admin_client):
    made(admin_client)
    answer = add(admin_client)
    assert answer.status_code == 400 and "name of its own" in words(answer)


def test_a_change_ends_what_a_test_has_found_and_is_audited(admin_client):
    row = made(admin_client)
    ModelEndpoint.objects.update(tested_at=row.created_at, test={"works": True})
    address = reverse("console:endpoint", args=[row.pk])
    admin_client.post(address, GIVEN | {"notes": "Moved"})
    row.refresh_from_db()
    assert row.tested_at and row.notes == "Moved"
    admin_client.post(address, GIVEN | {"notes": "Moved", "model": "larger", "tier": "large"})
    row.refresh_from_db()
    assert (row.tested_at, row.test, row.model) == (None, {}, "larger")
    assert names() == [] and names(Tier.LARGE) == ["Near"]
    details = AuditEntry.objects.filter(action="changed a model").order_by("pk").values_list("detail", flat=True)
    assert [*details] == ["notes: …", "model: larger; tier: large"]


def test_models_are_put_in_order_switched_off_and_removed(admin_client):
    first, second = made(admin_client, name="One"), made(admin_client, name="Two", base_url="http://localhost:2/v1")
    assert names() == ["One", "Two"]
    admin_client.post(reverse("console:endpoint-move", args=[second.pk]), {"to": "earlier"})
    assert names() == ["Two", "One"]
    admin_client.post(reverse("console:endpoint-move", args=[second.pk]), {"to": "earlier"})
    assert names() == ["Two", "One"]
    for _ in range(2):  # a double click
        admin_client.post(reverse("console:endpoint-switch", args=[second.pk]), {"on": "no"})
    assert names() == ["One"] and "Switched off" in words(admin_client.get(reverse("console:endpoints")))
    assert "Remove “One”?" in words(admin_client.get(reverse("console:endpoint-remove", args=[first.pk])))
    admin_client.post(reverse("console:endpoint-remove", args=[first.pk]))
    assert names() == [] and [*ModelEndpoint.objects.values_list("name", flat=True)] == ["Two"]
    actions = [*AuditEntry.objects.filter(subject__in=("One", "Two")).order_by("pk").values_list("action", "detail")][2:]
    assert actions == [
        ("moved a model", "place 1 of small"),
        ("switched a model", "off"),
        ("removed a model", "tiny at localhost:11434"),
    ]


def test_a_model_without_its_key_is_passed_over_and_says_so(admin_client, settings):
    settings.LLM_KEYS = {}
    row = made(admin_client)
    assert names() == []
    assert "Key is missing" in words(admin_client.get(reverse("console:endpoints")))
    answer = admin_client.post(reverse("console:endpoint-test", args=[row.pk]), follow=True)
    assert "LLM_KEY_NEAR is not set here" in words(answer) and not ModelCall.objects.exists()


def test_the_connection_is_tested_and_what_was_found_is_kept(admin_client):
    with in_thread(says("one, two, three, four, five, six", delay=0.003)) as server:
        row = made(admin_client, base_url=server.base_url)
        answer = words(admin_client.post(reverse("console:endpoint-test", args=[row.pk]), follow=True))
    assert "“tiny” answers." in answer and "First word after" in answer and "streams, counts its tokens." in answer
    row.refresh_from_db()
    assert row.tested_at and row.test["works"] and row.test["context_ok"] is False  # it has counted 100 tokens of thousands
    assert "Look at its context" in words(admin_client.get(reverse("console:endpoints")))
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer sk-near"] * 2
    assert ModelCall.objects.filter(purpose="test", endpoint="Near").count() == 2


def test_a_test_that_fails_says_what_to_do(admin_client):
    with in_thread(status(401, message="Incorrect key sk-near")) as server:
        row = made(admin_client, base_url=server.base_url)
        answer = words(admin_client.post(reverse("console:endpoint-test", args=[row.pk]), follow=True))
    assert "Put the right one into LLM_KEY_NEAR" in answer and "sk-near" not in answer
    assert "Does not answer" in words(admin_client.get(reverse("console:endpoints")))
    assert AuditEntry.objects.latest("pk").action == "tested a model"
    assert "sk-near" not in str([*ModelCall.objects.values(), *AuditEntry.objects.values()])


def test_the_environment_s_model_is_shown_last_and_can_be_tested(admin_client, settings):
    made(admin_client)
    with in_thread(says("one, two, three", usage=None)) as server:
        settings.OPENAI_BASE_URL, settings.LLM_SMALL_MODEL = server.base_url, "env-model"
        page = words(admin_client.get(reverse("console:endpoints")))
        assert page.index("Near") < page.index("env-model") and "Last in line" in page
        answer = words(admin_client.post(reverse("console:endpoint-environment-test"), {"tier": "small"}, follow=True))
        assert "“env-model” answers." in answer and "they are estimated" in answer
        assert admin_client.post(reverse("console:endpoint-environment-test"), {"tier": "large"}).status_code == 404


def test_nobody_but_administrators_gets_in(client, staff_client, admin_client):
    row = made(admin_client)
    for one, code in ((client, 302), (staff_client, 404)):
        for name, args in (("endpoints", []), ("endpoint-add", []), ("endpoint", [row.pk]), ("endpoint-remove", [row.pk])):
            assert one.get(reverse(f"console:{name}", args=args)).status_code == code
        for name in ("endpoint-switch", "endpoint-move", "endpoint-test", "endpoint-remove"):
            assert one.post(reverse(f"console:{name}", args=[row.pk])).status_code == code
    row.refresh_from_db()
    assert row.enabled and row.tested_at is None and not ModelCall.objects.exists()
