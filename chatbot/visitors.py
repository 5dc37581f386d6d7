"""For whom a turn spends money: a key for the budgets of visitors, which tells nobody who that is. Pure."""

from django.utils.crypto import salted_hmac

from chatbot.turn import Question


def visitor_of(question: Question) -> str:
    """A keyed hash: of the verified customer's address, so that it is one visitor in all conversations; else of the conversation."""
    email = question.viewer.email_at(question.asked_at)
    name = f"customer {email}" if email else f"conversation {question.conversation_id}"
    return salted_hmac("chatbot.visitors", name, algorithm="sha256").hexdigest()
