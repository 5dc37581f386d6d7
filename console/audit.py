"""Who did what in the console, kept when the user is gone.

Entries outlive the customers they are about, so they name a conversation or a group of questions by its id and quote nothing of it.
"""

from django.http import HttpRequest
from django.utils import timezone

from chatbot.models import AuditEntry
from chatbot.throttling import client_address


class Action:
    """The words that stand in `AuditEntry.action`."""

    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    SIGNED_OUT = "signed out"
    UPLOADED = "uploaded a document"
    WITHDREW = "withdrew a version"
    RELEASED = "published a version"
    DISCARDED = "discarded a version"
    CHANGED_AUDIENCE = "changed who may read a version"
    RETRIED = "tried a version again"
    DOWNLOADED = "downloaded a file"
    ADDED_ADDRESS = "added a web address"
    READ_ADDRESS = "had a web address read"
    PAUSED_ADDRESS = "paused a web address"
    RESUMED_ADDRESS = "resumed a web address"
    CHANGED_ADDRESS = "changed a web address"
    REMOVED_ADDRESS = "removed a web address"
    READ_CONVERSATION = "read a conversation"
    RESOLVED = "resolved a conversation"
    READ_REQUEST = "read a request"
    DECIDED_REQUEST = "decided about a request"
    SENT_REQUEST = "had messages about a request sent again"
    DECIDED_QUESTIONS = "decided about unanswered questions"
    MOVED_QUESTIONS = "moved unanswered questions"
    SAID_STATUS = "said what a status word means"
    WITHDREW_STATUS = "took back what a status word means"
    CONFIRMED_RULE = "confirmed a rule"
    ENDED_RULE = "ended a rule"
    RETRACTED_RULE = "retracted a rule"
    DISMISSED_RULE = "dismissed a suggested rule"
    PUBLISHED_INSTRUCTIONS = "published instructions"
    TRIED_RULES = "tried the rules on an order"
    ADDED_ENDPOINT = "added a model"
    CHANGED_ENDPOINT = "changed a model"
    SWITCHED_ENDPOINT = "switched a model"
    MOVED_ENDPOINT = "moved a model"
    REMOVED_ENDPOINT = "removed a model"
    TESTED_ENDPOINT = "tested a model"
    ADDED_PRICE = "added a price"
    SET_BUDGET = "set a budget"
    REMOVED_BUDGET = "removed a budget"
    MADE_API_KEY = "made an API key"
    REVOKED_API_KEY = "revoked an API key"


CONVERSATION_ACTIONS = frozenset({Action.READ_CONVERSATION, Action.RESOLVED})  # the subject is the conversation's id
REQUEST_ACTIONS = frozenset({Action.READ_REQUEST, Action.DECIDED_REQUEST, Action.SENT_REQUEST})  # the subject is its id
QUESTION_ACTIONS = frozenset({Action.DECIDED_QUESTIONS, Action.MOVED_QUESTIONS})  # the subject is `subject_of` a group
_GROUP = "questions "


def subject_of(group_id: int) -> str:
    """How a group of unanswered questions stands in an entry."""
    return f"{_GROUP}{group_id}"


def group_of(entry: AuditEntry) -> int:
    """The id of the group that an entry of QUESTION_ACTIONS is about."""
    return int(entry.subject.removeprefix(_GROUP))


def record(request: HttpRequest, action: str, subject: str, detail: str = "", *, actor: str = "") -> AuditEntry:
    """Write down that the user of this request did something; texts are cut to what the columns hold.

    actor: for sign-ins that failed, the name that was typed.
    """
    return AuditEntry.objects.create(
        at=timezone.now(),
        actor=(actor or request.user.get_username())[:150],
        action=action,
        subject=subject[:200],
        detail=detail[:500],
        address=client_address(request)[:64],
    )
