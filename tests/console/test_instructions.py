"""The console's page of instructions: edited, tried out, published, compared and brought back, by leads and administrators only."""

import pytest
from django.urls import reverse

from chatbot.instructions.models import InstructionsVersion
from chatbot.instructions.wording import installed_text
from chatbot.models import AuditEntry, Conversation, Turn
from console.roles import Role
from tests.console.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = reverse("console:instructions")
WORDS = {"text": "Answer in one sentence.", "tone": "warm", "forbidden": "politics: election", "note": "Shorter", "based_on": "0"}


@pytest.fixture
def lead_client(make_user):
    return client_of(make_user(Role.LEAD))


def publish(client, **values):
    return client.post(PAGE, WORDS | values, follow=True)


def test_staff_without_that_role_find_no_such_page(staff_client):
    for name, args in (("instructions", []), ("instructions-words", [1])):
        assert staff_client.get(reverse(f"console:{name}", args=args)).status_code == 404
    for name, args in (("instructions", []), ("instructions-preview", []), ("instructions-restore", [1])):
        assert staff_client.post(reverse(f"console:{name}", args=args), WORDS).status_code == 404
    assert not InstructionsVersion.objects.exists()


def test_a_lead_starts_from_the_words_of_the_product_and_publishes_others(lead_client):
    shown = lead_client.get(PAGE).content.decode()
    assert installed_text().splitlines()[-1] in shown and "What is always added" in shown
    said = publish(lead_client).content.decode()
    assert "Version 1 counts from the next question on." in said and "Answer in one sentence." in said
    version = InstructionsVersion.objects.get()
    assert (version.number, version.text, version.tone, version.note) == (1, "Answer in one sentence.", "warm", "Shorter")
    entry = AuditEntry.objects.get(action="published instructions")
    assert (entry.subject, entry.detail) == ("version 1", "Shorter")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"text": ""}, "Please write how"),
        ({"note": " "}, "Please say in a few words"),
        ({"text": "x" * 6001}, "under 6,000 characters"),
        ({"language": "xx"}, "choose the language"),
        ({"text": "ä " * 2900}, "Please shorten them"),
        ({"based_on": "7"}, "was published while you were editing"),
        ({"based_on": "-"}, "was published while you were editing"),
    ],
)
def test_what_cannot_be_published_is_said_and_nothing_is_lost(lead_client, values, problem):
    answer = publish(lead_client, **values)
    assert answer.status_code in (400, 409)
    assert problem in answer.content.decode() and "warm" in answer.content.decode()
    assert not InstructionsVersion.objects.exists()


def test_versions_are_compared_and_an_earlier_one_comes_back_as_a_new_one(lead_client):
    publish(lead_client)
    publish(lead_client, text="Answer in two sentences.", note="Longer <b>again</b>", based_on="1")
    shown = lead_client.get(reverse("console:instructions-words", args=[2])).content.decode()
    assert "<del>" in shown and "<ins>" in shown and "Longer &lt;b&gt;again&lt;/b&gt;" in shown
    restore = reverse("console:instructions-restore", args=[1])
    assert "as version 3" in lead_client.post(restore, {"based_on": "2"}, follow=True).content.decode()
    assert "nothing was brought back" in lead_client.post(restore, {"based_on": "2"}, follow=True).content.decode()
    newest = InstructionsVersion.objects.first()
    assert (newest.number, newest.text, newest.restores) == (3, "Answer in one sentence.", 1)
    assert InstructionsVersion.objects.count() == 3


class TestPreview:
    URL = reverse("console:instructions-preview")

    def test_an_answer_with_the_words_of_the_form_stores_nothing(self, lead_client):
        shown = lead_client.post(self.URL, WORDS | {"question": "Who wins the election?"}).content.decode()
        assert "cannot speak about that here" in shown and "No model is set up" in shown
        assert not (InstructionsVersion.objects.exists() or Turn.objects.exists() or Conversation.objects.exists())

    def test_a_form_that_is_wrong_and_a_question_that_is_none_are_said(self, lead_client):
        assert "Please write how" in lead_client.post(self.URL, {"question": "Hello"}).content.decode()
        assert "That message is empty" in lead_client.post(self.URL, WORDS | {"question": " "}).content.decode()

    def test_nobody_tries_without_end(self, lead_client):
        answers = [lead_client.post(self.URL, WORDS | {"question": "Hi"}).status_code for _ in range(21)]
        assert answers[:20] == [200] * 20 and answers[20] == 429
