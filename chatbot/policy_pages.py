"""The public policy pages: what is in force, and the whole text of any version that was ever published, with cited words marked."""

from datetime import date
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from chatbot.belonging import viewer_of
from chatbot.chat_cookie import visit
from chatbot.errors import TooManyTurns
from chatbot.policy_rendering import rendered
from chatbot.readers import reader
from chatbot.throttling import client_address
from retrieval.audiences import Audience

if TYPE_CHECKING:
    from retrieval.policies import PolicyText

MAX_OFFSET_DIGITS = 9


@require_safe
async def policy_list(request: HttpRequest) -> HttpResponse:
    """What is in force today."""
    from retrieval.policies import list_policies

    who = await _reader(request)
    policies = await list_policies(timezone.localdate(), reader=who)
    policies.sort(key=lambda policy: (policy.category.casefold(), policy.title.casefold()))
    return _as_seen(render(request, "policies/list.html", {"policies": policies}), who)


@require_safe
async def policy_page(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """One version, whole. What was never published, or is not for this reader, is answered exactly like what does not exist."""
    from retrieval.policies import get_policy, list_policies

    who = await _reader(request)
    policy = await get_policy(slug, version, reader=who)
    if policy is None:
        raise Http404("no such policy")
    today = timezone.localdate()
    in_force = await list_policies(today, reader=who, slug=slug)
    current = next((p for p in in_force if p.version != version), None)
    mark = cited_span(request.GET.get("from", ""), request.GET.get("to", ""), len(policy.markdown))
    try:
        html = await rendered(policy.markdown, mark, asked_by=client_address(request))
    except TooManyTurns as error:
        response = render(request, "policies/busy.html", status=429)
        response["Retry-After"] = str(error.retry_after)
        return _as_seen(response, who)
    context = {
        "policy": policy,
        "html": html,
        "has_title": "<h1" in html,
        "is_marked": 'id="cited"' in html,
        "notice": notice(policy, current, today=today),
        "current": current,
    }
    return _as_seen(render(request, "policies/page.html", context), who)


async def _reader(request: HttpRequest) -> Audience:
    """A customer who is signed in to the chat of this browser, else anybody. Internal texts are read in the console alone."""
    current = await visit(request)
    return reader(viewer_of(current.conversation), at=timezone.now()) if current.conversation else Audience.EVERYONE


def _as_seen(response: HttpResponse, who: Audience) -> HttpResponse:
    """Keep shared caches from handing one reader's page to another."""
    patch_vary_headers(response, ["Cookie"])
    if who is not Audience.EVERYONE:
        patch_cache_control(response, private=True, no_store=True)
    return response


def cited_span(start: str, end: str, length: int) -> tuple[int, int] | None:
    """The span that ?from=&to= asks for; None unless it lies within the text. Never an error: links get cut and edited."""
    if not all(value.isascii() and value.isdecimal() and len(value) <= MAX_OFFSET_DIGITS for value in (start, end)):
        return None
    span = int(start), int(end)
    return span if span[0] < span[1] <= length else None


def notice(policy: "PolicyText", current: "PolicyText | None", *, today: date) -> str:
    """A sentence for a reader who must not rely on this version; "" when it is in force.

    current: another version of the same policy that is in force today, if there is one.
    """
    if policy.state == "withdrawn":
        return "This text was withdrawn and no longer applies."
    if policy.state == "superseded":
        return f"This version no longer applies{_since(current)}: it was replaced by a newer one."
    if policy.effective_from and policy.effective_from > today:
        return f"This version is not in force yet. It applies from {day(policy.effective_from)}."
    if policy.effective_until and policy.effective_until <= today:
        return f"This version no longer applies since {day(policy.effective_until)}. It still counts for what happened before that day."
    return ""


def day(value: date) -> str:
    """A date as a person writes it: 5 March 2026."""
    return f"{value.day} {value:%B %Y}"


def _since(current: "PolicyText | None") -> str:
    if current is None:
        return ""
    began = current.effective_from or (current.published_at and timezone.localtime(current.published_at).date())
    return f" since {day(began)}" if began else ""
