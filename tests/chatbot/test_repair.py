"""A sentence that is held back: one repair, then the larger model, then the composed answer; every call written down with its reason."""

from decimal import Decimal

import pytest

from chatbot.attempts import Attempt, Ending, Heard, Purpose, after
from chatbot.turn import TextShown
from llm.client import Limits, ModelClient
from llm.models import ModelCall, Price
from llm.routing import Tier
from tests.factories import TODAY, make_passage
from tests.fake_openai import FakeOpenAI, answers_with, hangs, says, status
from tests.fakes import FakePolicies, fake_services

WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
TRUE, UNWORN = "You can return an item within 45 days from delivery [1].", "It must be unworn [1]."
FALSE = "Shipping back costs $9.99."
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def ask_models(run_turn):
    """Ask with a small model that replies so, call by call, and perhaps a large one; return the answer, the turn and both servers."""
    opened = []

    async def ask(small, large=None, text="What is your return policy?", policies=None):
        models = {}
        for tier, name, script in ((Tier.SMALL, "tiny", small), (Tier.LARGE, "big", large)):
            if script is None:
                continue
            server = await FakeOpenAI().__aenter__()
            server.will(*script)
            limits = Limits(first_token=2.0, total=6.0, stall=0.5, pause=0.02)
            models[tier] = ModelClient(name, tier, server.base_url, "sk-secret", limits)
            opened.append((server, models[tier]))
        events, turn = await run_turn(text, fake_services(policies=policies or FakePolicies(WINDOW), models=models))
        shown = "".join(e.text for e in events if isinstance(e, TextShown))
        assert shown == events[-1].answer.text
        return events[-1].answer, turn, [server for server, _ in opened]

    yield ask
    for server, model in opened:
        await model.aclose()
        await server.__aexit__(None, None, None)


def purposes(turn):
    return [(call["purpose"], call["model"]) for call in turn.route["calls"]]


async def test_a_repair_goes_on_after_what_was_shown_and_the_answer_needs_no_composing(ask_models):
    answer, turn, (server,) = await ask_models([says(f"{TRUE} {FALSE} More."), says(UNWORN)])
    assert answer.text == f"{TRUE} {UNWORN}"
    assert purposes(turn) == [("answer", "tiny"), ("repair", "tiny")]
    told = server.asked[1].messages
    assert told[: len(told) - 2] == server.asked[0].messages
    assert told[-2] == {"role": "assistant", "content": f"{TRUE} {FALSE}"}
    assert "amount not in the evidence: $9.99" in told[-1]["content"]
    assert "You can return an item within 45 days" in told[-1]["content"]
    assert "$9.99" in turn.route["calls"][1]["reason"]
    assert [p["content"] for p in turn.prompt] == [m["content"] for m in told]
    assert [p["purpose"] for p in turn.prompt][-2:] == ["repair", "repair"]


async def test_a_model_that_begins_anew_repeats_nothing(ask_models):
    answer, _, _ = await ask_models([says(f"{TRUE} {FALSE}"), says(f"{TRUE} {UNWORN}")])
    assert answer.text == f"{TRUE} {UNWORN}"


async def test_a_model_with_nothing_to_add_has_answered(ask_models):
    answer, turn, _ = await ask_models([says(f"{TRUE} {FALSE}"), says("DONE")])
    assert answer.text == TRUE
    assert len(turn.route["calls"]) == 2


async def test_a_second_sentence_that_is_not_held_goes_to_the_larger_model(ask_models):
    answer, turn, (_, large) = await ask_models([says(f"{TRUE} {FALSE}"), says(FALSE)], [says(UNWORN)])
    assert answer.text == f"{TRUE} {UNWORN}"
    assert purposes(turn) == [("answer", "tiny"), ("repair", "tiny"), ("escalation", "big")]
    assert (answer.tier, answer.model, turn.tier) == ("large", "big", "large")
    assert TRUE in large.asked[0].prompt


async def test_after_the_larger_model_the_composed_answer_speaks_and_no_call_follows(ask_models):
    answer, turn, servers = await ask_models([says(f"{TRUE} {FALSE}")], [says(FALSE)])
    assert [len(server.asked) for server in servers] == [2, 1]
    assert "9.99" not in answer.text
    assert answer.text.startswith(TRUE) and "within 45 days from delivery" in answer.text.removeprefix(TRUE)
    assert len(turn.route["calls"]) == 3


async def test_a_reply_without_evidence_is_not_repaired_but_given_to_the_larger_model(ask_models):
    answer, turn, _ = await ask_models([says("Of course!")], [says(TRUE)])
    assert answer.text == TRUE
    assert purposes(turn) == [("answer", "tiny"), ("escalation", "big")]


