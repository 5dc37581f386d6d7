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


class SignInEnded(ChatError):
    """An answer that was made for a customer who was signed in, asked for after that ended."""

    code = "sign_in_ended"
    user_message = "Your sign-in has ended. Please sign in again to see this answer."
    retryable = False


class AnotherPerson(ChatError):
    """A conversation belongs to the first person who proved who they are in it."""

    code = "another_person"
    user_message = "Somebody else signed in in this conversation before. Please start a new conversation to sign in."
    retryable = False


class TooManyTurns(ChatError):
    """retry_after is in seconds."""

    code = "too_many_requests"
    user_message = "You are asking faster than I can answer. Please wait a moment."

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
