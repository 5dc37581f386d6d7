"""Somebody else's id is answered like one that does not exist: at every address, by every method, for every kind of stranger.

The addresses come from the URL configuration. One that takes an id and has no case here fails the run.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient

from chatbot.chat_cookie import NAME
from console.roles import ADMINISTRATORS, LEADS, STAFF, Role
from tests.chatbot.scripted import Customer
from tests.journeys.addresses import METHODS, addresses_with_an_id, every_address
from tests.journeys.belongings import Belongings, a_user, belongings, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_limits", "own_uploads", "composed_answers")]

Values = dict[str, object]


@dataclass(frozen=True)
class Case:
    """An address that takes an id.

    own: what a stranger must not reach there. unknown: what does not exist. body: one that the owner could send. roles: who of
    the shop may; empty where it belongs to a customer, whose token alone opens it.
    """

    own: Callable[[Belongings], Values]
    unknown: tuple[Values, ...]
    body: Values = field(default_factory=dict)
    roles: frozenset[Role] = frozenset()


def conversation(body: Values | None = None) -> Case:
    unknown = tuple({"conversation_id": value} for value in (uuid4(), "not-an-id"))
    return Case(lambda own: {"conversation_id": own.customer.id}, unknown, body or {})


def version(body: Values | None = None, roles: frozenset[Role] = STAFF) -> Case:
    return Case(lambda own: {"pk": own.unread.pk}, ({"pk": 999_999},), body or {}, roles)


def gap(body: Values | None = None) -> Case:
    return Case(lambda own: {"pk": own.gap}, ({"pk": 999_999},), body or {}, STAFF)


def web_address(body: Values | None = None) -> Case:
    return Case(lambda own: {"pk": own.source}, ({"pk": 999_999},), body or {}, STAFF)


def rule(body: Values | None = None) -> Case:
    return Case(lambda own: {"pk": own.rule}, ({"pk": 999_999},), body or {}, STAFF)


def model(body: Values | None = None) -> Case:
    return Case(lambda own: {"pk": own.endpoint}, ({"pk": 999_999},), body or {}, ADMINISTRATORS)


def readable(body: Values | None = None) -> Case:
    """A version whose text is there."""
    return Case(lambda own: {"pk": own.published.pk}, ({"pk": 999_999},), body or {}, STAFF)


def request_of_a_customer(body: Values | None = None) -> Case:
    return Case(lambda own: {"pk": own.request}, ({"pk": uuid4()},), body or {}, STAFF)


API, MODEL, CONSOLE = "api/v1/", "v1/", "console/"
USUAL = ("GET", "POST")  # the methods that some address takes
OF_THE_MOMENT = {"Set-Cookie", "Expires"}  # headers that differ between any two replies
CASES = {
    "policies/<slug:slug>/<int:version>/": Case(
        # a version that was never published; the published one is for everybody
        lambda own: {"slug": own.slug, "version": own.unread.number},
        ({"slug": "no-such-policy", "version": 1}, {"slug": "no-such-policy", "version": 2}),
    ),
    f"{API}conversations/<conversation_id>": conversation(),
    f"{API}conversations/<conversation_id>/messages": conversation({"text": "Whose is it?", "client_id": "first"}),
    f"{API}conversations/<conversation_id>/events": conversation(),
    f"{API}conversations/<conversation_id>/identify": conversation({"email": "ana@example.com", "code": "123456"}),
    f"{API}conversations/<conversation_id>/sign-out": conversation(),
    f"{API}conversations/<conversation_id>/handoff": conversation(),
    f"{API}conversations/<conversation_id>/requests": conversation(),
    # without the signature of the shop's system, nobody learns whether there is such a request
    f"{API}requests/<request_id>/state": Case(
        lambda own: {"request_id": own.request},
        tuple({"request_id": value} for value in (uuid4(), "not-an-id")),
        {"type": "request.report", "request": "any", "state": "done"},
    ),
    f"{API}messages/<message_id>/feedback": Case(
        lambda own: {"message_id": own.turn_id},
        tuple({"message_id": value} for value in (uuid4(), "not-an-id")),
        {"helpful": False, "comment": "not mine"},
    ),
    # no token of a customer and no role is a key: whoever has none learns not even what the model is called
    f"{MODEL}models/<path:name>": Case(lambda own: {"name": "whereabouts"}, ({"name": "gpt-4o"}, {"name": "a/b"})),
    f"{CONSOLE}api-keys/<int:pk>/revoke/": Case(lambda own: {"pk": own.key}, ({"pk": 999_999},), roles=ADMINISTRATORS),
    f"{CONSOLE}instructions/<int:number>/": Case(lambda own: {"number": 1}, ({"number": 999_999},), roles=LEADS),
    f"{CONSOLE}instructions/<int:number>/restore/": Case(
        lambda own: {"number": 1}, ({"number": 999_999},), {"based_on": "1"}, LEADS
    ),
    f"{CONSOLE}documents/<slug:slug>/": Case(lambda own: {"slug": own.slug}, ({"slug": "no-such-policy"},), roles=STAFF),
    f"{CONSOLE}versions/<int:pk>/text/": version(),
    f"{CONSOLE}versions/<int:pk>/original/": version(),
    f"{CONSOLE}versions/<int:pk>/withdraw/": version({"reason": "because"}),
    f"{CONSOLE}versions/<int:pk>/retry/": version(),
    f"{CONSOLE}versions/<int:pk>/decide/": version({"action": "publish"}),
    f"{CONSOLE}versions/<int:pk>/audience/": version({"audience": "everyone"}),
    f"{CONSOLE}versions/<int:pk>/history/": version(),
    f"{CONSOLE}versions/<int:pk>/changes/": version(),
    f"{CONSOLE}versions/<int:pk>/chunks/": version(),
    f"{CONSOLE}versions/<int:pk>/chunks/<int:number>/": Case(
        lambda own: {"pk": own.published.pk, "number": 1},
        ({"pk": 999_999, "number": 1}, {"pk": 999_998, "number": 999_999}),
        roles=STAFF,
    ),
    f"{CONSOLE}documents/<slug:slug>/rules/": Case(lambda own: {"slug": own.slug}, ({"slug": "no-such-policy"},), roles=STAFF),
    f"{CONSOLE}versions/<int:pk>/rule/": readable(
        {
            "topic": "return",
            "permits": "no",
            "unit": "day",
            "start": "delivery",
            "items": "umbrella",
            "quote": "Sale items stay sold.",
        }
    ),
    f"{CONSOLE}versions/<int:pk>/rule/dismiss/": readable({"suggestion": "64-return-yes"}),
    f"{CONSOLE}rules/<int:pk>/": rule(),
    f"{CONSOLE}rules/<int:pk>/end/": rule({"on": "2999-01-01"}),
    f"{CONSOLE}addresses/<int:pk>/": web_address(),
    f"{CONSOLE}addresses/<int:pk>/read/": web_address(),
    f"{CONSOLE}addresses/<int:pk>/pause/": web_address(),
    f"{CONSOLE}addresses/<int:pk>/change/": web_address({"every_hours": 1}),
    f"{CONSOLE}addresses/<int:pk>/remove/": web_address({"withdraw": "yes"}),
    f"{CONSOLE}models/<int:pk>/": model({"name": "Mine", "base_url": "http://localhost:9/v1", "model": "other", "tier": "large"}),
    f"{CONSOLE}models/<int:pk>/switch/": model({"on": "no"}),
    f"{CONSOLE}models/<int:pk>/move/": model({"to": "earlier"}),
    f"{CONSOLE}models/<int:pk>/test/": model(),
    f"{CONSOLE}models/<int:pk>/remove/": model(),
    f"{CONSOLE}unanswered/<int:pk>/": gap(),
    f"{CONSOLE}unanswered/<int:pk>/now/": gap(),
    f"{CONSOLE}unanswered/<int:pk>/decide/": gap({"state": "done"}),
    f"{CONSOLE}unanswered/<int:pk>/move/": gap({"question": 1, "to": "new"}),
    f"{CONSOLE}requests/<uuid:pk>/": request_of_a_customer(),
    f"{CONSOLE}requests/<uuid:pk>/decide/": request_of_a_customer({"state": "declined", "note": "because"}),
    f"{CONSOLE}requests/<uuid:pk>/send-again/": request_of_a_customer(),
    f"{CONSOLE}conversations/<uuid:pk>/": Case(lambda own: {"pk": own.customer.id}, ({"pk": uuid4()},), roles=STAFF),
    f"{CONSOLE}conversations/<uuid:pk>/resolve/": Case(lambda own: {"pk": own.customer.id}, ({"pk": uuid4()},), roles=STAFF),
}


@dataclass(frozen=True)
class Stranger:
    """Somebody who sends these headers from a browser with those cookies. roles: held in the console; methods: that are tried."""

    name: str
    client: AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    roles: frozenset[Role] = frozenset()
    methods: tuple[str, ...] = METHODS


async def strangers(own: Belongings) -> AsyncIterator[Stranger]:
    """Everybody who may try: customers of another conversation, people with a made-up token, and people of the shop."""
    other = await Customer.start(AsyncClient())
    await other.ask("Something else")
    yield Stranger("nobody", AsyncClient())
    yield Stranger("another customer", AsyncClient(), other.headers)
    for name, value in {
        "an empty token": "Bearer ",
        "a made-up token": "Bearer " + "A" * 43,
        "a token of another alphabet": "Bearer t\u00f6ken",
        "the token's beginning": f"Bearer {own.customer.token[:-1]}",
        "the id as token": f"Bearer {own.customer.id}",
        "the token in another scheme": f"Basic {own.customer.token}",
    }.items():
        yield Stranger(name, AsyncClient(), {"Authorization": value}, methods=USUAL)
    mixed = AsyncClient()
    mixed.cookies[NAME] = f"{own.customer.id}.{other.token}"
    yield Stranger("a cookie with another's token", mixed, methods=USUAL)
    yield Stranger("a user without a role", await signed_in(await a_user()))
    gone = await a_user(Role.ADMINISTRATOR)
    left = await signed_in(gone)
    gone.is_active = False
    await sync_to_async(gone.save)()
    yield Stranger("a deactivated administrator", left, methods=USUAL)
    for role in Role:
        client = await signed_in(await a_user(role))
        yield Stranger(str(role), client, other.headers, frozenset({role}))


async def reply(stranger: Stranger, method: str, path: str, body: Values, values: Values) -> tuple[int, str, str]:
    """Status, headers and body of the answer; the id that was asked for stands as “ID” in it."""
    is_form = path.startswith(f"/{CONSOLE}")
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    sent = "&".join(f"{name}={value}" for name, value in body.items()) if is_form else json.dumps(body)
    sent = "" if method in ("GET", "HEAD") else sent
    response = await stranger.client.generic(method, path, sent, content_type=kind, headers=stranger.headers)
    assert not response.streaming, f"{stranger.name} opened a stream at {path}"
    headers = {name: value for name, value in response.headers.items() if name not in OF_THE_MOMENT}
    said = json.dumps(headers, sort_keys=True), response.content.decode()
    for value in values.values():
        said = said[0].replace(f"/{value}/", "/ID/").replace(f"%2F{value}%2F", "%2FID%2F"), said[1].replace(f"/{value}/", "/ID/")
    return response.status_code, *said


@pytest.fixture
async def administrator() -> User:
    return await a_user(Role.ADMINISTRATOR)


def test_every_address_that_takes_an_id_has_a_case():
    assert set(addresses_with_an_id()) == set(CASES)


def test_every_console_address_names_its_roles_and_the_cases_know_them():
    doors = {"console/login/", "console/logout/"}
    for address in every_address():
        if address.route.startswith(CONSOLE) and address.route not in doors:
            roles = address.view.console_roles
            assert roles in (STAFF, LEADS, ADMINISTRATORS)
            assert address.route not in CASES or CASES[address.route].roles == roles


@pytest.mark.parametrize("route", CASES)
async def test_an_id_of_somebody_else_is_answered_like_one_that_does_not_exist(route: str, administrator: User, settings):
    settings.TURNS_PER_MINUTE_PER_ADDRESS = 100_000  # all strangers of this test share an address
    address, case, own = addresses_with_an_id()[route], CASES[route], await belongings()
    others = [stranger async for stranger in strangers(own)]
    before = await own.seen(administrator)
    for stranger in others:
        if stranger.roles & case.roles:
            continue  # who may is not a stranger here
        for method in stranger.methods:
            replies = {
                await reply(stranger, method, address.path(values), case.body, values) for values in (case.own(own), *case.unknown)
            }
            assert len(replies) == 1, f"{stranger.name}, {method}: {replies}"
            status = next(iter(replies))[0]
            assert status >= 300, f"{stranger.name}, {method}: let in with {status}"
    assert await own.seen(administrator) == before


@pytest.mark.parametrize("route", [route for route, case in CASES.items() if case.roles])
async def test_who_may_finds_the_same_nothing_behind_every_unknown_id(route: str):
    address, case, own = addresses_with_an_id()[route], CASES[route], await belongings()
    for role in case.roles:
        staff = Stranger(str(role), await signed_in(await a_user(role)), roles=frozenset({role}))
        nowhere = await staff.client.get("/console/no-such-page/")
        for method in address.view.console_methods:
            for values in case.unknown:
                status, _, said = await reply(staff, method, address.path(values), case.body, values)
                assert status == 404
                assert method == "HEAD" or said == nowhere.content.decode()
        opened = await reply(staff, min(address.view.console_methods), address.path(case.own(own)), case.body, {})
        assert opened[0] in (200, 302), "the case does not open for those who may, so it shows nothing"


async def test_the_owner_is_let_in_where_strangers_are_not():
    """The other side of the test above: the very same requests with the right token do something."""
    own = await belongings()
    for route, case in CASES.items():
        if not route.startswith(API):
            continue
        path, methods = addresses_with_an_id()[route].path(case.own(own)), []
        for method in ("GET", "POST"):
            sent: dict[str, Any] = {"content_type": "application/json", "headers": own.customer.headers}
            response = await own.customer.client.generic(method, path, json.dumps(case.body), **sent)
            if response.status_code not in (404, 405):
                methods.append(method)
            if response.streaming:
                await response.streaming_content.aclose()
        assert len(methods) == 1, route


def test_no_address_takes_a_method_that_is_never_tried():
    """USUAL is all there is: the console says which methods it takes, the API's document which it has."""
    from chatbot.api import api

    taken = {method.upper() for operations in api.get_openapi_schema()["paths"].values() for method in operations}
    for address in every_address():
        taken |= getattr(address.view, "console_methods", frozenset())
    assert taken <= {*USUAL, "HEAD"}
