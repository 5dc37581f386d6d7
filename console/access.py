"""The one gate in front of every console page: who may, with which method. A test walks all addresses to see that none lacks it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from console.roles import STAFF, Role, roles_of

View = Callable[..., HttpResponse]


def console_page(*methods: str, roles: frozenset[Role] = STAFF) -> Callable[[View], View]:
    """Let only users with one of `roles` through, and only with these methods (GET includes HEAD).

    Whoever has no role at all is sent to the sign-in page, signed in or not, whatever the method; whoever has another role gets
    the same "not found" as for an address that does not exist. Roles are read anew with each request.
    """
    allowed = frozenset(methods) | ({"HEAD"} if "GET" in methods else set())

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            held = roles_of(request.user)
            if not held:
                return _to_sign_in(request)
            if not held & roles:
                raise Http404("not for this role")
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            request.console_roles = held  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.console_roles = roles  # type: ignore[attr-defined]
        guarded.console_methods = allowed  # type: ignore[attr-defined]
        return guarded

    return decorate


def is_administrator(request: HttpRequest) -> bool:
    """Whether the user behind a request that passed the gate is an administrator."""
    return Role.ADMINISTRATOR in getattr(request, "console_roles", frozenset())


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = reverse("console:login")
    wanted = request.get_full_path() if request.method == "GET" else ""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(f"{address}?{urlencode({'next': wanted})}" if wanted else address)
