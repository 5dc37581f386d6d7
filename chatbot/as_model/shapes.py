"""An answer in the shapes of OpenAI's chat completions. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.as_model.reading import OWN

SINCE = 1_795_219_200  # seconds since the epoch: the day this model came to be
_MARK = re.compile(r"\[(\d{1,3})\]")
# what of the answer object stands in the extra field; the rest has a place of its own, or is nobody's business here
_TOLD = ("outcome", "orders", "order_lookup", "needs_sign_in", "suggestions", "tier")


@dataclass(frozen=True, slots=True)
class Head:
    """What is the same in all parts of one reply. created: seconds since the epoch."""

    id: str
    created: int
    model: str


def model_object(name: str, *, shop: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": SINCE, "owned_by": shop}


def model_list(name: str, *, shop: str) -> dict[str, Any]:
    return {"object": "list", "data": [model_object(name, shop=shop)]}


def told_beside(answer: Mapping[str, Any], *, ignored: Sequence[str], absolute: Callable[[str], str]) -> dict[str, Any]:
    """The extra field of a reply: what the answer rests on. absolute: makes a whole address of a path."""
    citations = [citation | {"url": absolute(citation["url"])} for citation in answer.get("citations", [])]
    told = {name: answer[name] for name in _TOLD if name in answer}
    return {"turn": answer["id"], "citations": citations, **told, "ignored": list(ignored)}


def completion(head: Head, answer: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """A whole chat completion."""
    text = answer["answer"]
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": annotations(text, beside["citations"])}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _begun(head, "chat.completion", [choice]) | {"usage": usage(answer.get("usage", {})), OWN: beside}


def first_chunk(head: Head) -> dict[str, Any]:
    return _chunk(head, {"role": "assistant", "content": "", "refusal": None})


def text_chunk(head: Head, text: str) -> dict[str, Any]:
    return _chunk(head, {"content": text})


def last_chunk(head: Head, beside: Mapping[str, Any]) -> dict[str, Any]:
    """The chunk that says why the answer ends, with what it rests on."""
    return _chunk(head, {}, finish_reason="stop") | {OWN: beside}


def usage_chunk(head: Head, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What comes after all when the caller asked for the usage."""
    return _begun(head, "chat.completion.chunk", []) | {"usage": usage(answer.get("usage", {}))}


def usage(used: Mapping[str, int]) -> dict[str, Any]:
    """Tokens as the language models behind the answer counted them; none for an answer that was composed without one."""
    read, written = used.get("input", 0), used.get("output", 0)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": used.get("cached", 0), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def annotations(text: str, citations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where in the text which source is cited; each mark such as [2] with the page that shows the cited words."""
    cited = {citation["n"]: citation for citation in citations}
    found = [(mark, cited[int(mark[1])]) for mark in _MARK.finditer(text) if int(mark[1]) in cited]
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": mark.start(),
                "end_index": mark.end(),
                "title": source["document"],
                "url": source["url"],
            },
        }
        for mark, source in found
    ]


def _chunk(head: Head, delta: Mapping[str, Any], *, finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _begun(head, "chat.completion.chunk", [choice])


def _begun(head: Head, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": head.id, "object": kind, "created": head.created, "model": head.model, "choices": choices}
