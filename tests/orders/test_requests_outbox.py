"""Messages to the shop's system: sent to a real HTTP server that fails in many ways; none lost, none under a second id."""

import asyncio
import json
import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from django.db import transaction

from orders import requests, requests_http, requests_outbox
from orders.models import OrderRequest, RequestMessage
from orders.requests_signing import check
from orders.requests_values import Asked, Basis, By, Kind, Piece, Quote, State
from orders.viewer import Method, Viewer
from tests.factories import make_order, moment, shirt

NOW = moment(11, 21)
SECRETS = ["k7Qw" * 10]
ANA = Viewer("ana@example.com", Method.CODE)

pytestmark = pytest.mark.django_db(transaction=True)


class Shop(ThreadingHTTPServer):
    """Takes messages and keeps them. replies: statuses to give, then 200; a callable is given the handler instead."""

    daemon_threads = True

    def __init__(self):
        self.taken, self.replies, self.seen = [], [], []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?tenant=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), body))
        reply = self.server.replies.pop(0) if self.server.replies else 200
        if callable(reply):
            reply(self)
            return
        self.send_response(reply)
        if reply in (301, 302, 307):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        if reply == 429:
            self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 (the name that the server calls)

    def log_message(self, *_):
        pass


@pytest.fixture
def shop(settings):
    server = Shop()
    settings.REQUESTS_WEBHOOK_URL, settings.REQUESTS_WEBHOOK_SECRET = server.url, SECRETS
    yield server
    server.shutdown()
    server.server_close()


def filed(number="#W1"):
    asked = Asked(Kind.CANCEL, number)
    return requests.file(
        asked, make_order(number), viewer=ANA, at=NOW, basis=Basis(), conversation_id=uuid4(), turn_id=uuid4()
    ).request


def deliver(at=NOW):
    return asyncio.run(requests_outbox.deliver_due(at=at))


def test_a_filed_request_arrives_signed_with_everything_in_it(shop):
    request = filed()
    assert deliver() == 1
    headers, body = shop.seen[0]
    names = {name.lower(): value for name, value in headers.items()}
    assert check(body, names, at=NOW, secrets=SECRETS) == f"msg_{RequestMessage.objects.get().pk.hex}"
    said = json.loads(body)
    assert (said["type"], said["data"]["id"], said["data"]["kind"], said["data"]["state"]) == (
        "request.filed",
        str(request.id),
        "cancel",
        "open",
    )
    assert (said["data"]["order_number"], said["data"]["customer"]["email"]) == ("#W1", "ana@example.com")
    assert said["data"]["order"]["number"] == "#W1"
    assert deliver() == 0  # once taken, never again


def test_the_message_is_the_one_that_is_documented(shop, settings):
    """Field by field, in the same order; of the order itself only that it is there."""
    said = (settings.BASE_DIR / "docs" / "requests.md").read_text("utf-8")
    documented = json.loads(re.search(r"```json\n(\{\n  \"type\".*?)```", said, re.DOTALL)[1])
    basis = Basis("yes", "in time", None, (1,), (Quote("Returns", 3, "Returns", "Words.", "/policies/returns/3/"),))
    asked = Asked(Kind.RETURN, "#W1", (Piece(1, 1, "Linen shirt"),), reason="too small")
    turn = {"conversation_id": uuid4(), "turn_id": uuid4()}
    requests.file(asked, make_order("#W1", lines=(shirt(),)), viewer=ANA, at=NOW, basis=basis, **turn)
    sent = json.loads(RequestMessage.objects.get().body)
    documented["data"].pop("order")
    assert sent["data"].pop("order")["number"] == "#W1"
    assert fields(sent) == fields(documented)


def fields(value):
    if isinstance(value, dict):
        return [(name, fields(part)) for name, part in value.items()]
    return [fields(part) for part in value] if isinstance(value, list) else type(value) if value is not None else str


def test_the_same_message_is_tried_again_with_the_same_id_and_words(shop):
    shop.replies = [500, 503, 200]
    filed()
    at = NOW
    for _ in range(3):
        deliver(at)
        at = max(at, RequestMessage.objects.get().due_at)
    assert len(shop.seen) == 3
    assert len({headers["webhook-id"] for headers, _ in shop.seen}) == 1
    assert len({body for _, body in shop.seen}) == 1
    message = RequestMessage.objects.get()
    assert (message.state, message.tries, message.problem) == ("sent", 3, "")


