"""The search playground: what staff see of a search, and what they may ask of it."""

import pytest
from django.test import Client
from django.utils import timezone

from console import playground
from console.search_settings import PRESETS, weighable
from retrieval.search import Searcher
from retrieval.tuning import SHIPPED
from tests.retrieval.stand_ins import WordCounts, parts, upload

pytestmark = pytest.mark.django_db
PAGE = "/console/search/"
MODEL = WordCounts()
RETURNS = (
    "# Returns\n\n## How long\n\nYou may send an item back within 30 days of delivery.\n\n## Sale items\n\nSale items stay sold.\n"
)
SHIPPING = "# Shipping\n\nWe deliver to Norway within 5 days.\n\n<script>alert(1)</script> & more about Norway.\n"


@pytest.fixture(autouse=True)
def documents(monkeypatch):
    async def embed(text):
        return await MODEL.embed_query(text), MODEL.recipe

    monkeypatch.setattr(Searcher, "default_embed", staticmethod(embed))
    using = parts(embedder=MODEL)
    return upload(RETURNS, "returns.md", using=using), upload(SHIPPING, "shipping.md", using=using)


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_page_says_what_it_is_for(staff_client):
    assert "Ask something as a customer would" in text_of(staff_client.get(PAGE))


def test_a_search_shows_the_passage_why_it_was_found_and_whether_it_is_enough(staff_client, documents):
    page = text_of(staff_client.get(PAGE, {"q": "send it back within how many days"}))
    assert '<mark class="said">send</mark>' in page
    assert "Found by meaning (1st) and by the words" in page
    assert f"/console/versions/{documents[0].pk}/chunks/?at=" in page
    assert "Strength" in page and "Words met" in page and "40 %" in page


def test_what_stands_in_a_document_is_never_markup(staff_client):
    page = text_of(staff_client.get(PAGE, {"q": "norway script alert"}))
    assert "<script>alert" not in page and "&lt;" in page


def test_a_question_is_shown_as_it_was_typed(staff_client):
    page = text_of(staff_client.get(PAGE, {"q": '"><img src=x onerror=alert(1)>', "said": "</textarea><script>alert(2)</script>"}))
    assert "<img src=x" not in page and "<script>alert" not in page


def test_two_settings_stand_side_by_side_with_what_moves(staff_client):
    page = text_of(staff_client.get(PAGE, {"q": "days", "other": "words"}))
    assert page.count('class="column"') == 2
    assert "As customers are answered" in page and "By words alone" in page
    assert 'class="badge move' in page


def test_another_day_is_a_setting_too(staff_client):
    page = text_of(staff_client.get(PAGE, {"q": "norway", "other_day": "2001-02-03"}))
    assert page.count('class="column"') == 2 and "3 February 2001" in page


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "shipped"])
def test_every_setting_differs_from_what_ships_and_can_be_searched_with(staff_client, name):
    assert PRESETS[name][1] != SHIPPED
    assert PRESETS[name][0] in text_of(staff_client.get(PAGE, {"q": "norway", "said": "shipping", "way": name}))


def test_weights_of_ones_own_count_when_they_are_compared(staff_client, monkeypatch):
    tried = []
    monkeypatch.setattr(playground, "Searcher", lambda tuning: tried.append(tuning) or Searcher(tuning=tuning))
    text_of(staff_client.get(PAGE, {"q": "norway", "other": "own", "w_dense_weight": "0.9", "w_title_weight": ""}))
    assert [tuning.dense_weight for tuning in tried] == [SHIPPED.dense_weight, 0.9]
    assert tried[1].title_weight == SHIPPED.title_weight
    assert "dense_weight" in weighable() and "candidates" not in weighable()


def test_only_what_the_customer_said_before_counts():
    assert playground.said_by_customer("one\nAssistant: no\nCustomer: two\n\n three ") == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"day": "tomorrow"}, "The day is not a date"),
        ({"k": "1000"}, "Please ask for 1 to 30 passages."),
        ({"way": "sideways"}, "Please choose the way to search again."),
        ({"other": "own", "w_dense_weight": "7"}, "from 0 to 1"),
        ({"q": "x" * 1001}, "Please keep the question under 1,000 characters."),
    ],
)
def test_what_cannot_be_searched_with_is_said_in_words(staff_client, query, said):
    page = text_of(staff_client.get(PAGE, {"q": "norway"} | query))
    assert said in page and 'class="column"' not in page


def test_htmx_gets_the_findings_alone(staff_client):
    page = text_of(staff_client.get(PAGE, {"q": "norway"}, headers={"HX-Request": "true"}))
    assert page.lstrip().startswith('<div id="found"') and "<html" not in page


def test_nobody_searches_without_limit(staff_client, admin_client, monkeypatch):
    monkeypatch.setattr(playground, "SEARCHES_PER_MINUTE", 1)
    text_of(staff_client.get(PAGE, {"q": "norway"}))
    refused = staff_client.get(PAGE, {"q": "norway"})
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert "Please wait" in refused.content.decode()
    text_of(staff_client.get(PAGE))  # the page itself is no search
    text_of(admin_client.get(PAGE, {"q": "norway"}))  # and nobody waits for another


def test_a_customer_sees_nothing_of_it():
    assert Client().get(PAGE, {"q": "norway"}).status_code == 302


def test_the_day_in_the_form_is_kept(staff_client):
    today = timezone.localdate().isoformat()
    assert f'name="day" value="{today}"' in text_of(staff_client.get(PAGE, {"q": "norway", "day": today}))


def test_what_is_for_staff_only_is_found_only_for_them(staff_client, documents):
    type(documents[1]).objects.filter(pk=documents[1].pk).update(audience="staff")
    link = f"/console/versions/{documents[1].pk}/chunks/"
    assert link not in text_of(staff_client.get(PAGE, {"q": "norway"}))
    assert link in text_of(staff_client.get(PAGE, {"q": "norway", "reader": "staff"}))


@pytest.mark.parametrize(
    ("question", "said"), [("and to Norway?", "leans on"), ("how many days may an item take back", "stands by itself")]
)
def test_with_what_was_said_before_it_says_how_the_question_was_read(staff_client, question, said):
    page = text_of(staff_client.get(PAGE, {"q": question, "said": "do you deliver\nAssistant: Yes."}))
    assert said in page
    assert "said before:" not in text_of(staff_client.get(PAGE, {"q": question}))
