"""Serve collected static files from the web process without a thread per request.

WhiteNoise's middleware is synchronous; in an asynchronous stack it would push every chat request through a thread.
"""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """File names carry the hash of their content, also where one module imports another: a browser never mixes two releases.

    Only our own modules (static/js/) are searched for imports: bundles of others hold words that only look like one.
    """

    _imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise for both kinds of stack; other requests pass through untouched."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[..., Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        static_file = self.find_file(request.path_info) if self.autorefresh else self.files.get(request.path_info)
        if iscoroutinefunction(self):
            return self._answer(static_file, request)
        return self.get_response(request) if static_file is None else self.serve(static_file, request)

    async def _answer(self, static_file: Any, request: HttpRequest) -> HttpResponseBase:
        if static_file is None:
            return await self.get_response(request)
        return await sync_to_async(self.serve, thread_sensitive=False)(static_file, request)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """The whole file in one piece: ours are small, and a synchronous iterator would block the event loop."""
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file:
                body = found.file.read()
        response = HttpResponse(body, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


def collect_if_changed() -> bool:
    """Run collectstatic when a source file is not the one that was collected last; return whether it ran."""
    from django.core.management import call_command

    mark = Path(settings.STATIC_ROOT) / ".collected"
    current = fingerprint()
    if mark.exists() and mark.read_text("utf-8") == current:
        return False
    # clear: collectstatic alone keeps a copy that is not older than its source, also when the source is another file by now
    call_command("collectstatic", clear=True, interactive=False, verbosity=0)
    mark.write_text(current, "utf-8")
    return True


def fingerprint() -> str:
    """A text that changes when any static source file is added, removed or touched."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
