"""Who did what in the console, kept when the user is gone."""

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
    DECIDED_QUESTIONS = "decided about unanswered questions"


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
