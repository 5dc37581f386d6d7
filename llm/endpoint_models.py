"""Endpoints that administrators set up in the console: which model on which server, and what it may take. Never a key."""

from django.db import models


class ModelEndpoint(models.Model):
    """One model on one server. Within a tier the lowest `place` is called first; the others when it fails, or has no room.

    key_variable: the name of the environment variable that holds the key ("" for a server that wants none). test: what the last test
    found, as `llm.probing.Found` writes it; it goes when the address, model or key is changed.
    """

    class Tier(models.TextChoices):  # the values of llm.routing.Tier that a model can have
        SMALL = "small", "small: everyday questions"
        LARGE = "large", "large: hard questions"

    name = models.CharField(max_length=60, unique=True)
    base_url = models.CharField(max_length=500)
    model = models.CharField(max_length=200)
    key_variable = models.CharField(max_length=100, blank=True)
    tier = models.CharField(max_length=10, choices=Tier.choices)
    place = models.PositiveSmallIntegerField(default=0)
    context_tokens = models.PositiveIntegerField(default=4096)
    answer_tokens = models.PositiveIntegerField(default=400)
    first_token_seconds = models.FloatField(default=8.0)
    total_seconds = models.FloatField(default=30.0)
    concurrent = models.PositiveIntegerField(default=16)
    enabled = models.BooleanField(default=True)
    notes = models.TextField(blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["tier", "place", "pk"]
