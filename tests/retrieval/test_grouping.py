"""Texts grouped by their vectors."""

import numpy as np
import pytest

from retrieval.grouping import Groups, alike, group, most_typical, to_join

EMPTY = Groups(np.zeros((0, 2), np.float32), np.zeros(0, np.int64))


def at(*degrees: float) -> np.ndarray:
    """Unit vectors in a plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_vectors_that_point_the_same_way_are_one_group():
    places, groups = group(at(0, 90, 10, 80), EMPTY, least=0.9)
    assert places == [0, 1, 0, 1]
    assert groups.sizes.tolist() == [2, 2]
    np.testing.assert_allclose(groups.totals, [at(0, 10).sum(axis=0), at(90, 80).sum(axis=0)], atol=1e-6)


def test_groups_grow_where_they_are():
    _, before = group(at(0, 90), EMPTY, least=0.9)
    places, after = group(at(85, 180), before, least=0.9)
    assert places == [1, 2]
    assert before.sizes.tolist() == [1, 1] and after.sizes.tolist() == [1, 2, 1]


def test_it_makes_no_difference_whether_texts_come_together_or_one_by_one():
    vectors = np.random.default_rng(7).normal(size=(60, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole, _ = group(vectors, Groups(np.zeros((0, 8), np.float32), np.zeros(0, np.int64)), least=0.4)
    groups, places = Groups(np.zeros((0, 8), np.float32), np.zeros(0, np.int64)), []
    for vector in vectors:
        new, groups = group(vector[None], groups, least=0.4)
        places += new
    assert places == whole


def test_nothing_is_put_into_a_group_that_is_empty():
    places, _ = group(at(0), Groups(np.zeros((1, 2), np.float32), np.zeros(1, np.int64)), least=-0.5)
    assert places == [1]


def test_groups_that_have_become_alike_are_joined_once():
    groups = Groups(at(0, 20, 25, 90), np.array([1, 1, 1, 1]))
    assert to_join(groups, [0, 1, 2, 3], least=0.9) == [(1, 2)]
    assert to_join(groups, [3], least=0.9) == []
    assert to_join(groups, [], least=0.9) == []


def test_groups_that_are_kept_apart_are_joined_with_none_and_stand_in_nobodys_way():
    groups = Groups(at(0, 2, 12), np.array([1, 1, 1]))
    assert to_join(groups, [0, 1, 2], least=0.9, apart=[1]) == [(0, 2)]
    assert to_join(groups, [1], least=0.9, apart=[1]) == []


def test_large_groups_are_judged_by_their_members_not_by_their_middles():
    # both spread widely around the same middle
    spread = Groups(np.stack([at(-60, 60).sum(axis=0), at(-50, 50).sum(axis=0)]), np.array([2, 2]))
    assert to_join(spread, [0, 1], least=0.9) == []


def test_how_alike_is_alike_is_measured_above_chance():
    apart = np.eye(20, dtype=np.float32)
    near = np.sqrt(0.3) * np.eye(21, dtype=np.float32)[:20]
    near[:, -1] = np.sqrt(0.7)
    assert alike(apart) == pytest.approx(0, abs=1e-6)
    assert alike(near) == pytest.approx(0.7, abs=1e-5)


def test_the_most_typical_is_in_the_middle():
    assert most_typical(at(0, 40, 90)) == 1
    with pytest.raises(ValueError, match="nothing"):
        most_typical(at())
