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
    ],
)
def test_the_end_of_a_number_is_found(text, endings):
    assert [one.key for one in find_endings(text)] == endings


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
    ],
)
def test_other_ends_are_not(text):
    assert find_endings(text) == ()


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text):
    assert len(find_endings(text)) <= MOST
