"""What a customer thought of the answers so far in their conversation."""

from uuid import UUID

from django.db.models import UUIDField

from chatbot.models import Feedback
from database.lanes import in_database
from database.prepared import Prepared, given


async def newest_is_down(conversation_id: UUID) -> bool:
    """Whether the newest thumb in a conversation is down; False without one."""
    return bool(await in_database(_newest_down, conversation_id))


def _newest_down(conversation_id: UUID) -> bool:
    rows = _newest.rows(conversation=conversation_id)
    return bool(rows) and not rows[0][0]


_newest = Prepared(
    lambda: (
        Feedback.objects.filter(turn__conversation_id=given("conversation", UUIDField()))
        .order_by("-created_at")
        .values_list("helpful")[:1]
    )
)
