"""Links in a model's answer: those of the evidence alone, in every form that an answer takes: the stream, the answer object, the page."""

import json
import re

import pytest
from asgiref.sync import sync_to_async

from chatbot.models import Conversation
from chatbot.transcripts import message_views
from llm.client import Limits, ModelClient
from llm.routing import Tier
from tests.factories import make_passage
from tests.fake_openai import FakeOpenAI, says
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
RETURNS = make_passage(
    "You can return an item within 45 days. See [how it works](https://kite.example/returns) before you send it."
)
CONTACT = make_passage(
    "Write to us at https://kite.example/contact before you return a kite. See [Prices](prices.html).", document="Contact"
)
TRUE = "You can return an item within 45 days [1]."
EVIL = [
    "[how it works](https://evil.example/?q=1)",
    "[how it works](https://kite.example@evil.example/returns)",
    "[how it works](https://kite.example.evil.example/returns)",
    "[how it works](https://kite.example:8443/evil)",
    "[how it works](https://xn--kit-dma.evil/)",
    "[how it works](//evil.example/returns)",
    "[how it works](/console/evil)",
    "[how it works](javascript:evil())",
    "[how it works](data:text/html,evil)",
    "[how it works][evil]\n\n[evil]: https://evil.example/",
    "![how it works](https://evil.example/p.png)",
    "![how it works][evil]\n\n[evil]: https://evil.example/p.png",
    "<a href='https://evil.example'>how it works</a>",
    "<img src=https://evil.example/p.png>",
    "<https://evil.example/>",
    "https://evil.example/",
    "https&#58;//evil.example/",
    "evil\\.example",
    "evil．example",
    "[https://kite.example/returns](https://evil.example/)",
    "[https://evil.example/](https://kite.example/returns)",
    '[how it works](https://kite.example/returns "https://evil.example")',
]


@pytest.fixture
async def answer_of(run_turn):
    """Everything that a model's words become: events, the answer object, the stored transcript."""
    opened = []

    async def ask(text):
        server = await FakeOpenAI(says(text)).__aenter__()
        model = ModelClient("tiny", Tier.SMALL, server.base_url, "sk", Limits(first_token=2.0, total=6.0, stall=0.5, pause=0.02))
        opened.append((server, model))
        kit = fake_services(FakeOrders(), FakePolicies(RETURNS, CONTACT), models={Tier.SMALL: model})
        events, turn = await run_turn("What is your return policy?", kit)
        conversation = await Conversation.objects.aget(pk=turn.conversation_id)
        return events, [turn.answer, turn.events, await sync_to_async(message_views)(conversation, private=True)]

    yield ask
    for server, model in opened:
        await model.aclose()
        await server.__aexit__(None, None, None)


@pytest.mark.parametrize("evil", EVIL)
async def test_no_other_link_is_shown_in_any_form(answer_of, evil):
    events, kept = await answer_of(f"{TRUE} Before that, see {evil} for more.")
    seen = json.dumps([repr(events), kept], default=str)
    assert "evil" not in seen
    assert TRUE in events[-1].answer.text


async def test_a_link_of_the_evidence_is_shown_with_its_own_passage(answer_of):
    events, _ = await answer_of(f"{TRUE} Write to us at https://kite.example/contact before you return a kite [1].")
    assert "https://kite.example/contact before you return a kite. [2]" in events[-1].answer.text
    events, _ = await answer_of(f"{TRUE} See [how it works](https://kite.example/returns) before you send it [1].")
    (link,) = re.findall(r'<a href="([^"]*)"', events[-1].html)
    assert link == "https://kite.example/returns"


async def test_an_address_within_a_document_leads_nowhere_here(answer_of):
    events, _ = await answer_of(f"{TRUE} See [Prices](prices.html) [2].")
    assert "See Prices" in events[-1].answer.text and "prices.html" not in events[-1].answer.text
