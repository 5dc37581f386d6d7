"""Messages about orders from the shop's own system: stored once, newer news wins, and nothing from anybody else."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import caches
from django.test import AsyncClient
from django.utils import timezone

from chatbot import throttling
from orders import incoming
from orders.incoming_models import IncomingMessage, RemovedOrder
from orders.incoming_settings import problems
from orders.lookup import Wanted, find_orders
from orders.models import Customer, Order
from orders.records import Status
from orders.requests_signing import headers_for
from tests.orders.conftest import NOW, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/orders/webhook"
SECRET, OTHER = "a secret of the shop that is long enough", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "orders-import.md"
NOTHING = {"created": 0, "updated": 0, "unchanged": 0, "older": 0, "deleted": 0, "again": False}


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.ORDERS_WEBHOOK_SECRET = [SECRET]
    throttling._own_counters.clear()
    caches["default"].clear()


def order(number: str = "#W1", **more) -> dict:
    return {"number": number, "email": "ana@example.com", **more}


def post(body: bytes, headers: dict[str, str]):
    return async_to_sync(AsyncClient().post)(ADDRESS, body, content_type="application/json", headers=headers)


def send(told, *, message_id: str = "", secrets=(SECRET,), late=timedelta(0)):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return post(body, headers_for(body, message_id=message_id or f"msg_{uuid4().hex}", at=timezone.now() - late, secrets=secrets))


def seen(number: str = "#W1", email: str = "ana@example.com"):
    found = async_to_sync(find_orders)(Wanted(references=(number,)), viewer=signed_in(email), at=NOW)
    return found.records[0] if found.records else None


def test_an_order_is_stored_and_seen_by_its_customer_at_once():
    assert send(order(status="processing", items=[{"name": "Mug"}])).json() == NOTHING | {"created": 1}
    assert (seen().status, seen().lines[0].name) == (Status.PROCESSING, "Mug")
    assert send([order(status="shipped"), order("#W2")]).json() == NOTHING | {"created": 1, "updated": 1}
    assert seen().status is Status.SHIPPED
    assert seen(email="bo@example.com") is None


def test_the_same_message_is_stored_once_and_its_id_is_good_for_nothing_else():
    first = send(order(status="shipped"), message_id="msg_a")
    send(order(status="delivered"), message_id="msg_b")
    again = send(order(status="shipped"), message_id="msg_a")
    assert (again.status_code, again.json()) == (200, first.json() | {"again": True})
    assert seen().status is Status.DELIVERED
    assert send(order(status="cancelled"), message_id="msg_a").status_code == 409
    assert seen().status is Status.DELIVERED


def test_older_news_and_news_of_what_was_removed_do_not_count():
    send(order(status="delivered", updated_at="2026-03-02T10:00:00Z"))
    assert send(order(status="shipped", updated_at="2026-03-02T09:00:00Z")).json() == NOTHING | {"older": 1}
    assert seen().status is Status.DELIVERED
    assert send({"number": "#W1", "deleted": True, "updated_at": "2026-03-01"}).json() == NOTHING | {"older": 1}
    assert send({"number": "#W1", "deleted": True, "updated_at": "2026-03-03"}).json() == NOTHING | {"deleted": 1}
    assert seen() is None
    assert send(order(updated_at="2026-03-02T11:00:00Z")).json() == NOTHING | {"older": 1}
    assert send([order(updated_at="2026-03-04"), order(status="returned")]).json() == NOTHING | {"created": 1, "updated": 1}
    assert seen().status is Status.RETURNED


@pytest.mark.parametrize("wrong", ["secret", "late", "early", "body", "id", "none", "empty"])
def test_what_the_shop_did_not_sign_just_now_is_refused_in_the_same_words(wrong):
    body = json.dumps(order()).encode()
    at = timezone.now() + {"late": timedelta(minutes=-6), "early": timedelta(minutes=6)}.get(wrong, timedelta(0))
    headers = headers_for(body, message_id="msg_a", at=at, secrets=[OTHER if wrong == "secret" else SECRET])
    headers |= {"id": {"webhook-id": "msg_b"}, "empty": {"webhook-signature": "v1,"}}.get(wrong, {})
    response = post(body.replace(b"ana", b"eve") if wrong == "body" else body, {} if wrong == "none" else headers)
    assert response.status_code == 401
    assert response.json() == {
        "error": {
            "code": "not_signed",
            "message": "The signature is missing or not right, or the message is too old.",
            "retryable": False,
        }
    }
    assert not Customer.objects.exists() and not IncomingMessage.objects.exists()


def test_secrets_can_be_changed_while_messages_come_in(settings):
    settings.ORDERS_WEBHOOK_SECRET = [OTHER, SECRET]
    assert send(order(), secrets=[SECRET]).status_code == 200
    assert send(order(), secrets=[OTHER]).status_code == 200
    settings.ORDERS_WEBHOOK_SECRET = [OTHER]
    assert send(order(), secrets=[SECRET]).status_code == 401


def test_without_a_secret_there_is_nothing_and_without_tables_of_ours_nothing_is_stored(settings):
    settings.ORDERS_SOURCE = "http"
    refused = send(order())
    assert (refused.status_code, "ORDERS_SOURCE is not local" in refused.json()["error"]["message"]) == (409, True)
    settings.ORDERS_WEBHOOK_SECRET = []
    assert send(order()).status_code == 404
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([order("#W1"), order("#W2", total="lots")], "Order 2, /total: “lots” is not an amount."),
        (order(items=[{"name": "Mug"}, {"name": ""}]), "/items/1/name: This value is empty."),
        ({"number": "#W1", "deleted": True, "updated_at": "soon"}, "/updated_at: “soon” is not a date"),
        ({"deleted": True}, "/number: This value is empty."),
        ([], "this one has 0"),
        ([order(f"A{n}") for n in range(101)], "this one has 101"),
        ("text", "must be an object"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"\xff", "not valid JSON"),
    ],
)
def test_a_message_with_something_wrong_changes_nothing_and_says_what(told, words):
    response = send(told)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "orders_refused")
    assert words in response.json()["error"]["message"]
    assert not Order.objects.exists() and not IncomingMessage.objects.exists()


def test_size_and_number_are_limited(monkeypatch):
    assert send(b"x" * 1_000_001).status_code == 413
    monkeypatch.setattr("chatbot.api_orders.WRONG_PER_MINUTE", 3)
    assert [send(order(), secrets=[OTHER]).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_the_shop_may_send_many_but_not_without_end(monkeypatch):
    monkeypatch.setattr("chatbot.api_orders.WRONG_PER_MINUTE", 2)
    monkeypatch.setattr("chatbot.api_orders.MESSAGES_PER_MINUTE", 5)
    assert [send(order()).status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_documented_way_to_sign_is_accepted():
    names: dict = {}
    exec(re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0], names)
    body, headers = names["signed"](SECRET, json.loads(re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0]))
    assert post(body, {name: value for name, value in headers.items() if name != "Content-Type"}).json() == NOTHING | {"created": 1}
    assert seen("#W2378156").customer_name == "Ana Ruiz"


@pytest.mark.parametrize(("secret", "numbers"), [
    (SECRET, []), (OTHER, []), ("short", [71]), ("a" * 40, [71]), ("whsec_?", [70]), ("whsec_MfKQ9r8GKYqr", [71]),
    ("a secret that is used for something else", [72]),
])  # fmt: skip
def test_a_secret_that_anybody_could_guess_stops_the_start(secret, numbers):
    given: dict = {"secrets": [secret], "in_use": {"a secret that is used for something else"}}
    assert [problem.number for problem in problems(source="local", **given)] == numbers
    assert [problem.number for problem in problems(source="sql", **given) if not problem.stops] == [73]


def test_what_is_kept_of_messages_goes_after_a_month():
    send(order(), message_id="msg_a")
    send({"number": "#W1", "deleted": True})
    incoming.forget_old(at=timezone.now() + incoming.KEPT - timedelta(hours=1))
    assert (IncomingMessage.objects.count(), RemovedOrder.objects.count()) == (2, 1)
    incoming.forget_old(at=timezone.now() + incoming.KEPT + timedelta(hours=1))
    assert (IncomingMessage.objects.count(), RemovedOrder.objects.count()) == (0, 0)
