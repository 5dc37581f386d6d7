"""What waits for staff: requests of customers, decisions about documents, failures, web addresses that need a look, and rules whose words
changed, each with where it is done."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from console.addresses import look_of_source
from console.requests import KINDS, row_of
from console.rules import waiting_rules
from orders.models import OrderRequest, RequestMessage
from orders.requests_values import State as RequestState
from retrieval.models import DocumentVersion, State, WebSource
from retrieval.web import sources
from retrieval.web.sources import NEEDS_A_LOOK

SHOWN = 5  # of each kind, the newest


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: its name, the page where it is done, and what is known about it in a sentence ("" for nothing)."""

    name: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything of one kind that waits. count: of all; tasks: the newest few; tone: warn or bad; url: where all of them are."""

    title: str
    count: int
    tone: str
    url: str
    tasks: list[Task] = field(default_factory=list)


def what_waits(now: datetime) -> list[Waiting]:
    """The kinds of which something waits, decisions first."""
    return [
        waiting
        for waiting in (_requests(now), _not_taken(), _to_decide(), _rules(now), _failed(), _addresses(now))
        if waiting.count
    ]


def _requests(now: datetime) -> Waiting:
    """The oldest first: somebody waits for each."""
    found = OrderRequest.objects.filter(state=str(RequestState.OPEN)).order_by("created_at", "pk")
    tasks = [_request_task(one, f"asked {row_of(one, now).age} ago") for one in found.defer("snapshot", "quotes")[:SHOWN]]
    return Waiting("Requests to decide", found.count(), "warn", reverse("console:requests"), tasks)


def _not_taken() -> Waiting:
    """Messages about requests that the shop's own system never took."""
    given_up = RequestMessage.objects.filter(state=RequestMessage.State.GIVEN_UP).select_related("request").order_by("-created_at")
    tasks = [_request_task(message.request, message.problem) for message in given_up[:SHOWN]]
    return Waiting("Requests your system does not know", given_up.count(), "bad", reverse("console:requests"), tasks)


def _request_task(found: OrderRequest, about: str) -> Task:
    return Task(f"{KINDS[found.kind]} · {found.order_number}", reverse("console:request", args=[found.pk]), about)


def _to_decide() -> Waiting:
    ready = _versions(State.READY)
    tasks = [
        Task(str(version), reverse("console:version-decide", args=[version.pk]), version.note or version.filename)
        for version in ready[:SHOWN]
    ]
    return Waiting("Please decide", ready.count(), "warn", _documents("deciding"), tasks)


def _rules(now: datetime) -> Waiting:
    """Rules that give no yes or no any more, since the document says something else than when they were confirmed."""
    rows = waiting_rules(timezone.localdate(now))
    tasks = [
        Task(row.says, reverse("console:rule", args=[row.row.pk]), f"The words changed in “{row.title}”.") for row in rows[:SHOWN]
    ]
    return Waiting("Rules to confirm again", len(rows), "warn", reverse("console:rules"), tasks)


def _failed() -> Waiting:
    """A version that failed waits until a newer one of its document came."""
    newer = DocumentVersion.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"))
    failed = _versions(State.FAILED).filter(~Exists(newer))
    tasks = [
        Task(version.filename, reverse("console:document", args=[version.document.slug]), version.reason)
        for version in failed[:SHOWN]
    ]
    return Waiting("Failed", failed.count(), "bad", _documents("failed"), tasks)


def _addresses(now: datetime) -> Waiting:
    """Those with a page that needs a look, and those whose new versions wait for a decision; not while they are paused."""
    active = sources.with_counts().filter(is_paused=False)
    deciding = sources.waiting_for_staff(active.values_list("pk", flat=True))
    waiting = active.filter(Q(outcome__in=NEEDS_A_LOOK) | Q(look_count__gt=0) | Q(pk__in=deciding)).order_by("-last_read_at", "-pk")
    tasks = list(_address_tasks(waiting[:SHOWN], {pk: len(documents) for pk, documents in deciding.items()}, now))
    return Waiting("Web addresses to look at", waiting.count(), "warn", reverse("console:addresses"), tasks)


def _address_tasks(found: "QuerySet[WebSource]", deciding: dict[int, int], now: datetime) -> Iterator[Task]:
    for source in found:
        look = look_of_source(source, now, waiting=deciding.get(source.pk, 0))
        yield Task(source.address, reverse("console:address", args=[source.pk]), f"{look.label}. {source.result}".strip())


def _versions(state: State) -> "QuerySet[DocumentVersion]":
    return DocumentVersion.objects.filter(state=state).defer("markdown").select_related("document").order_by("-state_at", "-pk")


def _documents(show: str) -> str:
    return f"{reverse('console:documents')}?{urlencode({'show': show})}"
