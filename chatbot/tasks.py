"""Triggers of what the chatbot does beside its conversations. A lost or doubled message harms nothing: the next one does the same."""

from celery import shared_task
from django.utils import timezone

from chatbot import counting, sifting
from llm.budget_counting import forget_visitors
from llm.budget_holding import meter_lost
from llm.metering_days import sum_up


@shared_task(soft_time_limit=600, time_limit=660)
def sift_questions() -> None:
    """Look through what was recorded since the last time for questions that the documents did not answer."""
    sifting.forget_empty()
    sifting.sift()


@shared_task(soft_time_limit=600, time_limit=660)
def keep_accounts() -> None:
    """Meter calls whose processes died, sum up the days of calls and of conversations, and forget what visitors spent long ago."""
    now = timezone.now()
    meter_lost(now)
    forget_visitors(timezone.localdate(now))
    sum_up(now)
    counting.count_days(now)
