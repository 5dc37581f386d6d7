"""Questions in the wrong group: staff put them where they belong, and there they stay."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from chatbot import sifting
from chatbot.models import AuditEntry, QuestionGroup, UnansweredQuestion
from console import moving
from tests.chatbot.test_sifting import Meanings, grouped, unanswered

pytestmark = pytest.mark.django_db
MODEL = Meanings()
WRAPPING, OFFERED, BITCOIN = "Do you offer gift wrapping?", "gift wrapping offered?", "Can I pay with bitcoin?"


@pytest.fixture
def groups() -> list[QuestionGroup]:
    """Two questions about wrapping, and one about bitcoin."""
    for minutes, question in ((9, WRAPPING), (8, OFFERED), (7, BITCOIN)):
        unanswered(question, minutes_ago=minutes)
    sifting.sift(MODEL)
    return list(QuestionGroup.objects.order_by("pk"))


def the(text: str) -> UnansweredQuestion:
    return UnansweredQuestion.objects.get(text=text)


def at(group: QuestionGroup) -> str:
    return reverse("console:unanswered-move", args=[group.pk])


def page_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def is_the_sum_of_its_members(group: QuestionGroup) -> bool:
    group.refresh_from_db()
    vectors = [np.frombuffer(vector, dtype="<f4") for vector in group.questions.values_list("vector", flat=True)]
    return group.size == len(vectors) and np.allclose(np.frombuffer(group.total, dtype="<f4"), np.sum(vectors, axis=0), atol=1e-6)


def test_the_page_offers_the_questions_and_the_other_groups(staff_client, groups):
    page = page_of(staff_client, at(groups[0]))
    assert WRAPPING in page and OFFERED in page
    assert f'value="{groups[1].pk}"> <span class="break">{BITCOIN}' in page and "A new group of their own" in page
    assert at(groups[0]) in page_of(staff_client, reverse("console:unanswered-group", args=[groups[0].pk]))


def test_the_groups_most_alike_come_first(groups):
    unanswered("gift vouchers for sale", minutes_ago=6)
    sifting.sift(MODEL)
    assert [target.title for target in moving.nearest_groups(groups[0], 5)] == ["gift vouchers for sale", BITCOIN]
    assert [target.title for target in moving.nearest_groups(groups[0], 1)] == ["gift vouchers for sale"]


def test_a_question_moves_into_the_group_that_was_chosen(staff_client, staff, groups):
    answer = staff_client.post(at(groups[0]), {"question": the(OFFERED).pk, "to": groups[1].pk})
    assert answer.url == reverse("console:unanswered-group", args=[groups[1].pk])
    assert grouped() == [[WRAPPING], [OFFERED, BITCOIN]]
    assert all(map(is_the_sum_of_its_members, groups))
    assert f"put here by {staff.username}" in page_of(staff_client, answer.url)
    entry = AuditEntry.objects.get(action="moved unanswered questions")
    assert (entry.actor, entry.subject) == (staff.username, f"questions {groups[0].pk}")
    assert entry.detail == f"1 question to questions {groups[1].pk}"


def test_it_stays_there_whatever_is_asked_later(staff_client, groups):
    staff_client.post(at(groups[0]), {"question": the(OFFERED).pk, "to": groups[1].pk})
    for minutes in range(4):
        unanswered(WRAPPING, minutes_ago=minutes)
    sifting.sift(MODEL)
    sifting.sift(Meanings("another recipe"))  # not even another model moves it
    assert the(OFFERED).group_id == the(BITCOIN).group_id == groups[1].pk


def test_a_group_of_its_own_is_not_joined_again_and_takes_what_is_like_it(staff_client, groups):
    staff_client.post(at(groups[0]), {"question": the(OFFERED).pk, "to": "new"})
    own = the(OFFERED).group
    assert own.pk not in {group.pk for group in groups} and own.state == "open"
    assert is_the_sum_of_its_members(own) and is_the_sum_of_its_members(groups[0])
    for minutes in (3, 2):
        unanswered("gift wrapping offered", minutes_ago=minutes)  # the groups grow, which is when they are looked at for joining
        unanswered("Do you offer a gift wrapping?", minutes_ago=minutes)
        sifting.sift(MODEL)
    assert sorted(len(texts) for texts in grouped()) == [1, 3, 3]
    assert set(own.questions.values_list("text", flat=True)) == {OFFERED, "gift wrapping offered"}


def test_several_go_together_and_an_empty_group_goes_with_the_sweep(staff_client, groups):
    staff_client.post(at(groups[0]), {"question": [the(WRAPPING).pk, the(OFFERED).pk], "to": groups[1].pk})
    assert sifting.forget_empty() == 1
    assert grouped() == [[WRAPPING, OFFERED, BITCOIN]]


@pytest.mark.parametrize(
    ("chosen", "to", "said"),
    [
        ([OFFERED], "", "Please choose where the questions are to go."),
        ([OFFERED], "x", "Please choose where the questions are to go."),
        ([OFFERED], "9" * 30, "Please choose where the questions are to go."),
        ([OFFERED], "999999", "The group that was chosen is not there any more."),
        ([], "new", "Please choose the questions to be moved."),
        ([BITCOIN], "new", "does not stand in this group any more."),
        ([WRAPPING, OFFERED], "new", "they have a group of their own already."),
    ],
)
def test_what_cannot_be_done_comes_back_with_a_sentence(staff_client, groups, chosen, to, said):
    before = grouped()
    response = staff_client.post(at(groups[0]), {"question": [the(text).pk for text in chosen] + ["x"], "to": to})
    assert response.status_code == 400 and said in response.content.decode()
    assert grouped() == before and not AuditEntry.objects.filter(action="moved unanswered questions").exists()


def test_a_group_cannot_be_moved_into_itself(staff_client, groups):
    response = staff_client.post(at(groups[0]), {"question": the(OFFERED).pk, "to": groups[0].pk})
    assert response.status_code == 400


def test_what_a_customer_typed_is_never_markup(staff_client, groups):
    unanswered("<img src=x onerror=alert(1)> wrapping", minutes_ago=1)
    sifting.sift(MODEL)
    for group in QuestionGroup.objects.all():
        assert "<img src=x" not in page_of(staff_client, at(group))


def test_it_is_for_staff_and_from_our_own_page_alone(groups, staff):
    sent = {"question": the(OFFERED).pk, "to": "new"}
    stranger = Client().post(at(groups[0]), sent)
    assert stranger.status_code == 302 and "/console/login/" in stranger.url
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(staff)
    assert forged.post(at(groups[0]), sent).status_code == 403
    assert grouped() == [[WRAPPING, OFFERED], [BITCOIN]]
