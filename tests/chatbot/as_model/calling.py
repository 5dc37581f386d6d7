"""A program that speaks to the bot as to a model, over HTTP."""

import json
from typing import Any

from django.test import AsyncClient

ASKED = "Can I return my umbrella?"


def said(*texts: str) -> list[dict[str, str]]:
    """Messages, the customer's and the assistant's by turns; the last is the customer's."""
    roles = ("user", "assistant") if len(texts) % 2 else ("assistant", "user")
    return [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]


class Program:
    def __init__(self, client: AsyncClient, key: str | None) -> None:
        self.client, self.key = client, key

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    async def get(self, path: str) -> Any:
        return await self.client.get(f"/v1/{path}", headers=self.headers)

    async def send(self, body: Any, kind: str = "application/json") -> Any:
        body = body if isinstance(body, str | bytes) else json.dumps(body)
        return await self.client.generic("POST", "/v1/chat/completions", body, content_type=kind, headers=self.headers)

    async def ask(self, *texts: str, **values: Any) -> Any:
        """texts: what was said, the question last."""
        return await self.send({"model": "whereabouts", "messages": said(*(texts or (ASKED,)))} | values)


async def events(response: Any) -> list[Any]:
    """The data of a stream's events, "[DONE]" among them."""
    whole = b"".join([part async for part in response.streaming_content]).decode()
    found = [frame.removeprefix("data: ") for frame in whole.split("\n\n") if frame.startswith("data: ")]
    return [frame if frame == "[DONE]" else json.loads(frame) for frame in found]
