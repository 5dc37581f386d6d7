"""What a test of an endpoint finds out, and what it says to do."""

import pytest

from llm.client import ModelClient
from llm.counting import estimate_messages
from llm.endpoints import Endpoint
from llm.limits import Limits
from llm.models import ModelCall
from llm.probing import filling, probe
from llm.routing import Tier
from tests.fake_openai import endless, hangs, html_page, refused_url, refuses_parameter, says, says_as_json, status
from tests.openai_script import usage_by_length

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = "one, two, three, four, five, six, seven, eight, nine, ten"


@pytest.fixture
def endpoint(fake_openai):
    def make(**limits):
        given = {"first_token": 3.0, "total": 6.0, "stall": 3.0, "context_tokens": 2000, "answer_tokens": 100}
        url = limits.pop("base_url", fake_openai.base_url)
        return Endpoint("Near", Tier.SMALL, "tiny", url, "sk-secret", "LLM_KEY_NEAR", Limits(**(given | limits)))

    return make


async def test_a_good_server_is_measured(endpoint, fake_openai):
    fake_openai.will(usage_by_length(NUMBERS, delay=0.005))
    found = await probe(endpoint())
    assert found.works and not found.problem
    assert found.streams and found.reports_usage and found.context_ok is True
    assert found.first_token_ms > 0 and found.tokens_per_second > 0 and found.tokens > 1000
    assert "as long as its context" in found.context
    calls = [(c.purpose, c.endpoint, c.ending, c.subject) async for c in ModelCall.objects.all()]
    assert calls == [("test", "Near", "finished", "endpoint Near")] * 2


async def test_a_server_that_drops_the_beginning_without_a_word_is_found_out(endpoint, fake_openai):
    fake_openai.will(says(NUMBERS, usage=(700, 20)))
    found = await probe(endpoint())
    assert found.works and found.context_ok is False and "only 700" in found.context


async def test_a_server_that_refuses_a_long_prompt_is_said_to(endpoint, fake_openai):
    fake_openai.will(says(NUMBERS), status(400, message="This model's maximum context length is 512 tokens."))
    found = await probe(endpoint())
    assert found.works and found.context_ok is False and "as too long" in found.context


async def test_a_model_that_thinks_aloud_is_told_what_to_do_about(endpoint, fake_openai):
    fake_openai.will(says(f"The user wants numbers.</think>{NUMBERS}"))
    found = await probe(endpoint())
    assert not found.works and "thinks aloud" in found.problem and "reasoning parser" in found.problem


async def test_what_a_server_does_not_say_is_not_made_up(endpoint, fake_openai):
    fake_openai.will(says_as_json(NUMBERS))
    found = await probe(endpoint())
    assert found.works and not found.streams and found.tokens_per_second is None
    fake_openai.will(says(NUMBERS, usage=None))
    found = await probe(endpoint())
    assert not found.reports_usage and found.context_ok is None and "does not say" in found.context


async def test_a_very_long_context_is_tried_only_so_far(endpoint, fake_openai):
    fake_openai.will(usage_by_length(NUMBERS))
    found = await probe(endpoint(context_tokens=200_000))
    assert found.context_ok is True and "longer ones are not tried" in found.context
    assert 10_000 < found.tokens < 20_000


async def test_a_server_that_knows_only_the_basics_passes(endpoint, fake_openai):
    fake_openai.will(refuses_parameter("stream_options", refuses_parameter("temperature", says(NUMBERS))))
    assert (await probe(endpoint())).works


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (status(401, message="bad key sk-secret"), "LLM_KEY_NEAR"),
        (status(404), "does not know the model “tiny”"),
        (status(429, retry_after="60"), "is busy"),
        (status(500), "failed on its side"),
        (status(302), "another address"),
        (html_page(), "usually ends in /v1"),
        (hangs(), "no word in time"),
        (endless("Again and again. "), "repeats itself"),
        (says(""), "without a word"),
    ],
    ids=["key", "model", "busy", "broken", "redirect", "page", "silent", "loop", "empty"],
)
async def test_what_is_wrong_is_said_with_what_to_do(endpoint, fake_openai, behaviour, said):
    fake_openai.will(behaviour)
    patience = 0.3 if said == "no word in time" else 3.0
    found = await probe(endpoint(first_token=patience))
    assert not found.works and said in found.problem
    assert "sk-secret" not in str(found) and len(fake_openai.asked) == 1
    assert await ModelCall.objects.acount() == 1


async def test_a_server_that_nobody_runs(endpoint):
    found = await probe(endpoint(base_url=refused_url()))
    assert not found.works and "cannot be reached" in found.problem


@pytest.mark.parametrize("tokens", [300, 4096])
def test_a_filled_prompt_is_as_long_as_was_asked(tokens):
    assert tokens - 40 <= estimate_messages(filling(tokens)) <= tokens


async def test_customers_breakers_and_queues_know_nothing_of_tests(endpoint, fake_openai):
    fake_openai.will(status(500))
    client = ModelClient("tiny", Tier.SMALL, fake_openai.base_url)
    for _ in range(4):
        await probe(endpoint())
    assert client.is_available and len(fake_openai.asked) == 4
