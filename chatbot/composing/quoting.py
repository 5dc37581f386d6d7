"""The best sentences of the passages found, word for word, each with its citation. Pure.

A composed answer never rewords a policy. What is shown is the passage without its Markdown marks; what is cited is its exact text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from chatbot.citations import cite
from chatbot.composing.wording import plain
from chatbot.turn import Cited
from chatbot.words import terms
from retrieval.search import Passage
from retrieval.sentences import sentences

SHORT = 520  # characters of a passage that is shown whole
ENOUGH = 420  # characters of a longer passage's sentences
MOST_PASSAGES = 3
MOST_ROWS = 4
NEARLY = 0.8  # of the best score: how good a passage must be to be preferred for what it speaks of
CLOSE = 0.9  # a further passage is shown when its score is at least this share of the best one's

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|\d+%?")
_NUMBER = re.compile(r"\d")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:long|much|many|soon|late|far|old|big|fast|quick\w*)\b|\bwhen\b|\bcosts?\b|\bprice|\bfees?\b|\bhow do\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")


@dataclass(frozen=True, slots=True)
class Quoted:
    """One passage's words for an answer. markdown: as shown, with its citation marks; text: the words alone."""

    markdown: str
    text: str
    citations: tuple[Cited, ...]
    passage: Passage


def quote(passages: Sequence[Passage], query: str, *, first: int = 1, most: int = MOST_PASSAGES) -> list[Quoted]:
    """Return the words of the best passages that bear on the query, best passage first; citations count from `first`."""
    if not passages:
        return []
    asked = terms(query)
    rarity = _rarity(passages)
    number = bool(_ASKS_NUMBER.search(query))
    if number and (names := _names(query)):
        passages = prefer(passages, lambda p: _has_number_for(p, names))
    best = max(p.score for p in passages)
    kept: list[Quoted] = []
    for passage in passages:
        if kept and (len(kept) == most or passage.score < best * CLOSE):
            break
        if any(passage.version_id == k.passage.version_id and passage.heading == k.passage.heading for k in kept[1:]):
            continue
        quoted = _of_passage(passage, asked, rarity, number=number, n=first + len(kept))
        if quoted and all(quoted.text not in k.text for k in kept):
            kept.append(quoted)
    return kept


def exactly(passage: Passage, start: int, end: int, *, n: int) -> Quoted:
    """The words passage.text[start:end] as they are shown, whatever was asked; a row reads without its table."""
    words = passage.text[start:end]
    if _is_row(words):
        return Quoted(
            f"**{plain(_place(passage))}**:\n{_row(words, _header(passage), n)}", words, (cite(n, passage, start, end),), passage
        )
    return _prose(passage, _on_one_line(words), cite(n, passage, start, end))


def _on_one_line(words: str) -> str:
    """A list as it reads on one line: "These cannot be returned: gift cards; earrings"."""
    shown = ""
    for line in words.splitlines():
        if spoken := _spoken(line):
            between = "; " if _LEADING.match(line) and shown and not shown.endswith(":") else " " if shown else ""
            shown += f"{between}{spoken}"
    return shown


def prefer(passages: Sequence[Passage], fits: Callable[[Passage], bool]) -> tuple[Passage, ...]:
    """The passages that fit first, as far as they are nearly as good as the best."""
    best = max((p.score for p in passages), default=0.0)
    near = [p for p in passages if p.score >= best * NEARLY and fits(p)]
    return tuple(dict.fromkeys((*near, *passages)))


def speaks_of(passage: Passage, hints: str) -> bool:
    """Whether a passage has one of the words ("processing")."""
    return bool(terms(hints) & terms(f"{passage.heading} {passage.text}"))


def _rarity(passages: Sequence[Passage]) -> dict[str, float]:
    """How telling each word is: a word that stands in every passage tells little about which sentence is meant."""
    seen = Counter(t for p in passages for t in terms(p.text))
    return {term: 1.0 / (0.5 + count) for term, count in seen.items()}


def _of_passage(passage: Passage, asked: frozenset[str], rarity: dict[str, float], *, number: bool, n: int) -> Quoted | None:
    text = passage.text
    spans = [(s, e) for s, e in _units(text) if _spoken(text[s:e])]
    header = _header(passage)
    spans = [(s, e) for s, e in spans if not (_is_row(text[s:e]) and (_cells(text[s:e]) == header or _SEPARATOR.match(text[s:e])))]
    if not spans:
        return None
    scores = [_fit(text[s:e], asked, rarity, number=number) for s, e in spans]
    best = max(range(len(spans)), key=lambda i: (scores[i], -i))
    if _is_row(text[spans[best][0] : spans[best][1]]):
        return _rows(passage, header, spans, scores, n)
    chosen = _run(text, spans, scores, best)
    shown = " ".join(_spoken(text[s:e]) for s, e in chosen)
    return _prose(passage, shown, cite(n, passage, chosen[0][0], chosen[-1][1]))


def _prose(passage: Passage, shown: str, cited: Cited) -> Quoted:
    return Quoted(f"**{plain(_place(passage))}**: “{plain(shown)}” [{cited.n}]", shown, (cited,), passage)


