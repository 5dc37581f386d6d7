"""Chunks are exact slices of the text, in order, whole where it matters, and nothing is lost between them."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import Kind, blocks, page_mark
from retrieval.chunking import chunk_markdown, text_for_embedding
from retrieval.plaintext import estimate_tokens, plain
from retrieval.sentences import sentences

SENTENCE = "You can send back anything that does not fit within thirty days of delivery."
PARAGRAPH = " ".join([SENTENCE] * 4)


def headings(markdown: str) -> list[str]:
    return [chunk.heading for chunk in chunk_markdown(markdown)]


def test_a_chunk_knows_its_headings_and_stays_under_one():
    markdown = "# Returns\n\nIntro.\n\n## Sale items\n\nFourteen days.\n\n### Outlet\n\nNever.\n\n## Costs\n\nFree.\n"
    assert [(c.heading, c.text) for c in chunk_markdown(markdown)] == [
        ("Returns", "Intro."),
        ("Returns > Sale items", "Fourteen days."),
        ("Returns > Sale items > Outlet", "Never."),
        ("Returns > Costs", "Free."),
    ]


def test_marks_inside_headings_are_not_part_of_the_path():
    assert headings("## **Sale** [items](https://x.example) `now` ##\n\nText") == ["Sale items now"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", []),
        (" \n\n", []),
        ("---\n\n***", []),
        ("Just text", [("", "Just text")]),
        ("Title\n=====\n\nPart\n----\n\nText", [("Title > Part", "Text")]),
        ("# A\r\n\r\nText\r\n\r\n## B\r\n\r\nMore\r\n", [("A", "Text"), ("A > B", "More")]),
        ("```\n# not a heading\n```\n", [("", "```\n# not a heading\n```")]),
        ("#W2378156 is an order", [("", "#W2378156 is an order")]),
        ("# No refunds on gift cards", [("No refunds on gift cards", "No refunds on gift cards")]),
        ("# A\n\n## No socks\n\n## Hats\n\nYes.", [("A > No socks", "No socks"), ("A > Hats", "Yes.")]),
    ],
)
def test_documents_of_every_shape(markdown, expected):
    assert [(c.heading, c.text) for c in chunk_markdown(markdown)] == expected


def test_page_marks_give_the_page_and_are_in_no_chunk():
    markdown = (
        f"{page_mark(1)}\n\n# Warranty\n\nOne.\n\n{page_mark(2)}\n\nTwo.\n\n{page_mark(3)}\n\n{page_mark(4)}\n\n## Law\n\nFour."
    )
    assert [(c.page, c.heading, c.text) for c in chunk_markdown(markdown)] == [
        (1, "Warranty", "One."),
        (2, "Warranty", "Two."),
        (4, "Warranty > Law", "Four."),
    ]


def test_small_paragraphs_of_a_section_share_a_chunk_and_long_sections_are_cut_evenly():
    assert len(chunk_markdown("# A\n\nOne.\n\nTwo.\n\nThree.")) == 1
    sizes = [estimate_tokens(c.text) for c in chunk_markdown("# A\n\n" + "\n\n".join([PARAGRAPH] * 12), max_tokens=180)]
    assert len(sizes) > 1
    assert max(sizes) <= 180
    assert min(sizes) > 90


def test_a_long_paragraph_is_cut_between_sentences():
    for chunk in chunk_markdown(" ".join([SENTENCE] * 60)):
        assert chunk.text.startswith("You can")
        assert chunk.text.endswith("delivery.")


def table(rows: int) -> str:
    return "| Country | Time |\n|---|---|\n" + "\n".join(f"| Country {n} | {n} to {n + 2} business days |" for n in range(rows))


def test_a_table_that_fits_stays_whole():
    markdown = f"Times:\n\n{table(8)}\n\nEnd."
    assert any(table(8) in chunk.text for chunk in chunk_markdown(markdown))


def test_a_long_table_is_cut_by_rows_and_each_part_knows_the_head():
    chunks = chunk_markdown("# Shipping\n\n" + table(60))
    assert len(chunks) > 2
    assert all(line.count("|") == 3 for chunk in chunks for line in chunk.text.splitlines())
    assert chunks[0].context == ""
    assert {chunk.context for chunk in chunks[1:]} == {"| Country | Time |"}


def test_a_list_stays_with_the_sentence_that_leads_into_it():
    items = "\n".join(f"- {SENTENCE}" for _ in range(3))
    markdown = f"{PARAGRAPH}\n\n{PARAGRAPH}\n\nWe do not take back:\n\n{items}\n\n{PARAGRAPH}"
    assert any("We do not take back:\n\n" + items in chunk.text for chunk in chunk_markdown(markdown, max_tokens=120))


def test_a_long_list_is_cut_between_outer_items_and_each_part_knows_the_lead():
    items = "\n".join(f"{n}. {SENTENCE}\n   - nested {n}" for n in range(1, 30))
    chunks = chunk_markdown(f"The steps:\n\n{items}")
    assert len(chunks) > 2
    assert all(re.match(r"The steps|\d+\. You", chunk.text) for chunk in chunks)
    assert {chunk.context for chunk in chunks[1:]} == {"The steps:"}


def test_the_embedding_reads_where_a_chunk_stands_and_what_it_says_without_marks():
    text = "**Within** [14 days](https://shop.example/returns), see:\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert text_for_embedding("Returns", "Returns > Sale items", text) == "Returns. Sale items\nWithin 14 days, see: a b 1 2"
    assert text_for_embedding("Shipping", "", "Free.", context="| Country |") == "Shipping\nCountry\nFree."


def test_plain_keeps_the_words():
    assert plain("- It's 2 * 3 = 6, snake_case and 5\\*") == "It's 2 * 3 = 6, snake_case and 5*"


def test_no_room_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        chunk_markdown("text", max_tokens=0)


LINES = [
    "\n",
    "\n\n",
    "\r\n",
    "- ",
    "1. ",
    "# ",
    "## T\n",
    "> ",
    "```\n",
    "~~~",
    "| a | b |\n",
    "|---|---|\n",
    "---\n",
    "===\n",
    "* * *\n",
]
WORDS = [
    "Word",
    "A sentence. ",
    "No. 5 ",
    "  ",
    "    ",
    "é",
    "。",
    "**",
    "[x](y)",
    "\t",
    "x" * 300,
    "<!-- c -->",
    page_mark(3) + "\n",
]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(LINES + WORDS), max_size=80).map("".join), st.sampled_from([1, 7, 40, 200]))
def test_every_word_that_is_not_a_heading_is_in_exactly_one_chunk(markdown, max_tokens):
    chunks = chunk_markdown(markdown, max_tokens=max_tokens)
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.text == markdown[chunk.start : chunk.end] and chunk.text.strip() for chunk in chunks)
    assert all(before.end <= after.start for before, after in itertools.pairwise(chunks))
    covered = bytearray(len(markdown))
    for chunk in chunks:
        assert chunk.text == chunk.text.strip() or chunk.text.rstrip() == chunk.text
        covered[chunk.start : chunk.end] = b"\1" * (chunk.end - chunk.start)
    for block in blocks(markdown):
        inside = covered[block.start : block.end]
        if block.kind is Kind.PAGE:
            assert not any(inside)
        elif block.kind not in (Kind.HEADING, Kind.RULE):
            assert all(inside[at] for at, sign in enumerate(markdown[block.start : block.end]) if not sign.isspace())


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "a. ", "# ", "#", "- ", "> ", "| a ", "|-", "[](", "![", "`", "**", "1. ", "\n", "- a\n", "<!--", "。", ".", '!"'],
)
def test_a_huge_text_on_one_line_is_cut_in_time_and_size(piece):
    for chunk in chunk_markdown(piece * (200_000 // len(piece))):
        assert estimate_tokens(chunk.text) <= 200
        assert text_for_embedding("T", chunk.heading, chunk.text)


@pytest.mark.parametrize("blanks", [" ", "\t", " \t"])
def test_lines_of_nothing_but_blanks_cost_no_time(blanks):
    assert plain(f"Words\n{blanks * 200_000}\nmore\n| {blanks * 200_000}x") == "Words more x"
    assert len(sentences(f"One {blanks * 200_000}two.  \nThree.\\\nFour")) == 3
    assert plain(f"a\n {blanks}|{blanks}---{blanks}|\nb") == "a b"


def test_deeply_nested_lists_are_cut():
    markdown = "\n".join("  " * depth + f"- {SENTENCE}" for depth in range(200))
    chunks = chunk_markdown(markdown)
    assert max(estimate_tokens(chunk.text) for chunk in chunks) <= 200


def test_title_and_headings_can_be_left_out_of_what_is_embedded():
    said = {"title": "Returns", "heading": "Returns > Sale items", "text": "Within **14** days."}
    assert text_for_embedding(**said) == "Returns. Sale items\nWithin 14 days."
    assert text_for_embedding(**said, with_heading=False) == "Returns\nWithin 14 days."
    assert text_for_embedding(**said, with_title=False, with_heading=False) == "Within 14 days."
