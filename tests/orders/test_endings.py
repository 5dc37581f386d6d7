"""The end of an order's number, as customers say it, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.endings import MOST, find_endings


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        ("the one ending in 156", ["156"]),
        ("where's the order ending 47?", ["47"]),
        ("the order that ends with #8156", ["8156"]),
        ("it ends in 4kpa", ["4KPA"]),
        ("order …8156", ["8156"]),
        ("order ...156 please", ["156"]),
        ("#***8156", ["8156"]),
        ("order xxx8156", ["8156"]),
        ("the last four digits are 8156", ["8156"]),
        ("last 3 digits of my order number: 156", ["156"]),
        ("the last numbers of it are 00398", ["00398"]),
        ("the ones ending in 72 and ending in 47", ["72", "47"]),
        ("ending in 1001/2", ["10012"]),
        ("ending in 2378156", ["2378156"]),
        ("die Bestellung, die auf 156 endet, also endet auf 156", ["156"]),
        ("la commande qui se termine par 156", ["156"]),
        ("the one that starts with 10", ["10…"]),
        ("it begins with #W23", ["W23…"]),
        ("the first two digits are 10", ["10…"]),
        ("the order starting with 10 and ending in 45", ["10…", "45"]),
        ("die Nummer, die mit 10 beginnt", ["10…"]),
        ("celle qui commence par 10", ["10…"]),
        ("those that start with 10", ["10…"]),
        ("el que empieza por 10", ["10…"]),
    ],
)
def test_the_end_or_the_beginning_of_a_number_is_found(text, endings):
    assert [one.asked for one in find_endings(text)] == endings


@pytest.mark.parametrize(
    "text",
    [
        "I paid with my card ending in 4242",
        "visa ending 4410",
        "the account that ends with 991",
        "my phone number, the last four digits are 5512",
        "the sale ends in 14 days",
        "does it end on 12 December?",
        "I waited... 3 weeks",
        "where is it... 1047",
        "it ends with a bow",
        "ending in 1",
        "size xxl",
        "the happy ending",
        "the sale starts with 10% off",
        "my phone starts with 503",
        "tell me of all of them. Start with 1047",
        "it starts with a letter",
        "it starts on 10 December",
    ],
)
def test_other_ends_are_not(text):
    assert find_endings(text) == ()


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text):
    assert len(find_endings(text)) <= MOST
