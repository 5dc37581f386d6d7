"""How the assistant is told to answer: edited, tried out on a question, published with a reason, compared, brought back."""

from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from chatbot.answering import services
from chatbot.errors import QuestionRefused, TooManyTurns
from chatbot.instructions.models import LONGEST_FORBIDDEN, LONGEST_TEXT, InstructionsVersion
from chatbot.instructions.trying import try_out
from chatbot.instructions.versions import PublishedMeanwhile, draft_to_edit, instructions_of, newest, publish
from chatbot.instructions.wording import AS_INSTALLED, LANGUAGES, Instructions, installed_text, system_text
from chatbot.throttling import MINUTE, limit
from chatbot.turn import TurnFinished
from console.access import console_page
from console.audit import Action, record
from console.roles import LEADS
from llm.client import estimate_tokens
from retrieval.difference import difference

PREVIEWS_PER_MINUTE = 20
VERSIONS_A_PAGE = 20
MOST_OF_CONTEXT = 0.4  # share of a prompt's tokens that instructions may take: the rest is for evidence and the conversation
TOO_LONG = "The instructions take {tokens:,} tokens of the {room:,} that a prompt may have, so too little is left for evidence. Please shorten them."
MEANWHILE = (
    "Version {number} was published while you were editing. Your words stand below; look at what changed, then publish again."
)
TOO_MANY = "You are trying faster than this page allows. Please wait {seconds} seconds and try again."


class InstructionsForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={
            "required": "Please write how the assistant is to answer.",
            "max_length": f"Please keep the instructions under {LONGEST_TEXT:,} characters.",
        },
    )
    shop_name = forms.CharField(
        max_length=100, required=False, error_messages={"max_length": "Please keep the shop’s name under 100 characters."}
    )
    tone = forms.CharField(
        max_length=200, required=False, error_messages={"max_length": "Please keep the tone under 200 characters."}
    )
    language = forms.ChoiceField(
        choices=list(LANGUAGES.items()), required=False, error_messages={"invalid_choice": "Please choose the language again."}
    )
    forbidden = forms.CharField(
        max_length=LONGEST_FORBIDDEN,
        required=False,
        error_messages={"max_length": f"Please keep the topics under {LONGEST_FORBIDDEN:,} characters."},
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        room = settings.LLM_CONTEXT_TOKENS - settings.LLM_MAX_ANSWER_TOKENS
        tokens = estimate_tokens(system_text(self.told(), shop=settings.SHOP_NAME))
        if tokens > room * MOST_OF_CONTEXT:
            raise forms.ValidationError(TOO_LONG.format(tokens=tokens, room=room))
        return cleaned

    def told(self) -> Instructions:
        said = {name: str(self.cleaned_data.get(name) or "") for name in self.fields}
        plain = {name: value.replace("\r\n", "\n").strip() for name, value in said.items()}
        return Instructions(0, plain["text"], plain["shop_name"], plain["tone"], plain["language"], plain["forbidden"])

    def problem(self) -> str:
        """All that is wrong, in sentences."""
        return " ".join(str(message) for errors in self.errors.values() for message in errors)


@console_page("GET", "POST", roles=LEADS)
def instructions(request: HttpRequest) -> HttpResponse:
    """The instructions in force, to be edited; a posted form publishes them as a new version."""
    if request.method == "POST":
        return _publish(request)
    return _page(request, _form_of(draft_to_edit()), based_on=newest().number)


def _publish(request: HttpRequest) -> HttpResponse:
    form, based_on = InstructionsForm(request.POST), _number(request.POST.get("based_on", ""))
    note = " ".join(request.POST.get("note", "").split())
    if not form.is_valid():
        return _page(request, form, based_on=based_on, problem=form.problem(), note=note, status=400)
    if not note or len(note) > 300:
        problem = "Please say in a few words (300 characters at most) what you changed and why."
        return _page(request, form, based_on=based_on, problem=problem, note=note, status=400)
    try:
        made = publish(form.told(), note=note, by=request.user.get_username(), at=timezone.now(), based_on=based_on)
    except PublishedMeanwhile as error:
        problem = MEANWHILE.format(number=error.number)
        return _page(request, form, based_on=error.number, problem=problem, note=note, status=409)
    record(request, Action.PUBLISHED_INSTRUCTIONS, _subject(made), note)
    messages.success(request, f"Version {made.number} counts from the next question on.")
    return redirect("console:instructions")


@console_page("POST", roles=LEADS)
def preview_instructions(request: HttpRequest) -> HttpResponse:
    """The answer to a question with the words of the form; nothing is published, and no conversation is stored."""
    form = InstructionsForm(request.POST)
    context: dict[str, object] = {"problem": "" if form.is_valid() else form.problem()}
    status = 200
    if not context["problem"]:
        try:
            limit(f"instructions-preview:{request.user.pk}", PREVIEWS_PER_MINUTE, MINUTE)
            kit = services()
            ended = async_to_sync(try_out)(form.told(), request.POST.get("question", ""), kit)
            context |= {"has_model": bool(kit.models)}
            context |= {"ended": ended} if isinstance(ended, TurnFinished) else {"problem": ended.message}
        except QuestionRefused as error:
            context["problem"] = error.user_message
        except TooManyTurns as error:
            context["problem"], status = TOO_MANY.format(seconds=error.retry_after), 429
    return render(request, "console/instructions/preview.html", context, status=status)


@console_page("GET", roles=LEADS)
def instructions_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: its words, what it changed against the one before it, and all that a model was told with it."""
    version = get_object_or_404(InstructionsVersion, number=number)
    before = InstructionsVersion.objects.filter(number__lt=number).first()
    context = {
        "version": version,
        "before": before,
        "newest": (current := newest().number),
        "is_newest": version.number == current,
        "difference": difference(_whole(instructions_of(before) if before else AS_INSTALLED), _whole(instructions_of(version))),
        "told": system_text(instructions_of(version), shop=settings.SHOP_NAME),
    }
    return render(request, "console/instructions/version.html", context)


@console_page("POST", roles=LEADS)
def restore_instructions(request: HttpRequest, number: int) -> HttpResponse:
    """Bring an earlier version's words back, as a new version. Done twice at once, it is done once."""
    version = get_object_or_404(InstructionsVersion, number=number)
    based_on = _number(request.POST.get("based_on", ""))
    note = f"Back to version {number}"
    try:
        by = request.user.get_username()
        made = publish(instructions_of(version), note=note, by=by, at=timezone.now(), based_on=based_on, restores=number)
    except PublishedMeanwhile as error:
        messages.info(
            request, f"Version {error.number} was published meanwhile, so nothing was brought back. Please look at it first."
        )
    else:
        record(request, Action.PUBLISHED_INSTRUCTIONS, _subject(made), note)
        messages.success(request, f"The words of version {number} count again, as version {made.number}.")
    return redirect("console:instructions")


def _page(
    request: HttpRequest, form: InstructionsForm, *, based_on: int, problem: str = "", note: str = "", status: int = 200
) -> HttpResponse:
    versions = Paginator(InstructionsVersion.objects.all(), VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "based_on": based_on,
        "problem": problem,
        "note": note,
        "versions": versions,
        "newest": newest().number,
        "languages": LANGUAGES.items(),
        "always": system_text(Instructions(text="…"), shop=settings.SHOP_NAME).removeprefix("…").strip(),
        "settings_name": settings.SHOP_NAME,
        "longest": {"text": LONGEST_TEXT, "forbidden": LONGEST_FORBIDDEN},
    }
    return render(request, "console/instructions/page.html", context, status=status)


def _form_of(told: Instructions) -> InstructionsForm:
    said = {"text": told.text, "shop_name": told.shop, "tone": told.tone, "language": told.language, "forbidden": told.forbidden}
    return InstructionsForm(initial=said)


def _whole(told: Instructions) -> str:
    """All that is edited as one text, for what changed between two."""
    parts = [
        told.text or installed_text(),
        f"Shop’s name: {told.shop or 'as in the settings'}",
        f"Tone: {told.tone or 'not said'}",
        f"Language: {LANGUAGES.get(told.language, told.language)}",
        "Topics not spoken of:",
        told.forbidden.replace("\n", "\n\n") or "none",
    ]
    return "\n\n".join(parts)


def _subject(version: InstructionsVersion) -> str:
    return f"version {version.number}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
