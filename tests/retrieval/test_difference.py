"""What changed between two texts, as people read it."""

from retrieval.difference import Change, difference

OLD = """# Returns

You can return an item within 30 days of delivery.

- Keep the box.
- Keep the receipt.

## Sale items

Sale items stay sold.

One. Alone.

## The end

Goodbye."""


def words(parts, change):
    return [part.text.strip() for part in parts if part.change is change]


def test_the_same_words_are_no_difference_however_they_are_wrapped_and_marked():
    found = difference(OLD, OLD.replace("within 30", "within\n**30**").replace("- Keep", "* Keep") + "\n\n<!-- page 2 -->\n")
    assert found.is_empty and [row.change for row in found.rows] == [Change.SKIPPED]


def test_a_changed_sentence_shows_the_words_that_changed():
    found = difference(OLD, OLD.replace("30 days", "14 calendar days"))
    (row,) = (row for row in found.rows if row.change is Change.CHANGED)
    assert words(row.before, Change.REMOVED) == ["30"]
    assert words(row.after, Change.ADDED) == ["14 calendar"]
    assert "".join(part.text for part in row.after) == "You can return an item within 14 calendar days of delivery."
    assert found.counts == {"added": 0, "removed": 0, "changed": 1}


def test_what_came_and_what_went_stands_alone():
    found = difference(
        OLD, OLD.replace("- Keep the receipt.\n", "").replace("Goodbye.", "Goodbye.\n\nThere is a new shop in Porto.")
    )
    assert found.counts == {"added": 1, "removed": 1, "changed": 0}
    assert [words(row.before, Change.REMOVED) for row in found.rows if row.change is Change.REMOVED] == [["Keep the receipt."]]


def test_far_away_from_a_change_only_the_number_of_blocks_is_said_and_its_heading_stays():
    found = difference(OLD, OLD.replace("One. Alone.", "One. Not alone."))
    assert [row.change for row in found.rows] == [
        Change.SKIPPED,
        Change.SAME,
        Change.SAME,
        Change.CHANGED,
        Change.SAME,
        Change.SKIPPED,
    ]
    assert found.rows[0].skipped == 4
    assert found.rows[1].is_heading and found.rows[1].after[0].text == "Sale items"


def test_everything_and_nothing():
    assert difference("", "").is_empty
    assert difference("", OLD).counts["added"] == difference(OLD, "").counts["removed"] == 9


def test_long_texts_and_long_paragraphs_are_compared_too():
    old = "\n\n".join(f"Paragraph {n} says {n * 7} things about item {n % 50}." for n in range(6000))
    assert difference(old, old.replace("says 21 things", "says 22 things")).counts["changed"] == 1
    assert difference("word " * 20_000, "word " * 19_999 + "other").counts["changed"] == 1


def test_a_text_of_the_same_words_over_and_over_is_compared_as_long_as_that_is_quick(monkeypatch):
    monkeypatch.setattr("retrieval.difference.PAIRS_COMPARED", 5_000)
    before = "\n\n".join(["yes no " * 30 + "old"] * 2 + ["Refunds take 5 days."])
    after = "\n\n".join(["yes no " * 30 + "new"] * 2 + ["Refunds take 9 days."])
    rows = [row for row in difference(before, after).rows if row.change is Change.CHANGED]
    assert [words(row.after, Change.ADDED)[0][:3] for row in rows] == ["new", "new", "9"]
    long = before.replace("yes no " * 30, "yes no " * 300), after.replace("yes no " * 30, "yes no " * 300)
    rows = [row for row in difference(*long).rows if row.change is Change.CHANGED]
    assert [words(row.after, Change.ADDED)[0][:7] for row in rows] == ["yes no ", "yes no ", "Refunds"]  # as a whole
