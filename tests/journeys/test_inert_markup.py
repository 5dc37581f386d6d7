"""Markup in file names, titles, texts, orders and names is shown as characters by every page that customers and staff read."""

import html
import json
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone

from chatbot import conversations, live
from chatbot.answering import answer_turn
from chatbot.chat_cookie import NAME
from chatbot.models import InstructionsVersion, QuestionGroup
from chatbot.requesting import telling
from console.roles import Role
from llm.models import ModelEndpoint
from orders.lookup import find_orders, forget_shapes, known_shapes
from orders.models import Order, OrderRequest, Shipment
from orders.requests_values import By, State
from orders.rules import Topic
from orders.rules_models import OrderRule
from orders.rules_stating import Stated, Words, confirm, end
from orders.viewer import Method, Viewer
from retrieval import ingestion
from retrieval.models import Document, DocumentVersion, WebSource
from retrieval.publishing import release
from retrieval.reading import read
from retrieval.search import Searcher
from retrieval.web import sources as web_sources
from tests.chatbot.scripted import Customer, frames
from tests.console.factories import a_request
from tests.fakes import fake_services
from tests.journeys.addresses import every_address
from tests.journeys.belongings import a_user, signed_in
from tests.journeys.files import pdf_file, web_page, word_file
from tests.journeys.markup import ATTACK, harm
from tests.orders.conftest import make_order
from tests.retrieval.stand_ins import WordCounts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_limits", "own_uploads")]

WORDS = "A zither may be returned within eleven days of delivery."
HOSTILE = f"""{WORDS} {ATTACK}

[a link](javascript:alert(4)) [another](data:text/html;base64,PHNjcmlwdD4=) ![p](https://evil.example/p.png?q=1) [c][d]

<iframe src="https://evil.example"></iframe> <a href="//evil.example" onclick="alert(5)">x</a> <style>*{{}}</style>

[d]: javascript:alert(6)
"""
FILES = {
    f"{ATTACK}.md": f"# Zither {ATTACK}\n\n{HOSTILE}".encode(),
    "harp &lt;script&gt;.html": web_page(f"<p>{html.escape(HOSTILE)}</p>{HOSTILE}", heading=html.escape(f"Harp {ATTACK}")),
    "lyre';--.docx": word_file(*HOSTILE.split("\n\n"), heading=f"Lyre {ATTACK}"),
    "banjo${7*7}.pdf": pdf_file(*HOSTILE.split("\n"), heading="Banjo <img src=x onerror=alert(1)>"),
}


@pytest.fixture
def model(monkeypatch) -> WordCounts:
    """The product's own reader; only the embedding model is a quick stand-in."""
    model = WordCounts()
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: cls(read, lambda: model)))
    return model


@pytest.fixture
async def customer(model) -> Customer:
    """Somebody signed in, answered from the shop's own orders and documents."""

    async def embed(text: str) -> tuple[Any, str]:
        return await model.embed_query(text), model.recipe

    forget_shapes()
    own = {"find_orders": find_orders, "known_shapes": known_shapes, "search": Searcher(embed=embed).search}
    services = fake_services(**own, minimum_strength=0.0)
    live.answer_with(lambda question: answer_turn(question, services))
    customer = await Customer.start(AsyncClient())
    conversation = await conversations.get_conversation(customer.id, token=customer.token)
    await conversations.identify(conversation, Viewer("ana@example.com", Method.CODE, timezone.now() + timedelta(hours=1)))
    yield customer
    await live.turns().close(grace=0)


