"""What every index promises; each index runs the same tests. A replica sees what any process committed, and nothing else."""

import threading
from datetime import date, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from retrieval.index.lexicon import Lexicon
from retrieval.index.local import LocalIndex
from retrieval.ingestion import receive, withdraw
from retrieval.models import IndexChange
from retrieval.search import Searcher
from tests.retrieval.stand_ins import WordCounts, parts, upload

pytestmark = pytest.mark.django_db(transaction=True)

RETURNS = "# Returns\n\nYou can return a jacket within 30 days of delivery."
SHIPPING = "# Shipping\n\nWe ship to Norway in five working days."
model = WordCounts()


def kinds():
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        from retrieval.index.postgres import PostgresIndex

        return [LocalIndex, PostgresIndex]
    return [LocalIndex]


@pytest.fixture(params=kinds(), ids=lambda kind: kind.__name__)
def new_index(request):
    """Makes an index as another process would have it."""
    return request.param


@pytest.fixture
def index(new_index):
    return new_index()


def ask(index, text, *, on: date | None = None, k=6, context="", by_words=False):
    """The passages that a search over this index returns."""

    async def embed(query):
        return (None if by_words else model.embed([query])[0]), model.recipe

    return async_to_sync(Searcher(index, embed).search)(text, as_of=on or timezone.localdate(), k=k, context=context).passages


def found(index, text, **options):
    return [passage.document for passage in ask(index, text, **options)]


def test_what_is_published_is_found_at_once_in_every_process(new_index):
    here, there = new_index(), new_index()
    assert found(here, "jacket") == found(there, "jacket") == []
    upload(RETURNS, "returns.md")
    upload(SHIPPING, "shipping.md")
    assert found(here, "return a jacket")[0] == found(there, "return a jacket")[0] == "Returns"
    assert found(here, "Norway")[0] == "Shipping"


def test_hits_are_exact_slices_of_the_text_and_carry_their_source(index):
    version = upload(RETURNS + "\n\n## Sale\n\nSale items stay sold.", "shop returns.md", category="returns")
    for passage in ask(index, "return jacket sale"):
        assert passage.text == version.markdown[passage.start : passage.end]
        assert (passage.source, passage.category, passage.version) == ("shop returns.md", "returns", 1)


def test_a_withdrawn_version_is_gone_from_every_process_at_once(new_index):
    here, there = new_index(), new_index()
    version = upload(RETURNS)
    assert found(here, "jacket") and found(there, "jacket")
    withdraw(version)
    assert found(here, "jacket") == found(there, "jacket") == []


def test_a_withdrawal_in_the_middle_of_a_search_still_counts(index):
    """The replica has answered already when the version is withdrawn: the query that loads the text leaves it out."""
    version = upload(RETURNS)

    class WithdrawsBeforeLoading:
        def candidates(self, *args, **options):
            candidates = index.candidates(*args, **options)
            assert candidates.lexical
            withdraw(version)
            return candidates

    assert found(WithdrawsBeforeLoading(), "jacket") == []


def test_a_replaced_version_never_answers_again_and_its_successor_does(index):
    upload(RETURNS)
    assert "30 days" in ask(index, "return jacket")[0].text
    upload(RETURNS.replace("30", "60"))
    assert ["60 days" in passage.text for passage in ask(index, "return jacket within days")] == [True]


def test_a_replacement_that_fails_leaves_the_old_text_answering(index):
    upload(RETURNS)
    upload("x", using=parts(read=lambda data, name: (_ for _ in ()).throw(RuntimeError)))
    assert found(index, "jacket") == ["Returns"]


def test_each_day_is_answered_by_the_version_in_force_on_it(index):
    today = timezone.localdate()
    upload(RETURNS, effective_from=today - timedelta(days=100))
    upload(RETURNS.replace("30", "60"), effective_from=today + timedelta(days=5))

    def says(day):
        return [passage.version for passage in ask(index, "return jacket", on=day)]

    assert says(today - timedelta(days=101)) == []
    assert says(today) == says(today + timedelta(days=4)) == [1]
    assert says(today + timedelta(days=5)) == [2]


def test_a_change_that_is_taken_back_leaves_the_old_text_its_days(index):
    later = timezone.localdate() + timedelta(days=5)
    upload(RETURNS)
    change = upload(RETURNS.replace("30", "60"), effective_from=later)
    assert [passage.version for passage in ask(index, "jacket", on=later)] == [2]
    withdraw(change)
    assert [passage.version for passage in ask(index, "jacket", on=later)] == [1]


def test_vectors_of_another_recipe_are_not_compared_but_their_words_are_found(index):
    upload(RETURNS, "a.md", using=parts(embedder=WordCounts("an older model")))
    upload(SHIPPING, "b.md")
    passages = ask(index, "jacket delivery Norway")
    assert {passage.document: passage.dense is not None for passage in passages} == {"A": False, "B": True}


