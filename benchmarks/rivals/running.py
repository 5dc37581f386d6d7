"""What every rival shares: reading the work folder, timing, writing. `search` gives (source, score) pairs, best first."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MOST = 10  # sources of a ranking
DEEP = 50  # pieces to ask for, so that ten sources come out of them


@dataclass(frozen=True, slots=True)
class Piece:
    """A text to index: a document, or a part of one. full: with the title before it, as these documents would stand in a file."""

    source: str
    full: str


Search = Callable[[str], Iterable[tuple[str, float]]]


def documents(work: Path) -> list[Piece]:
    """The documents, whole."""
    rows = [json.loads(line) for line in (work / "documents.jsonl").read_text("utf-8").split("\n") if line]
    return [Piece(row["source"], f"{row['title']}\n\n{row['text']}" if row["title"] else row["text"]) for row in rows]


def windows(pieces: Iterable[Piece], *, words: int = 200) -> list[Piece]:
    """The documents cut every so many words: what people do who write their own first retrieval."""
    cut = []
    for piece in pieces:
        every = piece.full.split()
        cut += [Piece(piece.source, " ".join(every[at : at + words])) for at in range(0, max(len(every), 1), words)]
    return cut


def run(systems: dict[str, Callable[[Path], Search]]) -> None:
    """Index with each system, ask it every question, and write what came out."""
    work = Path(sys.argv[1])
    rows = (json.loads(line) for line in (work / "questions.jsonl").read_text("utf-8").split("\n") if line)
    questions = [row for row in rows if row["mode"] != "handled"]  # a history on its own: none of them takes one
    for system, make in systems.items():
        began = time.perf_counter()
        search = make(work)
        seconds = time.perf_counter() - began
        list(search("warm up"))
        with (work / f"{system}.jsonl").open("w", encoding="utf-8") as out:
            for question in questions:
                began = time.perf_counter()
                found = list(search(question["text"]))
                ms = (time.perf_counter() - began) * 1000
                sources = list(dict.fromkeys(source for source, _ in found))[:MOST]
                score = max((float(score) for _, score in found), default=0.0)
                row = {
                    "system": system,
                    "id": question["id"],
                    "mode": question["mode"],
                    "score": score,
                    "sources": sources,
                    "ms": ms,
                }
                out.write(json.dumps(row) + "\n")
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        (work / f"{system}.json").write_text(json.dumps({"seconds": seconds, "megabytes": megabytes}), "utf-8")
