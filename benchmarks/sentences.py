"""How late a sentence of a model is shown. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from benchmarks.model_server import tokens_of

_MARK = re.compile(r"\s*\[\d+\]|[\s.]+")


def lateness(pieces: Sequence[tuple[str, float]], call: dict[str, Any]) -> list[float]:
    """Milliseconds between the word with which each sentence was known to be whole and the moment it was shown.

    pieces: what was shown, with when. call: of the model server. A full stop may be one of an abbreviation, so a sentence is known to be
    whole with the word behind it; the last one with the end. Pieces that the model did not say are left out.
    """
    ends: dict[str, float] = {}
    tokens, written, sentence = tokens_of(call["text"]), call["written"], ""
    for place, token in enumerate(tokens):
        sentence += token
        if token.rstrip().endswith("]."):
            ends[_key(sentence)] = written[min(place + 1, len(written) - 1)]
            sentence = ""
    return [(at - ends[_key(text)]) * 1000 for text, at in pieces if _key(text) in ends]


def _key(sentence: str) -> str:
    return _MARK.sub("", sentence)
