"""A question answered with instructions that are not published: nothing is stored but the calls of models, which cost money."""

from dataclasses import replace
from uuid import uuid4

from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.conversations import clean_text
from chatbot.instructions.wording import Instructions
from chatbot.requesting.turning import NoRequests
from chatbot.services import Services
from chatbot.turn import Question, TurnFailed, TurnFinished
from orders.viewer import ANONYMOUS


async def try_out(told: Instructions, text: str, kit: Services) -> TurnFinished | TurnFailed:
    """The answer that a customer who is not signed in would read. Raises QuestionRefused for a text that cannot be taken."""

    async def these() -> Instructions:
        return told

    now = timezone.now()
    question = Question(uuid4(), uuid4(), clean_text(text), ANONYMOUS, now, timezone.localtime(now).date(), is_trial=True)
    kit = replace(kit, instructions=these, requests=NoRequests())
    ended: TurnFinished | TurnFailed = TurnFailed("failed", "There was no answer. Please try again.", retryable=True)
    async for event in answer_turn(question, kit):
        if isinstance(event, TurnFinished | TurnFailed):
            ended = event
    return ended