async def console_pages(staff: AsyncClient) -> dict[str, str]:
    """Every page of the console that can be opened, for everything that exists; found in the URL configuration."""
    slugs = [slug async for slug in Document.objects.values_list("slug", flat=True)]
    versions = [pk async for pk in DocumentVersion.objects.values_list("pk", flat=True)]
    talks = [pk async for pk in conversations.Conversation.objects.values_list("pk", flat=True)]
    groups = [pk async for pk in QuestionGroup.objects.values_list("pk", flat=True)]
    kept = [pk async for pk in WebSource.objects.values_list("pk", flat=True)]
    stated = [pk async for pk in OrderRule.objects.values_list("pk", flat=True)]
    asked = [pk async for pk in OrderRequest.objects.values_list("pk", flat=True)]
    models = [pk async for pk in ModelEndpoint.objects.values_list("pk", flat=True)]
    told = [number async for number in InstructionsVersion.objects.values_list("number", flat=True)]
    ids = {
        "documents": ("slug", slugs), "versions": ("pk", versions), "conversations": ("pk", talks),
        "unanswered": ("pk", groups), "addresses": ("pk", kept), "rules": ("pk", stated),
        "requests": ("pk", asked), "instructions": ("number", told), "models": ("pk", models),
    }  # fmt: skip
    pages: dict[str, str] = {}
    for address in every_address():
        if "GET" not in getattr(address.view, "console_methods", ()):
            continue
        name, values = ids[address.route.split("/")[1]] if address.names else ("", [""])
        for value in values:
            path = address.path({name: value, "number": 1})  # the first of what is numbered within it
            response = await staff.get(path)
            if response.status_code == 302 and response["Location"].startswith("/console/documents/"):
                continue  # nothing is left to decide about a version that answers
            assert response.status_code == 200, path
            if response["Content-Type"].startswith("text/html"):
                pages[path] = response.content.decode()
            else:
                assert response["Content-Disposition"].startswith("attachment"), path
    return pages


async def test_documents_cannot_act_where_they_are_read(customer, model):
    staff = await signed_in(await a_user(Role.ADMINISTRATOR, first_name=ATTACK[:100]))
    sent = [SimpleUploadedFile(name, data) for name, data in FILES.items()]
    fields = {"files": sent, "category": ATTACK[:90], "note": ATTACK}
    await staff.post("/console/uploads/", fields)
    # the page after the upload tells what became of each file
    assert harm((await staff.get("/console/documents/")).content.decode()) == []
    # they say the same of different instruments, so staff are asked; these staff publish all of them
    versions = await sync_to_async(ingestion.sweep)()
    for version in versions:
        if version.state == "ready":
            version.state = (await sync_to_async(release)(version)).state
    source = await sync_to_async(web_sources.add)("https://shop.example/", category=ATTACK[:90], queue=False)
    await WebSource.objects.filter(pk=source.pk).aupdate(
        result=ATTACK, outcome="failed", next_read_at=timezone.now() + timedelta(days=1)
    )
    await source.pages.aupdate(result=ATTACK, outcome="failed")
    assert [version.state for version in versions] == ["published"] * len(FILES)

    await sync_to_async(_hostile_rule)(versions[0])

    cited = set()
    for question in ("Can a zither be returned?", "How many days for a harp?", "Return a lyre?", "Return a banjo?", "Zither?"):
        received = [frame async for frame in frames(await customer.stream(question, uuid4().hex))]
        said = received[-1]["data"]
        assert all(harm(frame["data"].get("html", "")) == [] for frame in received)
        assert "eleven days" in said["answer"], question
        cited |= {citation["document"] for citation in said["citations"]}
        for citation in said["citations"]:
            page = (await AsyncClient().get(citation["url"])).content.decode()
            assert harm(page) == [] and "<mark" in page
    assert any(ATTACK[:20] in document for document in cited), "no hostile title was ever cited"

    browser = AsyncClient()
    browser.cookies[NAME] = f"{customer.id}.{customer.token}"
    pages = {path: (await browser.get(path)).content.decode() for path in ("/", "/policies/")}
    for slug in [slug async for slug in Document.objects.values_list("slug", flat=True)]:
        pages[slug] = (await browser.get(f"/policies/{slug}/1/")).content.decode()
    pages |= await console_pages(staff)
    for path, page in pages.items():
        # the address that staff gave may be opened from its own page; nothing else leads away
        assert harm(page, web=(source.address,) if path.startswith("/console/addresses/") else ()) == [], path
    for path in ("/", "/policies/", "/console/documents/", f"/console/conversations/{customer.id}/"):
        assert "&lt;img src=x onerror=alert(1)&gt;" in pages[path], path


def _hostile_rule(version: DocumentVersion) -> None:
    """A rule whose words, items and people are markup."""
    words = Words(version.document.slug, version.pk, version.number, ATTACK[:400], ATTACK)
    rule = confirm(Stated(Topic.RETURN, permits=False, items=(ATTACK[:80],)), words, by=ATTACK[:100], at=timezone.now())
    end(rule, on=timezone.localdate() + timedelta(days=9), by=ATTACK[:100], at=timezone.now(), note=ATTACK[:300])


