"""A customer as a program: speaks HTTP to a running product over one kept connection, as a browser does."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4


@dataclass(frozen=True)
class Asked:
    """One question as the customer saw it. Times in milliseconds from the moment the question was sent."""

    question: str
    first_text: float
    total: float
    answer: dict[str, Any]  # the answer object
    stages: dict[str, float] = field(default_factory=dict)  # the server's own timings


@dataclass(frozen=True)
class Heard:
    """One answer as it came. sent, and each of pieces: seconds of the machine's monotonic clock."""

    sent: float
    pieces: list[tuple[str, float]]
    answer: dict[str, Any]


class Refused(RuntimeError):
    """The product answered with an error."""


class Customer:
    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
        self._host = parts.netloc
        self._conversation = ""
        self._token = ""

    def start(self) -> None:
        body = self._json("POST", "/api/v1/conversations", {})
        self._conversation, self._token = body["id"], body["token"]

    def sign_in(self, email: str) -> None:
        """Prove the address with the code that a demo shows. Raises Refused outside a demo."""
        address = f"/api/v1/conversations/{self._conversation}/identify"
        code = self._json("POST", address, {"email": email}).get("demo_code")
        if not code:
            raise Refused("This product shows no codes: it is not a demo.")
        self._json("POST", address, {"email": email, "code": code})

    def ask(self, question: str) -> Asked:
        """Ask and read the answer's events to the end. Raises Refused if it ends with an error."""
        began = time.perf_counter()
        response = self._send(
            "POST",
            f"/api/v1/conversations/{self._conversation}/messages",
            {"text": question, "client_id": str(uuid4())},
            accept="text/event-stream",
        )
        if response.status != 200:
            raise Refused(f"{response.status}: {response.read()[:300]!r}")
        first_text = final = None
        for name, data in self._events(response):
            now = (time.perf_counter() - began) * 1000
            if name == "delta" and first_text is None:
                first_text = now
            if name == "error":
                raise Refused(f"{question!r}: {data}")
            if name == "final":
                final = (now, data)
        if final is None:
            raise Refused(f"{question!r}: the stream ended without an answer")
        return Asked(question, first_text if first_text is not None else final[0], final[0], final[1], final[1]["timings_ms"])

    def listen(self, question: str) -> Heard:
        """Ask, and note when each piece of the answer's text was read. Raises Refused if it ends with an error."""
        sent = time.monotonic()
        path = f"/api/v1/conversations/{self._conversation}/messages"
        response = self._send("POST", path, {"text": question, "client_id": str(uuid4())}, accept="text/event-stream")
        if response.status != 200:
            raise Refused(f"{response.status}: {response.read()[:300]!r}")
        pieces: list[tuple[str, float]] = []
        answer: dict[str, Any] = {}
        for name, data in self._events(response):
            if name == "delta":
                pieces.append((data["text"], time.monotonic()))
            elif name == "final":
                answer = data
            elif name == "error":
                raise Refused(f"{question!r}: {data}")
        return Heard(sent, pieces, answer)

    def _events(self, response: http.client.HTTPResponse) -> Any:
        """Yield (name, data) of each event; reads to the end, so that the connection can be used again."""
        name, data = "message", ""
        for raw in response:
            line = raw.decode("utf-8").rstrip("\r\n")
            if not line:
                if data:
                    yield name, json.loads(data)
                name, data = "message", ""
            elif line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                data += line.removeprefix("data:").strip()

    def _json(self, method: str, path: str, body: Any) -> dict[str, Any]:
        response = self._send(method, path, body)
        text = response.read()
        if response.status >= 400:
            raise Refused(f"{path}: {response.status}: {text[:300]!r}")
        return dict(json.loads(text))

    def _send(self, method: str, path: str, body: Any, *, accept: str = "application/json") -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json", "Accept": accept, "Host": self._host}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        self._connection.request(method, path, json.dumps(body), headers)
        return self._connection.getresponse()
