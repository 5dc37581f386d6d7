"""Loops are told from texts that repeat a little, however long the unit is."""

import pytest

from llm.nonsense import LoopDetector, ends_in_loop


def slowly(text: str, *, times: int, shortest: int) -> bool:
    """The same by trying every unit."""
    for unit in range(1, len(text) // times + 1):
        repeats = max(times, -(-shortest // unit))
        last = text[-unit:]
        if unit * repeats <= len(text) and any(c.isalnum() for c in last) and text.endswith(last * repeats):
            return True
    return False


@pytest.mark.parametrize(
    "unit", ["a", "ab", "abc ", "abcdefg", "abcdefgh", "abcdefghi", "It left. ", "Your parcel is on its way to you. " * 3]
)
@pytest.mark.parametrize("before", ["", "Something else was said before, and it was long. "])
@pytest.mark.parametrize("times", [1, 2, 3, 4, 7, 15, 60, 100])
def test_every_length_of_unit_is_found_as_trying_them_all_would(unit, before, times):
    text = (before + unit * times)[-LoopDetector.WINDOW :]
    for end in range(max(len(text) - 5, 1), len(text) + 1):
        assert ends_in_loop(text[:end], times=4, shortest=60) == slowly(text[:end], times=4, shortest=60)


@pytest.mark.parametrize("text", ["", "a", "-" * 200, "ha " * 12, "| --- " * 5 + "|", ". " * 300])
def test_lines_and_a_short_laugh_are_no_loop(text):
    assert not ends_in_loop(text, times=4, shortest=60)
