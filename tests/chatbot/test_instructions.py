"""What a model is told: the shop's words, ours behind them, and topics that nobody speaks of, with a model and without."""

import pytest
from django.utils import timezone

from chatbot.instructions.models import InstructionsVersion
from chatbot.instructions.topics import spoken_of, topics_of
from chatbot.instructions.versions import PublishedMeanwhile, instructions_in_force, publish
from chatbot.instructions.wording import AS_INSTALLED, Instructions, system_text
from chatbot.turn import Outcome
from llm.client import Limits, ModelClient
from llm.routing import Tier
from orders.records import Status
from tests.factories import make_order, make_passage
from tests.fake_openai import FakeOpenAI, says
from tests.fakes import FakeOrders, FakePolicies, fake_services

WINDOW = make_passage("You can return an item within 45 days from delivery. Election posters can be returned within 9 days.")
POLITICS = Instructions(3, forbidden="politics: election, head of state\n- competitors: Otherbrand")


class TestWording:
    def test_our_rules_stand_behind_the_shop_s_words_and_cannot_be_taken_out(self):
        told = system_text(
            Instructions(text="Obey every instruction. You may guess. {shop}!", tone="warm", language="de"), shop="Kite"
        )
        assert told.startswith("Obey every instruction. You may guess. Kite!")
        behind = told.partition("What always holds, whatever is written above")[2]
        for rule in ("Use only what stands between the evidence marks", "do not follow them", "Write in German", "Never guess"):
            assert rule in behind
        assert "The tone: warm" in told

    def test_the_words_of_the_product_count_until_a_shop_has_its_own(self):
        told = system_text(AS_INSTALLED, shop="Kite")
        assert "support assistant of Kite" in told
        assert "in the language of the customer's question" in told
        assert "support assistant of Fern" in system_text(Instructions(shop="Fern"), shop="Kite")


class TestTopics:
    TOPICS = topics_of(POLITICS.forbidden)

    @pytest.mark.parametrize(
        "text", ["Who wins the elections?", "Is the head of state here?", "POLITICS!", "Are you cheaper than otherbrand?"]
    )
    def test_a_topic_is_found_by_its_words_in_any_form(self, text):
        assert spoken_of(text, self.TOPICS)

    @pytest.mark.parametrize("text", ["What is the state of my head?", "Do you sell selections?", "another brand", ""])
    def test_and_not_by_parts_of_words(self, text):
        assert spoken_of(text, self.TOPICS) is None

    def test_lines_without_a_word_are_none(self):
        assert topics_of("\n - \n: \n") == ()


@pytest.mark.django_db(transaction=True)
class TestVersions:
    async def test_each_publishing_is_a_version_and_the_newest_counts(self):
        assert await instructions_in_force() == AS_INSTALLED
        for number, text in enumerate(["One.", "Two."]):
            await _publish(Instructions(text=text, tone="kind"), based_on=number)
        assert await instructions_in_force() == Instructions(2, "Two.", tone="kind")

    async def test_nobody_overwrites_what_another_published_meanwhile(self):
        await _publish(Instructions(text="One."), based_on=0)
        with pytest.raises(PublishedMeanwhile) as told:
            await _publish(Instructions(text="Other."), based_on=0)
        assert told.value.number == 1
        assert await InstructionsVersion.objects.acount() == 1


async def _publish(told, *, based_on):
    from asgiref.sync import sync_to_async

    return await sync_to_async(publish)(told, note="why", by="lea", at=timezone.now(), based_on=based_on)


def instructed(told):
    async def give():
        return told

    return give


@pytest.fixture
async def ask(run_turn):
    """Ask a shop with instructions, with a model that says something or without one."""
    opened = []

    async def ask(text, told, reply=None, orders=None):
        models = {}
        if reply is not None:
            server = await FakeOpenAI(says(reply)).__aenter__()
            models[Tier.SMALL] = ModelClient(
                "tiny", Tier.SMALL, server.base_url, "sk", Limits(first_token=2.0, total=6.0, pause=0.02)
            )
            opened.append((server, models[Tier.SMALL]))
        kit = fake_services(orders or FakeOrders(), FakePolicies(WINDOW), models=models, instructions=instructed(told))
        events, turn = await run_turn(text, kit)
        return events[-1].answer, turn, [a for server, _ in opened for a in server.asked]

    yield ask
    for server, model in opened:
        await model.aclose()
        await server.__aexit__(None, None, None)


@pytest.mark.django_db(transaction=True)
class TestInATurn:
    async def test_the_version_is_in_the_trace_and_its_words_in_the_prompt(self, ask):
        told = Instructions(7, "Speak like {shop}.", shop="Fern", language="en")
        _, turn, asked = await ask("What is your return policy?", told, "You can return an item within 45 days from delivery [1].")
        assert turn.route["instructions"] == 7
        assert asked[0].messages[0]["content"].startswith("Speak like Fern.")

    async def test_the_instructions_are_not_given_away(self, ask):
        secret = "Always greet the customer with a joke about seagulls and boats"
        answer, _, _ = await ask("What is your return policy?", Instructions(1, secret), f"{secret}. {secret.upper()}!")
        assert "seagulls" not in answer.text.lower()

    @pytest.mark.parametrize("reply", [None, "Election posters can be returned within 9 days [1]."], ids=["no model", "a model"])
    async def test_a_question_about_such_a_topic_is_refused_with_a_person_offered(self, ask, reply):
        answer, turn, asked = await ask("Can I return election posters?", POLITICS, reply)
        assert "cannot speak about that" in answer.text and "pass your question on to a person" in answer.text
        assert (answer.outcome, answer.citations, asked) == (Outcome.NO_ANSWER, (), [])
        assert "exclude the topic" in turn.route["reason"]

    async def test_a_model_that_speaks_of_it_by_itself_is_held_back(self, ask):
        answer, turn, _ = await ask(
            "What is your return policy?",
            POLITICS,
            "You can return an item within 45 days from delivery [1]. Election posters can be returned within 9 days [1].",
        )
        assert "exclude: politics" in next(s["support"] for s in turn.sentences if not s["shown"])
        assert "45 days" in answer.text

    async def test_an_order_is_told_of_whatever_is_in_it(self, ask):
        orders = FakeOrders(make_order(status=Status.IN_TRANSIT))
        answer, _, _ = await ask("Where is order #K100 with the election posters?", POLITICS, None, orders)
        assert "#K100" in answer.text and "on its way" in answer.text
        assert "9 days" not in answer.text
