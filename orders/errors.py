"""What can go wrong with orders. `user_message` is safe to show; str(error) and its cause are for logs."""


class OrdersError(Exception):
    user_message = "Something went wrong while looking at orders. Please try again."
    retryable = False


class OrdersUnavailable(OrdersError):
    """The source of orders does not answer."""

    user_message = "I cannot reach our order system at the moment. Please try again in a few minutes."
    retryable = True


class ImportRefused(OrdersError):
    """A file that cannot be imported at all, for example one without a needed column."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


class CodeRefused(OrdersError):
    """A one-time code that is wrong, used, expired or tried too often: the same words for all, so that nothing is learned."""

    user_message = "That code is not right, or it has expired. Please check it or ask for a new one."


class TooManyCodes(OrdersError):
    """Too many codes were asked for or tried; retry_after is in seconds."""

    user_message = "That was tried too often. Please wait a little before you try again."
    retryable = True

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class EmailRefused(OrdersError):
    """What was given as an e-mail address is none."""

    user_message = "That does not look like an e-mail address. Please check it and try again."


class IdentityRefused(OrdersError):
    """A signed identity that is not right: the same words for all reasons; str(error) is the reason, for the shop's log."""

    user_message = "Your sign-in at the shop could not be confirmed. Please reload the page, or sign in with a code by e-mail."
