"""How many tokens a text is, without the model's own tokenizer. Pure.

Byte-pair tokenizers cut common English words whole, longer and rarer words into pieces of about four letters, digits into
groups of three at most, and text outside the Latin alphabet into about one token a character. The estimate follows these
habits and leans to the high side, so that a prompt that fits by our count fits by the server's.
"""

import re
from collections.abc import Iterable

from llm.values import ChatMessage

TOKENS_AROUND_A_MESSAGE = 5  # role and separators
_TOKEN = re.compile(r"[A-Za-z]{1,6}|\d{1,3}|[À-ɏ]{1,2}|\n|[^\sA-Za-z\dÀ-ɏ]")


def estimate_tokens(text: str) -> int:
    """Tokens of one text, 0 for an empty one. A blank belongs to the word after it."""
    return len(_TOKEN.findall(text))


def estimate_messages(messages: Iterable[ChatMessage]) -> int:
    """Tokens of a whole request, with what the server wraps around each message."""
    return sum(estimate_tokens(message.content) + TOKENS_AROUND_A_MESSAGE for message in messages)
