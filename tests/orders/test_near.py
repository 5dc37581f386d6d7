"""Numbers that nearly name one of a customer's own orders: offered, never taken."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.choosing import Named, choose, meant
from orders.near import is_near, is_one_slip, parts_of
from orders.wanted import Suggestion, Wanted
from tests.factories import make_order, moment, parcel


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("2378157", "#W2378156"),
        ("W2378157", "#W2378156"),
        ("W237816", "#W2378156"),
        ("W23781566", "#W2378156"),
        ("W2378165", "#W2378156"),
        ("W3278156", "#W2378156"),
        ("V2378156", "#W2378156"),
        ("1057", "#1047"),
        ("147", "#1047"),
        ("R10112", "R-1001/2"),
        ("100045687", "100045678"),
        ("00399", "SO/2026/00398"),
        ("399", "SO/2026/00398"),
        ("S0202600398", "SO/2026/00398"),
        ("QZMR4KPA", "QZRM4KPA"),
    ],
)
def test_one_slip_is_near(asked, number):
    assert is_near(asked, number)


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("1074", "#1055"),
        ("2378999", "#W2378156"),
        ("47", "#1047"),
        ("1047", "#1047"),
        ("12", "R-1001/2"),
        ("3", "R-1001/2"),
        ("", "#1"),
    ],
)
def test_more_than_one_slip_or_hardly_a_number_is_not(asked, number):
    assert not is_near(asked, number)


@given(st.text("AB12", max_size=7), st.text("AB12", max_size=7))
def test_one_slip_is_what_it_says(one, other):
    changed = {one[:i] + c + one[i + 1 :] for i in range(len(one)) for c in "AB12"}
    shorter = {one[:i] + one[i + 1 :] for i in range(len(one))}
    longer = {one[:i] + c + one[i:] for i in range(len(one) + 1) for c in "AB12"}
    swapped = {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert is_one_slip(one, other) == (other != one and other in changed | shorter | longer | swapped)


def test_an_order_is_called_by_whole_parts_of_its_number():
    assert parts_of("SO/2026/00398") == {"00398", "398", "202600398"}
    assert parts_of("R-1001/2") == {"1001", "R1001", "10012"}
    assert parts_of("2026-004711") == {"004711", "4711"}
    assert parts_of("#1047") == parts_of("QZRM4KPA") == parts_of("") == frozenset()


OWN = (
    make_order("#1172", placed_at=moment(11, 20), shipments=(parcel("1Z999AA10123456784"),)),
    make_order("#1072", placed_at=moment(11, 16)),
    make_order("#1071"),
    make_order("SO/2026/00398"),
)


def found(**wanted):
    return choose(Wanted(**wanted), OWN)


def test_what_is_near_is_offered_with_its_day_and_not_taken():
    result = found(references=("#1082",))
    assert (result.records, result.missing) == ((), ("#1082",))
    assert result.suggested == (Suggestion("#1082", "#1072", date(2026, 11, 16)),)


def test_several_near_ones_are_all_offered_newest_first():
    assert [one.number for one in found(references=("1073",)).suggested] == ["#1072", "#1071"]


def test_an_exact_number_is_found_whatever_is_near():
    result = found(references=("1072", "#1071"))
    assert [r.number for r in result.records] == ["#1072", "#1071"]
    assert result.suggested == ()


def test_a_part_that_one_order_has_names_it_and_one_that_two_have_is_asked_about():
    assert [r.number for r in found(references=("398",)).records] == ["SO/2026/00398"]
    two = [Named(1, "R10011", "10011", number="R-1001/1"), Named(2, "R10012", "10012", number="R-1001/2")]
    named = meant(Wanted(references=("1001",)), two)
    assert (named.ids, [one.number for one in named.suggested]) == (frozenset(), ["R-1001/1", "R-1001/2"])


@pytest.mark.parametrize(
    ("ending", "numbers"),
    [("72", ["#1172", "#1072"]), ("071", ["#1071"]), ("0398", ["SO/2026/00398"]), ("6784", ["#1172"]), ("999", []), ("1", [])],
)
def test_the_end_of_a_number_finds_all_that_end_so(ending, numbers):
    result = found(endings=(ending,))
    assert [r.number for r in result.records] == numbers
    assert result.missing == (() if numbers else (f"…{ending}",))


@pytest.mark.parametrize(
    ("beginning", "numbers"),
    [("107…", ["#1072", "#1071"]), ("SO20…", ["SO/2026/00398"]), ("1Z99…", ["#1172"]), ("72…", []), ("1…", [])],
)
def test_the_beginning_of_a_number_finds_all_that_begin_so(beginning, numbers):
    result = found(endings=(beginning,))
    assert [r.number for r in result.records] == numbers
    assert result.missing == (() if numbers else (beginning,))


def test_a_number_that_only_may_be_one_is_asked_about_where_it_is_all_that_was_said():
    assert [one.asked for one in found(possible=("1082",)).suggested] == ["1082"]
    assert found(possible=("1082",), words=("boots",)).suggested == ()
    assert found(possible=("9310",)).suggested == ()
