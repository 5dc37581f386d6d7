"""Questions that the documents did not answer: found in recorded turns, grouped by meaning."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from chatbot import sifting
from chatbot.gaps import Gap, asked, gaps
from chatbot.models import Conversation, Feedback, QuestionGroup, Turn, UnansweredQuestion
from retrieval.grouping import UNRELATED
from tests.console.factories import a_conversation
from tests.retrieval.stand_ins import WordCounts

WRAPPING = "Do you offer gift wrapping?"


class Meanings(WordCounts):
    """Word counts, in which questions that have nothing to do with each other have a cosine of 0.4."""

    def embed(self, texts):
        if tuple(texts) == UNRELATED:
            rows = np.sqrt(0.6) * np.eye(len(texts), self.dimension, dtype=np.float32)
            rows[:, -1] += np.sqrt(0.4)
            return rows
        return super().embed(texts)


@pytest.fixture
def model():
    return Meanings()


def unanswered(question: str, *queries: str, strength: float | None = 0.1, **fields) -> Turn:
    """A turn in which the customer was told that the policies do not say it."""
    silent = [{"query": query, "strength": strength} for query in queries or (question,)]
    understanding = {"intents": ["policy"], "query": " ".join(queries or (question,)), "queries": list(queries or (question,))}
    evidence = {"strength": strength, "passages": [], "unanswered": silent}
    fields = {"outcome": "no_answer", "order": "", "understanding": understanding, "evidence": evidence} | fields
    return a_conversation(question, "I could not find that.", **fields).turns.get()


def grouped() -> list[list[str]]:
    return [[q.text for q in group.questions.order_by("asked_at")] for group in QuestionGroup.objects.order_by("pk")]


# --- from a trace ---------------------------------------------------------------------------------------------------------
def test_each_query_that_was_left_open_is_a_gap_of_its_own():
    evidence = {
        "strength": 0.9,
        "unanswered": [{"query": "gift wrapping", "strength": 0.12}, {"query": "bitcoin", "strength": None}],
    }
    assert gaps("answered", {"query": "returns gift wrapping bitcoin"}, evidence) == [
        Gap(0, "gift wrapping", 0.12),
        Gap(1, "bitcoin", None),
    ]


def test_an_older_trace_tells_only_by_its_outcome():
    understanding, evidence = {"queries": ["gift wrapping"], "query": "gift wrapping"}, {"strength": 0.2}
    assert gaps("no_answer", understanding, evidence) == [Gap(0, "gift wrapping", 0.2)]
    for outcome in ("answered", "not_found", "asked_back", "handed_off", "failed"):
        assert gaps(outcome, understanding, evidence) == []


@pytest.mark.parametrize(
    "broken", [None, [], "x", {"unanswered": [None, 3, {"query": None}]}, {"unanswered": [{"strength": "high"}]}]
)
def test_a_trace_of_another_shape_is_no_gap(broken):
    assert gaps("answered", broken, broken) == []
    assert asked(broken, broken) is None


# --- from the database ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_questions_that_mean_the_same_stand_together(model):
    unanswered(WRAPPING, minutes_ago=9)
    unanswered("Can I pay with bitcoin?", minutes_ago=8)
    unanswered("gift wrapping offered?", minutes_ago=7)
    a_conversation("Can I still return it?", minutes_ago=6)  # was answered
    assert sifting.sift(model)
    assert grouped() == [[WRAPPING, "gift wrapping offered?"], ["Can I pay with bitcoin?"]]


@pytest.mark.django_db
def test_looking_again_adds_only_what_is_new(model):
    unanswered(WRAPPING, minutes_ago=9)
    sifting.sift(model)
    sifting.sift(model)
    unanswered("offer gift wrapping", minutes_ago=5)
    # a turn that began earlier may end later
    late = unanswered("is gift wrapping offered", minutes_ago=8)
    sifting.sift(model)
    assert sorted(grouped()[0]) == sorted([WRAPPING, "offer gift wrapping", late.question]) and len(grouped()) == 1
    assert QuestionGroup.objects.get().size == 3


@pytest.mark.django_db
def test_many_turns_are_looked_at_in_steps(model, monkeypatch):
    monkeypatch.setattr(sifting, "AT_ONCE", 2)
    for minute in range(5):
        unanswered(WRAPPING, minutes_ago=minute)
    assert not sifting.sift(model, most=2)
    assert sifting.sift(model)
    assert [len(texts) for texts in grouped()] == [5]


@pytest.mark.django_db
def test_what_no_customer_asked_and_what_is_not_finished_does_not_count(model):
    by_hand = unanswered(WRAPPING)
    Conversation.objects.filter(pk=by_hand.conversation_id).update(channel="command")
    unanswered("Can I pay with bitcoin?", turn_state=Turn.State.RUNNING)
    sifting.sift(model)
    assert grouped() == []


@pytest.mark.django_db
def test_an_answer_that_did_not_help_is_a_gap_until_the_thumb_is_taken_back(model):
    conversation = a_conversation("Can I still return it?", helpful=False)
    sifting.sift(model)
    question = UnansweredQuestion.objects.get()
    assert (question.text, question.why, question.strength) == ("return window", "thumb down", 0.87)
    Feedback.objects.filter(turn__conversation=conversation).update(helpful=True, created_at=timezone.now())
    sifting.sift(model)
    assert not UnansweredQuestion.objects.exists()
    assert sifting.forget_empty() == 1 and not QuestionGroup.objects.exists()


@pytest.mark.django_db
def test_of_two_that_look_at_once_one_adds(model):
    class Overtaken(Meanings):
        """Another process looks through the same turns while this one embeds."""

        def embed(self, texts):
            if not QuestionGroup.objects.exists():
                sifting.sift(model)
            return super().embed(texts)

    unanswered(WRAPPING)
    assert sifting.sift(Overtaken())
    assert grouped() == [[WRAPPING]] and QuestionGroup.objects.get().size == 1


@pytest.mark.django_db
def test_a_conversation_that_is_deleted_meanwhile_leaves_nothing(model):
    class Slow(Meanings):
        def embed(self, texts):
            Conversation.objects.all().delete()
            return super().embed(texts)

    unanswered(WRAPPING)
    assert sifting.sift(Slow())
    assert grouped() == []


@pytest.mark.django_db
def test_a_group_that_was_done_opens_again_when_somebody_still_gets_no_answer(model):
    unanswered(WRAPPING, minutes_ago=30)
    sifting.sift(model)
    decided = timezone.now() - timedelta(minutes=20)
    QuestionGroup.objects.update(state="done", decided_at=decided, decided_by="ana")
    unanswered("gift wrapping offered?", minutes_ago=25)  # asked before it was done
    sifting.sift(model)
    assert QuestionGroup.objects.get().state == "done"
    last = unanswered("do you offer wrapping", minutes_ago=5)
    sifting.sift(model)
    group = QuestionGroup.objects.get()
    assert (group.state, group.reopened_at) == ("open", last.started_at)
    QuestionGroup.objects.update(state="ignored")
    unanswered("gift wrapping, do you offer it", minutes_ago=1)
    sifting.sift(model)
    assert QuestionGroup.objects.get().state == "ignored"  # it was set aside knowingly


@pytest.mark.django_db
def test_the_questions_go_with_their_conversation(model):
    turn = unanswered(WRAPPING)
    sifting.sift(model)
    turn.conversation.delete()
    assert not UnansweredQuestion.objects.exists()


@pytest.mark.django_db
def test_another_embedding_model_leaves_the_groups_as_staff_know_them(model):
    unanswered(WRAPPING, minutes_ago=3)
    unanswered("Can I pay with bitcoin?", minutes_ago=2)
    sifting.sift(model)
    before = list(QuestionGroup.objects.order_by("pk").values_list("pk", flat=True))
    newer = Meanings("another recipe")
    unanswered("gift wrapping offered?", minutes_ago=1)
    sifting.sift(newer)
    assert list(QuestionGroup.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert [len(texts) for texts in grouped()] == [2, 1]
    assert set(UnansweredQuestion.objects.values_list("recipe", flat=True)) == {"another recipe"}


@pytest.mark.django_db
def test_the_turn_writes_down_what_it_left_unanswered():
    """The other end: what `gaps` reads is what a turn records."""
    from chatbot.composing.choosing import Choice
    from chatbot.recording import TurnRecord
    from chatbot.turn import Draft, Evidence, Outcome, Understanding
    from retrieval.search import SearchResult

    meaning = Understanding(frozenset(), queries=("sale items", "gift wrapping"))
    evidence = Evidence(searches=(SearchResult(strength=0.9), SearchResult(strength=0.2)))
    record = TurnRecord(None)
    record.gathered(evidence, Choice())
    record.composed(Draft((), Outcome.ANSWERED, unanswered=("gift wrapping",)), meaning, evidence)
    assert gaps("answered", {}, record._fields["evidence"]) == [Gap(0, "gift wrapping", 0.2)]
