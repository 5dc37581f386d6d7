"""Stream a reply from any OpenAI-compatible server. The only importer of openai (and that lazily: it is heavy)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """role: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. estimated: counted by us because the server reported none."""

    input: int = 0
    cached: int = 0
    output: int = 0
    estimated: bool = False
