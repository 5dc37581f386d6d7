"""Conversations, their messages, and one Turn per question: the whole trace of how its answer was made."""

import uuid
from decimal import Decimal

from django.db import models

# Django looks for the tables of a room in this module
from chatbot.as_model.models import ApiCall as ApiCall
from chatbot.as_model.models import ApiKey as ApiKey
from chatbot.counting_models import ConversationDay as ConversationDay
from chatbot.instructions.models import InstructionsVersion as InstructionsVersion
from chatbot.requesting.models import PendingRequest as PendingRequest


class Conversation(models.Model):
    """One customer's chat. Only the hash of its bearer token is stored. Identity counts until `verified_until`.

    owner: the keyed hash of the first address that was proved here, kept after signing out: nobody else can sign in here any more.
    """

    class State(models.TextChoices):
        BOT = "pending", "with the bot"
        OPEN = "open", "waiting for a person"
        RESOLVED = "resolved", "resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=20, default="web")  # web, api, openai_api, command
    state = models.CharField(max_length=20, choices=State.choices, default=State.BOT, db_index=True)
    email = models.CharField(max_length=254, blank=True, db_index=True)
    verified_by = models.CharField(max_length=30, blank=True)  # a value of orders.viewer.Method
    verified_until = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_index=True)
    updated_at = models.DateTimeField(db_index=True)


class Message(models.Model):
    """What was said, in order of `seq`. An answer's id is the id of its turn.

    private: said to or by a customer who was signed in (or before they signed in): shown only while they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=20)  # a value of turn.Role
    text = models.TextField()
    private = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["conversation_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_per_seq")]


class Turn(models.Model):
    """One question and its answer, with all it was made from. Written when the question is taken, completed whatever happens."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        ABANDONED = "abandoned"  # the customer left, or the process died, before the answer was whole

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    client_id = models.CharField(max_length=100)
    question = models.TextField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING, db_index=True)
    outcome = models.CharField(max_length=20, blank=True, db_index=True)
    viewer = models.JSONField(default=dict)  # e-mail, method, expiry as they were then
    understanding = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)  # passages with scores, strength
    orders = models.JSONField(default=list)  # snapshot of every order record used
    route = models.JSONField(default=dict)  # tier and the reason in words
    prompt = models.JSONField(default=list)  # messages as sent
    sentences = models.JSONField(default=list)  # each with its support, also those not shown
    events = models.JSONField(default=list)  # what the customer saw, in order: replayed after a dropped stream
    answer = models.TextField(blank=True)
    tier = models.CharField(max_length=10, default="none")
    model = models.CharField(max_length=200, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    timings_ms = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="one_turn_per_client_id")]


class Citation(models.Model):
    """The exact words an answer points to: markdown[start:end] of that version of the document with that slug."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="citations")
    n = models.PositiveIntegerField()
    document = models.CharField(max_length=200)
    slug = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    quote = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        ordering = ["n"]
        # who cited these words: asked for a version of a document, among all citations there ever were
        indexes = [models.Index(fields=["slug", "version", "start"], name="citations_by_place")]


class Feedback(models.Model):
    """A customer's thumb on an answer; the newest counts."""

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="feedback")
    helpful = models.BooleanField()
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()


class AuditEntry(models.Model):
    """Who did what in the console, or read which conversation; kept when the user is gone.

    Conversations and questions are named by id alone: an entry stays when the customer has asked to be forgotten.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200)
    detail = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=64, blank=True)


class QuestionGroup(models.Model):
    """Questions that mean about the same and that the documents did not answer, and what staff decided about them.

    total: the sum of the members' vectors, float32 little-endian; size: how many were added; both made with `recipe`, the embedding
    model's. answer: the slug of the document that was written for it.
    """

    class State(models.TextChoices):
        OPEN = "open", "open"
        DONE = "done", "done"
        IGNORED = "ignored", "set aside"

    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, db_index=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)  # it was done, and somebody was left without an answer again
    answer = models.CharField(max_length=100, blank=True)
    total = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    recipe = models.CharField(max_length=200)


class UnansweredQuestion(models.Model):
    """One thing asked in one turn that the documents did not answer. It goes with its turn.

    text: the stand-alone query; position: which of the turn's; strength: of what was found then, None if it is not known.
    placed_by: who put it into its group by hand, "" if its meaning did.
    """

    class Why(models.TextChoices):
        NOT_FOUND = "not found", "not in the documents"
        THUMB_DOWN = "thumb down", "answered, and the customer said it did not help"

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="unanswered")
    position = models.PositiveIntegerField()
    group = models.ForeignKey(QuestionGroup, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    why = models.CharField(max_length=20, choices=Why.choices, default=Why.NOT_FOUND)
    strength = models.FloatField(null=True, blank=True)
    placed_by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField(db_index=True)
    vector = models.BinaryField()
    recipe = models.CharField(max_length=200)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["turn", "position"], name="one_unanswered_per_query")]


class Sifting(models.Model):
    """How far turns and thumbs have been looked through for unanswered questions; one row."""

    turns_until = models.DateTimeField(null=True, blank=True)
    thumbs_until = models.DateTimeField(null=True, blank=True)
