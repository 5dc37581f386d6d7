"""Finding conversations and reading how every answer was made."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot.models import AuditEntry, Conversation
from console.conversation_search import Wanted, find_conversations
from tests.console.factories import a_conversation, a_version, add_turn

pytestmark = pytest.mark.django_db
LIST = "/console/conversations/"
MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script><svg/onload=alert(3)>'


def opened(client, conversation: Conversation) -> str:
    return client.get(f"{LIST}{conversation.pk}/").content.decode()


def found(**wanted) -> list[uuid.UUID]:
    return [conversation.pk for conversation in find_conversations(Wanted(**wanted))]


@pytest.fixture
def blue(db) -> Conversation:
    return a_conversation("Where is my blue shirt?", "On its way, Übergrößen.", email="Ana.Diaz@example.com", order="#W2378156")


@pytest.fixture
def other(db) -> Conversation:
    return a_conversation(
        "Gift cards?", "They never expire.", email="bo@example.org", order="", outcome="no_answer", minutes_ago=3000
    )


@pytest.mark.parametrize(
    "words", ["blue shirt", "BLUE", "on its way", "ana.diaz", "@example.com", "#W2378156", "W2378156", "w2378156"]
)
def test_conversations_are_found_by_what_staff_know_of_them(blue, other, words):
    assert found(words=words) == [blue.pk]


def test_a_conversation_is_found_by_its_id_or_the_beginning_of_it(blue, other):
    for words in (str(blue.pk), blue.pk.hex, str(blue.pk)[:13], str(blue.pk).upper()):
        assert found(words=words) == [blue.pk]


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1 --", '"; DROP TABLE x', "\\", "deadbeef", "*"])
def test_signs_mean_themselves(blue, other, words):
    assert found(words=words) == []


def test_filters_narrow_each_other(blue, other):
    waiting = a_conversation("Help", "", state="open", outcome="handed_off", helpful=False)
    liked = a_conversation("Thanks", "Welcome", helpful=True)
    assert found(outcome="no_answer") == [other.pk]
    assert found(state="open") == [waiting.pk]
    assert found(thumb="down") == [waiting.pk] and found(thumb="up") == [liked.pk]
    assert found(state="open", thumb="up") == []
    today = timezone.localdate()
    assert found(until=today - timedelta(days=1)) == [other.pk]
    assert other.pk not in found(since=today) and len(found(since=today - timedelta(days=7))) == 4


def test_the_list_shows_the_newest_first_with_its_first_question(staff_client, blue, other):
    add_turn(
        blue, "And the red one?", "That too.", version=None, order="", outcome="answered", turn_state="finished",
        helpful=None, comment="", at=timezone.now(),
    )  # fmt: skip
    page = staff_client.get(LIST).content.decode()
    assert page.index("Where is my blue shirt?") < page.index("Gift cards?")
    assert "And the red one?" not in page and "2 questions" in page


def test_an_empty_chat_is_not_listed(staff_client):
    now = timezone.now()
    Conversation.objects.create(token_hash="x", created_at=now, updated_at=now)
    assert "No conversations yet." in staff_client.get(LIST).content.decode()


def test_many_conversations_are_paged_and_the_search_is_kept(staff_client):
    for number in range(35):
        a_conversation(f"Question {number}", "x", minutes_ago=number)
    first = staff_client.get(LIST, {"q": "Question", "outcome": "answered"}).content.decode()
    assert "Page 1 of 2" in first and "?q=Question&amp;outcome=answered&amp;page=2" in first
    assert "Question 34" in staff_client.get(LIST, {"q": "Question", "page": "2"}).content.decode()


@pytest.mark.parametrize(
    "query", [{"state": "x"}, {"since": "tomorrow"}, {"page": "-1"}, {"q": "a\0b"}, {"q": "x" * 5000}, {"thumb": "<b>"}]
)
def test_odd_filters_are_left_out(staff_client, blue, query):
    assert staff_client.get(LIST, query).status_code == 200


def test_an_answer_shows_how_it_was_made(staff_client):
    version = a_version("Returns")
    page = opened(
        staff_client, a_conversation(version=version, email="ana@example.com", model="small-model", helpful=False, comment="Hm")
    )
    for seen in (
        "ana@example.com", "Can I still return it?", "<strong>30 days</strong>", "return window",
        "strength 87 %", "score 0.812", "Cited", f"/policies/{version.document.slug}/1/?from=11&amp;to=65#cited",
        "the records answer it", "Answer from the evidence.", "small-model", "$0.001200", "7.9 ms", "14 ms",
        "#W1001", "delivered", "You have 90 days.", "Not shown", "90 is in no source", "Thumb down", "Hm",
    ):  # fmt: skip
        assert seen in page, seen


def test_a_turn_that_never_became_an_answer_is_there_with_its_error(staff_client):
    page = opened(staff_client, a_conversation("Hello?", "", turn_state="failed", outcome="failed", error="ModelUnavailable()"))
    assert "No answer was shown." in page and "ModelUnavailable()" in page and 'class="trace" open' in page


@pytest.mark.parametrize("broken", [None, [], {}, "text", 7, [None, 3, "x"], {"passages": [None, {"start": "a"}], "intents": 3}])
def test_a_trace_of_another_time_never_breaks_the_page(staff_client, broken):
    fields = ("understanding", "evidence", "orders", "route", "prompt", "sentences", "timings_ms", "viewer")
    conversation = a_conversation(**{name: broken for name in fields if broken is not None})
    assert "How this answer was made" in opened(staff_client, conversation)
    assert staff_client.get("/console/").status_code == 200


def test_whatever_customers_and_documents_wrote_is_inert(staff_client):
    conversation = a_conversation(
        MARKUP, f"{MARKUP} [x](javascript:alert(1)) ![p](https://evil.example/p.png)", email=f"{MARKUP}@x.example", order=MARKUP,
        helpful=False, comment=MARKUP, error=MARKUP, model=MARKUP[:150],
        understanding={"intents": [MARKUP], "query": MARKUP, "signals": {MARKUP: MARKUP}},
        evidence={"strength": 0.5, "passages": [{"document": MARKUP, "heading": MARKUP, "text": MARKUP, "slug": MARKUP, "version": 1,
                                                 "start": 0, "end": 1}]},
        prompt=[{"role": MARKUP, "content": MARKUP}], sentences=[{"text": MARKUP, "support": MARKUP}],
        route={"tier": MARKUP, "reason": MARKUP}, timings_ms={MARKUP: 3.0, "total": 5.0},
    )  # fmt: skip
    for page in (
        opened(staff_client, conversation),
        staff_client.get(LIST).content.decode(),
        staff_client.get("/console/").content.decode(),
    ):
        for harm in ("<img src=x", "<script>", "<svg/onload", 'href="javascript:', 'evil.example/p.png"'):
            assert harm not in page


def test_reading_a_conversation_is_written_down(staff_client, staff, blue):
    opened(staff_client, blue)
    entry = AuditEntry.objects.get(action="read a conversation")
    assert (entry.actor, entry.subject, entry.detail) == (staff.username, str(blue.pk), "")


def test_a_waiting_conversation_can_be_resolved_once(staff_client):
    conversation = a_conversation(state="open")
    for _ in range(2):
        staff_client.post(f"{LIST}{conversation.pk}/resolve/")
    conversation.refresh_from_db()
    assert conversation.state == Conversation.State.RESOLVED
    assert AuditEntry.objects.filter(action="resolved a conversation").count() == 1
