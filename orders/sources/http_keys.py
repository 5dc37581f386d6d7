"""What proves to a shop's API who asks. The secrets come from the settings and go nowhere but into the headers of requests."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from orders.sources.http_client import Key, ShopClient
from orders.sources.http_fields import fields, text, whole
from orders.sources.http_questions import Question, ShopFailed

_EARLY = 300.0  # seconds before its end that a token is no longer used


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same headers for every request."""

    sent: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def headers(self, client: ShopClient, until: float) -> Mapping[str, str]:
        return self.sent

    def refused(self) -> bool:
        return False


@dataclass(slots=True)
class ShopifyApp:
    """An app of the shop's own organisation: its id and secret give a token for a day (OAuth client credentials).

    The only way for apps made since January 2026; before, a token without an end was made in the shop's administration.
    """

    app: str
    secret: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    async def headers(self, client: ShopClient, until: float) -> Mapping[str, str]:
        if not self._token or client.clock() >= self._until:
            body = {"grant_type": "client_credentials", "client_id": self.app, "client_secret": self.secret}
            question = Question("/admin/oauth/access_token", body=body, repeatable=False, from_root=True)
            answer = fields(await client.ask_unsigned(question, until=until))
            token, seconds = text(answer.get("access_token"), most=1000), whole(answer.get("expires_in"))
            if not token:
                raise ShopFailed("it gives no access token for the app")
            self._token, self._until = token, client.clock() + max((seconds or 3600) - _EARLY, 0.0)
        return {"X-Shopify-Access-Token": self._token}

    def refused(self) -> bool:
        had_one, self._token = bool(self._token), ""
        return had_one


def key_for(kind: str, *, token: str, user: str, password: str) -> Key:
    """How that kind of API is told who asks: a token alone, or a name with its secret."""
    if kind == "shopify":
        return Fixed({"X-Shopify-Access-Token": token}) if token else ShopifyApp(user, password)
    if token:
        return Fixed({"Authorization": f"Bearer {token}"})
    if user:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return Fixed({"Authorization": f"Basic {pair}"})
    return Fixed()
