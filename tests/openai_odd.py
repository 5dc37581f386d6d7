"""What a provider may do that is odd, or against the protocol, and yet an answer: each of these behaviours says the text, whole."""

import gzip
import json

from tests.openai_script import Behaviour, Exchange, chunk, frame, pieces_of, says, streams_bytes, usage_chunk

TOLD = (80, 20)  # tokens in and out, where a behaviour tells of them
UNCOUNTED = {"no usage at all", "usage beyond reason", "usage of what is read alone", "events without an end mark"}


def oddities(text: str) -> dict[str, Behaviour]:
    """By name. What each tells of its usage is TOLD, but for those in UNCOUNTED."""
    parts = [chunk(piece) for piece in pieces_of(text)]
    end = [chunk(finish="stop"), usage_chunk(*TOLD), "[DONE]"]
    whole = b"".join(map(frame, [*parts, *end]))
    document = {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}], "usage": _usage(*TOLD)}
    return {
        "a byte order mark": streams_bytes(b"\xef\xbb\xbf" + whole, split=2),
        "Windows line ends": streams_bytes(whole.replace(b"\n", b"\r\n"), split=3),
        "line ends of an old Macintosh": streams_bytes(whole.replace(b"\n", b"\r"), split=5),
        "no blank line between events": streams_bytes(whole.replace(b"\n\n", b"\n"), split=64),
        "no blank before the data": streams_bytes(whole.replace(b"data: ", b"data:")),
        "two blanks before the data": streams_bytes(whole.replace(b"data: ", b"data:  ")),
        "events over many lines": streams_bytes(b"".join(map(_over_lines, [*parts, *end[:2]])) + frame("[DONE]")),
        "signs of life of every kind": streams_bytes(
            whole.replace(b"\n\n", b"\n\n: ping\n\nevent: ping\nid: 7\nretry: 5\n\ndata:\n\n")
        ),
        "compressed without being asked": _compressed(whole),
        "HTTP chunks that end anywhere": _chunked(whole),
        "a stream that is called JSON": streams_bytes(whole, content_type="application/json"),
        "a stream that is called text": streams_bytes(whole, content_type="text/plain; charset=latin-1"),
        "one JSON document": streams_bytes(json.dumps(document).encode(), content_type="application/json; charset=utf-8"),
        "one JSON document that is called a stream": streams_bytes(json.dumps(document).encode(), split=9),
        "one JSON document over many lines": streams_bytes(b"\xef\xbb\xbf\n" + json.dumps(document, indent=2).encode()),
        "roles without words": _events(chunk(role="assistant"), chunk(None, role="assistant"), *parts, *end),
        "thoughts beside the text": _events(
            chunk(reasoning_content="99 days?"), *parts[:2], chunk(reasoning="99!"), *parts[2:], *end
        ),
        "thoughts in the text": _events(*map(chunk, pieces_of("<think>\n99 days?\n</think>\n\n", 3)), *parts, *end),
        "usage in the middle": _events(parts[0], usage_chunk(*TOLD), *parts[1:], end[0], "[DONE]"),
        "usage in every event": _events(*(p | {"usage": _usage(80, n)} for n, p in enumerate(parts)), *end),
        "usage in the choice": _events(*parts, {"choices": [end[0]["choices"][0] | {"usage": _usage(*TOLD)}]}, "[DONE]"),
        "usage by other names": _events(*parts, end[0] | {"usage": {"input_tokens": 80, "output_tokens": 20.0}}, "[DONE]"),
        "usage of what is read alone": _events(parts[0] | {"usage": _usage(80, 0)}, *parts[1:], end[0], "[DONE]"),
        "usage beyond reason": _events(*parts, end[0], usage_chunk(10**30, 10**30), "[DONE]"),
        "no usage at all": says(text, usage=None),
        "finish reasons that are the word null": _events(*map(_unended, parts), *end),
        "another word for the end": _events(*parts, chunk(finish="END_TURN"), usage_chunk(*TOLD), "[DONE]"),
        "events without an end mark": _events(*parts, end[0]),
        "an end mark without a reason": _events(*parts, usage_chunk(*TOLD), " [DONE] "),
        "text as a list of parts": _events(*(chunk(content=[{"type": "text", "text": p}]) for p in pieces_of(text)), *end),
        "control characters between the words": streams_bytes(
            b"".join(map(frame, (chunk("\0"), parts[0], chunk("\x1b\x07"), *parts[1:], *end)))
        ),
        "fields that nobody knows": _events(*(p | {"system_fingerprint": None, "x": [{"y": {}}]} for p in parts), *end),
        "words after the end": _events(*parts, *end[:2], chunk(" And 99 days more."), "[DONE]"),
    }


def _events(*payloads: object) -> Behaviour:
    return streams_bytes(b"".join(map(frame, payloads)))


def _usage(read: int, written: int) -> dict[str, int]:
    return {"prompt_tokens": read, "completion_tokens": written}


def _over_lines(payload: object) -> bytes:
    lines = json.dumps(payload, indent=1, ensure_ascii=False).encode().split(b"\n")
    return b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


def _unended(payload: dict) -> dict:
    return payload | {"choices": [payload["choices"][0] | {"finish_reason": "null"}]}


def _compressed(data: bytes) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        assert exchange.asked.headers["accept-encoding"] == "identity"
        await exchange.head(Content_Encoding="gzip")
        await exchange.write(gzip.compress(data))

    return behave


def _chunked(data: bytes) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.head(Transfer_Encoding="chunked")
        for at in range(0, len(data), 11):
            part = data[at : at + 11]
            await exchange.write(b"%x\r\n%s\r\n" % (len(part), part))
        await exchange.write(b"0\r\n\r\n")

    return behave
