"""What is kept while customers prove who they are: codes that were sent, wrong tries, signed tokens that were used."""

from django.db import models


class OneTimeCode(models.Model):
    """A code for an e-mail address. Only its keyed hash is stored; `scope` ties it to the conversation that asked.

    The row is written before the reply, the code is made when its letter is: until then `code_hash` is empty, and nothing fits.
    order_number: as it was typed, "" if only the address was; letter_due_at: when the letter is to be written (again), None if
    there is nothing left to do; letters: how often it was tried.
    """

    email = models.CharField(max_length=254, db_index=True)
    scope = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=64, db_index=True)  # network address that asked
    order_number = models.CharField(max_length=100, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    letter_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    letters = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)


class WrongTry(models.Model):
    """A code that was not right: counted per e-mail and per network address, whatever the conversation.

    email is empty when no code was alive for it, so that a stranger cannot lock somebody out by guessing at nothing.
    """

    email = models.CharField(max_length=254, blank=True, db_index=True)
    address = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)


class UsedToken(models.Model):
    """A signed token that was shown, by the hash of what its signature covers: it is good for the conversation it came to first.

    ended_at: when that conversation was signed out; the token is good for nothing from then on. expires_at: when it may be forgotten.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=64, db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
