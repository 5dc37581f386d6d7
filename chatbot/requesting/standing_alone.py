"""For a question whose conversation ends with its answer: nothing can be agreed on there, and no colleague can come in.

So no request is begun, and who wants a person is told where people can be reached.
"""

from dataclasses import replace

from chatbot.composing import phrases
from chatbot.composing.choosing import Choice
from chatbot.requesting.showing import draft_of
from chatbot.requesting.turning import NoRequests
from chatbot.turn import Draft, Evidence, Outcome, Question, Understanding

WRITE_TO_US = "A person cannot come into this chat. Please write to {email}; our colleagues will help you."
WRITE_INSTEAD = "If you would like a person to look at it, please write to {email}."


class StandingAlone(NoRequests):
    """email: where people can be reached."""

    def __init__(self, email: str) -> None:
        self._email = email

    async def begin(
        self, question: Question, meaning: Understanding, evidence: Evidence, choice: Choice, draft: Draft
    ) -> tuple[Draft, bool]:
        """The answer without what only a conversation that goes on can keep."""
        if draft.outcome is Outcome.HANDED_OFF:
            return draft_of(WRITE_TO_US.format(email=self._email)), True
        instead = WRITE_INSTEAD.format(email=self._email)
        sentences = tuple(
            replace(sentence, text=sentence.text.replace(phrases.OFFER, instead)) if phrases.OFFER in sentence.text else sentence
            for sentence in draft.sentences
        )
        return replace(draft, sentences=sentences), False
