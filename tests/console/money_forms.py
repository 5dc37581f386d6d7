"""What the tests of the pages of money share: a page's text, a form that is sent, a price that is added."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def post(client: Client, name: str, **values: Any) -> Any:
    return client.post(reverse(f"console:{name}"), values, follow=True)


def price(client: Client, **values: Any) -> Any:
    given = {
        "model": "tiny",
        "valid_from": timezone.localdate().isoformat(),
        "kind": "rented",
        "input_usd": "0.15",
        "output_usd": "0.6",
    }
    return post(client, "prices", **(given | values))
