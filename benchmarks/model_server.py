"""A model of the benchmarks: quotes the evidence it is given, at a steady pace, and keeps when each of its words was written.

    python -m benchmarks.model_server --port 9000 --rate 50

Speaks the chat-completions protocol with a stream. `GET /log` gives every call so far: when it was asked, its text, and when each word
was written, in seconds of the machine's monotonic clock, which all processes share. Each call is answered with the sentences of the first
passage, beginning with another one than the call before, so that answers that got mixed up can be told.
"""

import argparse
import asyncio
import http.client
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

SENTENCES = 12  # of one reply
_PASSAGE = re.compile(r'<passage number="(\d+)"[^\n]*>\n(.*?)\n</passage>', re.DOTALL)
_SENTENCE = re.compile(r"(?<!- )[A-Z][^.!?\n|#*]{20,200}[.]")  # an entry of a list says nothing by itself
_TOKEN = re.compile(r"\S+\s*")


def reply_to(prompt: str, start: int = 0) -> str:
    """The sentences of the first passage, from that one on, each with its citation; a polite nothing without one. Pure."""
    passages = _PASSAGE.findall(prompt)
    if not passages:
        return "I cannot say."
    number, text = passages[0]
    sentences = [" ".join(sentence.split()).rstrip(".") for sentence in _SENTENCE.findall(text)] or [
        text.splitlines()[0].rstrip(".")
    ]
    told = [sentences[(start + place) % len(sentences)] for place in range(min(SENTENCES, len(sentences)))]
    return " ".join(f"{sentence} [{number}]." for sentence in told)


def tokens_of(text: str) -> list[str]:
    """The words of a text, each with the blank behind it."""
    return _TOKEN.findall(text)


@dataclass
class Call:
    """asked, and each of written: seconds of the monotonic clock. written: for each token, in order."""

    asked: float
    text: str
    written: list[float] = field(default_factory=list)


class QuotingModel:
    def __init__(self, rate: float) -> None:
        """rate: tokens a second of one reply."""
        self.rate = rate
        self.calls: list[Call] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = time.monotonic()
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
                if head.startswith(b"GET /log"):
                    await self._whole(writer, {"calls": [vars(call) for call in self.calls]})
                elif head.startswith(b"GET"):
                    await self._whole(writer, {"object": "list", "data": []})
                else:
                    await self._speak(writer, json.loads(body), asked)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _whole(self, writer: asyncio.StreamWriter, payload: Any) -> None:
        data = json.dumps(payload).encode()
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    async def _speak(self, writer: asyncio.StreamWriter, request: dict[str, Any], asked: float) -> None:
        prompt = "\n".join(message["content"] for message in request["messages"])
        call = Call(asked, reply_to(prompt, len(self.calls)))
        self.calls.append(call)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for place, token in enumerate(tokens_of(call.text)):
            wait = asked + place / self.rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self._event(writer, {"choices": [{"index": 0, "delta": {"content": token}, "finish_reason": None}]})
            call.written.append(time.monotonic())
            await writer.drain()
        self._event(writer, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(call.written)}
        self._event(writer, {"choices": [], "usage": usage})
        self._chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _event(self, writer: asyncio.StreamWriter, payload: dict[str, Any]) -> None:
        self._chunk(writer, b"data: " + json.dumps(payload).encode() + b"\n\n")

    @staticmethod
    def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def log_of(port: int) -> list[dict[str, Any]]:
    """Every call that the model of that port has had."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/log")
    return list(json.loads(connection.getresponse().read())["calls"])


async def run(port: int, rate: float) -> None:
    server = await asyncio.start_server(QuotingModel(rate).serve, "127.0.0.1", port, backlog=2000, limit=1_000_000)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second of each reply (default 50)")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.port, arguments.rate))
