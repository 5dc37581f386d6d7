"""A text is found, listed and opened by those it is for; to everybody else it is as if it did not exist. Every index is asked."""

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from retrieval.audiences import Audience
from retrieval.policies import get_policy, list_policies
from retrieval.publishing import change_audience
from retrieval.search import Searcher
from retrieval.tuning import SHIPPED
from tests.retrieval.stand_ins import WordCounts, upload
from tests.retrieval.test_index import index, new_index  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = "# Returns\n\nYou can return a jacket within 30 days of delivery."
MEMBERS = "# Members\n\nMembers return a jacket within 90 days of delivery."
INTERNAL = "# Goodwill\n\nStaff take back a jacket within 365 days of delivery if the customer is angry."
model = WordCounts()


def found(index, reader, k=6, tuning=SHIPPED):  # noqa: F811
    async def embed(query):
        return model.embed([query])[0], model.recipe

    searcher = Searcher(index, embed, tuning)
    result = async_to_sync(searcher.search)("jacket days delivery", as_of=timezone.localdate(), k=k, **reader)
    return {passage.document for passage in result.passages}


def listed(reader):
    policies = async_to_sync(list_policies)(timezone.localdate(), **reader)
    opened = {p.title for p in policies if async_to_sync(get_policy)(p.slug, p.version, **reader)}
    assert opened == {policy.title for policy in policies}
    return opened


def as_reader(audience):
    return {"reader": audience}


def test_each_reader_finds_lists_and_opens_what_is_for_them(index):  # noqa: F811
    upload(PUBLIC, "returns.md", title="Returns")
    upload(MEMBERS, "members.md", title="Members", audience=Audience.CUSTOMERS)
    staff = upload(INTERNAL, "goodwill.md", title="Goodwill", audience=Audience.STAFF)
    for reader, titles in [
        ({}, {"Returns"}),  # who says nothing is a stranger
        (as_reader(Audience.EVERYONE), {"Returns"}),
        (as_reader(Audience.CUSTOMERS), {"Returns", "Members"}),
        (as_reader(Audience.STAFF), {"Returns", "Members", "Goodwill"}),
    ]:
        assert found(index, reader) == titles
        assert listed(reader) == titles
    unknown, hidden = async_to_sync(get_policy)("no-such", 1), async_to_sync(get_policy)(staff.document.slug, 1)
    assert unknown is hidden is None


def test_internal_texts_take_no_place_among_the_candidates(index):  # noqa: F811
    upload("# Returns\n\nYou can return a jacket.", "returns.md", title="Returns")
    for number in range(8):
        upload(f"# Goodwill {number}\n\nJacket days delivery {number}.", f"{number}.md", audience=Audience.STAFF)
    assert found(index, {}, k=1, tuning=replace(SHIPPED, candidates=4)) == {"Returns"}


def test_an_internal_version_in_force_silences_the_public_one_before_it(index):  # noqa: F811
    first = upload(PUBLIC, "returns.md", title="Returns")
    upload(PUBLIC + " Or more.", "returns.md", audience=Audience.STAFF, effective_from=timezone.localdate())
    assert found(index, {}) == set()
    assert listed({}) == set()
    opened = async_to_sync(get_policy)(first.document.slug, 1)
    assert opened is not None, "what was public once and cited stays readable"


def test_a_text_made_internal_is_gone_from_the_next_search(index):  # noqa: F811
    version = upload(PUBLIC, "returns.md", title="Returns")
    assert found(index, {}) == {"Returns"}
    change_audience(version, Audience.STAFF)
    assert found(index, {}) == set() and listed({}) == set()
    change_audience(version, Audience.EVERYONE)
    assert found(index, {}) == {"Returns"}
