"""What can go wrong with documents. `user_message` is safe to show to staff; str(error) and its cause are for logs."""

from typing import Any


class RetrievalError(Exception):
    user_message = "Something went wrong with the documents. Please try again."
    retryable = False


class Unreadable(RetrievalError):
    """A file that cannot become text; reason is a sentence that staff can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


class EmbeddingFailed(RetrievalError):
    """The embedding model gave no usable vectors."""

    user_message = "The text could not be prepared for search. It will be tried again."
    retryable = True


class NotPossibleNow(RetrievalError):
    """A step that the state of the document does not allow, for example to withdraw what was never published."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


class Unchanged(NotPossibleNow):
    """An upload that says nothing new; `version` is the one that is there already."""

    def __init__(self, version: Any) -> None:
        super().__init__(f"This very file is already there as version {version.number} of “{version.document.title}”.")
        self.version = version


class NotStored(RetrievalError):
    """The server could not keep an upload: disk full, or a folder that cannot be written."""

    user_message = "The file could not be stored, because the server has no room or may not write. Nothing was changed."
    retryable = True
