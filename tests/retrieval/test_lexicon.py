"""Terms against what is plainly counted: what was removed is gone, what is silent takes no place, files are enough to go on from."""

from collections import Counter

import numpy as np
import pytest

from retrieval.index.lexicon import Entry, Lexicon

NOBODY = np.zeros(0, dtype=np.int64)


def entries(count, *, first=0):
    """Chunks of two versions each; the lower the number, the more often it says "jacket"."""
    return [Entry(n, n // 2, ["jackets"], ["jacket"] * (1 + (count - n) % 7) + [f"number{n}"]) for n in range(first, first + count)]


@pytest.fixture(params=["memory", "folder"])
def lexicon(request, tmp_path):
    return Lexicon(tmp_path if request.param == "folder" else None)


def test_what_is_removed_is_counted_no_more(lexicon):
    lexicon.add(entries(10))
    before = lexicon.commit()
    lexicon.remove([0, 3])
    after = lexicon.commit()
    assert (before.size, after.size) == (10, 6)
    assert {chunk for chunk, _ in after.best({"jacket": 1.0}, NOBODY, 20)} == {2, 3, 4, 5, 8, 9}
    assert before.size == 10 and len(before.best({"jacket": 1.0}, NOBODY, 20)) == 10  # a state never changes


def test_what_is_removed_and_added_anew_in_one_change_is_there_once(lexicon):
    lexicon.add(entries(4))
    lexicon.commit()
    lexicon.remove([0])
    lexicon.add(entries(2))
    assert Counter(chunk for chunk, _ in lexicon.commit().best({"jacket": 1.0}, NOBODY, 20)) == Counter(range(4))


def test_a_change_that_is_taken_back_leaves_no_trace(lexicon):
    lexicon.add(entries(4))
    lexicon.commit()
    lexicon.remove([0])
    lexicon.add(entries(4, first=10))
    lexicon.rollback()
    assert {chunk for chunk, _ in lexicon.commit().best({"jacket": 1.0}, NOBODY, 20)} == {0, 1, 2, 3}


@pytest.mark.parametrize("silent", [[0], list(range(0, 40, 2)), list(range(49))], ids=["one", "half", "nearly all"])
def test_silent_versions_take_no_place_however_many_they_are(lexicon, silent):
    lexicon.add(entries(100))
    state = lexicon.commit()
    every = state.best({"jacket": 1.0}, NOBODY, 100)
    expected = [score for chunk, score in every if chunk // 2 not in silent][:5]
    found = state.best({"jacket": 1.0}, np.array(silent, dtype=np.int64), 5)
    assert [score for _, score in found] == pytest.approx(expected)
    assert not {chunk // 2 for chunk, _ in found} & set(silent)


def test_linked_files_are_a_lexicon_of_their_own(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = Lexicon(tmp_path / "one")
    first.add(entries(6))
    first.commit()
    assert first.link_to(tmp_path / "two")
    second = Lexicon(tmp_path / "two")
    second.remove([0])
    second.add(entries(2, first=20))
    assert second.commit().size == 6
    first.remove([1, 2])
    assert first.commit().size == 2
    assert {chunk for chunk, _ in second.commit().best({"jacket": 1.0}, NOBODY, 20)} == {2, 3, 4, 5, 20, 21}


def test_a_lexicon_in_memory_has_no_files_to_link(tmp_path):
    assert not Lexicon().link_to(tmp_path)
