"""What can go wrong on the way to a page. `user_message` says to staff what to do; str(error) and its cause are for logs."""

from retrieval.errors import RetrievalError


class BadAddress(RetrievalError):
    """An address that is never asked for: not a web address, or written in a way that two programs could understand differently."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


class NotFetched(RetrievalError):
    """A page that did not come. retry_after: seconds that the site asked us to wait, 0 if it did not say. status: of HTTP, 0 if none."""

    retryable = True

    def __init__(self, reason: str, *, retry_after: float = 0.0, status: int = 0) -> None:
        super().__init__(reason)
        self.user_message = reason
        self.retry_after = retry_after
        self.status = status


class Gone(NotFetched):
    """The site says that there is no such page (404, 410)."""


class Forbidden(NotFetched):
    """The address leads into a network that is not for us. The sentence tells nothing about what is there."""

    retryable = False


class ClaimLost(Exception):
    """Somebody else reads the source now, or staff have paused or removed it. Nothing more is written."""
