"""Signing in and out. One answer for a wrong name, a wrong password, a closed account and one without a role."""

from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chatbot.errors import TooManyTurns
from chatbot.throttling import client_address, give_back, limit, network_of
from console.audit import Action, record
from console.roles import roles_of

TRIES_PER_ADDRESS, TRIES_PER_ACCOUNT = 30, 10
WINDOW = 15 * 60  # seconds
REFUSED = "This name and password do not open the console. Please check both and try again."
TOO_OFTEN = "That was tried too often. Please wait {minutes} before you try again."


class SignInForm(forms.Form):
    username = forms.CharField(max_length=150, strip=True)
    password = forms.CharField(max_length=1000, strip=False)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Only failed tries count against the limits of the address and of the account."""
    goal = _safe_goal(request)
    if request.method != "POST":
        return HttpResponseRedirect(goal) if roles_of(request.user) else _page(request, goal)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, goal, REFUSED, status=400)
    name = form.cleaned_data["username"]
    counters = (
        (f"console-address:{network_of(client_address(request))}", TRIES_PER_ADDRESS),
        (f"console-account:{sha256(name.casefold().encode()).hexdigest()}", TRIES_PER_ACCOUNT),
    )
    try:
        _count(counters)
    except TooManyTurns as refusal:
        record(request, Action.SIGN_IN_FAILED, "console", "too many tries", actor=name)
        minutes = -(-refusal.retry_after // 60)
        words = f"{minutes} minutes" if minutes > 1 else "a minute"
        response = _page(request, goal, TOO_OFTEN.format(minutes=words), name=name, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    if user is None or not roles_of(user):
        record(request, Action.SIGN_IN_FAILED, "console", actor=name)
        return _page(request, goal, REFUSED, name=name, status=403)
    return _welcome(request, user, counters, goal)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        record(request, Action.SIGNED_OUT, "console")
    logout(request)
    return HttpResponseRedirect(reverse("console:login"))


def _welcome(request: HttpRequest, user: User, counters: Any, goal: str) -> HttpResponse:
    for key, _ in counters:
        give_back(key, WINDOW)
    login(request, user)  # gives the session a new key
    record(request, Action.SIGNED_IN, "console")
    return HttpResponseRedirect(goal)


def _count(counters: tuple[tuple[str, int], ...]) -> None:
    """Count one try on every counter, or none of them. Raises TooManyTurns."""
    counted: list[str] = []
    try:
        for key, allowed in counters:
            limit(key, allowed, WINDOW)
            counted.append(key)
    except TooManyTurns:
        for key in counted:
            give_back(key, WINDOW)
        raise


def _page(request: HttpRequest, goal: str, problem: str = "", *, name: str = "", status: int = 200) -> HttpResponse:
    return render(request, "console/sign_in.html", {"goal": goal, "problem": problem, "name": name}, status=status)


def _safe_goal(request: HttpRequest) -> str:
    """Where to go afterwards: the console page that was wanted, and nowhere else."""
    home = reverse("console:home")
    goal = request.POST.get("next") or request.GET.get("next") or home
    is_ours = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return goal if is_ours and goal.startswith(home) else home
