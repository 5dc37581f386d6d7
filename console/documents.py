"""Documents: the list with live states, one document with its versions, and what staff do with a version."""

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode

from console.access import console_page
from console.audit import Action, record
from console.renewal import renewal_context
from console.standing import Standing, covered_by, file_size, progress_words, standing
from console.uploads import UploadForm, taken_results
from retrieval import ingestion
from retrieval.errors import RetrievalError
from retrieval.models import UNFINISHED, Document, DocumentVersion, State
from retrieval.rendering import render_markdown

PER_PAGE = 50
MAX_REASON = 500
SHOWN = {"": "All", "working": "In progress", "deciding": "To be decided", "failed": "Failed", "withdrawn": "Withdrawn"}


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: DocumentVersion
    standing: Standing
    size: str

    @property
    def progress(self) -> str:
        """How far its preparing is, in words; "" if it is not being prepared, or was only begun."""
        return progress_words(self.version, timezone.now())

    @property
    def can_be_withdrawn(self) -> bool:
        return self.version.state in (
            *UNFINISHED,
            State.PUBLISHED,
            State.SUPERSEDED,
        )  # what waits for a decision is discarded there

    @property
    def can_be_retried(self) -> bool:
        return self.version.state == State.FAILED

    @property
    def can_be_decided(self) -> bool:
        return self.version.state == State.READY

    @property
    def has_text(self) -> bool:
        return self.version.has_been_read


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with the version that answers today, if any, and its newest upload."""

    document: Document
    newest: VersionRow
    answering: VersionRow | None


def version_rows(document: Document, *, today: date) -> list[VersionRow]:
    """All versions, newest first. Of several whose dates cover the day, only the one uploaded last answers."""
    rows: list[VersionRow] = []
    for version in sorted(document.versions.all(), key=lambda version: -version.number):
        answering = next((row for row in rows if row.standing.answers), None)
        now = standing(version, today=today)
        if now.answers and answering is not None:
            now = covered_by(answering.version.number)
        rows.append(VersionRow(version, now, file_size(version.size)))
    return rows


def document_row(document: Document, *, today: date) -> DocumentRow:
    rows = version_rows(document, today=today)
    return DocumentRow(document, rows[0], next((row for row in rows if row.standing.answers), None))


@console_page("GET")
def document_list(request: HttpRequest) -> HttpResponse:
    """All documents, latest upload first. htmx asks for the table alone, again and again while something is unfinished."""
    today = timezone.localdate()
    words, shown = request.GET.get("q", "").replace("\0", "").strip()[:200], request.GET.get("show", "")
    page = Paginator(_found(words, shown), PER_PAGE).get_page(request.GET.get("page"))
    rows = [document_row(document, today=today) for document in page]
    context = {
        "rows": rows,
        "page": page,
        "q": words,
        "show": shown if shown in SHOWN else "",
        "shown": SHOWN,
        "query": urlencode({"q": words, "show": shown}) if words or shown else "",
        "is_unfinished": any(row.newest.standing.is_unfinished for row in rows),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/documents/table.html", context)
    context |= {"form": UploadForm(), "results": taken_results(request)} | renewal_context(timezone.now())
    return render(request, "console/documents/list.html", context)


def _found(words: str, shown: str) -> "QuerySet[Document]":
    documents = (
        Document.objects.annotate(latest=Max("versions__created_at")).filter(latest__isnull=False).order_by("-latest", "-pk")
    )
    if words:
        named = DocumentVersion.objects.filter(filename__icontains=words).values("document")
        documents = documents.filter(Q(title__icontains=words) | Q(category__icontains=words) | Q(pk__in=named))
    wanted: dict[str, tuple[State, ...]] = {
        "working": UNFINISHED,
        "deciding": (State.READY,),
        "failed": (State.FAILED,),
        "withdrawn": (State.WITHDRAWN,),
    }
    if states := wanted.get(shown):
        documents = documents.filter(pk__in=DocumentVersion.objects.filter(state__in=states).values("document"))
    return documents.prefetch_related(Prefetch("versions", DocumentVersion.objects.defer("markdown")))


@console_page("GET")
def document_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One document with all its versions; htmx asks for the versions alone."""
    versions = DocumentVersion.objects.defer("markdown").select_related("author")
    document = get_object_or_404(Document.objects.prefetch_related(Prefetch("versions", versions)), slug=slug)
    rows = version_rows(document, today=timezone.localdate())
    context = {
        "document": document,
        "rows": rows,
        "answering": next((row for row in rows if row.standing.answers), None),
        "is_unfinished": any(row.standing.is_unfinished for row in rows),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/documents/versions.html", context)
    context |= {"form": UploadForm(initial={"document": document.slug}), "results": taken_results(request)}
    return render(request, "console/documents/page.html", context)


@console_page("GET")
def version_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The text as it was read from the file, whatever state the version is in."""
    version = find_version(pk)
    row = VersionRow(version, standing(version, today=timezone.localdate()), file_size(version.size))
    return render(
        request, "console/documents/text.html", {"version": version, "row": row, "html": render_markdown(version.markdown)}
    )


@console_page("GET", "POST")
def withdraw_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason and a confirmation, then take the version out of every answer."""
    version = find_version(pk)
    reason = request.POST.get("reason", "").replace("\0", "").strip()  # no database keeps NUL in text
    if request.method != "POST" or not reason or len(reason) > MAX_REASON:
        problem = ""
        if request.method == "POST":
            problem = (
                f"Please give a reason of at most {MAX_REASON} characters." if reason else "Please say why, for your colleagues."
            )
        context = {
            "version": version,
            "standing": standing(version, today=timezone.localdate()),
            "problem": problem,
            "reason": reason,
        }
        return render(request, "console/documents/withdraw.html", context, status=400 if problem else 200)
    try:
        ingestion.withdraw(version, author=request.user, reason=reason)
    except RetrievalError as error:
        messages.error(request, error.user_message)
    else:
        record(request, Action.WITHDREW, str(version), reason)
        messages.success(request, f"Version {version.number} is withdrawn. No answer uses it any more.")
    return redirect("console:document", version.document.slug)


@console_page("POST")
def retry_version(request: HttpRequest, pk: int) -> HttpResponse:
    version = find_version(pk)
    try:
        ingestion.retry(version, author=request.user)
    except RetrievalError as error:
        messages.error(request, error.user_message)
    else:
        record(request, Action.RETRIED, str(version))
        messages.success(request, f"Version {version.number} is tried again.")
    return redirect("console:document", version.document.slug)


@console_page("GET")
def original_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was uploaded, always as a download: a browser must never show what somebody put into it."""
    version = find_version(pk)
    try:
        with version.file.open("rb") as file:
            data = file.read()
    except (OSError, ValueError):  # gone from the disk, or never stored
        messages.error(request, "The uploaded file is no longer on the server.")
        return redirect("console:document", version.document.slug)
    record(request, Action.DOWNLOADED, str(version), version.filename)
    name = PurePosixPath(version.filename).name or "document"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def find_version(pk: int) -> DocumentVersion:
    return get_object_or_404(DocumentVersion.objects.select_related("document", "author"), pk=pk)
