"""The values that go to a model and come back. Pure."""

from dataclasses import dataclass

# a header of each call of a model: by it an assistant that was set up as its own model knows itself
OWN_MARK = {"X-Asked-By": "whereabouts"}


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """role: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `cached` is the part of `input` the server had already seen. estimated: counted by us."""

    input: int = 0
    cached: int = 0
    output: int = 0
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.estimated or other.estimated,
        )
