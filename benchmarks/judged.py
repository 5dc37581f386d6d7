"""Documents with questions whose answers are known, in one shape: what a retrieval benchmark searches and is judged by.

A folder of judged passages (corpus.jsonl, queries.jsonl, qrels.tsv) is one collection; a folder of policy files with the questions of
`strength_questions.jsonl` is another. Wordings that customers use beside full questions are made from these by rule.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

QUESTIONS = Path(__file__).with_name("strength_questions.jsonl")


@dataclass(frozen=True, slots=True)
class Text:
    """One document: `source` is its file name."""

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. relevant: sources that answer it; answerable: None where nobody said."""

    id: str
    text: str
    history: tuple[dict[str, str], ...] = ()
    relevant: frozenset[str] = frozenset()
    answerable: bool | None = None

    @property
    def pasted(self) -> str:
        """The question after everything that its asker said before."""
        return "\n".join([turn["text"] for turn in self.history if turn["role"] == "user"] + [self.text])


@dataclass(frozen=True, slots=True)
class Judged:
    """A collection: texts and questions."""

    name: str
    texts: tuple[Text, ...]
    questions: tuple[Asked, ...]
    notes: str = field(default="", compare=False)

    def relevant(self) -> dict[str, frozenset[str]]:
        """The judged questions and what answers them."""
        return {question.id: question.relevant for question in self.questions if question.relevant}

    def asked_otherwise(self, name: str, wording: Any) -> "Judged":
        """The same collection with every question's text reworded."""
        return replace(self, name=name, questions=tuple(replace(q, text=wording(q)) for q in self.questions))


def judged_passages(folder: Path) -> Judged:
    """A folder with corpus.jsonl {doc_id, title, text}, queries.jsonl {id, text, history, answerable} and qrels.tsv."""
    relevant: dict[str, set[str]] = {}
    for line in _lines(folder / "qrels.tsv"):
        question, passage, _ = line.split("\t")
        relevant.setdefault(question, set()).add(f"{passage}.md")
    texts = (Text(f"{row['doc_id']}.md", row["title"], row["text"]) for row in _rows(folder / "corpus.jsonl"))
    questions = (
        Asked(row["id"], row["text"], tuple(row["history"]), frozenset(relevant.get(row["id"], ())), row["answerable"])
        for row in _rows(folder / "queries.jsonl")
    )
    return Judged("passages", tuple(texts), tuple(questions))


def judged_policies(name: str, texts: Iterable[Text]) -> Judged:
    """Policy documents, already read, with the questions of ours about them. A document answers as a whole, whichever its version."""
    texts = tuple(texts)
    questions = []
    for number, row in enumerate(_rows(QUESTIONS)):
        if row["documents"] == name:
            stem = (row["answered_in"] or "").split("-v")[0]
            theirs = frozenset(text.source for text in texts if stem and Path(text.source).stem.startswith(stem))
            questions.append(Asked(f"{name}-{number}", row["text"], (), theirs, bool(stem)))
    return Judged(name, texts, tuple(questions))


_FILLING = frozenset(
    """a about am an and any are as at be been but by can could d did do does for from get had has have how i if in is it ll m me my of
    on or our re s should so some t tell that the their them then there these they this those to us ve was we were what when where which
    who why will with would you your""".split()  # noqa: SIM905
)


def as_keywords(question: Asked) -> str:
    """The question as people type it into a search box: its telling words only."""
    kept = [word for word in re.findall(r"\w+", question.text) if word.lower() not in _FILLING]
    return " ".join(kept) or question.text


_BEFORE = (
    "Hi there, I hope you are doing well today! I have been meaning to write for a while and finally found the time.",
    "Hello, this is my first time here, so please bear with me, my daughter usually does these things for me.",
    "Good evening! I already looked around on the site for a bit but honestly I got lost between all the pages.",
)
_AFTER = (
    "Sorry if that is a silly thing to ask, and thanks a lot in advance for taking the time!",
    "No rush at all, whenever somebody has a minute. Have a great rest of the week!",
    "I would really like to sort this out before the weekend if that is possible at all. Many thanks!",
)


def as_chat(question: Asked) -> str:
    """The question inside the talk that people wrap around it."""
    place = sum(question.id.encode()) % len(_BEFORE)
    return f"{_BEFORE[place]} {question.text} {_AFTER[place]}"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in _lines(path))


def _lines(path: Path) -> Iterator[str]:
    # not splitlines(): JSON may hold other line ends inside a string
    return (line for line in path.read_text("utf-8").split("\n") if line.strip())
