"""Who holds a token: what the Authorization header of a call carries."""

from django.http import HttpRequest


def bearer(request: HttpRequest) -> str | None:
    """The token of the Authorization header, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
