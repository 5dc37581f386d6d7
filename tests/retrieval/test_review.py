"""What a new text contradicts or repeats: found where people would see it, and silent elsewhere."""

import pytest

from retrieval.review import Piece, clashes, is_repeated, repeated_share
from retrieval.stated import Role, figures
from tests.retrieval.stated_pairs import LATER, SEEN


def found(place, text, other_place, other):
    return clashes(Piece(text, 0, place), Piece(other, 0, other_place))


def test_pairs_in_many_subjects_are_told_apart_without_one_false_alarm():
    pairs = [*SEEN, *LATER]
    told = [bool(found(place, text, other_place, other)) for place, text, other_place, other, _ in pairs]
    wanted = [wanted for *_, wanted in pairs]
    false_alarms = [pair for pair, was in zip(pairs, told, strict=True) if was and not pair[-1]]
    assert not false_alarms
    assert sum(t and w for t, w in zip(told, wanted, strict=True)) >= 0.9 * sum(wanted)


def test_a_contradiction_names_both_places_and_what_differs():
    mine = "Welcome. You may return any item within 30 days of delivery. Thank you."
    (clash,) = clashes(Piece(mine, 100, "Returns"), Piece("Items may be returned within two weeks of delivery.", 7, "Help"))
    assert mine[clash.start - 100 : clash.end - 100] == "You may return any item within 30 days of delivery."
    assert (clash.other_start, clash.differences) == (7, (("30 days", "two weeks"),))


def test_a_sentence_that_has_its_equal_over_there_does_not_clash_with_another_one():
    theirs = "Refunds reach your account within 5 days. In December refunds reach your account within 9 days."
    assert not found("Refunds", "Refunds reach your account within 5 days.", "Help", theirs)


def test_a_rule_for_some_does_not_contradict_the_rule_for_all():
    rule = "Items can be returned within 30 days of delivery."
    assert not found("Returns", rule, "Sale items", "Items can be returned within 14 days of delivery.")
    assert not found("Returns", rule, "Returns", "Express orders: items can be returned within 14 days of delivery.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("within two weeks", "within 14 days"),
        ("innerhalb von zwei Wochen", "innerhalb von 14 Tagen"),
        ("1.000,00 €", "EUR 1,000"),
        ("48 hours", "two days"),
        ("two years", "24 months"),
        ("15 %", "15 percent"),
        ("free of charge", "kostenlos"),
        ("over $50", "$50 or more"),
    ],
)
def test_equal_figures_are_equal_however_they_are_written(one, other):
    assert [figure.key for figure in figures(one)] == [figure.key for figure in figures(other)] != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("$50", "50 €"), ("5 days", "5 working days"), ("$50", "over $50"), ("$50 per hour", "$50 a day"), ("3-5 days", "3 days")],
)
def test_figures_that_mean_something_else_are_not_equal(one, other):
    assert [figure.key for figure in figures(one)] != [figure.key for figure in figures(other)]


def test_a_figure_knows_whether_it_is_a_threshold():
    assert [figure.role for figure in figures("Orders over $50 ship for $3.")] == [Role.FROM, Role.PLAIN]


def test_a_repetition_is_nearly_the_same_words():
    text = "Shipping is free on orders over $50. Standard shipping takes 3 to 5 working days and costs $5.99 otherwise."
    assert is_repeated(Piece(text, 0), Piece(text.replace("otherwise", "else"), 9))
    assert not is_repeated(Piece(text, 0), Piece("Standard shipping takes 3 to 5 working days. Returns are free.", 9))
    assert not is_repeated(Piece("", 0), Piece("", 0))
    assert repeated_share([Piece("a b c", 0), Piece("d", 9)], [0, 0]) == 0.75


def test_a_long_line_without_an_end_is_read_in_linear_time():
    figures("1 " * 20_000 + "$" * 20_000 + "9," * 20_000)
    found("A", "not 5 days " * 2_000, "B", "never 6 days " * 2_000)
