"""A text that is longer than an embedding model reads, in slices that fit. Pure."""

from collections.abc import Sequence
from itertools import pairwise

MARGIN = 4  # word pieces: a slice that begins inside a word may be cut into a few more than it was within the whole text


def slices_that_fit(text: str, ends: Sequence[int], limit: int) -> list[str]:
    """Cut a text so that no slice has more than `limit` word pieces, and nothing is lost. ends: where in the text each piece ends.

    A text that fits is returned as it is, also the empty one. Raises ValueError if limit leaves no room.
    """
    if len(ends) <= limit:
        return [text]
    room = limit - MARGIN
    if room < 1:
        raise ValueError(f"a model that reads {limit} word pieces cannot be used")
    cuts = [0, *(ends[number] for number in range(room - 1, len(ends) - 1, room)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]
