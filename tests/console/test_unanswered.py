"""Questions the documents could not answer: what staff see of them, decide about them and write for them."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from chatbot import sifting
from chatbot.models import AuditEntry, QuestionGroup, Turn, UnansweredQuestion
from console import unanswered as pages
from console.unanswered_groups import find_groups, view_groups
from console.writing import bare_headings
from retrieval.errors import EmbeddingFailed
from retrieval.models import DocumentVersion
from retrieval.search import Searcher
from tests.chatbot.test_sifting import Meanings, unanswered
from tests.console.factories import a_conversation, a_version
from tests.retrieval.stand_ins import parts

pytestmark = pytest.mark.django_db
LIST, WRITE = "/console/unanswered/", "/console/write/"
HTMX = {"HX-Request": "true"}
MODEL = Meanings()
WRAPPING = "Do you offer gift wrapping?"


@pytest.fixture(autouse=True)
def model(monkeypatch):
    async def embed(text):
        return await MODEL.embed_query(text), MODEL.recipe

    monkeypatch.setattr(Searcher, "default_embed", staticmethod(embed))
    monkeypatch.setattr(sifting, "_embedder", lambda: MODEL)


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def a_group(*questions: str, minutes_ago: float = 5) -> QuestionGroup:
    for place, question in enumerate(questions or (WRAPPING,)):
        unanswered(question, minutes_ago=minutes_ago - place / 10)
    sifting.sift(MODEL)
    return QuestionGroup.objects.latest("pk")


def at(group: QuestionGroup, name: str = "unanswered-group") -> str:
    return reverse(f"console:{name}", args=[group.pk])


# --- the list --------------------------------------------------------------------------------------------------------------
def test_an_empty_list_says_what_will_stand_there(staff_client):
    page = text_of(staff_client.get(LIST))
    assert "No question waits for an answer." in page and "No customer asked anything in this period." in page


def test_a_group_whose_conversations_are_deleted_while_it_is_listed_is_left_out():
    a_group()
    found = list(find_groups("open", None))
    UnansweredQuestion.objects.all().delete()
    assert len(found) == 1 and view_groups(found, None, total=1) == []


def test_the_list_finds_by_itself_what_was_asked_since_the_last_look(staff_client):
    unanswered(WRAPPING, minutes_ago=3)
    unanswered("gift wrapping offered?", minutes_ago=2)
    a_conversation("Can I still return it?")
    page = text_of(staff_client.get(LIST))
    assert WRAPPING in page and "gift wrapping offered?" in page
    assert "<strong>2</strong>" in page and "66.7 % of all questions" in page
    assert "2 of 3 questions asked in this period stand here." in page


def test_the_most_asked_stand_first_and_the_newest_among_equals(staff_client):
    for question, minutes in (
        ("Can I pay with bitcoin?", 9),
        (WRAPPING, 8),
        ("gift wrapping offered", 7),
        ("Are dogs allowed inside", 6),
    ):
        unanswered(question, minutes_ago=minutes)
    page = text_of(staff_client.get(LIST))
    assert page.index("wrapping") < page.index("Are dogs") < page.index("bitcoin")


def test_a_period_shows_what_was_asked_in_it(staff_client):
    unanswered(WRAPPING, minutes_ago=60 * 24 * 10)
    assert WRAPPING in text_of(staff_client.get(LIST))
    assert WRAPPING not in text_of(staff_client.get(LIST, {"period": "7"}))
    assert WRAPPING in text_of(staff_client.get(LIST, {"period": "all"}))
    assert WRAPPING in text_of(staff_client.get(LIST, {"period": "-5", "state": "x", "page": "x"}))


def test_what_a_customer_typed_is_never_markup(staff_client):
    group = a_group('<img src=x onerror="alert(1)"> wrapping?')
    for path in (LIST, at(group), f"{WRITE}?group={group.pk}"):
        assert "<img src=x" not in text_of(staff_client.get(path))


def test_the_list_stands_also_when_the_embedding_model_does_not(staff_client, monkeypatch):
    a_group()

    def fails():
        raise EmbeddingFailed("no model")

    monkeypatch.setattr(sifting, "_embedder", fails)
    page = text_of(staff_client.get(LIST))
    assert WRAPPING in page and "More are being looked through" in page


def test_the_overview_counts_what_is_open(staff_client):
    row = 'Kinds of question they do not answer</a></th><td class="number {}">{}</td>'
    assert row.format("", 0) in text_of(staff_client.get("/console/"))
    a_group()
    assert row.format("bad", 1) in text_of(staff_client.get("/console/"))


# --- one group -------------------------------------------------------------------------------------------------------------
def test_a_group_shows_who_asked_and_what_would_be_found_now(staff_client):
    group = a_group(WRAPPING, "gift wrapping offered?")
    page = text_of(staff_client.get(at(group)))
    turn = Turn.objects.get(question=WRAPPING)
    assert f"/console/conversations/{turn.conversation_id}/" in page
    assert "0 of 2" in page and "10 %" in page and "Asked 2 times" in page


def test_a_group_whose_conversations_were_deleted_is_an_empty_page(staff_client):
    group = a_group()
    Turn.objects.get().conversation.delete()
    assert "deleted with their conversations" in text_of(staff_client.get(at(group)))
    assert "No question waits for an answer." in text_of(staff_client.get(LIST))


def test_trying_again_gets_the_figures_alone(staff_client):
    group = a_group()
    page = text_of(staff_client.get(at(group, "unanswered-now"), headers=HTMX))
    assert page.lstrip().startswith('<div class="now"') and "<html" not in page
    assert staff_client.get(at(group, "unanswered-now")).url == at(group)


def test_trying_again_has_a_limit(staff_client, monkeypatch):
    monkeypatch.setattr(pages, "TRIES_PER_MINUTE", 1)
    group = a_group()
    text_of(staff_client.get(at(group)))
    assert "Please wait a moment." in text_of(staff_client.get(at(group)))


@pytest.mark.parametrize(("state", "label"), [("done", "Done"), ("ignored", "Set aside")])
def test_a_decision_is_kept_with_who_and_when_and_can_be_taken_back(staff, staff_client, state, label):
    group = a_group()
    answer = staff_client.post(at(group, "unanswered-decide"), {"state": state})
    assert answer.url == f"{LIST}?state=open"
    group.refresh_from_db()
    assert (group.state, group.decided_by) == (state, staff.username) and group.decided_at
    assert WRAPPING not in text_of(staff_client.get(LIST))
    page = text_of(staff_client.get(LIST, {"state": state}))
    assert WRAPPING in page and staff.username in page
    entry = AuditEntry.objects.get(action="decided about unanswered questions")
    assert (entry.subject, entry.detail) == (f"questions {group.pk}", label)
    staff_client.post(at(group, "unanswered-decide"), {"state": state})  # again is no error, and no second entry
    assert AuditEntry.objects.filter(action="decided about unanswered questions").count() == 1
    staff_client.post(at(group, "unanswered-decide"), {"state": "open"})
    assert WRAPPING in text_of(staff_client.get(LIST))


def test_another_state_than_these_is_refused_in_words(staff_client):
    group = a_group()
    answer = staff_client.post(at(group, "unanswered-decide"), {"state": "gone"})
    assert [str(m) for m in get_messages(answer.wsgi_request)] == ["Please choose what to do with these questions."]
    group.refresh_from_db()
    assert group.state == "open"


# --- writing ---------------------------------------------------------------------------------------------------------------
def test_the_editor_begins_with_the_question_and_nothing_invented(staff_client):
    group = a_group(WRAPPING, "gift wrapping offered?")
    page = text_of(staff_client.get(f"{WRITE}?group={group.pk}"))
    assert "## gift wrapping offered?\n\n</textarea>" in page  # equally typical, and newer
    assert f"{WRAPPING}</li>" in page
    assert "Customers asked" not in text_of(staff_client.get(WRITE))
    for gone in ("999999", "x", "9" * 30):
        assert "Customers asked" not in text_of(staff_client.get(f"{WRITE}?group={gone}"))


def test_what_was_written_is_an_upload_and_the_group_shows_whether_it_answers(
    staff_client, settings, django_capture_on_commit_callbacks
):
    group = a_group(WRAPPING)
    text = f"## {WRAPPING}\n\nYes, we offer gift wrapping for 4 euro an order. Gift wrapping is paper, with a ribbon.\n"
    sent = {"title": "Gift wrapping", "category": "shipping", "text": text, "group": group.pk}
    answer = staff_client.post(WRITE, sent)
    assert answer.url == at(group)
    version = DocumentVersion.objects.get()
    assert (version.document.title, version.document.category, version.filename) == (
        "Gift wrapping",
        "shipping",
        "gift-wrapping.md",
    )
    assert version.file.read().decode() == text and version.author is not None and version.note
    assert AuditEntry.objects.filter(action="uploaded a document").exists()
    waiting = text_of(staff_client.get(at(group)))
    assert "Waiting" in waiting and 'hx-trigger="every 2s"' in waiting
    from retrieval.ingestion import advance

    advance(version, parts=parts(embedder=MODEL))
    now = text_of(staff_client.get(at(group, "unanswered-now"), headers=HTMX))
    assert "1 of 1" in now and "would be answered now." in now and "every 2s" not in now
    assert "10 %" in now  # as it was then


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Please give the document a title."),
        ({"text": ""}, "Please write the document."),
        ({"text": "# Only a title\n"}, "Please write something under “Only a title”"),
        ({"text": "## A question?\n\n## Another?\n\nYes.\n"}, "Please write something under “A question?”"),
        ({"category": "c" * 101}, "Please keep the category under 100 characters."),
        ({"text": "x" * 200_001}, "Please keep the text under 200,000 characters"),
        ({"group": "12345"}, "These questions are gone with their conversations."),
    ],
)
def test_what_cannot_be_stored_comes_back_with_a_sentence_and_the_text(staff_client, fields, said):
    sent = {"title": "Wrapping", "text": "We wrap <b>everything</b>."} | fields
    page = text_of(staff_client.post(WRITE, sent), 400)
    assert said in page and not DocumentVersion.objects.exists()
    if "text" not in fields:
        assert "We wrap &lt;b&gt;everything&lt;/b&gt;." in page


def test_a_new_document_never_replaces_another_of_the_same_name(staff_client):
    earlier = a_version("Gift wrapping", filename="gift-wrapping.md")
    staff_client.post(WRITE, {"title": "Gift wrapping", "text": "We wrap."})
    assert DocumentVersion.objects.latest("pk").document != earlier.document


def test_a_failure_while_storing_keeps_what_was_written(staff_client, monkeypatch):
    def fails(*args, **options):
        raise RuntimeError("the disk")

    monkeypatch.setattr("retrieval.ingestion.receive", fails)
    page = text_of(staff_client.post(WRITE, {"title": "Wrapping", "text": "We wrap."}), 400)
    assert "Something went wrong on our side" in page and "We wrap." in page and "the disk" not in page


@pytest.mark.parametrize(
    ("markdown", "bare"),
    [
        ("", []),
        ("Text.", []),
        ("# A\n\n## B\n\nText.", []),
        ("# A\n\nText.\n\n## B", ["B"]),
        ("## A\n## B\n- item", ["A"]),
        ("# A\n\n| a |\n|---|\n| 1 |", []),
    ],
)
def test_headings_with_nothing_under_them(markdown, bare):
    assert bare_headings(markdown) == bare


def test_a_done_group_that_was_asked_again_says_so(staff_client):
    group = a_group(minutes_ago=30)
    QuestionGroup.objects.update(state="done", decided_by="ana", decided_at=timezone.now() - timedelta(minutes=20))
    unanswered("gift wrapping offered?", minutes_ago=2)
    assert "Asked again since it was done" in text_of(staff_client.get(LIST))
    assert UnansweredQuestion.objects.filter(group=group).count() == 2