@pytest.mark.parametrize("second", [hangs(), status(500), says("")], ids=["silent", "down", "empty"])
async def test_a_repair_that_fails_leaves_the_composed_answer(ask_models, second):
    answer, turn, _ = await ask_models([says(f"{TRUE} {FALSE}"), second])
    assert answer.text.startswith(TRUE) and "**Returns**" in answer.text
    assert turn.state == "finished"


async def test_the_turn_costs_what_all_its_calls_cost(ask_models):
    for model, price in (("tiny", 1), ("big", 10)):
        await Price.objects.acreate(
            model=model, valid_from=TODAY.replace(year=2020), input_usd=price, cached_usd=price, output_usd=price
        )
    answer, turn, _ = await ask_models([says("Of course!", usage=(100, 5, 0))], [says(TRUE, usage=(200, 20, 0))])
    assert answer.usage == {"input": 300, "cached": 0, "output": 25}
    assert answer.cost_usd == turn.cost_usd == Decimal("0.002305")
    assert (turn.input_tokens, turn.output_tokens) == (300, 25)
    calls = ModelCall.objects.filter(subject=str(turn.pk)).order_by("pk")
    assert [call.purpose async for call in calls] == ["answer", "escalation"]


async def test_a_reply_that_is_left_half_way_is_counted_too(ask_models):
    _, turn, _ = await ask_models([says(f"{FALSE} {TRUE}", delay=0.01), says(TRUE)])
    first = turn.route["calls"][0]
    assert first["input"] > 100 and first["estimated"]
    assert first["ending"] == "left"  # "cancelled" is what a customer does


async def test_a_prompt_that_is_too_long_is_sent_once_more_with_half_the_evidence(ask_models):
    passages = FakePolicies(
        WINDOW, *(make_passage("Parcels travel by road. " * 60, document=f"Shipping {n}") for n in range(6)), strength=0.9
    )

    def overflowing(asked):
        return TRUE

    def too_long():
        async def behave(exchange):
            body = '{"error": {"message": "maximum context length is 4096 tokens", "code": "context_length_exceeded", "type": "invalid_request_error"}}'
            await exchange.whole(400, body)

        return behave

    answer, turn, (server,) = await ask_models([too_long(), answers_with(overflowing)], policies=passages)
    assert answer.text == TRUE
    long, short = (len(asked.prompt) for asked in server.asked)
    assert short < long * 0.7
    assert [call["purpose"] for call in turn.route["calls"]] == ["answer", "answer"]
    assert "half the evidence" in turn.route["calls"][1]["reason"]


class TestWhatComesNext:
    FIRST = Attempt(Purpose.ANSWER, Tier.SMALL, "one clear policy question")

    def next_after(self, ending, *tried, larger=True, seconds=10.0):
        made = after(tried or (self.FIRST,), Heard(ending), larger_is_ready=larger, seconds_left=seconds)
        return (made.purpose, made.tier) if made else None

    def test_what_is_not_held_is_repaired_then_escalated_then_composed(self):
        repair = Attempt(Purpose.REPAIR, Tier.SMALL, "")
        escalation = Attempt(Purpose.ESCALATION, Tier.LARGE, "")
        assert self.next_after(Ending.NOT_HELD) == (Purpose.REPAIR, Tier.SMALL)
        assert self.next_after(Ending.NOT_HELD, self.FIRST, repair) == (Purpose.ESCALATION, Tier.LARGE)
        assert self.next_after(Ending.NOT_HELD, self.FIRST, repair, escalation) is None
        assert self.next_after(Ending.NOT_HELD, self.FIRST, repair, larger=False) is None

    def test_the_large_model_repairs_itself_once(self):
        first = Attempt(Purpose.ANSWER, Tier.LARGE, "")
        repair = Attempt(Purpose.REPAIR, Tier.LARGE, "")
        assert self.next_after(Ending.NOT_HELD, first) == (Purpose.REPAIR, Tier.LARGE)
        assert self.next_after(Ending.NOT_HELD, first, repair) is None

    @pytest.mark.parametrize("ending", [Ending.WHOLE, Ending.FAILED, Ending.CUT, Ending.LATE, Ending.WRONG_LANGUAGE])
    def test_nothing_follows_a_whole_answer_or_a_server_that_is_not_well(self, ending):
        assert self.next_after(ending) is None

    @pytest.mark.parametrize("ending", list(Ending))
    def test_nothing_follows_when_the_time_is_over(self, ending):
        assert self.next_after(ending, seconds=1.0) is None

    def test_a_prompt_that_is_too_long_is_halved_once(self):
        half = Attempt(Purpose.ANSWER, Tier.SMALL, "", share=0.5)
        assert self.next_after(Ending.TOO_LONG) == (Purpose.ANSWER, Tier.SMALL)
        assert self.next_after(Ending.TOO_LONG, half) == (Purpose.ESCALATION, Tier.LARGE)
        assert self.next_after(Ending.TOO_LONG, half, larger=False) is None
