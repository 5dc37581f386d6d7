"""Requests in the console: what waits, one request with everything staff need, and what they decide."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry, Message
from console import requests as pages
from console.requests import age
from orders.models import RequestMessage
from tests.console.factories import a_conversation, a_request

pytestmark = pytest.mark.django_db
LIST = "/console/requests/"


def page_of(client, request):
    return client.get(reverse("console:request", args=[request.pk])).content.decode()


def decide(client, request, state, note=""):
    return client.post(reverse("console:request-decide", args=[request.pk]), {"state": state, "note": note}, follow=True)


def test_what_is_not_finished_stands_first_oldest_on_top(staff_client):
    a_request(number="#W3", state="accepted", minutes_ago=500)
    a_request(number="#W2", minutes_ago=10)
    a_request(number="#W1", minutes_ago=120)
    a_request(number="#W4", state="done")
    said = staff_client.get(LIST).content.decode()
    places = [said.index(number) for number in ("#W1", "#W2", "#W3")]
    assert places == sorted(places)
    assert "#W4" not in said
    assert "2 to be decided" in said
    assert "2 h ago" in said


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=done", {"#W2"}),
        ("show=", {"#W1", "#W2", "#W3"}),
        ("show=&kind=return", {"#W3"}),
        ("show=nonsense&kind=x", {"#W1", "#W3"}),
    ],
)
def test_the_list_is_narrowed_by_state_and_kind(staff_client, query, shown):
    a_request(number="#W1")
    a_request(number="#W2", state="done")
    a_request("return", number="#W3")
    said = staff_client.get(f"{LIST}?{query}").content.decode()
    assert {number for number in ("#W1", "#W2", "#W3") if number in said} == shown


def test_a_request_shows_what_is_asked_the_rule_and_the_order_as_it_was(staff_client, staff):
    talk = a_conversation()
    request = a_request(conversation=talk, reason="<b>twice</b>")
    said = page_of(staff_client, request)
    for part in (
        "1 × Linen shirt (color blue)",
        "By the rules it is possible",
        "Until they are packed.",
        "version 3",
        "2 × Linen shirt",
        "Picking",
    ):
        assert part in said
    assert "&lt;b&gt;twice&lt;/b&gt;" in said
    assert reverse("console:conversation", args=[talk.pk]) in said
    assert AuditEntry.objects.get().action == "read a request"
    assert AuditEntry.objects.get().subject == str(request.pk)


def test_a_conversation_names_what_was_asked_in_it(staff_client):
    talk = a_conversation()
    request = a_request(conversation=talk)
    a_request(number="#W9", conversation=a_conversation())
    said = staff_client.get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert reverse("console:request", args=[request.pk]) in said
    assert "#W9" not in said


def test_the_conversation_may_be_gone(staff_client):
    talk = a_conversation()
    request = a_request(conversation=talk)
    talk.delete()
    assert "the conversation is deleted" in page_of(staff_client, request)


def test_a_decision_is_written_down_and_told_to_the_customer(staff_client, staff):
    talk = a_conversation()
    request = a_request(conversation=talk)
    said = decide(staff_client, request, "declined", "It was\x00 packed\nalready.").content.decode()
    assert "Declined" in said
    request.refresh_from_db()
    assert (request.state, request.note) == ("declined", "It was packed already.")
    event = request.events.last()
    assert (event.by, event.who) == ("staff", staff.username)
    told = Message.objects.filter(conversation=talk).last()
    assert (told.role, told.private) == ("staff", True)
    assert "It was packed already." in told.text
    entry = AuditEntry.objects.get(action="decided about a request")
    assert (entry.subject, entry.detail) == (str(request.pk), "declined")  # nothing of what was said stands there


@pytest.mark.parametrize(("state", "sentence"), [("", "Please choose"), ("withdrawn", "Please choose"), ("open", "Please choose")])
def test_only_what_staff_may_decide_is_taken(staff_client, state, sentence):
    request = a_request()
    assert sentence in decide(staff_client, request, state).content.decode()
    request.refresh_from_db()
    assert request.state == "open"


def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(staff_client):
    request, note = a_request(), "n" * 1001
    said = decide(staff_client, request, "accepted", note).content.decode()
    assert "under 1,000 characters" in said
    assert note in said


def test_what_a_colleague_decided_meanwhile_is_not_overruled_by_an_old_page(staff_client):
    request = a_request(state="done")
    assert "done already" in decide(staff_client, request, "declined").content.decode()


def test_messages_that_were_given_up_are_sent_again_under_the_same_id(staff_client):
    request, now = a_request(), timezone.now()
    message = RequestMessage.objects.create(
        request=request, place=1, body="{}", state="given up", due_at=now, created_at=now, problem="it answered with status 500"
    )
    assert "it answered with status 500" in page_of(staff_client, request)
    assert "Requests your system does not know" in staff_client.get("/console/").content.decode()
    staff_client.post(reverse("console:request-send-again", args=[request.pk]))
    assert RequestMessage.objects.get().state == "due"
    assert RequestMessage.objects.get().pk == message.pk


def test_the_overview_names_what_is_to_be_decided(staff_client):
    a_request(minutes_ago=90)
    said = staff_client.get("/console/").content.decode()
    assert "Requests to decide" in said
    assert "Cancel · #W2378156" in said
    assert "asked 1 h ago" in said


def test_reading_the_list_asks_the_database_no_more_for_more_rows(staff_client, django_assert_max_num_queries):
    for n in range(12):
        a_request(number=f"#W{n}")
    with django_assert_max_num_queries(9):
        staff_client.get(LIST)


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (47 * 60, "47 h"), (49 * 60, "2 days")])
def test_ages(minutes, words):
    assert age(timedelta(minutes=minutes)) == words


def test_every_state_and_kind_has_a_name():
    from orders.requests_values import Kind, State

    assert set(pages.KINDS) == set(Kind)
    assert set(pages.STATES) == set(State)
