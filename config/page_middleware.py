"""Django's middlewares that only pages need, without effect on the API.

Each of them changes to a thread and back for every request, which together costs an API call several milliseconds. The API takes
bearer tokens and answers JSON: it has no session, no form, no message and no frame.
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
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

API = "/api/"


class _PagesOnly(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        # in an asynchronous stack this is a coroutine, which the handler awaits
        return self.get_response(request) if request.path_info.startswith(API) else super().__call__(request)


class Policy(_PagesOnly, CSPMiddleware):
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


class Frames(_PagesOnly, XFrameOptionsMiddleware):
    pass
