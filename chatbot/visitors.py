"""For whom a turn spends money: keys for the budgets of visitors, which tell nobody who that is. Pure."""

from django.utils.crypto import salted_hmac

from chatbot.turn import Question


def visitor_of(question: Question) -> str:
    """A keyed hash: of the verified customer's address, so that it is one visitor in all conversations; else of the conversation."""
    email = question.viewer.email_at(question.asked_at)
    return _hash_of(f"customer {email}" if email else f"conversation {question.conversation_id}")


def network_of(question: Question) -> str:
    """The key of the network of somebody who has not signed in: a new conversation is a click away, a new network is not."""
    return "" if question.viewer.is_verified(at=question.asked_at) else question.network


def network_key(network: str) -> str:
    """A keyed hash of a network, as `throttling.network_of` names it; "" of one that is not known."""
    return "" if network in ("", "unknown") else _hash_of(f"network {network}")


def _hash_of(name: str) -> str:
    return salted_hmac("chatbot.visitors", name, algorithm="sha256").hexdigest()
