"""What can go wrong with a model. Never an error of the vendor's package; str(error) and its cause are for logs."""

from typing import Self


class ModelError(Exception):
    """kind: a stable word for records ("timeout", "busy", "unauthorized", "cut_off" …); an instance may say it more exactly.

    The message stands on one line and holds nothing that cannot be printed: much of it is what a server has said.
    """

    kind = "failed"
    retryable = False

    def __init__(self, message: str = "", *, kind: str = "") -> None:
        super().__init__("".join(c if c.isprintable() else " " for c in message))
        if kind:
            self.kind = kind

    def without(self, secret: str) -> Self:
        """The same error, with that text taken out of its words."""
        self.args = tuple(str(said).replace(secret, "[the key]") for said in self.args)
        return self


class ModelBusy(ModelError):
    """The server asks us to slow down. retry_after: seconds it asked for, None if it did not say."""

    kind = "busy"
    retryable = True

    def __init__(self, message: str = "", *, kind: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, kind=kind)
        self.retry_after = retry_after


class ModelUnavailable(ModelError):
    kind = "unavailable"
    retryable = True


class ModelTimeout(ModelError):
    kind = "timeout"
    retryable = True


class ModelRefused(ModelError):
    """Bad key, unknown model, or a request the server does not take: time will not mend it."""

    kind = "refused"


class ReplyBroken(ModelError):
    """The stream ended, stalled or turned to nonsense after it had begun."""

    kind = "broken_stream"
