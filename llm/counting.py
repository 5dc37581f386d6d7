"""How many tokens a text is, without the model's own tokenizer. Pure.

Byte-pair tokenizers cut common English words whole, longer and rarer words into pieces of about four letters, digits into
groups of three at most, and text outside the Latin alphabet into about one token a character. The estimate follows these
habits and leans to the high side, so that a prompt that fits by our count fits by the server's.
"""

import math
import re
from collections.abc import Iterable

from llm.values import ChatMessage

TOKENS_AROUND_A_MESSAGE = 5  # role and separators
_PARTS = re.compile(r"[A-Za-z]+|\d+|[À-ɏ]+|\s+|[^\sA-Za-z\dÀ-ɏ]")


def estimate_tokens(text: str) -> int:
    """Tokens of one text, 0 for an empty one."""
    tokens = 0
    for part in _PARTS.findall(text):
        first = part[0]
        if first.isspace():
            tokens += part.count("\n")  # a single space is part of the word after it
        elif first.isascii() and first.isalpha():
            tokens += math.ceil(len(part) / 6)
        elif first.isdigit():
            tokens += math.ceil(len(part) / 3)
        elif first.isalpha() and ord(first) < 0x250:
            tokens += math.ceil(len(part) / 2)
        else:
            tokens += 1
    return tokens


def estimate_messages(messages: Iterable[ChatMessage]) -> int:
    """Tokens of a whole request, with what the server wraps around each message."""
    return sum(estimate_tokens(message.content) + TOKENS_AROUND_A_MESSAGE for message in messages)
