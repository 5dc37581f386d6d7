"""Uploads: many files at once, each with its own result; one bad file fails in words and the others go on."""

import logging
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from console.access import console_page
from console.audit import Action, record
from retrieval import ingestion
from retrieval.audiences import Audience
from retrieval.errors import RetrievalError
from retrieval.models import Document, GovernedBy, Release

logger = logging.getLogger(__name__)

RESULTS = "upload_results"  # in the session, until the next page shows them
STORED = "Stored as version {number} of “{title}”. It answers as soon as it says Published."
UNEXPECTED = "Something went wrong on our side while this file was stored. Please try it again."
NO_FILE = "Please choose at least one file."
ONE_FILE = "Please choose one file only when it is a new version of a document."


class UploadForm(forms.Form):
    """What is said about all files of one upload; the files themselves are `request.FILES.getlist("files")`."""

    document = forms.ModelChoiceField(
        Document.objects.order_by("title"), to_field_name="slug", required=False, empty_label="A new document, or found by file name",
        error_messages={"invalid_choice": "The document to replace was not found. Please choose it again."},
    )  # fmt: skip
    category = forms.CharField(
        max_length=100, required=False, error_messages={"max_length": "Please keep the category under 100 characters."}
    )
    effective_from = forms.DateField(
        required=False, error_messages={"invalid": "The first day is not a date. Please write it as 2026-12-31."}
    )
    effective_until = forms.DateField(
        required=False, error_messages={"invalid": "The end is not a date. Please write it as 2026-12-31."}
    )
    governed_by = forms.ChoiceField(
        choices=[("", "as before"), *GovernedBy.choices], required=False,
        error_messages={"invalid_choice": "Please choose which version counts for an order."},
    )  # fmt: skip
    audience = forms.ChoiceField(
        choices=[("", "as before, or everyone"), *Audience.choices], required=False,
        error_messages={"invalid_choice": "Please choose who may be answered from the document."},
    )  # fmt: skip
    hold = forms.BooleanField(required=False)
    note = forms.CharField(
        max_length=500, required=False, error_messages={"max_length": "Please keep the note under 500 characters."}
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start: date | None = values.get("effective_from")
        end: date | None = values.get("effective_until")
        if start and end and end <= start:
            raise forms.ValidationError("The end must lie after the first day on which the document applies.")
        values["release"] = Release.BY_HAND if values.pop("hold", False) else Release.IF_CLEAR
        return values

    def problem(self) -> str:
        """All that is wrong, in sentences; "" if nothing is."""
        return " ".join(str(message) for errors in self.errors.values() for message in errors)


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. url: the document's page, "" if there is none."""

    name: str
    ok: bool
    message: str
    url: str = ""


@console_page("POST")
def upload(request: HttpRequest) -> HttpResponse:
    """Store the files; scripts get the results as JSON, a plain form goes back to the page it came from."""
    form = UploadForm(request.POST)
    files = request.FILES.getlist("files")
    if not form.is_valid():
        results = _refused(files, form.problem())
    elif not files:
        results = [FileResult("", ok=False, message=NO_FILE)]
    elif form.cleaned_data["document"] and len(files) > 1:
        results = _refused(files, ONE_FILE)
    else:
        results = [_store(request, file, form.cleaned_data) for file in files]
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"results": [asdict(result) for result in results]})
    request.session[RESULTS] = [asdict(result) for result in results]
    replaced = form.cleaned_data.get("document")
    return redirect("console:document", replaced.slug) if replaced else redirect("console:documents")


def taken_results(request: HttpRequest) -> list[dict[str, Any]]:
    """The results of the upload that led to this page, once."""
    return request.session.pop(RESULTS, [])


def _store(request: HttpRequest, file: UploadedFile, about: dict[str, Any]) -> FileResult:
    name = ingestion.shown_name(file.name or "")
    try:
        version = ingestion.receive(_content(file), name, author=request.user, **about)
    except RetrievalError as error:
        logger.info("upload of %r was refused: %s", name, error)
        return FileResult(name, ok=False, message=error.user_message)
    except Exception:  # whatever one file does, the others go on
        logger.exception("upload of %r failed", name)
        return FileResult(name, ok=False, message=UNEXPECTED)
    record(request, Action.UPLOADED, str(version), name)
    message = STORED.format(number=version.number, title=version.document.title)
    return FileResult(name, ok=True, message=message, url=reverse("console:document", args=[version.document.slug]))


def _content(file: UploadedFile) -> bytes | str:
    """The path of a large upload that Django keeps on disk, the bytes of a small one; the size is checked behind this door."""
    path = getattr(file, "temporary_file_path", None)
    return path() if path else file.read()


def _refused(files: list[UploadedFile], problem: str) -> list[FileResult]:
    names = [ingestion.shown_name(file.name or "") for file in files] or [""]
    return [FileResult(name, ok=False, message=problem) for name in names]
