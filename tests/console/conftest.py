"""People of the console, each with a browser of their own."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.test import Client

from chatbot import throttling
from console.roles import Role, ensure_roles

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits():
    """No test is refused for what another one tried."""
    throttling._own_counters.clear()
    caches["default"].clear()


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
def make_user(db):
    def make(*roles: Role, **fields) -> User:
        ensure_roles()
        user = User.objects.create_user(username=f"user-{uuid4().hex[:8]}", password=PASSWORD, **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(make_user) -> User:
    return make_user(Role.SUPPORT)


@pytest.fixture
def staff_client(staff) -> Client:
    return client_of(staff)


@pytest.fixture
def admin_client(make_user) -> Client:
    return client_of(make_user(Role.ADMINISTRATOR))
