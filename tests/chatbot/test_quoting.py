"""Policies in their own words: what is shown is what stands there, what is cited is exact."""

from chatbot.composing.quoting import quote, unmentioned
from tests.factories import make_passage

LONG = make_passage(
    "We pack parcels with care. " * 12
    + "Wet boots must be dried before they are sent. "
    + "Please leave the laces in. "
    + "The workshop closes in August. " * 12,
    document="Repairs",
)
TABLE = "| Country | Time | Price |\n|---|---|---|\n| Norway | 3 to 5 days | $12.00 |\n| Peru | 9 days | $30.00 |"


def test_a_short_passage_is_quoted_whole_and_exactly():
    passage = make_passage("You can **return** it within 45 days. See [Refunds](refunds.html).")
    quoted = quote([passage], "how long can I return it")[0]
    assert quoted.markdown == "**Returns**: “You can return it within 45 days. See Refunds.” [1]"
    assert quoted.citations[0].quote == passage.text
    assert (quoted.citations[0].start, quoted.citations[0].end) == (100, 100 + len(passage.text))


def test_of_a_long_passage_the_sentence_that_bears_on_the_question_is_quoted():
    quoted = quote([LONG], "do I have to dry my boots before sending them?")[0]
    assert "Wet boots must be dried before they are sent." in quoted.text
    assert len(quoted.text) < 600
    assert quoted.citations[0].quote in LONG.text


def test_a_table_is_quoted_by_the_row_that_is_asked_for_with_its_column_names():
    quoted = quote([make_passage(TABLE, document="Shipping")], "how much is shipping to Norway?")[0]
    assert quoted.markdown == "**Shipping**:\n- Norway — Time: 3 to 5 days; Price: $12.00 [1]"
    assert quoted.citations[0].quote == "| Norway | 3 to 5 days | $12.00 |"


def test_a_row_of_a_cut_table_gets_its_column_names_from_the_context():
    rows = make_passage(
        "| Peru | 9 days | $30.00 |\n| Chile | 8 days | $28.00 |", document="Shipping", context="| Country | Time | Price |"
    )
    assert quote([rows], "shipping to Chile")[0].markdown == "**Shipping**:\n- Chile — Time: 8 days; Price: $28.00 [1]"


def test_a_much_weaker_passage_is_left_out_and_numbers_count_up():
    near, far = (
        make_passage("Second words.", document="Sale", score=0.95),
        make_passage("Third words.", document="Privacy", score=0.3),
    )
    quotes = quote([make_passage("First words."), near, far], "words", first=4)
    assert [q.citations[0].n for q in quotes] == [4, 5]


def test_markup_in_a_document_is_shown_as_the_characters_it_is():
    quoted = quote([make_passage("Click [here](javascript:alert(1)) or <b onclick=x>now</b>, `ok`?")], "click")[0]
    assert "javascript" not in quoted.markdown
    assert "onclick" not in quoted.markdown


def test_names_that_the_quoted_words_never_mention_are_found():
    quotes = quote([make_passage("We ship to Norway and Peru.", document="Shipping")], "Do you ship to Brazil?")
    assert unmentioned("Do you ship to Brazil?", quotes) == ("Brazil",)
    assert unmentioned("Do you ship to Norway?", quotes) == ()
    assert unmentioned("Where do you ship?", quotes) == ()


def test_no_passages_give_no_words():
    assert quote([], "anything") == []
    assert quote([make_passage("---")], "anything") == []
