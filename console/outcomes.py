"""How outcomes and states are called and coloured in the console."""

from chatbot.models import Conversation
from chatbot.turn import Outcome

OUTCOMES: dict[str, str] = {
    Outcome.ANSWERED: "Answered",
    Outcome.ASKED_BACK: "Asked back",
    Outcome.NOT_FOUND: "Order not found",
    Outcome.NO_ANSWER: "No answer",
    Outcome.HANDED_OFF: "Handed off",
    Outcome.FAILED: "Failed",
}
TONES: dict[str, str] = {
    Outcome.ANSWERED: "good",
    Outcome.ASKED_BACK: "info",
    Outcome.NOT_FOUND: "warn",
    Outcome.NO_ANSWER: "warn",
    Outcome.HANDED_OFF: "warn",
    Outcome.FAILED: "bad",
}
STATES: dict[str, str] = {
    Conversation.State.OPEN: "Waiting for a person",
    Conversation.State.BOT: "With the bot",
    Conversation.State.RESOLVED: "Resolved",
}
