"""Triggers of what the chatbot does beside its conversations. A lost or doubled message harms nothing: the next one does the same."""

from celery import shared_task

from chatbot import sifting


@shared_task(soft_time_limit=600, time_limit=660)
def sift_questions() -> None:
    """Look through what was recorded since the last time for questions that the documents did not answer."""
    sifting.forget_empty()
    sifting.sift()
