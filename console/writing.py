"""Writing a document in the console. What is written goes the way of every upload; nothing is invented for the shop."""

import logging
import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from chatbot.models import QuestionGroup
from console.access import console_page
from console.audit import Action, record
from console.unanswered_groups import wordings
from retrieval import ingestion
from retrieval.blocks import Kind, blocks
from retrieval.errors import RetrievalError
from retrieval.models import Document, DocumentVersion, Release

logger = logging.getLogger(__name__)

LONGEST_TEXT = 200_000  # characters; longer texts are files
SHOWN = 12  # wordings beside the editor
UNEXPECTED = "Something went wrong on our side while the document was stored. Please try it again."
STORED = "Stored as version {number} of “{title}”. It answers as soon as it says Published."


class WritingForm(forms.Form):
    title = forms.CharField(
        max_length=200, error_messages={"required": "Please give the document a title.", "max_length": "Please keep the title under 200 characters."}
    )  # fmt: skip
    category = forms.CharField(
        max_length=100, required=False, error_messages={"max_length": "Please keep the category under 100 characters."}
    )
    text = forms.CharField(
        max_length=LONGEST_TEXT, strip=False,
        error_messages={"required": "Please write the document.", "max_length": f"Please keep the text under {LONGEST_TEXT:,} characters, or upload it as a file."},
    )  # fmt: skip
    group = forms.ModelChoiceField(
        QuestionGroup.objects.defer("total"), required=False,
        error_messages={"invalid_choice": "These questions are gone with their conversations. Please copy your text before you leave this page."},
    )  # fmt: skip

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n").replace("\0", "")
        bare = bare_headings(text)
        if bare:
            raise forms.ValidationError(f"Please write something under “{bare[0]}”, or take that heading out.")
        if not any(block.kind is not Kind.HEADING for block in blocks(text)):
            raise forms.ValidationError("Please write the document.")
        return text

    def problems(self) -> list[str]:
        return [str(message) for errors in self.errors.values() for message in errors]


@console_page("GET", "POST")
def write(request: HttpRequest) -> HttpResponse:
    """The editor, and storing what was written. ?group= brings the questions that nobody could answer."""
    if request.method == "POST":
        form = WritingForm(request.POST)
        if form.is_valid():
            version = _store(request, form)
            if version is not None:
                group = form.cleaned_data["group"]
                return (
                    redirect("console:unanswered-group", group.pk) if group else redirect("console:document", version.document.slug)
                )
        return _page(request, form, _asked(form.data.get("group", "")), status=400)
    given = request.GET.get("group", "")
    asked = _asked(given)
    return _page(request, WritingForm(initial={"text": outline(asked), "group": given if asked else ""}), asked)


def outline(asked: list[str]) -> str:
    """What an empty editor begins with: the question as a heading, in the customer's words, and nothing under it."""
    return f"## {asked[0]}\n\n" if asked else ""


def bare_headings(markdown: str) -> list[str]:
    """Headings with nothing under them, neither text nor a deeper heading."""
    bare: list[str] = []
    last: tuple[int, str] | None = None
    for block in blocks(markdown):
        if last is not None and block.kind is Kind.HEADING and block.level <= last[0]:
            bare.append(last[1])
        last = (block.level, markdown[block.body : block.end_of_body].strip()) if block.kind is Kind.HEADING else None
    return [*bare, last[1]] if last is not None else bare


def _store(request: HttpRequest, form: WritingForm) -> DocumentVersion | None:
    """Hand the text to the ordinary upload; None with a problem in the form if it was refused."""
    values, group = form.cleaned_data, form.cleaned_data["group"]
    title = " ".join(values["title"].split())
    note = "Written for questions that the documents did not answer." if group else "Written in the console."
    try:
        version = ingestion.receive(
            values["text"].encode(), _file_name(title), title=title, category=values["category"], author=request.user, note=note,
            release=Release.IF_CLEAR,
        )  # fmt: skip
    except RetrievalError as error:
        form.add_error(None, error.user_message)
        return None
    except Exception:  # what was written must come back to the page, whatever happened
        logger.exception("the document %r could not be stored", title)
        form.add_error(None, UNEXPECTED)
        return None
    record(request, Action.UPLOADED, str(version), version.filename)
    if group:
        QuestionGroup.objects.filter(pk=group.pk).update(answer=version.document.slug)
    messages.success(request, STORED.format(number=version.number, title=version.document.title))
    return version


def _file_name(title: str) -> str:
    """A name that no document has: an upload with a known name would replace that document."""
    name = slugify(title)[:80] or "document"
    if DocumentVersion.objects.filter(filename=f"{name}.md").exists():
        name = f"{name}-{secrets.token_hex(3)}"
    return f"{name}.md"


def _asked(given: str) -> list[str]:
    """The wordings of a group, the most typical first; none for what is no group any more."""
    if not (given.isascii() and given.isdecimal() and len(given) < 16):
        return []
    group = QuestionGroup.objects.defer("total").filter(pk=int(given)).first()
    questions = list(group.questions.all()[: SHOWN * 4]) if group else []
    return wordings(questions)[:SHOWN] if questions else []


def _page(request: HttpRequest, form: WritingForm, asked: list[str], *, status: int = 200) -> HttpResponse:
    categories = Document.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "problems": form.problems() if form.is_bound else [],
        "categories": categories,
        "longest": LONGEST_TEXT,
    }
    return render(request, "console/unanswered/write.html", context, status=status)