async def test_orders_cannot_act_on_their_cards(customer):
    tracking = {"tracking_number": ATTACK[:90], "carrier": ATTACK[:90], "tracking_url": "javascript:alert(7)"}
    order = partial(make_order, "#W4711", "ana@example.com", status=ATTACK[:90], total="9.00", currency="EUR")
    ship = {"ship_name": ATTACK, "ship_address1": ATTACK, "ship_city": ATTACK[:90], "ship_country": ATTACK[:90]}
    line = {"name": ATTACK, "options": [[ATTACK, ATTACK]], "unit_price": "9.00", "quantity": 1}
    event = (timezone.now(), f"Left {ATTACK}")
    await sync_to_async(order)(lines=[line], shipments=[tracking | {"events": [event]}], **ship)
    assert (await Order.objects.aget()).number == "#W4711" and await Shipment.objects.acount() == 1
    for question in ("Where is my order?", "What is in #W4711?", "Where does it go?", "Can I track it?", "How was it paid?"):
        received = [frame async for frame in frames(await customer.stream(question, uuid4().hex))]
        for frame in received:
            assert harm(frame["data"].get("html", "")) == [], question
        assert received[-1]["data"]["orders"], question
        assert "javascript:" not in json.dumps([f["data"] for f in received if f["event"] == "order"]), question
    browser = AsyncClient()
    browser.cookies[NAME] = f"{customer.id}.{customer.token}"
    page = (await browser.get("/")).content.decode()
    assert harm(page) == [] and "&lt;img src=x onerror=alert(1)&gt;" in page
    staff = await signed_in(await a_user(Role.SUPPORT))
    read = (await staff.get(f"/console/conversations/{customer.id}/")).content.decode()
    assert harm(read) == [] and "&lt;img src=x onerror=alert(1)&gt;" in read


async def test_what_customers_ask_and_staff_note_cannot_act_on_either_side(customer):
    texts = {"reason": ATTACK, "instead": ATTACK, "address": ATTACK, "parcels": [ATTACK], "pieces": [[1, 1, ATTACK]]}
    lines = [{"position": 1, "name": ATTACK, "options": [[ATTACK, ATTACK]], "quantity": 1}]
    quote = {"document": ATTACK, "version": 1, "heading": ATTACK, "text": ATTACK, "url": "/policies/x/1/"}
    order = {"status": ATTACK, "status_text": ATTACK, "lines": lines, "ship_to": {"name": ATTACK, "city": ATTACK}}
    talk = await conversations.get_conversation(customer.id, token=customer.token)
    made = await sync_to_async(a_request)(
        email="ana@example.com", number=ATTACK[:90], conversation=talk, snapshot=order, quotes=[quote], **texts
    )
    told = {"by": By.STAFF, "who": ATTACK[:100], "note": ATTACK, "at": timezone.now()}
    await sync_to_async(telling.decide)(made.pk, State.DECLINED, **told)
    staff = await signed_in(await a_user(Role.SUPPORT))
    browser = AsyncClient()
    browser.cookies[NAME] = f"{customer.id}.{customer.token}"
    paths = {f"/console/requests/{made.pk}/": staff, "/console/requests/?show=": staff, "/console/": staff, "/": browser}
    for path, client in paths.items():
        page = (await client.get(path)).content.decode()
        assert harm(page) == [], path
        assert path == "/console/" or "&lt;img src=x onerror=alert(1)&gt;" in page, path


async def test_names_of_people_cannot_act_in_the_console():
    boss = await a_user(Role.ADMINISTRATOR, username=ATTACK[:140])
    staff = await signed_in(boss)
    words = {"text": ATTACK, "shop_name": ATTACK[:100], "tone": ATTACK[:200], "forbidden": ATTACK, "note": ATTACK[:300]}
    await InstructionsVersion.objects.acreate(number=1, author=ATTACK[:150], made_at=timezone.now(), **words)
    await AsyncClient().post("/console/login/", {"username": ATTACK[:140], "password": "wrong"})
    await staff.get("/console/conversations/", {"q": ATTACK})
    for path, page in (await console_pages(staff)).items():
        assert harm(page) == [], path
    assert "&lt;img src=x" in (await staff.get("/console/activity/")).content.decode()
