"""Status words of orders that mean nothing to us yet: staff say once what each means, and see what they said."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chatbot.composing.order_wording import told_as
from console.access import console_page
from console.audit import Action, record
from orders.models import StatusWord
from orders.records import Status
from orders.status_models import LONGEST, Of
from orders.status_words import COUNTED, decide, is_counted, unknown_words, withdraw

MEANINGS = [(str(status), told_as(status)) for status in Status if status is not Status.UNKNOWN]
MOST_SHOWN = 500  # words that staff have said something of


class WordForm(forms.Form):
    of = forms.ChoiceField(
        choices=Of.choices,
        error_messages={"invalid_choice": "Please say whether orders or parcels have that word.", "required": ""},
    )
    word = forms.CharField(
        max_length=LONGEST,
        error_messages={"required": "Please give the word.", "max_length": f"Please give a word of at most {LONGEST} characters."},
    )
    status = forms.ChoiceField(
        choices=MEANINGS,
        error_messages={"required": "Please choose what the word means.", "invalid_choice": "Please choose one of the meanings."},
    )

    def problem(self) -> str:
        """All that is wrong, in sentences."""
        return " ".join(str(message) for errors in self.errors.values() for message in errors if message)


@console_page("GET", "POST")
def status_words(request: HttpRequest) -> HttpResponse:
    """The words without a meaning, the most frequent first, and those that staff gave one; a posted form gives a meaning."""
    if request.method == "POST":
        return _decide(request)
    return _page(request, WordForm())


def _decide(request: HttpRequest) -> HttpResponse:
    form = WordForm(request.POST)
    if not form.is_valid():
        return _page(request, form, problem=form.problem() or "Please say what the word means.", status=400)
    of, word, status = Of(form.cleaned_data["of"]), form.cleaned_data["word"], Status(form.cleaned_data["status"])
    try:
        before = decide(of, word, status, by=request.user.get_username())
    except ValueError:
        return _page(request, form, problem="Please give a word with a letter or a digit in it.", status=400)
    record(request, Action.SAID_STATUS, f"{of}: {word}", f"{before} → {status}" if before else str(status))
    messages.success(request, f"From now on, “{word}” means that {'an order' if of is Of.ORDER else 'a parcel'} {told_as(status)}.")
    return redirect("console:status-words")


@console_page("POST")
def withdraw_status_word(request: HttpRequest) -> HttpResponse:
    """Take back what a word means. The word stands in the form, so that the page need not be of this moment."""
    row = withdraw(request.POST.get("of", "")[:LONGEST], request.POST.get("word", "")[:LONGEST])
    if row is None:
        messages.info(request, "That word has no meaning of yours any more.")
    else:
        record(request, Action.WITHDREW_STATUS, f"{row.of}: {row.written}", row.status)
        messages.success(request, f"“{row.written}” means what it meant before.")
    return redirect("console:status-words")


def _page(request: HttpRequest, form: WordForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "unknown": unknown_words(),
        "known": [(row, told_as(Status(row.status))) for row in StatusWord.objects.all()[:MOST_SHOWN]],
        "meanings": MEANINGS,
        "kinds": Of.choices,
        "form": form,
        "problem": problem,
        "counted": f"{COUNTED:,}" if is_counted() else "",
    }
    return render(request, "console/status_words/page.html", context, status=status)
