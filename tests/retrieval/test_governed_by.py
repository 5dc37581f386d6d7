"""A document says whose version answers for an order, and search passes it on."""

import pytest

from retrieval import ingestion
from retrieval.models import GovernedBy


@pytest.mark.django_db
def test_it_is_kept_with_the_document_and_changed_only_when_said():
    first = ingestion.receive(b"# Returns\n\nThirty days.", "returns.md", governed_by=GovernedBy.ORDER_DATE, queue=False)
    second = ingestion.receive(b"# Returns\n\nForty-five days.", "returns.md", queue=False)
    assert second.document == first.document
    second.document.refresh_from_db()
    assert second.document.governed_by == "order date"
    third = ingestion.receive(b"# Returns\n\nSixty days.", "returns.md", governed_by=GovernedBy.TODAY, queue=False)
    assert third.document.governed_by == "today"


@pytest.mark.django_db
def test_without_a_word_today_s_version_counts():
    assert ingestion.receive(b"# Privacy\n\nWords.", "privacy.md", queue=False).document.governed_by == "today"
