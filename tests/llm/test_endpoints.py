"""Which endpoints there are: those of the console first, the environment's last, and no key where it does not belong."""

import pytest

from config.env import named_like
from llm import endpoints
from llm.client import configured
from llm.keys import key_of, may_be_named, names_set
from llm.models import ModelEndpoint
from llm.routing import Tier


@pytest.fixture(autouse=True)
def nothing_remembered():
    yield
    endpoints._memory.rows, endpoints._memory.until = (), 0.0


@pytest.fixture
def keyed(settings):
    settings.LLM_KEYS = {"LLM_KEY_NEAR": "sk-near", "LLM_KEY_FAR": "sk-far"}
    settings.OPENAI_API_KEY = "sk-own"
    return settings


def row(name="Near", **values) -> ModelEndpoint:
    given = {"base_url": "http://localhost:1/v1", "model": f"{name.lower()}-model", "tier": "small", "key_variable": "LLM_KEY_NEAR"}
    return ModelEndpoint(name=name, **(given | values))


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DATABASE_URL", "PATH", "llm_key_x", "LLM_KEY_", "LLM_KEY_x", "MY_LLM_KEY_X", "LLM_KEY_X\n"]
)
def test_no_other_variable_may_be_named(keyed, name):
    keyed.LLM_KEYS[name] = "a secret of another kind"
    assert not may_be_named(name) and key_of(name) == ""
    assert endpoints.of_rows([row(key_variable=name)]) == ()


def test_keys_are_read_from_the_environment_by_the_beginning_of_their_names(monkeypatch):
    monkeypatch.setenv("LLM_KEY_NEAR", " sk-near ")
    monkeypatch.setenv("LLM_KEY_EMPTY", " ")
    monkeypatch.setenv("NEAR_LLM_KEY_", "sk-other")
    assert {name: key for name, key in named_like("LLM_KEY_").items() if "NEAR" in name or "EMPTY" in name} == {
        "LLM_KEY_NEAR": "sk-near"
    }


def test_a_key_is_looked_up_by_its_name_and_never_shown(keyed):
    assert [key_of(name) for name in ("LLM_KEY_FAR", "OPENAI_API_KEY", "LLM_KEY_NONE", "")] == ["sk-far", "sk-own", "", ""]
    assert names_set() == ["OPENAI_API_KEY", "LLM_KEY_FAR", "LLM_KEY_NEAR"]
    assert "sk-near" not in repr(endpoints.of_row(row()))


def test_what_is_switched_off_or_lacks_its_key_is_not_called(keyed):
    rows = [row("A", enabled=False), row("B", key_variable="LLM_KEY_NONE"), row("C"), row("D", key_variable="")]
    assert [e.name for e in endpoints.of_rows(rows)] == ["C", "D"]


def test_a_row_s_limits_are_those_of_its_calls(keyed):
    made = endpoints.of_row(row(context_tokens=9000, answer_tokens=77, first_token_seconds=3.0, total_seconds=9.0, concurrent=4))
    limits = made.limits
    assert (limits.context_tokens, limits.answer_tokens, limits.first_token, limits.total, limits.concurrent) == (
        9000,
        77,
        3.0,
        9.0,
        4,
    )
    assert (made.tier, made.api_key, made.model) == (Tier.SMALL, "sk-near", "near-model")


@pytest.mark.django_db(transaction=True)
class TestOrder:
    @pytest.fixture(autouse=True)
    def environment(self, keyed):
        keyed.OPENAI_BASE_URL, keyed.LLM_SMALL_MODEL, keyed.LLM_LARGE_MODEL = "http://localhost:2/v1", "env-small", "env-large"

    def names(self, tier=Tier.SMALL):
        return [client.name for client in configured()[tier].candidates]

    def test_rows_come_in_their_order_and_the_environment_s_model_last(self):
        for name, place in (("B", 2), ("A", 1), ("C", 3)):
            row(name, place=place).save()
        endpoints.read()
        assert self.names() == ["a-model", "b-model", "c-model", "env-small"]
        assert self.names(Tier.LARGE) == ["env-large"]

    def test_an_open_breaker_lets_the_others_stand_before_it(self):
        row("A", place=1).save()
        endpoints.read()
        first = configured()[Tier.SMALL]
        for _ in range(first.breaker.failures_to_open):
            first.breaker.failed()
        assert self.names() == ["env-small", "a-model"]
        assert configured()[Tier.SMALL].is_available

    def test_a_changed_endpoint_begins_anew_and_an_unchanged_one_remembers(self):
        row("A").save()
        endpoints.read()
        before = configured()[Tier.SMALL].breaker
        endpoints.read()
        assert configured()[Tier.SMALL].breaker is before
        ModelEndpoint.objects.update(model="another")
        endpoints.read()
        assert configured()[Tier.SMALL].breaker is not before

    async def test_another_process_learns_of_a_change_without_a_restart(self):
        await endpoints.refresh()
        await row("A").asave()
        assert self.names() == ["env-small"]  # as a process knows it that has just asked
        endpoints._memory.until = 0.0  # some seconds later
        await endpoints.refresh()
        assert self.names() == ["a-model", "env-small"]
        await ModelEndpoint.objects.aupdate(enabled=False)
        endpoints._memory.until = 0.0
        await endpoints.refresh()
        assert self.names() == ["env-small"]

    async def test_while_the_database_is_away_what_was_known_stays(self, monkeypatch, caplog):
        await row("A").asave()
        await endpoints.refresh()
        from django.db import OperationalError

        def away():
            raise OperationalError("away")

        monkeypatch.setattr(endpoints, "read", away)
        for _ in range(2):
            endpoints._memory.until = 0.0
            await endpoints.refresh()
        assert self.names() == ["a-model", "env-small"]
        assert caplog.text.count("could not be read") == 1
