"""Whole turns with a provider that goes wrong, before, during and after its stream: every one ends with a correct answer.

No wrong fact is shown, whatever is said; the turn, its calls and their endings are on record, without the key.
"""

import asyncio
import re
from dataclasses import dataclass, replace

import pytest

from chatbot.models import Message, Turn
from chatbot.turn import TextShown, TurnFailed, TurnFinished
from llm.client import Limits, ModelClient
from llm.models import ModelCall
from llm.routing import Tier
from tests.chatbot.provider_faults import AT_THE_DOOR, FAULTS, REST, RIGHT, TOO_LONG, WAITING, after, before, during
from tests.factories import make_passage
from tests.fake_openai import FakeOpenAI, says
from tests.fakes import FakeOrders, FakePolicies, fake_services
from tests.openai_odd import oddities

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
QUESTION = "What is your return policy?"
PATIENT = Limits(first_token=15, total=30, stall=15, pause=0.005, answer_tokens=100)
QUICK = replace(PATIENT, stall=0.4)  # for a provider that lets us wait; one that lets us wait for its first word:
QUICKEST = replace(QUICK, first_token=0.6)
AT_ONCE = 8  # turns
SOUND = {"finished", "cut"}


@pytest.fixture(autouse=True)
def nothing_kept(settings):
    """Every turn asks the same: none is answered from what another has kept."""
    settings.LLM_CACHE_SECONDS = 0


@dataclass
class Outcome:
    events: list
    turn: Turn
    calls: list[ModelCall]
    asked: int

    @property
    def text(self) -> str:
        return self.events[-1].answer.text if isinstance(self.events[-1], TurnFinished) else ""


@pytest.fixture
def ask(run_turn):
    """One turn, with a tier of one endpoint for each behaviour."""

    async def one(*behaviours, limits: Limits = PATIENT) -> Outcome:
        servers = [await FakeOpenAI(behaviour).__aenter__() for behaviour in behaviours]
        clients = [
            ModelClient(
                f"model-{place}",
                Tier.SMALL,
                server.base_url,
                "sk-secret",
                PATIENT if place else limits,
                endpoint=f"endpoint {place}",
            )
            for place, server in enumerate(servers)
        ]
        model = clients[0].followed_by(*clients[1:])
        try:
            services = fake_services(FakeOrders(), FakePolicies(WINDOW), models={Tier.SMALL: model})
            events, turn = await run_turn(QUESTION, services)
            for server in servers:
                await server.until_idle()  # no connection is left behind
        finally:
            for client in clients:
                await client.aclose()
            for server in servers:
                await server.__aexit__(None, None, None)
        calls = [call async for call in ModelCall.objects.filter(subject=str(turn.pk)).order_by("pk")]
        return Outcome(events, turn, calls, sum(len(server.asked) for server in servers))

    return one


