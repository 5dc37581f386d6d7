"""A streamed text becomes the same sentences however the stream is cut, and no sentence is cut where it goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.streaming_text import SentenceStream, sentences_of_stream


def sentences(text: str, *, cuts: int = 0) -> list[str]:
    stream = SentenceStream()
    pieces = [text] if not cuts else [text[i : i + cuts] for i in range(0, len(text), cuts)]
    return [s.text for piece in pieces for s in stream.feed(piece)] + [s.text for s in stream.close()]


CASES = {
    "two sentences": ("It left on Monday. It is late.", ["It left on Monday.", "It is late."]),
    "a citation belongs to its sentence": (
        "You have 30 days. [1] It is free [2]. Bye",
        ["You have 30 days. [1]", "It is free [2].", "Bye"],
    ),
    "two citations": ("Yes.[1][2] No.", ["Yes.[1][2]", "No."]),
    "decimals": ("It costs $6.95. Free from $99.50 on.", ["It costs $6.95.", "Free from $99.50 on."]),
    "abbreviations": ("Use e.g. a box. Ask Dr. May, etc. Then send it.", ["Use e.g. a box.", "Ask Dr. May, etc.", "Then send it."]),
    "times": ("Open until 1 p.m. on Friday. At 5 p.m. We close.", ["Open until 1 p.m. on Friday.", "At 5 p.m.", "We close."]),
    "a German date": ("Sie kommt am 24. November. Gut.", ["Sie kommt am 24. November.", "Gut."]),
    "a number at the end": ("Your order is #W12. It is late.", ["Your order is #W12.", "It is late."]),
    "a numbered list": ("Do this:\n1. Pack it.\n2. Send it.", ["Do this:", "1. Pack it.", "2. Send it."]),
    "a list": ("You have:\n- boots\n- a shirt. It is blue.\n\nBye.", ["You have:", "- boots", "- a shirt.", "It is blue.", "Bye."]),
    "a link": ("See https://a.example/b.html?x=1. Then go.", ["See https://a.example/b.html?x=1.", "Then go."]),
    "quotes and bold": ("He said “no.” **Not now.** Later!", ["He said “no.”", "**Not now.**", "Later!"]),
    "an ellipsis": ("Well... it depends. Really?! Yes", ["Well... it depends.", "Really?!", "Yes"]),
    "other scripts": ("はい。いいえ！", ["はい。", "いいえ！"]),
    "a number's short form": ("See order no. 5. The answer is no. Sorry.", ["See order no. 5.", "The answer is no.", "Sorry."]),
    "nothing": (" \n\n ", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("cuts", [0, 1, 2, 3, 7])
def test_sentences(text, expected, cuts):
    assert sentences(text, cuts=cuts) == expected


@given(st.text(alphabet='ab N.e1 [2]\n!?。-:"”Nov', max_size=80), st.integers(1, 9))
def test_however_it_is_cut_and_without_losing_a_letter(text, cuts):
    assert sentences(text, cuts=cuts) == sentences(text)
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_blocks_begin_after_a_blank_line_and_around_a_heading():
    stream = SentenceStream()
    found = stream.feed("One. Two.\nThree.\n\nFour.\n# Head\nFive.\n") + stream.close()
    assert [(s.text, s.starts_block) for s in found] == [
        ("One.", True),
        ("Two.", False),
        ("Three.", False),
        ("Four.", True),
        ("# Head", True),
        ("Five.", True),
    ]


def test_a_sentence_is_given_as_soon_as_it_is_whole():
    stream = SentenceStream()
    assert stream.feed("It left. ") == []  # a citation may follow
    assert [s.text for s in stream.feed("It is ")] == ["It left."]


def test_a_text_without_any_end_does_not_grow_for_ever():
    stream = SentenceStream()
    assert sum(len(s.text) for s in stream.feed("word " * 2000)) >= 7900


async def test_an_asynchronous_stream():
    async def pieces():
        for piece in ("It le", "ft. It", " came."):
            yield piece

    assert [s.text async for s in sentences_of_stream(pieces())] == ["It left.", "It came."]


@pytest.mark.parametrize("unit", ["word. ", "e.g. ", "Mr. ", "no. 1 ", "[1", "a"])
def test_a_long_line_that_never_ends_a_sentence_is_searched_once(unit, monkeypatch):
    """Each piece looks at what is new: the stops looked at grow with the text, not with its square."""
    from chatbot import streaming_text

    looked_at = []
    really = streaming_text._ends_here
    monkeypatch.setattr(streaming_text, "_ends_here", lambda line, stop: looked_at.append(stop) or really(line, stop))
    text = unit * (2000 // len(unit))
    sentences(text, cuts=3)
    assert len(looked_at) <= 6 * (text.count(".") + 1)
