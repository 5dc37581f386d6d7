"""What a shop does not want spoken of, and whether a text speaks of it. Pure.

One topic a line, "politics: election, government": the name and the words after it are looked for, whole words in any of their endings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.words import stem

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """phrases: each as the stems of its words in their order."""

    name: str
    phrases: tuple[tuple[str, ...], ...]


def topics_of(lines: str) -> tuple[Topic, ...]:
    """The topics of a text as staff write it; empty lines and marks of lists are passed over."""
    found = []
    for line in lines.splitlines():
        name, _, words = line.strip().lstrip("-*• ").partition(":")
        phrases = tuple(dict.fromkeys(stems for part in (name, *words.split(",")) if (stems := _stems(part))))
        if phrases:
            found.append(Topic(name.strip(), phrases))
    return tuple(found)


def spoken_of(text: str, topics: Sequence[Topic]) -> Topic | None:
    """The first topic that the text speaks of."""
    if not topics:
        return None
    said = _stems(text)
    return next((topic for topic in topics if any(_stands_in(phrase, said) for phrase in topic.phrases)), None)


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word.lower()) for word in _WORD.findall(text))


def _stands_in(phrase: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return any(said[at : at + len(phrase)] == phrase for at in range(len(said) - len(phrase) + 1))