async def all_of(ask, behaviours, *, waiting: Limits = QUICKEST) -> dict[str, Outcome]:
    """A turn for each behaviour, some at a time. waiting: the limits for those that let us wait."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(name, *behaviour) -> Outcome:
        async with room:
            return await ask(*behaviour, limits=waiting if name in WAITING else PATIENT)

    done = await asyncio.gather(*(one(name, *(b if isinstance(b, tuple) else (b,))) for name, b in behaviours.items()))
    return dict(zip(behaviours, done, strict=True))


def wrong_with(outcome: Outcome, *, most_calls: int = 4) -> list[str]:
    """What is not as promised about the turn, in words."""
    shown = "".join(event.text for event in outcome.events if isinstance(event, TextShown))
    numbers = set(re.findall(r"\d+", re.sub(r"\[\d+\]", "", shown)))
    kept = f"{outcome.turn.error}{[call.error for call in outcome.calls]}{outcome.turn.prompt}"
    faults = {
        "it failed": isinstance(outcome.events[-1], TurnFailed) or outcome.turn.state != Turn.State.FINISHED,
        "the fact is missing": "45 days" not in outcome.text,
        "it tells another number": numbers != {"45"},
        "it shows a link, a picture or markup": bool(re.search(r"http|!\[|<|evil|\0|\ufffd", shown)),
        "what was shown is not the answer": shown != outcome.text or outcome.turn.answer != outcome.text,
        "the fact is told twice": outcome.text.count("45 days") > 2,  # once more at most, after a reply that broke off
        "no call is on record": not outcome.calls or any(not call.ending for call in outcome.calls),
        "too many calls": outcome.asked > most_calls,
        "the key is on record": "sk-secret" in kept,
        "it is not in the trace": not outcome.turn.sentences,
    }
    return [said for said, is_so in faults.items() if is_so]


def report(outcomes: dict[str, Outcome], **options) -> dict[str, list[str]]:
    return {name: said for name, outcome in outcomes.items() if (said := wrong_with(outcome, **options))}


@pytest.mark.parametrize("place", [before, during, after], ids=lambda place: place.__name__)
async def test_a_fault_in_the_stream_costs_the_customer_nothing(ask, place):
    assert len(FAULTS) >= 20
    waiting = QUICKEST if place is before else QUICK
    outcomes = await all_of(ask, {name: place(fault) for name, fault in FAULTS.items()}, waiting=waiting)
    assert report(outcomes) == {}
    told = {"wrong facts and a link", "a picture that carries data away", "another language"}  # a sound call with unsound words
    if place is after:
        assert {o.calls[0].ending for o in outcomes.values()} == {"finished"}
        assert all(RIGHT.strip() in o.text and REST.removesuffix(" [1].") in o.text for o in outcomes.values())
    else:
        sound = {name for name, o in outcomes.items() if all(call.ending in SOUND for call in o.calls)}
        assert sound <= told | {
            "a filter of content",
            "an end for another reason",
            "the length is used up",
            "a call of a tool",
            "words without end",
            "a thought without end",
        }
        assert all(call.error for o in outcomes.values() for call in o.calls if call.ending not in SOUND | {"cancelled", "left"})


async def test_a_fault_before_the_stream_costs_the_customer_nothing(ask):
    outcomes = await all_of(ask, AT_THE_DOOR)
    assert report(outcomes, most_calls=3) == {}
    assert all(call.ending not in SOUND and call.error for outcome in outcomes.values() for call in outcome.calls)
    assert outcomes["busy, come back tomorrow"].asked == outcomes["busy, come back some day"].asked == 1


async def test_a_provider_that_is_only_odd_words_the_answer_itself(ask):
    outcomes = await all_of(ask, oddities(f"{RIGHT}{REST}"))
    assert report(outcomes, most_calls=1) == {}
    assert {
        name for name, o in outcomes.items() if o.calls[0].ending != "finished" or REST.removesuffix(" [1].") not in o.text
    } == set()
    assert {o.turn.model for o in outcomes.values()} == {"model-0"}


async def test_another_endpoint_of_the_tier_speaks_where_one_cannot_begin(ask):
    whole = says(f"{RIGHT}{REST}")
    outcomes = await all_of(ask, {name: (behaviour, whole) for name, behaviour in AT_THE_DOOR.items()})
    assert report(outcomes) == {}
    by_model = {name for name, o in outcomes.items() if o.calls[-1].endpoint == "endpoint 1" and o.calls[-1].ending == "finished"}
    begun = {"shorter than it says"}  # its first words came
    assert set(outcomes) - by_model <= begun | TOO_LONG
    worded = [o for name, o in outcomes.items() if name in by_model]
    assert {(o.events[-1].answer.model, o.turn.model, *{s["by"] for s in o.turn.sentences}) for o in worded} == {("model-1",) * 3}
    assert all(o.calls[0].endpoint == "endpoint 0" and o.calls[0].ending not in SOUND for o in outcomes.values())


@pytest.mark.parametrize("moment", ["before the first word", "in the middle", "at the end"])
async def test_customers_who_leave_take_their_calls_with_them(run_turn, moment):
    """Turns that are cancelled, as `live.py` does when nobody reads any more: the provider is hung up on, and each call is counted."""
    reached, many = asyncio.Semaphore(0), 20

    async def behave(exchange):
        await exchange.head()
        if moment != "before the first word":
            await says(f"{RIGHT}{REST}")(exchange) if moment == "at the end" else await during(_nothing)(exchange)
        reached.release()
        await asyncio.sleep(3600)

    async with FakeOpenAI(behave) as server:
        limits = Limits(first_token=5, total=9, stall=5)
        model = ModelClient("tiny", Tier.SMALL, server.base_url, "sk-secret", limits)
        services = fake_services(FakeOrders(), FakePolicies(WINDOW), models={Tier.SMALL: model})
        before_all = len(asyncio.all_tasks())
        turns = [asyncio.ensure_future(run_turn(QUESTION, services)) for _ in range(many)]
        for _ in turns:
            await reached.acquire()
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)
        await server.until_idle()
        await model.aclose()
        await _until_written()
        assert model.is_available and not model.room.is_full
        assert len(asyncio.all_tasks()) <= before_all + 2
    calls = [call.ending async for call in ModelCall.objects.all()]
    assert len(calls) == many and set(calls) <= {"cancelled", "finished"}
    assert await Turn.objects.exclude(state=Turn.State.RUNNING).acount() == many
    assert await Message.objects.filter(role="user").acount() == many


async def _until_written():
    """What was being written when the customer left is written beside everything else."""
    async with asyncio.timeout(10):
        while await Turn.objects.filter(state=Turn.State.RUNNING).aexists():  # noqa: ASYNC110 (a row, not an event of ours)
            await asyncio.sleep(0.02)


async def _nothing(exchange):
    pass