@lru_cache(maxsize=1024)  # the same few passages answer most questions
def _units(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences and table rows of a passage; also the rows of a table whose head stands elsewhere."""
    return tuple(_spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for start, end in sentences(text):
        lines = text[start:end].splitlines(keepends=True)
        if len(lines) > 1 and all(_is_row(line) for line in lines):
            for line in lines:
                yield start, start + len(line.rstrip())
                start += len(line)
        else:
            yield start, end


def _fit(words: str, asked: frozenset[str], rarity: dict[str, float], *, number: bool) -> float:
    """How well a sentence bears on what is asked: its telling words, and a number where one is asked for."""
    hit = sum(rarity.get(t, 0.0) for t in terms(words) & asked)
    return hit + (0.35 if number and hit and _NUMBER.search(words) else 0.0)


def _run(text: str, spans: Sequence[tuple[int, int]], scores: Sequence[float], best: int) -> list[tuple[int, int]]:
    """The best sentence with its neighbours, an unbroken run of prose: all of a short passage, else as much as is enough."""
    room = SHORT if spans[-1][1] - spans[0][0] <= SHORT else ENOUGH
    first = last = best
    while True:
        after = last + 1 < len(spans) and _fits_in(text, spans, first, last + 1, room)
        before = first > 0 and _fits_in(text, spans, first - 1, last, room)
        if after and (not before or scores[last + 1] >= scores[first - 1] * 0.9):
            last += 1
        elif before:
            first -= 1
        else:
            return list(spans[first : last + 1])


def _fits_in(text: str, spans: Sequence[tuple[int, int]], first: int, last: int, room: int) -> bool:
    whole = spans[last][1] - spans[first][0] <= room
    return whole and not _is_row(text[spans[first][0] : spans[first][1]]) and not _is_row(text[spans[last][0] : spans[last][1]])


def _rows(
    passage: Passage, header: Sequence[str], spans: Sequence[tuple[int, int]], scores: Sequence[float], n: int
) -> Quoted | None:
    """A table's best rows as lines that read without the table: "Germany — Time: 2 to 4 days; Price: $9.00"."""
    rows = [(score, span) for score, span in zip(scores, spans, strict=True) if _is_row(passage.text[span[0] : span[1]])]
    best = max(score for score, _ in rows)
    kept = [span for score, span in rows if score >= best * 0.8][:MOST_ROWS]
    shown = [_row(passage.text[start:end], header, n) for start, end in kept]
    reference = cite(n, passage, kept[0][0], kept[-1][1])
    words = "\n".join(passage.text[s:e] for s, e in kept)
    return Quoted(f"**{plain(_place(passage))}**:\n" + "\n".join(shown), words, (reference,), passage)


def _row(words: str, header: Sequence[str], n: int) -> str:
    cells = _cells(words)
    labels = [*header[1 : len(cells)], *[""] * len(cells)]
    named = [
        f"{plain(label)}: {plain(cell)}" if label else plain(cell) for label, cell in zip(labels, cells[1:], strict=False) if cell
    ]
    return f"- {plain(cells[0])} — {'; '.join(named)} [{n}]" if named else f"- {plain(cells[0])} [{n}]"


def _is_row(text: str) -> bool:
    return text.lstrip().startswith("|")


def _header(passage: Passage) -> list[str]:
    """The head of the passage's table, which stands before a separator line: in the passage, or in its context if it was cut."""
    for lines in (passage.text.splitlines(), passage.context.splitlines()):
        for above, line in pairwise(lines):
            if "-" in line and _SEPARATOR.match(line) and _is_row(above):
                return _cells(above)
    first = next((line for line in passage.context.splitlines() if _is_row(line)), "")
    return _cells(first) if first else []


def _cells(row: str) -> list[str]:
    return [_spoken(cell) for cell in row.strip().strip("|").split("|")]


def _place(passage: Passage) -> str:
    """ "Returns › Sale items": the document, then the headings below its title."""
    parts = [part.strip() for part in passage.heading.split(" > ") if part.strip()]
    if not parts or parts[0].casefold() != passage.document.casefold():
        parts = [passage.document, *parts]
    return " › ".join(dict.fromkeys(parts))


_LEADING = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)]|>|#{1,6})\s+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`|<[^>\n]{1,200}>|\\(?=[^\w\s])")


@lru_cache(maxsize=8192)
def _spoken(markdown: str) -> str:
    """A sentence as it is read: without list marks, emphasis and link targets; "" for a line of marks only."""
    text = _MARKS.sub("", _LINK.sub(r"\1", _LEADING.sub("", markdown.strip())))
    return " ".join(text.split()) if any(c.isalnum() for c in text) else ""


def _names(query: str) -> list[str]:
    """Words written with a capital inside a sentence: "Norway", "New Zealand"."""
    return re.findall(r"(?<![.?!] )(?<!^)\b[A-Z][\w-]{2,}(?: [A-Z][\w-]{2,})*", query)


def _has_number_for(passage: Passage, names: Sequence[str]) -> bool:
    """Whether a sentence or row says a number about one of the names: "how much to Norway?" is not met by Norway alone."""
    units = (passage.text[s:e] for s, e in _units(passage.text))
    return any(name in unit and _NUMBER.search(unit) for unit in units for name in names)


def unmentioned(query: str, quotes: Sequence[Quoted]) -> tuple[str, ...]:
    """The names in a query ("Brazil") that none of the quoted passages has anywhere."""
    known = {w.casefold() for q in quotes for w in _WORD.findall(f"{q.passage.text} {q.passage.heading} {q.passage.context}")}
    return tuple(dict.fromkeys(n for n in _names(query) if not any(w.casefold() in known for w in n.split())))
