"""What to do about a model that does not answer, in a sentence for administrators. Pure. Nothing a server said is repeated but its status:
servers put keys and prompts into their messages."""

from typing import Protocol

from llm.errors import ModelError
from llm.server_addresses import host_of


class Named(Protocol):
    @property
    def model(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def key_variable(self) -> str: ...


_SENTENCES = {
    "unavailable": "{host} cannot be reached. Check the address, and that the server runs and this machine may connect to it.",
    "unauthorized": "{host} does not accept the key. Put the right one into {key}, and restart Whereabouts.",
    "unknown_model": "{host} does not know the model “{model}”, or not at this address. Check both; the address usually ends in /v1.",
    "redirected": "{host} sends us on to another address, which is not followed. Give the address it sends to, if you trust it.",
    "refused": "{host} refused the request. Check that it speaks the chat-completions protocol and that the model is one that chats.",
    "busy": "{host} is busy, or the limit of the account is used up. Try again in a minute; if it stays so, look at the account.",
    "timeout": "{host} gave no word in time. Give more seconds until the first word, or use a quicker model.",
    "server_error": "{host} failed on its side. Try again in a minute, and look at its log if it is yours.",
    "not_a_stream": "{host} answered with a page instead of a model’s reply. Check the address; it usually ends in /v1.",
    "malformed": "{host} answered in a form that is not the chat-completions protocol. Check the address and the server’s version.",
    "cut_off": "{host} broke off in the middle of its reply. Look at its log, or at a proxy between it and us.",
    "stalled": "{host} fell silent in the middle of its reply. It may be overloaded: allow fewer calls at once.",
    "empty": "{host} sent a reply without a word in it. If the model thinks before it speaks, give more tokens for an answer.",
    "repeating": "The model repeats itself without end. Use another model, or another build of it.",
    "thinking_aloud": "The model thinks aloud in its answers. Have {host} take the thoughts out (vLLM: a reasoning parser), or use a model "
    "that does not think.",
    "tool_call": "The model asked for a tool instead of answering. Use a model that chats.",
    "context_overflow": "Even a short question was too long for {host}. Check how the model was started.",
    "queue_full": "All places at {host} were taken. Allow more calls at once, or add another endpoint.",
    "breaker_open": "{host} failed several times in a row and is left alone for a moment.",
}


def advice(error: ModelError, endpoint: Named) -> str:
    """A sentence or two: what is wrong, and what to do."""
    return advice_on(error.kind, model=endpoint.model, base_url=endpoint.base_url, key_variable=endpoint.key_variable)


def advice_on(kind: str, *, model: str, base_url: str, key_variable: str) -> str:
    """The same for the ending of a call that is on record."""
    sentence = _SENTENCES.get(kind, "{host} did not answer as it should. Try again, and look at the log of this program.")
    return sentence.format(
        host=host_of(base_url) or "The server", model=model, key=key_variable or "a variable that begins with LLM_KEY_"
    )
