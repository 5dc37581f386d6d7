"""Nobody without a role gets through any console address, by any method. The addresses come from the URL configuration."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.urls.converters import IntConverter, SlugConverter, UUIDConverter
from django.utils import timezone

from chatbot.as_model.keys import make_key
from chatbot.models import InstructionsVersion, QuestionGroup
from console import urls
from console.roles import STAFF, Role
from llm.models import ModelEndpoint
from orders.rules import Topic
from orders.rules_stating import Stated, Words, confirm
from retrieval.models import Chunk, State
from retrieval.web import sources as web_sources
from tests.console.conftest import client_of
from tests.console.factories import RETURNS, a_conversation, a_request, a_version

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OPEN = {"login", "logout"}
GUARDED = [pattern for pattern in urls.urlpatterns if pattern.name not in OPEN]


def address(pattern, *, known: bool) -> str:
    """The address of a page: of things that exist, or of things that do not."""
    if not known:
        values = {SlugConverter: "no-such-document", IntConverter: 999_999, UUIDConverter: uuid4()}
        arguments = {name: values[type(converter)] for name, converter in pattern.pattern.converters.items()}
    else:
        arguments = {name: existing(pattern.name, name, type(converter)) for name, converter in pattern.pattern.converters.items()}
    return reverse(f"console:{pattern.name}", kwargs=arguments)


def existing(page: str, argument: str, converter: type) -> object:
    """Something of the kind that a page shows."""
    if converter is UUIDConverter:
        return (a_request(number=uuid4().hex) if page.startswith("request") else a_conversation()).pk
    if page.startswith("address"):
        return web_sources.add(f"https://shop.example/{uuid4()}", queue=False).pk
    if page.startswith("unanswered"):
        return QuestionGroup.objects.create(total=b"", recipe="none").pk
    if page in ("rule", "rule-end"):
        version = a_version()
        words = Words(version.document.slug, version.pk, 1, "Returns", "Keep the box.")
        return confirm(Stated(Topic.RETURN, amount=30), words, by="mia", at=version.created_at).pk
    if page.startswith("api-key"):
        return make_key(uuid4().hex, per_minute=60, expires_at=None, by="mia", at=timezone.now())[0].pk
    if page.startswith("instructions"):
        made = {"text": "Speak softly.", "note": "softer", "author": "mia", "made_at": timezone.now()}
        return InstructionsVersion.objects.get_or_create(number=1, defaults=made)[0].number
    if page.startswith("endpoint") and converter is IntConverter:
        return ModelEndpoint.objects.create(name=uuid4().hex, base_url="http://localhost:1/v1", model="tiny", tier="small").pk
    if argument == "number":
        return 1  # the first of what is numbered within a version
    version = a_version(state=State.READY if page == "version-decide" else State.PUBLISHED)
    if page == "version-chunk":
        Chunk.objects.create(version=version, position=0, heading="Returns", text=RETURNS[:9], start=0, end=9, vector=b"")
    return version.document.slug if converter is SlugConverter else version.pk


@pytest.fixture(params=["anonymous", "without a role", "with another group", "deactivated", "role taken away"])
def stranger(request, make_user) -> Client:
    """Somebody who may not see the console (any more)."""
    if request.param == "anonymous":
        return Client()
    user = make_user(*([] if request.param in ("without a role", "with another group") else STAFF))
    client = client_of(user)
    if request.param == "with another group":
        user.groups.create(name="Administrator")
    if request.param == "deactivated":
        user.is_active = False
        user.save()
    if request.param == "role taken away":
        user.groups.clear()
    return client


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: pattern.name)
def test_every_address_passes_the_gate(pattern):
    assert pattern.name in OPEN or pattern.callback.console_roles, "wrap the view in console_page"


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)
def test_a_stranger_is_sent_to_the_door_whatever_the_method(pattern, stranger):
    door = reverse("console:login")
    for path in (address(pattern, known=True), address(pattern, known=False)):
        for method in METHODS:
            response = stranger.generic(method, path)
            assert response.status_code == 302, method
            assert response["Location"].split("?")[0] == door
            assert response.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("role", Role)
def test_another_role_gets_the_reply_of_an_address_that_does_not_exist(role, method, make_user):
    client = client_of(make_user(role))
    nowhere = client.generic(method, "/console/no-such-page/")
    for pattern in GUARDED:
        if role not in pattern.callback.console_roles:
            response = client.generic(method, address(pattern, known=True))
            assert (response.status_code, response.content) == (404, nowhere.content)


def test_something_is_for_administrators_alone():
    assert any(pattern.callback.console_roles == {Role.ADMINISTRATOR} for pattern in GUARDED)


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", [p for p in GUARDED if p.pattern.converters], ids=lambda pattern: pattern.name)
def test_staff_find_nothing_behind_an_unknown_id(pattern, admin_client):
    for method in sorted(pattern.callback.console_methods):
        assert admin_client.generic(method, address(pattern, known=False)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)
def test_other_methods_are_refused(pattern, admin_client):
    for method in sorted(set(METHODS) - pattern.callback.console_methods):
        assert admin_client.generic(method, address(pattern, known=True)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", [p for p in GUARDED if "POST" in p.callback.console_methods], ids=lambda pattern: pattern.name)
def test_what_changes_something_needs_the_token_of_our_own_form(pattern, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert client.post(address(pattern, known=True), {"reason": "because"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", [p for p in GUARDED if "GET" in p.callback.console_methods], ids=lambda pattern: pattern.name)
def test_pages_open_for_the_roles_they_are_for_and_are_not_kept(pattern, make_user):
    for role in pattern.callback.console_roles:
        asks_for_a_part = {"HX-Request": "true"} if pattern.name in ("unanswered-now", "renewal") else {}
        response = client_of(make_user(role)).get(address(pattern, known=True), headers=asks_for_a_part)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_closed_session_ends_live_updates_too(staff):
    client = client_of(staff)
    staff.groups.clear()
    response = client.get(reverse("console:documents"), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == reverse("console:login")
    assert response.content == b""


@pytest.mark.parametrize("path", ["/admin/", "/console/admin/", "/admin/login/"])
def test_django_s_own_admin_is_not_there(path):
    with pytest.raises(Resolver404):
        resolve(path)


@pytest.mark.django_db
def test_a_form_that_is_too_old_is_refused_in_a_sentence(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    response = client.post(reverse("console:logout"))
    assert response.status_code == 403 and "<h1>" in response.content.decode()


@pytest.mark.django_db
def test_more_files_than_we_take_at_once_are_refused_in_a_sentence(staff_client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [SimpleUploadedFile(f"{n}.md", b"# x") for n in range(3)]
    response = staff_client.post(reverse("console:upload"), {"files": files})
    assert response.status_code == 400 and "<h1>" in response.content.decode()
