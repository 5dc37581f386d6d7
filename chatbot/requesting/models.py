"""A request that is being put together: it stands in the database between two turns, so that no restart loses or doubles it."""

from django.db import models


class PendingRequest(models.Model):
    """At most one for a conversation; it goes with it. email: whose it is, so that nobody else can go on with it.

    asked, basis: `orders.requests_values.Asked` and `Basis` as JSON; shown: what the summary rested on.
    """

    conversation = models.OneToOneField(
        "chatbot.Conversation", on_delete=models.CASCADE, primary_key=True, related_name="pending_request"
    )
    email = models.CharField(max_length=254)
    step = models.CharField(max_length=20)
    turn_id = models.UUIDField()
    at = models.DateTimeField()
    asked = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    shown = models.TextField(blank=True)
    request_id = models.UUIDField(null=True, blank=True)