FAULTS = {
    **{str(status): status for status in (400, 404, 500, 302, 307)},
    "closed": lambda handler: handler.connection.close(),
    "nonsense": lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"),
    "cut off": lambda handler: handler.wfile.write(b"HTTP/1.1 200"),
}


def test_whatever_goes_wrong_the_message_waits(shop):
    shop.replies = list(FAULTS.values())
    filed()
    at = NOW
    for tries, fault in enumerate(FAULTS, start=1):
        assert deliver(at) == 0, fault
        message = RequestMessage.objects.get()
        assert (message.state, message.tries, len(shop.seen)) == ("due", tries, tries), fault  # no redirect is followed
        assert message.problem, fault
        assert message.due_at > at, fault
        at = message.due_at
    assert deliver(at) == 1


def test_a_shop_that_cannot_be_reached_or_does_not_answer(shop, settings, monkeypatch):
    monkeypatch.setattr(requests_http, "SECONDS", 0.2)
    shop.replies = [lambda handler: threading.Event().wait(1)]
    filed()
    assert deliver() == 0
    assert RequestMessage.objects.get().problem == "it did not answer in time"
    settings.REQUESTS_WEBHOOK_URL = "http://user:secret@127.0.0.1:9/hook"
    assert deliver(RequestMessage.objects.get().due_at) == 0
    assert "secret" not in RequestMessage.objects.get().problem


def test_the_shop_may_ask_for_a_pause(shop):
    shop.replies = [429]
    filed()
    deliver()
    assert RequestMessage.objects.get().due_at == NOW + timedelta(hours=1)


def test_after_days_it_is_given_up_until_staff_send_it_again(shop):
    shop.replies = [500] * 50
    filed()
    at = NOW
    while (message := RequestMessage.objects.get()).state == "due":
        at = max(at, message.due_at)
        deliver(at)
    assert (message.state, len(shop.seen)) == ("given up", len(requests_outbox.PAUSES) + 1)
    assert timedelta(days=2) < at - NOW < timedelta(days=5)
    shop.replies = []
    assert requests_outbox.send_again(message.pk, at=at)
    assert deliver(at) == 1
    assert len({headers["webhook-id"] for headers, _ in shop.seen}) == 1


def test_messages_about_a_request_arrive_in_order(shop):
    shop.replies = [500]
    request = filed()
    requests.decide(request.id, State.ACCEPTED, by=By.STAFF, who="sam", note="", at=NOW)
    deliver()
    assert len(shop.seen) == 1  # the second waits behind the first
    at = NOW + timedelta(minutes=5)
    while deliver(at):
        pass
    assert [json.loads(body)["data"]["state"] for _, body in shop.seen] == ["open", "open", "accepted"]


def test_one_that_fails_holds_up_no_other_request(shop):
    shop.replies = [500]
    filed("#W1")
    filed("#W2")
    assert deliver() == 1


def test_a_shop_that_is_down_is_not_asked_for_every_message(shop):
    shop.replies = [500] * 50
    for n in range(10):
        filed(f"#W{n}")
    deliver()
    assert len(shop.seen) == requests_outbox.MOST_FAILURES


def test_a_process_that_dies_before_it_sends_loses_nothing(shop, monkeypatch):
    """Killed between the commit and the message: the row is there, and the next round sends it."""
    filed()
    monkeypatch.setattr(requests_outbox, "post", _killed)
    with pytest.raises(KeyboardInterrupt):
        deliver()
    assert RequestMessage.objects.get().state == "due"
    monkeypatch.undo()
    assert deliver() == 0  # another process may still be at it
    assert deliver(NOW + requests_outbox.LEASE) == 1


def test_a_process_that_dies_after_it_sent_sends_the_same_message_again(shop, monkeypatch):
    filed()
    monkeypatch.setattr(requests_outbox, "_taken", _killed_in_database)
    with pytest.raises(KeyboardInterrupt):
        deliver()
    monkeypatch.undo()
    deliver(NOW + requests_outbox.LEASE)
    (first, _), (second, _) = shop.seen
    assert first["webhook-id"] == second["webhook-id"]


def test_what_is_rolled_back_was_never_said(shop):
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        filed()
        raise Stop
    assert (OrderRequest.objects.count(), deliver(), shop.seen) == (0, 0, [])


def test_what_the_shops_system_told_us_is_not_told_back_to_it(shop):
    request = filed()
    requests.decide(request.id, State.DONE, by=By.SHOP, who="", note="", at=NOW, message_id="m1")
    assert RequestMessage.objects.count() == 1


async def _killed(*_):
    raise KeyboardInterrupt


def _killed_in_database(*_):
    raise KeyboardInterrupt
