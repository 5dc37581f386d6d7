"""How long, how much and how many at once: what one endpoint may take. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, tokens and characters one reply may take. The waits include retries and the queue: they are what a customer waits."""

    first_token: float = 8.0
    total: float = 30.0
    stall: float = 8.0  # between two pieces
    answer_tokens: int = 400
    context_tokens: int = 4096
    concurrent: int = 100  # calls at once from one process; the others wait in the order they came
    retries: int = 1
    pause: float = 0.5  # about how long before a retry; spread, so that many customers do not come back at once
    longest_pause: float = 3.0  # a server that asks for more than this is not asked again

    @property
    def answer_characters(self) -> int:
        """Where we stop reading a server that does not keep to `answer_tokens`."""
        return self.answer_tokens * 8
