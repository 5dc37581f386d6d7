"""Requests over HTTP: the customer's own list, and the signed report of the shop's system."""

import json
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from chatbot.conversations import get_conversation, identify
from orders import requests
from orders.models import OrderRequest
from orders.requests_signing import headers_for
from orders.requests_values import Asked, Basis, Kind
from orders.viewer import Method, Viewer
from tests.chatbot.scripted import Customer
from tests.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "k7Qw" * 10


@pytest.fixture
async def customer():
    started = await Customer.start(AsyncClient())
    conversation = await get_conversation(started.id, token=started.token)
    await identify(conversation, Viewer("ana@example.com", Method.CODE))
    return started


async def filed(customer, email="ana@example.com"):
    viewer, order = Viewer(email, Method.CODE), make_order("#W1")
    values = {"viewer": viewer, "at": timezone.now(), "basis": Basis(), "conversation_id": customer.id, "turn_id": uuid4()}
    return (await sync_to_async(requests.file)(Asked(Kind.CANCEL, "#W1"), order, **values)).request


async def report(request_id, body=None, *, secret=SECRET, at=None, message_id="m1", **changed):
    sent = {"type": "request.report", "request": str(request_id), "state": "accepted", "note": "We try."} | (body or {})
    raw = json.dumps(sent).encode()
    headers = headers_for(raw, message_id=message_id, at=at or timezone.now(), secrets=[secret]) | changed
    return await AsyncClient().post(f"/api/v1/requests/{request_id}/state", raw, content_type="application/json", headers=headers)


async def listed(customer):
    response = await customer.client.get(f"/api/v1/conversations/{customer.id}/requests", headers=customer.headers)
    assert response.status_code == 200
    return response.json()["requests"]


async def test_a_customer_reads_their_own_requests_and_no_others(customer):
    mine = await filed(customer)
    await filed(customer, email="bo@example.com")
    (only,) = await listed(customer)
    assert (only["id"], only["kind"], only["state"], only["summary"]) == (str(mine.id), "cancel", "open", "cancel order #W1")
    await customer.post("sign-out")
    assert await listed(customer) == []


async def test_the_shops_system_says_what_became_of_it_and_the_customer_reads_it(customer, settings):
    settings.REQUESTS_WEBHOOK_SECRET = [SECRET]
    request = await filed(customer)
    response = await report(request.id)
    assert (response.status_code, response.json()) == (200, {"id": str(request.id), "state": "accepted", "changed": True})
    assert (await listed(customer))[0]["note"] == "We try."
    transcript = (await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)).json()
    assert "has accepted your request to cancel order" in transcript["messages"][-1]["text"]
    again = await report(request.id)
    assert again.json() == {"id": str(request.id), "state": "accepted", "changed": False}
    transcript = (await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)).json()
    assert len(transcript["messages"]) == 1


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret-of-32-characters!!"},
        {"at": timezone.now() - timezone.timedelta(minutes=6)},
        {"webhook-signature": "v1,AAAA"},
        {"body": {"request": str(uuid4())}},
    ],
    ids=["another secret", "too old", "forged", "of another request"],
)
async def test_nobody_else_is_told_whether_there_is_such_a_request(customer, settings, known, wrong):
    settings.REQUESTS_WEBHOOK_SECRET = [SECRET]
    request = await filed(customer)
    response = await report(request.id if known else uuid4(), wrong.get("body"), **{k: v for k, v in wrong.items() if k != "body"})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_signed"
    assert (await OrderRequest.objects.aget()).state == "open"


async def test_our_own_messages_cannot_be_sent_back_to_us(customer, settings):
    settings.REQUESTS_WEBHOOK_SECRET = [SECRET]
    request = await filed(customer)
    assert (await report(request.id, {"type": "request.filed"})).status_code == 422


async def test_what_does_not_follow_is_a_conflict(customer, settings):
    settings.REQUESTS_WEBHOOK_SECRET = [SECRET]
    request = await filed(customer)
    await report(request.id, {"state": "done"})
    assert (await report(request.id, {"state": "accepted"}, message_id="m2")).status_code == 409
    assert (await report(uuid4(), message_id="m3")).status_code == 404
    assert (await report(request.id, {"state": "withdrawn"}, message_id="m4")).status_code == 422
    assert (await report(request.id, {"note": "x" * 2000}, message_id="m5")).status_code == 422
