"""The console's door: who gets in, what is told to those who do not, and how often one may try."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from chatbot.models import AuditEntry
from console.roles import Role, roles_of
from console.signing_in import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from tests.console.conftest import PASSWORD

DOOR, HOME = "/console/login/", "/console/"
pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str, password: str = PASSWORD, **more):
    return client.post(DOOR, {"username": name, "password": password, **more})


def visible(response) -> str:
    """The page apart from the name that was typed and the token."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def test_staff_get_in_with_a_new_session_key(client, staff):
    client.get(HOME)
    client.session["before"] = True
    before = client.session.session_key
    response = sign_in(client, staff.username)
    assert response.status_code == 302 and response["Location"] == HOME
    assert client.session.session_key != before
    assert client.get(HOME).status_code == 200


def test_signing_out_is_a_post_and_ends_the_session(client, staff):
    sign_in(client, staff.username)
    assert client.get(reverse("console:logout")).status_code == 405
    client.post(reverse("console:logout"))
    assert client.get(HOME).status_code == 302


def test_all_who_may_not_are_told_the_same(client, make_user):
    no_role, closed, staff = make_user(), make_user(Role.SUPPORT, is_active=False), make_user(Role.SUPPORT)
    pages = [
        sign_in(client, "nobody"),
        sign_in(client, no_role.username),
        sign_in(client, closed.username),
        sign_in(client, staff.username, "wrong"),
    ]
    assert {page.status_code for page in pages} == {403}
    assert len({visible(page) for page in pages}) == 1
    assert client.get(HOME).status_code == 302


@pytest.mark.parametrize(
    "goal",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-in/",
        "https:///evil.example",
        "\0",
    ],
)
def test_the_way_after_the_door_stays_in_the_console(client, staff, goal):
    assert sign_in(client, staff.username, next=goal)["Location"] == HOME


def test_one_arrives_at_the_page_one_wanted(client, staff):
    wanted = "/console/conversations/?q=blue+shirt"
    door = client.get(wanted)["Location"]
    assert 'value="/console/conversations/?q=blue+shirt"' in client.get(door).content.decode()
    assert sign_in(client, staff.username, next=wanted)["Location"] == wanted


def test_an_account_cannot_be_guessed_at_will(client, staff):
    for _ in range(TRIES_PER_ACCOUNT):
        assert sign_in(client, staff.username, "wrong").status_code == 403
    refused = sign_in(client, staff.username.upper())
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert "tried too often" in refused.content.decode()
    assert sign_in(client, staff.username).status_code == 429, "the right password does not open it either"


def test_an_address_cannot_try_many_accounts(client, staff):
    for number in range(TRIES_PER_ADDRESS):
        assert sign_in(client, f"guess-{number}").status_code == 403
    assert sign_in(client, staff.username).status_code == 429


def test_signing_in_often_is_not_guessing(client, staff):
    for _ in range(TRIES_PER_ADDRESS + 5):
        assert sign_in(client, staff.username).status_code == 302


@pytest.mark.parametrize(
    "fields", [{}, {"username": "x"}, {"username": "x" * 151, "password": "y"}, {"username": "a\0b", "password": "y"}]
)
def test_half_a_form_is_refused_in_a_sentence(client, fields):
    response = client.post(DOOR, fields)
    assert response.status_code == 400
    assert "do not open the console" in response.content.decode()


def test_every_try_is_written_down(client, staff):
    sign_in(client, staff.username, "wrong")
    sign_in(client, staff.username)
    client.post(reverse("console:logout"))
    entries = AuditEntry.objects.order_by("pk").values_list("actor", "action", "address")
    assert list(entries) == [
        (staff.username, "sign-in failed", "127.0.0.1"),
        (staff.username, "signed in", "127.0.0.1"),
        (staff.username, "signed out", "127.0.0.1"),
    ]


def test_the_typed_name_is_shown_as_text(client):
    assert "<img" not in sign_in(client, '"><img src=x onerror=alert(1)>').content.decode().replace('<img src="/static/', "")


def test_both_roles_exist_in_a_fresh_database():
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) >= {*Role}


def test_the_first_account_of_a_shop_is_an_administrator():
    assert roles_of(User.objects.create_superuser("owner", password=PASSWORD)) == {Role.ADMINISTRATOR}
