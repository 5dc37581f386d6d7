"""The body of a chat completion call → what is asked. Pure, but for the longest question, which is a setting.

What does not apply is ignored and named; what cannot be ignored without a lie is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.conversations import HISTORY_MESSAGES, clean_text
from chatbot.errors import QuestionRefused
from chatbot.turn import Role, Utterance

IDENTITY_IN_METADATA = "whereabouts_identity"
LONGEST_NAME = 255  # characters of an Idempotency-Key
OWN = "whereabouts"  # the extra field, of a call and of a reply
SPEAKERS = {"user": Role.CUSTOMER, "assistant": Role.BOT}
NO_TEXT = ("image_url", "input_audio", "file", "video_url")  # parts of a message that nobody here can read
UNHEARD = ("system", "developer", "tool", "function")  # roles that do not speak to our bot
WITHOUT_EFFECT = (
    "frequency_penalty", "function_call", "functions", "logit_bias", "max_completion_tokens", "max_tokens", "parallel_tool_calls",
    "prediction", "presence_penalty", "reasoning_effort", "safety_identifier", "seed", "service_tier", "stop", "store",
    "temperature", "tool_choice", "tools", "top_p", "user", "verbosity", "web_search_options",
)  # fmt: skip


class CallRefused(Exception):
    """A call that cannot be taken. message: a sentence for the caller; param: what is wrong; code: for programs."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked. history: what the caller says was said before, oldest first; identity: a signed token, unchecked.

    ignored: names of what the caller sent that has no effect.
    """

    text: str
    history: tuple[Utterance, ...] = ()
    stream: bool = False
    include_usage: bool = False
    identity: str | None = None
    ignored: tuple[str, ...] = ()


def read_body(raw: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body. Raises CallRefused."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise CallRefused("The body could not be read. Send one JSON object.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise CallRefused("The body must be a JSON object.", code="invalid_json")
    return body


def read_name(header: str | None) -> str:
    """What the caller calls the call, from its header Idempotency-Key; "" if it does not. Raises CallRefused."""
    if header is None:
        return ""
    if not 1 <= len(header) <= LONGEST_NAME or not (header.isascii() and header.isprintable()):
        message = f"An Idempotency-Key has 1 to {LONGEST_NAME} printable ASCII characters."
        raise CallRefused(message, param="Idempotency-Key", code="invalid_idempotency_key")
    return header


def read_call(body: Mapping[str, Any], *, model: str) -> Call:
    """Return what is asked of the model with that name. Raises CallRefused, or QuestionRefused for a question that cannot be taken."""
    _check_model(body.get("model"), model)
    _check_wishes(body)
    said, unheard = _messages(body.get("messages"))
    if not said or said[-1].role is not Role.CUSTOMER:
        raise CallRefused("The last message must be the customer's question, with the role user.", param="messages")
    unread = dict.fromkeys(kind for message in said[:-1] for kind in message.unread)
    if said[-1].unread:  # to answer as if it had not been asked would be another answer
        message = "Only text can be read here: leave images, sound and files out of the question."
        raise CallRefused(message, param=said[-1].unread_at, code="unsupported_value")
    ignored = [name for name in WITHOUT_EFFECT if body.get(name) is not None]
    return Call(
        text=clean_text(said[-1].text),
        history=_history(said[:-1]),
        stream=_flag(body, "stream"),
        include_usage=_flag(_part(body, "stream_options"), "include_usage", of="stream_options"),
        identity=_identity(body),
        ignored=(
            *ignored,
            *(f"messages of the role {role}" for role in unheard),
            *(f"{kind} in earlier messages" for kind in unread),
        ),
    )


def _check_model(asked: Any, model: str) -> None:
    if not isinstance(asked, str):
        raise CallRefused(f"Name the model: {model}.", param="model")
    if asked != model:
        message = f"There is no model of that name here. The only one is {model}."
        raise CallRefused(message, param="model", code="model_not_found", status=404)


def _check_wishes(body: Mapping[str, Any]) -> None:
    """Raise CallRefused where the caller asks for a reply of a kind that there is none of."""
    unsupported = "unsupported_value"
    if body.get("n") not in (None, 1):
        raise CallRefused("There is one answer to a question: leave n out, or set it to 1.", param="n", code=unsupported)
    if (wanted := body.get("response_format")) is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        message = "Answers are text. What they rest on stands in the field whereabouts of every reply: leave response_format out."
        raise CallRefused(message, param="response_format", code=unsupported)
    if body.get("modalities") not in (None, ["text"]) or body.get("audio") is not None:
        param = "audio" if body.get("audio") is not None else "modalities"
        raise CallRefused("Answers are text: ask for no other modality.", param=param, code=unsupported)
    if body.get("logprobs") or body.get("top_logprobs"):
        message = "Answers carry no log probabilities: leave logprobs and top_logprobs out."
        raise CallRefused(message, param="logprobs", code=unsupported)
    if body.get("moderation") is not None:
        raise CallRefused("Answers carry no moderation results: leave moderation out.", param="moderation", code=unsupported)
    for name in ("tool_choice", "function_call"):
        if body.get(name) not in (None, "auto", "none"):
            message = f"No tool of the caller is ever called: set {name} to auto or none, or leave it out."
            raise CallRefused(message, param=name, code=unsupported)


@dataclass(frozen=True, slots=True)
class _Said:
    """A message that is heard. unread: the kinds of its parts that are no text, and where the first of them stands."""

    role: Role
    text: str
    unread: tuple[str, ...] = ()
    unread_at: str = ""


def _messages(messages: Any) -> tuple[list[_Said], list[str]]:
    """Who said what, oldest first, and the roles of messages that are not heard."""
    if not isinstance(messages, list) or not messages:
        raise CallRefused("Send messages: a list of objects with role and content.", param="messages")
    said, unheard = [], dict[str, None]()
    for place, message in enumerate(messages):
        param = f"messages[{place}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role in UNHEARD:
            unheard[role] = None
        elif isinstance(role, str) and role in SPEAKERS:
            said.append(_said(SPEAKERS[role], message.get("content"), f"{param}.content"))
        else:
            raise CallRefused("Each message needs a role: user, assistant, system, developer or tool.", param=f"{param}.role")
    return said, list(unheard)


def _said(role: Role, content: Any, param: str) -> _Said:
    """A message; an assistant's that only called a tool has no text."""
    if content is None:
        return _Said(role, "")
    if isinstance(content, str):
        return _Said(role, content)
    if not isinstance(content, list):
        raise CallRefused("The content of a message must be text, or a list of parts.", param=param)
    texts: list[str] = []
    unread: dict[str, int] = {}
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get(kind) if kind in ("text", "refusal") else None
        if isinstance(text, str):
            texts.append(text)
        elif isinstance(kind, str) and kind in NO_TEXT:
            unread.setdefault(kind, place)
        else:
            message = "Each part of a message must be of the type text, with its text."
            raise CallRefused(message, param=f"{param}[{place}]", code="unsupported_value")
    return _Said(role, "\n".join(texts), tuple(unread), f"{param}[{next(iter(unread.values()), 0)}]")


