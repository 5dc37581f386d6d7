"""The chunks of a version, as search sees them: over the whole text with their borders, and one by one with who cited it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from chatbot.citations import policy_url
from chatbot.models import Citation
from console.access import console_page
from console.standing import standing
from retrieval.audiences import Audience
from retrieval.inspecting import ChunkView, chunk_at, chunk_count, view_chunks
from retrieval.models import DocumentVersion

PER_PAGE = 60
MOST_CITED = 50  # questions shown for one chunk
MAX_DIGITS = 9  # of an offset in an address


@dataclass(frozen=True, slots=True)
class CitedChunk:
    """A chunk with how many answers cited words of it."""

    chunk: ChunkView
    cited: int


@console_page("GET")
def version_chunks(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole text, chunk by chunk. ?at= leads to the chunk that holds that character."""
    version = _version(pk)
    here = reverse("console:version-chunks", args=[pk])
    if at := _number(request.GET.get("at", "")):
        position = chunk_at(version, at[0])
        if position is not None:
            return HttpResponseRedirect(f"{here}?page={position // PER_PAGE + 1}#chunk-{position + 1}")
    total = chunk_count(version)
    page = Paginator(range(total), PER_PAGE).get_page(request.GET.get("page"))
    views = view_chunks(version, first=PER_PAGE * (page.number - 1), count=PER_PAGE)
    context = {
        "version": version,
        "standing": standing(version, today=timezone.localdate()),
        "chunks": _with_citations(version, views),
        "total": total,
        "page": page,
    }
    return render(request, "console/chunks/list.html", context)


@console_page("GET")
def version_chunk(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One chunk between its neighbours, with what the engines see of it and the questions whose answers cited it."""
    version = _version(pk)
    position = number - 1
    views = {view.position: view for view in view_chunks(version, first=max(position - 1, 0), count=3)}
    chunk = views.get(position)
    if chunk is None:
        raise Http404("no such chunk")
    citing = _citations(version).filter(start__lt=chunk.end, end__gt=chunk.start).select_related("turn", "turn__conversation")
    newest = citing.order_by("-turn__started_at", "turn", "n").only(
        "quote", "turn__question", "turn__outcome", "turn__started_at", "turn__conversation__id"
    )
    turns = {citation.turn_id: citation for citation in newest[: 2 * MOST_CITED]}
    shown = list(turns.values())[:MOST_CITED]
    context = {
        "version": version,
        "standing": standing(version, today=timezone.localdate()),
        "chunk": chunk,
        "before": views.get(position - 1),
        "after": views.get(position + 1),
        "total": chunk_count(version),
        "citing": shown,
        "cited": citing.order_by().aggregate(n=Count("turn", distinct=True))["n"] if len(shown) == MOST_CITED else len(shown),
        "public": _public_address(version, chunk),
    }
    return render(request, "console/chunks/page.html", context)


def _public_address(version: DocumentVersion, chunk: ChunkView) -> str:
    """Where anybody reads these words; "" if not everybody may."""
    if not version.published_at or version.audience != Audience.EVERYONE:
        return ""
    return policy_url(version.document.slug, version.number, chunk.start, chunk.end)


def _with_citations(version: DocumentVersion, views: Iterable[ChunkView]) -> list[CitedChunk]:
    """How many answers cited words of each of these chunks, in two statements whatever the number of citations.

    The spans that were ever cited are as many as the text has sentences; the answers that cited them are counted where they are.
    """
    shown = list(views)
    if not shown:
        return []
    of_page = _citations(version).filter(start__lt=shown[-1].end, end__gt=shown[0].start).order_by()
    spans = set(of_page.values_list("start", "end").distinct())
    counts = []
    for view in shown:
        if starts := {start for start, end in spans if start < view.end and view.start < end}:
            cited = of_page.filter(start__in=starts, end__gt=view.start).values(position=Value(view.position))
            counts.append(cited.annotate(n=Count("turn", distinct=True)))
    found = dict(counts[0].union(*counts[1:], all=True).values_list("position", "n")) if counts else {}
    return [CitedChunk(view, found.get(view.position, 0)) for view in shown]


def _citations(version: DocumentVersion) -> QuerySet[Citation]:
    return Citation.objects.filter(slug=version.document.slug, version=version.number)


def _number(text: str) -> list[int]:
    """The offset in a list of one; none for anything that is not a plain number. Links get cut and edited."""
    return [int(text)] if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else []


def _version(pk: int) -> DocumentVersion:
    return get_object_or_404(DocumentVersion.objects.select_related("document"), pk=pk)
