"""Static files come from the web process; they are collected anew only when a source changed."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from config import static_files


@pytest.fixture
def collected(tmp_path):
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    (source / "chat.css").write_text("body { color: green }")
    with override_settings(STATIC_ROOT=root, STATICFILES_DIRS=[source], STATICFILES_FINDERS=[FILES]):
        from django.contrib.staticfiles import finders

        finders.get_finder.cache_clear()
        yield source, root
        finders.get_finder.cache_clear()


FILES = "django.contrib.staticfiles.finders.FileSystemFinder"


def test_files_are_collected_once_and_again_after_a_change(collected):
    source, root = collected
    assert static_files.collect_if_changed() is True
    assert (root / "chat.css").read_text() == "body { color: green }"
    assert static_files.collect_if_changed() is False
    (source / "chat.css").write_text("body { color: darkgreen }")
    assert static_files.collect_if_changed() is True
    assert (root / "chat.css").read_text() == "body { color: darkgreen }"


async def test_a_file_is_served_and_other_requests_pass(collected):
    static_files.collect_if_changed()

    async def view(request):
        return HttpResponse("the view")

    serve = static_files.StaticFiles(view)
    found = await serve(RequestFactory().get("/static/chat.css"))
    assert (found.status_code, found.content) == (200, b"body { color: green }")
    assert found["Content-Type"].startswith("text/css")
    assert (await serve(RequestFactory().get("/orders"))).content == b"the view"
    assert (await serve(RequestFactory().get("/static/../secret_key"))).content == b"the view"


async def test_an_unchanged_file_is_not_sent_again(collected):
    static_files.collect_if_changed()

    async def view(request):
        return HttpResponse("the view")

    serve = static_files.StaticFiles(view)
    first = await serve(RequestFactory().get("/static/chat.css"))
    again = await serve(RequestFactory().get("/static/chat.css", headers={"If-None-Match": first["ETag"]}))
    assert (again.status_code, again.content) == (304, b"")


def test_a_synchronous_stack_is_served_too(collected):
    static_files.collect_if_changed()
    serve = static_files.StaticFiles(lambda request: HttpResponse("the view"))
    assert serve(RequestFactory().get("/static/chat.css")).content == b"body { color: green }"
    assert serve(RequestFactory().get("/")).content == b"the view"
