"""For whom a turn spends money: keys for the budgets of visitors, which tell nobody who that is. Pure."""

from ipaddress import ip_network

from django.utils.crypto import salted_hmac

from chatbot.turn import Question

_INSIDE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::/64", "fc00::/7", "fe80::/10")
_OF_OUR_OWN = tuple(map(ip_network, _INSIDE))


def visitor_of(question: Question) -> str:
    """A keyed hash: of the verified customer's address, so that it is one visitor in all conversations; else of the conversation."""
    email = question.viewer.email_at(question.asked_at)
    return _hash_of(f"customer {email}" if email else f"conversation {question.conversation_id}")


def network_of(question: Question) -> str:
    """The key of the network of somebody who has not signed in: a new conversation is a click away, a new network is not."""
    return "" if question.viewer.is_verified(at=question.asked_at) else question.network


def network_key(network: str) -> str:
    """A keyed hash of a network, as `throttling.network_of` names it; "" of one that says nothing about who is there.

    That is an address of our own side: of a proxy that TRUSTED_PROXIES does not count, behind which all customers would be one.
    """
    try:
        known = ip_network(network)
    except ValueError:  # "unknown"
        return ""
    ours = any(known.version == own.version and known.subnet_of(own) for own in _OF_OUR_OWN)  # type: ignore[arg-type]
    return "" if ours else _hash_of(f"network {network}")


def _hash_of(name: str) -> str:
    return salted_hmac("chatbot.visitors", name, algorithm="sha256").hexdigest()
