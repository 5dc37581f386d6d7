"""Django's middlewares without what they cost an API call.

In an asynchronous stack Django runs each of them in a thread, once for the request and once for the response. Those that only
calculate run in place here. Those that only pages need leave the API alone: it takes bearer tokens and answers JSON, so it has no
session, no form, no message and no frame.
"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

API = ("/api/", "/v1/")


class _InPlace(MiddlewareMixin):
    """For a middleware whose two methods neither wait nor touch the database."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        refused = self.process_request(request) if hasattr(self, "process_request") else None
        response = refused or await self.get_response(request)  # type: ignore[misc]  # asynchronous, or we were not called
        return self.process_response(request, response) if hasattr(self, "process_response") else response


class Security(_InPlace, SecurityMiddleware):
    pass


class Common(_InPlace, CommonMiddleware):
    pass


class _PagesOnly(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        # in an asynchronous stack this is a coroutine, which the handler awaits
        return self.get_response(request) if request.path_info.startswith(API) else super().__call__(request)


class Policy(_PagesOnly, _InPlace, CSPMiddleware):
    pass


class Sessions(_PagesOnly, SessionMiddleware):
    pass


class Csrf(_PagesOnly, CsrfViewMiddleware):
    async def process_view(  # type: ignore[override]  # the handler takes both kinds
        self, request: HttpRequest, callback: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path_info.startswith(API):
            return None  # nothing a browser sends by itself gives access there
        return await sync_to_async(super().process_view)(request, callback, args, kwargs)


class Users(_PagesOnly, AuthenticationMiddleware):
    pass


class Messages(_PagesOnly, MessageMiddleware):
    pass


class Frames(_PagesOnly, _InPlace, XFrameOptionsMiddleware):
    pass
