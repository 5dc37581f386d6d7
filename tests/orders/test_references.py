"""Order numbers in free text: found in every shop's format, and not where a number is something else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.references import MAX_REFERENCES, NO_SHAPES, digits_of, find_references, key_of, learn

HASH_W = learn(["#W2378156", "#W1234567", "#W7654321"])
SHORT = learn([f"#{n}" for n in range(1001, 1300)])
LONG = learn(["100045678", "100045679"])
PREFIXED = learn(["#FH104233", "#FH104234", "#FH99871"])
SLASHED = learn(["R-1001/2", "R-1002/1"])
YEARED = learn(["2024-000123", "2023-004511"])
SUFFIXED = learn(["ORD_9981-A", "ORD_9982-B"])
RANDOM = learn(
    ["X7KQ2P", "9ZT4LM", "AA1BB2", "Q1W2E3", "7HGT55", "LK8JH7", "ZX9CV8", "1QAZ2W"]
    + [f"{a}{n}K{b}Z" for a in "ABCDE" for n in "12" for b in range(10, 14)]
)


SLASHED_YEAR = learn(["SO/2026/00123", "SO/2025/01204", "SO/2026/00398"])
LETTERS = learn(["QZRM4KPA", "H7TWX2LD", "B3NVC9YE", "WK8PQ5ZT"])
FIVE = learn([str(n) for n in range(48211, 48290)])


def certain(text, shapes):
    return [r.key for r in find_references(text, shapes) if r.certain]


@pytest.mark.parametrize(
    ("text", "shapes", "keys"),
    [
        ("where is #W2378156?", HASH_W, ["W2378156"]),
        ("w 2378156", HASH_W, ["W2378156"]),
        ("my order W-2378156 please", HASH_W, ["W2378156"]),
        ("#w 2378156", HASH_W, ["W2378156"]),
        ("order no. 2378156", HASH_W, ["2378156"]),
        ("Order Number Is: 2378156", HASH_W, ["2378156"]),
        ("2378156", HASH_W, ["2378156"]),
        ("order2378156.Thanks", HASH_W, ["2378156"]),
        ("orders 2378156/2378157", HASH_W, ["2378156", "2378157"]),
        ("２３７８１５６", HASH_W, ["2378156"]),
        ("for W2378156 and W1234567, not w7654321", HASH_W, ["W2378156", "W1234567", "W7654321"]),
        ("orders 1001, 1002 & 1003", SHORT, ["1001", "1002", "1003"]),
        ("#1005", SHORT, ["1005"]),
        ("1005?", SHORT, ["1005"]),
        ("100 045 678", LONG, ["100045678"]),
        ("it is 100045678 I think", LONG, ["100045678"]),
        ("fh 104233", PREFIXED, ["FH104233"]),
        ("104233 please", PREFIXED, ["104233"]),
        ("R-1001/2", SLASHED, ["R10012"]),
        ("r 1001/2 is late", SLASHED, ["R10012"]),
        ("2024-000123", YEARED, ["2024000123"]),
        ("order 2024 000123", YEARED, ["2024000123"]),
        ("ord 9981-a", SUFFIXED, ["ORD9981A"]),
        ("what about x7kq2p", RANDOM, ["X7KQ2P"]),
        ("so-2026-00123", SLASHED_YEAR, ["SO202600123"]),
        ("where is SO 2026 00123?", SLASHED_YEAR, ["SO202600123"]),
        ("qzrm-4kpa", LETTERS, ["QZRM4KPA"]),
        ("48211 Please", FIVE, ["48211"]),
        ("where is 48299", FIVE, ["48299"]),
        ("my LEGO 10295 is in order 48211", FIVE, ["48211"]),
        ("order 8812345 please", NO_SHAPES, ["8812345"]),
        ("Bestellung 4711-22", NO_SHAPES, ["471122"]),
        ("confirmation number ABC-8812", NO_SHAPES, ["ABC8812"]),
    ],
)
def test_an_order_number_is_found_as_customers_write_it(text, shapes, keys):
    assert certain(text, shapes) == keys


@pytest.mark.parametrize("shapes", [HASH_W, SHORT, LONG, PREFIXED, SLASHED, YEARED, SUFFIXED, NO_SHAPES])
@pytest.mark.parametrize(
    "text",
    [
        "I paid $1050 and then 49.90 €",
        "it cost 1,200.00 dollars or 1200 USD",
        "size 42, 3 pieces, 30 days, 50% off, 12 cm",
        "call me at 555-123-4567 or +1 555 123 4567",
        "my phone number is 5551234567",
        "on 11/03/2024, 2024-11-03, Nov 3, 2024 and 3 November 2024",
        "I live in Denver, CO 80202",
        "it goes to 1100 Main Street",
        "zip code 80202",
        "I bought it in 2024",
        "card ending in 4242",
        "card 4111 1111 1111 1111",
        "write to ana1001@example.com",
        "see https://shop.example/p/1234567",
        "it is my #1 choice",
        "I want to order 2 shirts",
    ],
)
def test_other_numbers_are_not_order_numbers(text, shapes):
    assert find_references(text, shapes) == ()


@pytest.mark.parametrize(
    "shapes", [HASH_W, SHORT, LONG, PREFIXED, SLASHED, YEARED, SUFFIXED, SLASHED_YEAR, LETTERS, FIVE, NO_SHAPES]
)
@pytest.mark.parametrize(
    "text",
    [
        "where is my iPhone 15 Pro Max 256 GB",
        "the Levi's 501 in W32 L34",
        "the Bose QC45 and the Nike Air Max 90",
        'EU 42 or 9.5, 27 inch, 65" and 1000ml',
        "it cost EUR 1.299,00, SEK 12 490 or 1 299 kr",
        "5400 yen and ¥5400",
        "call +49 30 1234567 or +46 70 123 45 67",
        "on 12/10/2026 between 10:00 and 14:30, or 3.11.",
        "flat 12, 1047 Alder Street",
        "visa ending 4410 and voucher code SAVE2026",
        "700x40 tyres, 120 cm chain, HDMI 2.1 and USB 3.0",
        "Chanel No. 5 and Hojicha No. 5",
        "1/2 price, 24/7, 3-5 days",
        "membership 88123, flight LH1047, ticket 48215",
        "ISBN 978-3-16-148410-0",
        "my IBAN DE89370400440532013000",
    ],
)
def test_what_shops_sell_cost_and_ask_for_is_no_order_number(text, shapes):
    assert certain(text, shapes) == []


@pytest.mark.parametrize("shapes", [HASH_W, SHORT, FIVE, LONG, SLASHED])
@pytest.mark.parametrize(
    "text", ["I love the WH-1000XM4", "my LEGO 10295 Porsche", "the Canon Pixma 3650 please", "he lives in 10115 Berlin"]
)
def test_a_number_within_a_name_is_at_most_possible(text, shapes):
    assert [r.certain for r in find_references(text, shapes)] == [False]


def test_a_short_bare_number_is_only_possible():
    (found,) = find_references("where is 1005 now?", SHORT)
    assert (found.key, found.certain) == ("1005", False)


@pytest.mark.parametrize(
    "text",
    ["where is 1Z999AA10123456784", "1z 999 aa1 01 2345 6784?", "9400 1000 0000 0000 0000 00", "tracking number 443521489581"],
)
def test_a_carriers_number_is_a_tracking_number(text):
    (found,) = find_references(text, HASH_W)
    assert found.certain and found.tracking


def test_a_reference_says_where_it_stands_and_each_number_comes_once():
    text = "Where is #W2378156? I said W2378156, and ５５５１２３４?"
    found = find_references(text, HASH_W)
    assert [r.text for r in found] == ["#W2378156", "５５５１２３４"]
    assert all(text[r.start : r.end] == r.text for r in found)


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text):
    for shapes in (NO_SHAPES, HASH_W, SHORT, RANDOM):
        for found in find_references(text, shapes):
            assert found.key and text[found.start : found.end].strip() == found.text


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text):
    assert key_of(key_of(text)) == key_of(text)
    assert digits_of(text) == digits_of(key_of(text))


@settings(max_examples=200)
@given(
    number=st.from_regex(r"#?[A-Z]{1,3}-?[0-9]{5,8}", fullmatch=True),
    sign=st.sampled_from(["", "#", "order ", "Order no. ", "my number is "]),
)
def test_a_shops_own_number_is_found_in_any_case_and_with_any_sign(number, sign):
    shapes = learn([number])
    text = f"Hello, {sign}{number.lower().lstrip('#')} has not come yet"
    assert key_of(number) in certain(text, shapes)


@pytest.mark.parametrize(
    "text",
    ["1 " * 2000, "W " * 2000, "1" * 4000, " " * 4000, "1234567 " * 500, "a.1" * 1333, "#" * 4000, "12-" * 1333, "order " * 666],
)
def test_long_text_gives_few_references(text):
    assert len(find_references(text[:4000], HASH_W)) <= MAX_REFERENCES
