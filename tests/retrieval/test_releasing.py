"""A prepared upload against what answers beside it: published when nothing is found, else it waits for a person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from retrieval import reviewing
from retrieval.ingestion import advance, receive, release, withdraw
from retrieval.models import DocumentVersion, Finding, Release, State
from tests.retrieval.stand_ins import parts, upload

pytestmark = pytest.mark.django_db

RETURNS = "# Returns\n\nYou can return any item within 30 days of delivery.\n\nPlease keep the box."
HELP = "# Help\n\nAny item can be returned within 14 days of delivery."
SHIPPING = "# Shipping\n\nParcels travel by train and by bicycle."


def offered(text: str, filename: str, **options) -> DocumentVersion:
    return upload(text, filename, **{"release": Release.IF_CLEAR} | options)


def answering() -> set[str]:
    return set(DocumentVersion.objects.in_force(on=timezone.localdate()).values_list("filename", flat=True))


def test_what_contradicts_nothing_is_published_at_once():
    upload(RETURNS, "returns.md")
    version = offered(SHIPPING, "shipping.md")
    assert (version.state, version.findings.count()) == (State.PUBLISHED, 0)


def test_a_contradiction_waits_for_a_person_with_both_quotes_and_the_old_text_answers():
    old = upload(RETURNS, "returns.md")
    version = offered(HELP, "help.md")
    assert (version.state, version.reason) == (State.READY, "Please decide: 1 contradiction found.")
    finding = version.findings.get()
    assert finding.other == old
    assert version.markdown[finding.start : finding.end] == "Any item can be returned within 14 days of delivery."
    assert old.markdown[finding.other_start : finding.other_end] == "You can return any item within 30 days of delivery."
    assert finding.differences == [["14 days", "30 days"]]
    assert answering() == {"returns.md"}
    assert version.chunks.exists(), "it needs no more than the word of a person"
    release(version)
    assert answering() == {"returns.md", "help.md"}


def test_a_new_version_is_held_against_other_documents_and_not_against_the_one_it_replaces():
    upload(RETURNS, "returns.md")
    assert offered(RETURNS.replace("30", "14"), "returns.md").state == State.PUBLISHED


def test_text_that_stands_in_another_document_is_said():
    upload(RETURNS, "returns.md")
    version = offered(RETURNS, "copy.html")
    assert version.findings.get().kind == Finding.Kind.SAME_TEXT
    more = offered(RETURNS + "\n\nWe like postcards.", "more.md")
    assert [f.kind for f in more.findings.all()][:1] == [Finding.Kind.REPETITION]
    assert more.findings.first().share >= 0.5


def test_the_same_text_in_another_format_is_no_new_version_without_a_word():
    first = upload(RETURNS, "returns.md")
    again = offered(RETURNS.replace("# Returns", "Returns\n======="), "returns.html", document=first.document)
    assert (again.state, again.findings.get().kind, again.findings.get().other) == (State.READY, Finding.Kind.SAME_TEXT, first)
    later = timezone.localdate() + timedelta(days=30)
    dated = offered(RETURNS + " ", "dated.md", document=first.document, effective_from=later)
    assert dated.state == State.PUBLISHED, "the same words for other days are a new version"


def test_only_what_answers_or_waits_on_the_same_days_counts():
    today = timezone.localdate()
    upload(RETURNS, "over.md", effective_from=today - timedelta(days=9), effective_until=today)
    withdraw(upload(RETURNS.replace("30", "31"), "gone.md"))
    upload(RETURNS.replace("30", "32"), "later.md", effective_from=today + timedelta(days=9))
    assert offered(HELP, "help.md", effective_until=today + timedelta(days=9)).state == State.PUBLISHED
    assert offered(HELP + " Yes.", "help2.md").state == State.READY


def test_two_uploads_that_contradict_each_other_cannot_slip_past_side_by_side():
    first = receive(RETURNS.encode(), "returns.md", queue=False, release=Release.IF_CLEAR)

    compared = []

    def other_is_faster(version, chunks, recipe, *, only):
        compared.append(only)
        found = real(version, chunks, recipe, only=only)
        if len(compared) == 1:
            offered(HELP, "help.md")
        return found

    real = reviewing.review
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "review", other_is_faster)
        assert advance(first, parts=parts()).state == State.READY
    assert answering() == {"help.md"}
    # the second time under the lock for which every customer's turn waits, so only against what is new
    assert compared == [None, None, {DocumentVersion.objects.get(filename="help.md").pk}]


def test_what_was_found_against_a_document_that_is_withdrawn_meanwhile_holds_nothing_up():
    other = upload(RETURNS, "returns.md")
    version = receive(HELP.encode(), "help.md", queue=False, release=Release.IF_CLEAR)

    def gone_meanwhile(*about, only):
        found = real(*about, only=only)
        if only is None:
            assert found
            withdraw(other)
        return found

    real = reviewing.review
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "review", gone_meanwhile)
        assert advance(version, parts=parts()).state == State.PUBLISHED


def test_of_a_book_repetitions_are_found_and_contradictions_in_the_nearest_passages(monkeypatch):
    upload(RETURNS, "returns.md")
    assert [f.kind for f in offered(HELP, "help.md").findings.all()] == [Finding.Kind.CONTRADICTION]
    monkeypatch.setattr(reviewing, "MOST_PAIRS", 0)
    assert offered(HELP + " Yes.", "other.md").state == State.READY, "it repeats most of the first"
    assert Finding.Kind.CONTRADICTION not in {f.kind for f in DocumentVersion.objects.get(filename="other.md").findings.all()}


def test_staff_may_have_a_version_prepared_only():
    version = offered(SHIPPING, "shipping.md", release=Release.BY_HAND)
    assert (version.state, answering()) == (State.READY, set())
    assert "waits until somebody publishes it" in version.reason
    assert release(version).state == State.PUBLISHED


def test_commands_publish_without_asking():
    upload(RETURNS, "returns.md")
    assert upload(HELP, "help.md").state == State.PUBLISHED


def test_a_comparison_that_breaks_leaves_the_decision_to_a_person(monkeypatch):
    def broken(*_):
        raise KeyError("bug")

    monkeypatch.setattr(reviewing, "review", broken)
    version = offered(SHIPPING, "shipping.md")
    assert version.state == State.READY and "could not be compared" in version.reason
