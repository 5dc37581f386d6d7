"""`manage.py add_staff`: people come in, change roles and leave."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from console.roles import Role, roles_of

pytestmark = pytest.mark.django_db
GOOD = "quite a long phrase 7"


def add(monkeypatch, *arguments: str, password: str = GOOD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("add_staff", *arguments, stdout=out)
    return out.getvalue()


def test_a_new_person_gets_an_account_with_a_role(monkeypatch):
    assert add(monkeypatch, "mara", "--password-stdin") == "mara is support staff, with a new account.\n"
    mara = User.objects.get(username="mara")
    assert roles_of(mara) == {Role.SUPPORT} and mara.check_password(GOOD)
    assert not mara.is_staff and not mara.is_superuser


def test_a_role_changes_without_touching_the_password(monkeypatch):
    add(monkeypatch, "mara", "--password-stdin")
    assert add(monkeypatch, "mara", "--role", "administrator") == "mara is administrator now.\n"
    mara = User.objects.get(username="mara")
    assert roles_of(mara) == {Role.ADMINISTRATOR} and mara.check_password(GOOD)


def test_a_closed_account_has_no_role_until_it_is_opened_again(monkeypatch):
    add(monkeypatch, "mara", "--password-stdin")
    add(monkeypatch, "mara", "--close")
    assert roles_of(User.objects.get(username="mara")) == frozenset()
    add(monkeypatch, "mara")
    assert roles_of(User.objects.get(username="mara")) == {Role.SUPPORT}


@pytest.mark.parametrize("password", ["", "short", "password1234"])
def test_a_weak_password_is_refused_with_the_reason(monkeypatch, password):
    with pytest.raises(CommandError, match="password"):
        add(monkeypatch, "mara", "--password-stdin", password=password)
    assert not User.objects.exists()


def test_names_that_cannot_be_are_refused(monkeypatch):
    with pytest.raises(CommandError, match="username"):
        add(monkeypatch, "a b <script>", "--password-stdin")
    with pytest.raises(CommandError, match="There is no account nobody"):
        add(monkeypatch, "nobody", "--close")
