"""A turn or request we cannot serve: `user_message` is safe to show; str(error) and its cause are for logs."""


class ChatError(Exception):
    code = "failed"
    user_message = "Something went wrong on our side. Please ask again."
    retryable = True


class ConversationNotFound(ChatError):
    """Unknown conversation, somebody else's, or no valid token: one and the same."""

    code = "not_found"
    user_message = "This conversation does not exist, or it is not yours."
    retryable = False


class QuestionRefused(ChatError):
    """A question that cannot be taken; the reason is a sentence for the customer."""

    code = "invalid"
    retryable = False

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class SameKeyOtherText(ChatError):
    code = "conflict"
    user_message = "This message was already sent with another text."
    retryable = False


class TooManyTurns(ChatError):
    """retry_after is in seconds."""

    code = "too_many_requests"
    user_message = "You are asking faster than I can answer. Please wait a moment."

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
