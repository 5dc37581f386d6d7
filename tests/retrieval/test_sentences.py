"""Sentences are quoted word for word: a cut in the wrong place is a wrong quotation."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import Kind, blocks
from retrieval.sentences import Unit, sentences, units


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We ship on Monday. It costs $5.", ["We ship on Monday.", "It costs $5."]),
        ("Outlet items, e.g. shoes, cost $4.50. See no. 5.", ["Outlet items, e.g. shoes, cost $4.50.", "See no. 5."]),
        ("Is it free? No. You pay.", ["Is it free?", "No.", "You pay."]),
        ("Under No. 5 you find it.", ["Under No. 5 you find it."]),
        ("Open until 8 p.m. Then we close.", ["Open until 8 p.m.", "Then we close."]),
        ("The U.S. Postal Service brings it.", ["The U.S. Postal Service brings it."]),
        ("Ask Mr. Smith or J. Doe. They know.", ["Ask Mr. Smith or J. Doe.", "They know."]),
        ("See https://shop.example/a.b?c=1. Then write.", ["See https://shop.example/a.b?c=1.", "Then write."]),
        ("See [our page.](https://x.example/y) Then go.", ["See [our page.](https://x.example/y)", "Then go."]),
        ("**Note.** Sale items are final.", ["**Note.**", "Sale items are final."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("Lieferung am 14. November, z. B. Schuhe.", ["Lieferung am 14. November, z. B. Schuhe."]),
        ("返品は30日以内です。送料は無料！", ["返品は30日以内です。", "送料は無料！"]),
        ("Wait... what? Yes!", ["Wait... what?", "Yes!"]),
        ("Monday: 10–6  \nSunday: closed", ["Monday: 10–6", "Sunday: closed"]),
        ("a sentence over\ntwo lines. Next one", ["a sentence over\ntwo lines.", "Next one"]),
        ("", []),
        ("  \n\n ", []),
    ],
)
def test_a_paragraph_is_cut_between_sentences_only(text, expected):
    assert cut(text) == expected


def test_items_and_rows_are_units_and_marks_are_in_none():
    text = "We accept:\n\n- shoes. Clean ones\n- shirts,\n  also worn\n\n| Item | Days |\n|---|--:|\n| Hat | 30 |\n\n"
    text += "## Costs ##\n\n<!-- page 2 -->\nEnd."
    assert cut(text) == [
        "We accept:",
        "shoes. Clean ones",
        "shirts,\n  also worn",
        "| Item | Days |",
        "| Hat | 30 |",
        "Costs",
        "End.",
    ]
    assert [span.unit for span in units(text)] == [
        Unit.SENTENCE,
        Unit.ITEM,
        Unit.ITEM,
        Unit.TABLE_HEAD,
        Unit.TABLE_ROW,
        Unit.HEADING,
        Unit.SENTENCE,
    ]


def test_a_long_item_is_cut_into_its_sentences():
    item = "- " + " ".join(f"This is sentence {n} of a long clause." for n in range(1, 21))
    assert cut(item)[0] == "This is sentence 1 of a long clause."
    assert len(cut(item)) == 20


def test_a_wrapped_line_that_begins_with_a_number_is_not_an_item():
    assert cut("We began in\n2020. It was fun.") == ["We began in\n2020.", "It was fun."]


MARKDOWN = st.lists(
    st.sampled_from(
        ["Word", "e.g.", "No. 5", "end.", " ", "\n", "\n\n", "- ", "1. ", "# ", "> ", "```\n", "| a | b |\n", "|---|---|\n",
         "---\n", "===\n", "\r\n", "<!-- page 3 -->\n", "  ", "é", "。", "**", "[x](y)", "\t", "http://a.b/c", "?!", '"']
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(MARKDOWN)
def test_every_word_is_in_exactly_one_span_and_spans_are_in_order(text):
    spans = sentences(text)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    marks = {Kind.PAGE, Kind.RULE}
    left_out = [(b.start, b.end) for b in blocks(text) if b.kind in marks]
    covered = bytearray(len(text))
    for start, end in [*spans, *left_out]:
        covered[start:end] = b"\1" * (end - start)
    for word in re.finditer(r"\w{2,}", text):
        assert covered[word.start()], (text, word)


@pytest.mark.parametrize("piece", ["a. ", "a.) ", "# ", "| a ", "|-", "- ", "> ", "[](", "...", "```", "!?\"'", "\n- a", "a.b"])
def test_time_grows_with_the_length_only(piece):
    assert sentences(piece * (200_000 // len(piece))) is not None
