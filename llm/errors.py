"""What can go wrong with a model. Never an error of the vendor's package; str(error) and its cause are for logs."""


class ModelError(Exception):
    """kind: a stable word for records ("timeout", "rate_limited", "unauthorized", "broken_stream" …)."""

    kind = "failed"
    retryable = False


class ModelBusy(ModelError):
    kind = "busy"
    retryable = True


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
