"""The person asking: nobody in particular, or a customer who was verified. Pure values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How a customer showed who they are. docs/identity.md says what each of them proves."""

    CODE = "one-time code"
    ORDER = "order number and code"
    SIGNED = "signed token"
    HASH = "signed e-mail"
    OPERATOR = "operator"  # a person at the command line of the server, who can read the database anyway


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. An e-mail address counts only with a method, and only until it expires."""

    email: str | None = None
    method: Method | None = None
    expires_at: datetime | None = None

    def is_verified(self, *, at: datetime) -> bool:
        """Whether orders may be shown to this viewer at that moment."""
        return bool(self.email and self.method) and (self.expires_at is None or at < self.expires_at)

    def email_at(self, at: datetime) -> str | None:
        """The address whose orders this viewer may see at that moment, in lower case; None: no orders at all.

        The one place where that is decided. Every source puts what it gives into its query.
        """
        return self.email.strip().lower() if self.email and self.is_verified(at=at) else None


ANONYMOUS = Viewer()