def test_words_alone_find_passages(index):
    upload(RETURNS, "returns.md")
    upload(SHIPPING, "shipping.md")
    assert found(index, "jackets", by_words=True) == ["Returns"]


def test_what_was_said_before_draws_a_follow_up_to_its_subject(index):
    upload("# Jackets\n\nJackets take five days.", "jackets.md")
    upload("# Tents\n\nTents take five days.", "tents.md")
    assert found(index, "How many days do they take?", context="Do you ship tents?")[0] == "Tents"
    assert found(index, "How many days do they take?", context="Do you ship jackets?")[0] == "Jackets"


def test_the_same_passage_in_two_documents_is_given_once(index):
    upload(RETURNS, "a.md")
    upload(RETURNS + "\n", "b.md")
    assert len(ask(index, "return jacket")) == 1


def test_no_more_than_k(index):
    upload("\n\n".join(f"# Part {n}\n\nJacket number {n} and item {n * 7}." for n in range(30)))
    assert len(ask(index, "jacket", k=4)) == 4
    assert ask(index, "jacket", k=0) == ()


@pytest.mark.parametrize(
    "query", ["", "   ", "???", "' OR 1=1; --", "\x00", "<script>", "AND OR NOT (", "word " * 3000, "?" * 5000]
)
def test_no_query_is_an_error(index, query):
    upload(RETURNS)
    ask(index, query)
    assert found(index, "jacket") == ["Returns"]


def test_an_empty_index_answers_with_nothing(index):
    assert ask(index, "anything") == ()


def test_nothing_of_a_rolled_back_publication_is_ever_found(index):
    with transaction.atomic():
        upload(RETURNS)
        assert found(index, "jacket") == ["Returns"]
        transaction.set_rollback(True)
    assert found(index, "jacket") == []
    upload(SHIPPING, "shipping.md")
    assert found(index, "return a jacket") == ["Shipping"]


def test_another_database_with_the_same_numbers_is_noticed(index):
    """After a restore, log row 1 may be about something else."""
    first = upload(RETURNS, "returns.md")
    assert found(index, "jacket") == ["Returns"]
    last = IndexChange.objects.get()
    first.document.delete()
    other = upload(SHIPPING, "shipping.md")
    IndexChange.objects.all().delete()
    IndexChange.objects.create(pk=last.pk, version=other, action="added")
    assert found(index, "return a jacket") == ["Shipping"]


def test_many_changes_one_by_one_give_what_a_rebuild_gives(new_index):
    followed = new_index()
    for n in range(12):
        version = upload(f"# Rule {n}\n\nItem number {n} may be returned in week {n}.", f"{n}.md")
        ask(followed, "item")
        if n % 3 == 0:
            withdraw(version)
    for n in range(1, 12, 4):
        upload(f"# Rule {n}\n\nItem number {n} may be exchanged in week {n}.", f"{n}.md")
        ask(followed, "item")
    fresh = new_index()
    for query in ("item number returned week", "exchanged", "rule 7"):
        assert found(followed, query, k=20) == found(fresh, query, k=20)
    assert followed.rebuild() == fresh.rebuild() == 9


@pytest.mark.parametrize("also_breaks", [(), ("rollback",)], ids=["", "and cannot be taken back"])
def test_a_change_that_breaks_half_way_is_made_good_by_the_next_search(monkeypatch, also_breaks):
    index = LocalIndex()
    upload(RETURNS, "returns.md")
    assert found(index, "jacket") == ["Returns"]
    upload(SHIPPING, "shipping.md")
    with monkeypatch.context() as patch:

        def breaks(*_):
            raise MemoryError

        for name in ("commit", *also_breaks):
            patch.setattr(Lexicon, name, breaks)
        with pytest.raises(MemoryError):
            ask(index, "Norway")
    assert found(index, "Norway")[0] == "Shipping"
    assert index.rebuild() == 2


def test_readers_see_the_old_state_or_the_new_while_the_index_changes(index):
    upload(RETURNS, "returns.md")
    ask(index, "jacket")
    stop, errors, answers = threading.Event(), [], []

    def read():
        try:
            while not stop.is_set():
                answers.append(tuple(found(index, "return a jacket", k=1)))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(6):
        withdraw(upload(f"# Other {n}\n\nA tent is no subject here, rule {n}.", f"other {n}.md"))
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert set(answers) == {("Returns",)}


def test_a_version_that_is_not_published_is_not_found(index):
    receive(RETURNS.encode(), "returns.md", queue=False)
    assert found(index, "jacket") == []