def _history(said: Sequence[_Said]) -> tuple[Utterance, ...]:
    """The newest messages, oldest first, each as far as a question may go; what has no words is left out."""
    kept: list[Utterance] = []
    for message in reversed(said):
        if len(kept) == HISTORY_MESSAGES:  # what is older is not even looked at: there may be much of it
            break
        try:
            kept.append(Utterance(message.role, clean_text(message.text, shorten=True)))
        except QuestionRefused:  # nothing in it can be read
            continue
    return tuple(reversed(kept))


def _identity(body: Mapping[str, Any]) -> str | None:
    """The signed token of who is asking: in the extra field, or in the metadata."""
    own, metadata = _part(body, OWN), _part(body, "metadata")
    if unknown := own.keys() - {"identity"}:
        message = f"The field {OWN} takes identity and nothing else."
        raise CallRefused(message, param=OWN, code="unknown_parameter" if unknown else None)
    given = {}
    for param, value in (
        (f"{OWN}.identity", own.get("identity")),
        (f"metadata.{IDENTITY_IN_METADATA}", metadata.get(IDENTITY_IN_METADATA)),
    ):
        if value is not None and not isinstance(value, str):
            raise CallRefused("The identity must be a signed token: text.", param=param)
        given[param] = value
    tokens = {value for value in given.values() if value is not None}
    if len(tokens) > 1:
        raise CallRefused("There are two identities, and they differ. Send one.", param=f"{OWN}.identity")
    return next(iter(tokens), None)


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CallRefused(f"The field {name} must be an object.", param=name)
    return value


def _flag(body: Mapping[str, Any], name: str, *, of: str = "") -> bool:
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise CallRefused(f"The field {name} must be true or false.", param=f"{of}.{name}" if of else name)
    return value
