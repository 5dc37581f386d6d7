"""What is counted of each day's conversations."""

from django.db import models


class ConversationDay(models.Model):
    """The conversations that began on one day of the shop, apart from those at the command line.

    steps: by step of `resolution`, how many conversations; outcomes: by outcome, [questions, millionths of a dollar, questions with a
    call whose cost nobody knows]; by_model: what became of the questions that each model was asked, see `word_quality.OfModel`. Of the
    questions, `spared` were answered without a model although one could have been called, and `cached` with an answer that was kept,
    whose call took cached_input and cached_output tokens when it was made.
    A day is counted anew until its conversations can no longer be reopened.
    """

    day = models.DateField(primary_key=True)
    conversations = models.PositiveIntegerField()
    questions = models.PositiveIntegerField()
    spared = models.PositiveIntegerField()
    cached = models.PositiveIntegerField()
    cached_input = models.BigIntegerField()
    cached_output = models.BigIntegerField()
    steps = models.JSONField()
    outcomes = models.JSONField()
    by_model = models.JSONField(default=dict)
    counted_at = models.DateTimeField(db_index=True)
