"""The arithmetic of the benchmarks, and the documents they make."""

import pytest

from benchmarks import measuring
from benchmarks.documents import pdf, policy_text
from benchmarks.fill import fill
from retrieval.models import DocumentVersion, IndexChange
from tests.retrieval.stand_ins import upload


def test_percentiles_lie_between_the_values():
    assert measuring.percentile([3, 1, 2], 0.5) == 2
    assert measuring.percentile([1, 2], 0.5) == 1.5
    assert measuring.percentile(range(101), 0.95) == 95
    assert measuring.percentile([7], 0.95) == 7
    with pytest.raises(ValueError, match="no values"):
        measuring.percentile([], 0.5)


def test_a_section_is_replaced_and_the_others_stay():
    once = measuring.replace_section("# Benchmarks\n\nOther words.\n", "turn", "first")
    twice = measuring.replace_section(once, "turn", "second")
    assert "Other words." in twice
    assert "second" in twice
    assert "first" not in twice
    assert twice.count("<!-- turn -->") == 1


def test_a_table_has_even_columns():
    lines = measuring.table(["a", "long head"], [["longer", "b"]]).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_the_uploaded_document_has_its_pages_and_its_word():
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf(policy_text("Zephyrlane", 5)))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) == 5
    assert ["Zephyrlane" in text for text in texts] == [False] * 4 + [True]


def test_documents_of_two_words_say_different_things():
    one, other = (
        {line for page in policy_text(word, 5) for line in page if len(line) > 40} for word in ("Zephyrlane", "Quillmere")
    )
    assert len(one & other) <= 0.05 * len(one)


@pytest.mark.django_db(transaction=True)
def test_an_index_is_filled_with_copies_that_differ_from_what_they_were_made_of():
    made_of = upload("# Returns\n\nYou may return it within 30 days.")
    assert fill(5) == 5
    copies = DocumentVersion.objects.published().exclude(pk=made_of.pk)
    (first,) = copies[0].chunks.all()
    (original,) = made_of.chunks.all()
    assert copies.count() == 4
    assert (first.start, len(first.text), len(first.vector)) == (original.start, len(original.text), len(original.vector))
    assert first.text != original.text
    assert first.text == copies[0].markdown[first.start : first.start + len(first.text)]
    assert set(IndexChange.objects.filter(action="added").values_list("version", flat=True)) >= set(
        copies.values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_nothing_published_cannot_be_copied():
    assert fill(5) == 0
