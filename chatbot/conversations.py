"""The one door to conversations: by id and bearer token, and everything that may be done with one.

An unknown conversation, somebody else's and a missing token raise the same ConversationNotFound.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, DateTimeField, UUIDField
from django.utils import timezone

from chatbot import answer_cache
from chatbot.belonging import is_private, owner_of, viewer_of, viewer_then
from chatbot.errors import AnotherPerson, ConversationNotFound, QuestionRefused, SameKeyOtherText, SignInEnded
from chatbot.models import Conversation, Feedback, Message, Turn
from chatbot.transcripts import message_views
from chatbot.turn import Question, Role, Utterance
from database.lanes import in_database
from database.prepared import Prepared, PreparedUpdate, given, insert
from orders.viewer import Viewer

HISTORY_MESSAGES = 12
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}  # Unicode categories: control, format, surrogate, private use
HANDOFF_TEXT = "I have asked a colleague to look at this conversation. They will answer here as soon as they can."


@dataclass(frozen=True, slots=True)
class Accepted:
    """A question that was taken: stored together with its Turn. is_new is False when the same client id came before."""

    question: Question
    turn: Turn
    is_new: bool


def hash_of(token: str) -> str:
    """What is stored of a bearer token. Tokens are 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


async def start_conversation(*, channel: str, at: datetime, inherit: Conversation | None = None) -> tuple[Conversation, str]:
    """Return a new conversation and its bearer token; `inherit` hands a still valid identity on to it."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(token_hash=hash_of(token), channel=channel, created_at=at, updated_at=at)
    if inherit is not None and viewer_of(inherit).is_verified(at=at):
        conversation.email, conversation.verified_by = inherit.email, inherit.verified_by
        conversation.verified_until, conversation.owner = inherit.verified_until, inherit.owner
    await conversation.asave(force_insert=True)
    return conversation, token


async def get_conversation(conversation_id: str | UUID, *, token: str | None) -> Conversation:
    """Return the conversation whose token this is. Raises ConversationNotFound, whatever the reason."""
    return await in_database(open_conversation, conversation_id, token)


def open_conversation(conversation_id: str | UUID, token: str | None) -> Conversation:
    """The same, for a caller who is in a database thread already."""
    wanted = _as_uuid(conversation_id)
    # compared also when nothing was found, so that both ways take the same steps
    rows = _by_id.rows(id=wanted) if wanted else []
    found = Conversation.from_db(connection.alias, _COLUMNS, rows[0]) if rows else None
    stored = found.token_hash if found else hash_of("")
    if not hmac.compare_digest(stored, hash_of(token or "")) or found is None or not token:
        raise ConversationNotFound(str(conversation_id))
    return found


async def identify(conversation: Conversation, viewer: Viewer) -> None:
    """Tie a verified customer to the conversation. It is theirs from then on, with all that was said in it before.

    Raises AnotherPerson if it is somebody else's already.
    """
    await in_database(_identify, conversation, viewer)


def _identify(conversation: Conversation, viewer: Viewer) -> None:
    named = identity_fields(viewer)
    with transaction.atomic():
        if not Conversation.objects.filter(pk=conversation.pk, owner__in=("", named["owner"])).update(**named):
            raise AnotherPerson
        Message.objects.filter(conversation_id=conversation.pk, private=False).update(private=True)
    for name, value in named.items():
        setattr(conversation, name, value)


def identity_fields(viewer: Viewer) -> dict[str, Any]:
    """What a conversation keeps of who was verified in it."""
    email = viewer.email or ""
    named = {"email": email, "verified_by": str(viewer.method or ""), "verified_until": viewer.expires_at}
    return named | {"owner": owner_of(email)}


async def forget_identity(conversation: Conversation) -> None:
    """Sign the customer out. What was said stays theirs: it is shown again when they sign in again, and to nobody else."""
    conversation.email, conversation.verified_by, conversation.verified_until = "", "", None
    await conversation.asave(update_fields=["email", "verified_by", "verified_until"])


def clean_text(text: str, *, shorten: bool = False) -> str:
    """A question as it is stored: normalised, without control characters. Raises QuestionRefused if it cannot be taken.

    shorten: cut a text that is too long, rather than refuse it.
    """
    text = text[: settings.MAX_QUESTION_CHARACTERS] if shorten else text
    if len(text) > settings.MAX_QUESTION_CHARACTERS:
        raise QuestionRefused(f"That message is too long. Please keep it under {settings.MAX_QUESTION_CHARACTERS:,} characters.")
    # the zero-width joiner is a format character too, but it holds emoji together
    kept = "".join(c if c in "\n\t\u200d" or unicodedata.category(c) not in _UNSEEN else " " for c in text)
    kept = unicodedata.normalize("NFC", kept).strip()
    if not any(c.isprintable() and not c.isspace() for c in kept):
        raise QuestionRefused("That message is empty. Please write your question.")
    return kept


async def accept_question(conversation: Conversation, text: str, client_id: str, *, at: datetime) -> Accepted:
    """Store the customer's message and its Turn, or find the one that has this client id already.

    Raises QuestionRefused for a text or client id that cannot be taken, SameKeyOtherText when the id came with another text,
    SignInEnded when it is that of a question asked while signed in, and the customer no longer is.
    """
    return await in_database(accept, conversation, text, client_id, at)


def accept(conversation: Conversation, text: str, client_id: str, at: datetime) -> Accepted:
    """The same, for a caller who is in a database thread already."""
    text = clean_text(text)
    if not client_id or len(client_id) > 100 or not client_id.isprintable():
        raise QuestionRefused("client_id must be 1 to 100 printable characters.")
    viewer = viewer_of(conversation)
    verified = viewer.is_verified(at=at)
    try:
        with transaction.atomic():
            # writing the row locks it, so that two questions at once take two places
            _touch.run(id=conversation.pk, at=at)
            if not _turn_of_client.rows(conversation=conversation.pk, client_id=client_id):
                turn = Turn(
                    conversation=conversation,
                    client_id=client_id,
                    question=text,
                    started_at=at,
                    viewer={
                        "email": viewer.email,
                        "method": viewer.method,
                        "expires_at": viewer.expires_at.isoformat() if viewer.expires_at else None,
                    },
                )
                newest = _newest.rows(conversation=conversation.pk)
                seq = newest[0][0] + 1 if newest else 1
                insert(turn)
                insert(
                    Message(conversation=conversation, seq=seq, role=str(Role.CUSTOMER), text=text, private=verified, created_at=at)
                )
                return Accepted(_question(conversation, turn, viewer, _utterances(newest, verified), at), turn, is_new=True)
    except IntegrityError:  # the same client id arrived twice at once, and the other was first
        pass
    turn = Turn.objects.get(conversation=conversation, client_id=client_id)
    if turn.question != text:
        raise SameKeyOtherText(client_id)
    if is_private(turn) and not verified:
        raise SignInEnded
    # whoever asked then is who gets the answer, should it be made again
    asked_by = viewer_then(turn)
    said = _utterances(_said_before(conversation, turn.started_at), asked_by.is_verified(at=at))
    return Accepted(_question(conversation, turn, asked_by, said, at), turn, is_new=False)


def _question(conversation: Conversation, turn: Turn, viewer: Viewer, history: tuple[Utterance, ...], at: datetime) -> Question:
    return Question(
        turn_id=turn.pk,
        conversation_id=conversation.pk,
        text=turn.question,
        viewer=viewer,
        asked_at=at,
        today=timezone.localtime(at).date(),
        history=history,
    )


def _said_before(conversation: Conversation, at: datetime) -> list[tuple[int, str, str, bool]]:
    said = conversation.messages.filter(created_at__lt=at).order_by("-seq").values_list("seq", "role", "text", "private")
    return list(said[:HISTORY_MESSAGES])


def _utterances(newest: Sequence[tuple[int, str, str, bool]], verified: bool) -> tuple[Utterance, ...]:
    """What was said before, oldest first; what was said while signed in only if the customer is signed in now."""
    return tuple(Utterance(Role(role), text) for _, role, text, private in reversed(newest) if verified or not private)


def add_message(
    conversation_id: UUID, role: Role, text: str, at: datetime, *, message_id: UUID | None = None, private: bool = False
) -> Message:
    """Append a message. Must run inside a transaction that has locked or just written the conversation's row.

    private: see `Message`. What staff write to somebody who has signed in here is so in any case: it may speak of their orders.
    """
    if role is Role.STAFF:
        private = private or Conversation.objects.filter(pk=conversation_id).exclude(owner="").exists()
    newest = _newest_seq.rows(conversation=conversation_id)
    seq = newest[0][0] + 1 if newest else 1
    message = Message(
        id=message_id or uuid4(),
        conversation_id=conversation_id,
        seq=seq,
        role=str(role),
        text=text,
        private=private,
        created_at=at,
    )
    insert(message)
    return message


async def transcript(conversation: Conversation) -> list[dict[str, Any]]:
    """The messages that may be shown now, oldest first, as the pages and the API show them."""
    verified = viewer_of(conversation).is_verified(at=timezone.now())
    return await sync_to_async(message_views)(conversation, private=verified)


async def is_locked(conversation: Conversation) -> bool:
    """Whether something was said here that is shown only when its customer signs in again."""
    if not conversation.owner or viewer_of(conversation).is_verified(at=timezone.now()):
        return False
    return await conversation.messages.filter(private=True).aexists()


async def get_turn(turn_id: str | UUID, *, token: str | None) -> Turn:
    """Return the turn that made an answer, if the token is that of its conversation. Raises ConversationNotFound."""
    wanted = _as_uuid(turn_id)
    turn = await Turn.objects.select_related("conversation").filter(pk=wanted).afirst() if wanted else None
    await get_conversation(turn.conversation_id if turn else uuid4(), token=token)
    if turn is None:
        raise ConversationNotFound(str(turn_id))
    return turn


async def give_feedback(message_id: str | UUID, *, token: str | None, helpful: bool, comment: str = "", at: datetime) -> Feedback:
    """Store a thumb, the newest; an answer that did not help is kept for nobody else. Raises ConversationNotFound."""
    turn = await get_turn(message_id, token=token)
    feedback, _ = await Feedback.objects.aupdate_or_create(
        turn=turn, defaults={"helpful": helpful, "comment": comment[:2000], "created_at": at}
    )
    if not helpful and isinstance(turn.route, dict):
        await answer_cache.take_out(str(turn.route.get("kept") or ""))
    return feedback


async def ask_for_human(conversation: Conversation, *, at: datetime) -> str:
    """Put the conversation before support staff, once; return the sentence for the customer."""
    await sync_to_async(_open)(conversation.pk, at)
    return HANDOFF_TEXT


def _open(conversation_id: UUID, at: datetime) -> None:
    with transaction.atomic():
        waiting = Conversation.objects.filter(pk=conversation_id).exclude(state=Conversation.State.OPEN)
        if waiting.update(state=Conversation.State.OPEN, updated_at=at):
            add_message(conversation_id, Role.BOT, HANDOFF_TEXT, at)


# what every question asks of the database, built once
_COLUMNS = [field.attname for field in Conversation._meta.concrete_fields]
_CONVERSATION = given("conversation", UUIDField())
_by_id = Prepared(lambda: Conversation.objects.filter(pk=given("id", UUIDField())).values_list(*_COLUMNS))
_touch = PreparedUpdate(lambda: Conversation.objects.filter(pk=given("id", UUIDField())), updated_at=given("at", DateTimeField()))
_turn_of_client = Prepared(
    lambda: (
        Turn.objects.filter(conversation_id=_CONVERSATION, client_id=given("client_id", CharField())).order_by().values_list("pk")
    )
)
_newest_seq = Prepared(lambda: Message.objects.filter(conversation_id=_CONVERSATION).order_by("-seq").values_list("seq")[:1])
_newest = Prepared(
    lambda: (
        Message.objects.filter(conversation_id=_CONVERSATION)
        .order_by("-seq")
        .values_list("seq", "role", "text", "private")[:HISTORY_MESSAGES]
    )
)


def _as_uuid(value: str | UUID) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None
