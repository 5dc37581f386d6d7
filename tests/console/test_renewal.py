"""How far the documents have come with a new embedding model, as staff see it."""

import pytest

from console import renewal
from console.standing import time_left
from retrieval.errors import EmbeddingFailed
from retrieval.reembedding import Progress

pytestmark = pytest.mark.django_db
PAGES = ("/console/documents/", "/console/")
PART = "/console/renewal/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def at(monkeypatch):
    """Let it be that far."""

    def at_(published=0, left=0, stuck=0, seconds=None):
        monkeypatch.setattr(renewal.reembedding, "progress", lambda *, at: Progress(published, left, stuck, seconds))

    return at_


def page_of(client, path: str, **headers) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_while_it_goes_on_the_page_says_how_far_and_asks_again(at, staff_client, path):
    at(published=40, left=12, seconds=150.0)
    page = page_of(staff_client, path)
    assert "28 of 40 documents, about 2 minutes left" in page and "12 versions still answer by the earlier model" in page
    assert f'hx-get="{PART}" hx-trigger="every 5s"' in page and 'width="70"' in page


@pytest.mark.parametrize("path", PAGES)
def test_when_nothing_goes_on_nothing_is_shown_and_nothing_asked(at, staff_client, path):
    at(published=40)
    page = page_of(staff_client, path)
    assert "Search is being renewed" not in page and PART not in page


def test_the_part_ends_asking_when_it_is_done(at, staff_client):
    at(published=2, left=1)
    part = page_of(staff_client, PART, **HTMX)
    assert "1 of 2 documents<" in part and "1 version still answers" in part and "until its turn" in part and "<html" not in part
    at(published=2)
    assert "hx-get" not in page_of(staff_client, PART, **HTMX)
    assert staff_client.get(PART).url == "/console/documents/"


def test_what_was_given_up_is_named_with_what_to_do(at, staff_client):
    at(published=40, stuck=2)
    page = page_of(staff_client, "/console/documents/")
    assert "2 documents could not be prepared by today’s model" in page and "manage.py rebuild_index" in page
    assert PART not in page


def test_the_page_stands_also_when_the_model_does_not(staff_client, monkeypatch):
    def fails(*, at):
        raise EmbeddingFailed("no model")

    monkeypatch.setattr(renewal.reembedding, "progress", fails)
    assert PART not in page_of(staff_client, "/console/documents/")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (90, "2 minutes"), (5399, "90 minutes"), (9000, "2 hours")]
)
def test_times_are_said_as_people_say_them(seconds, words):
    assert time_left(seconds) == words
