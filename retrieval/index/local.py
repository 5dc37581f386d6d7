"""An index in this process: FAISS for vectors, tantivy for terms. A replica that follows `IndexChange`; nothing is on disk.

Readers work on a `_View`, which never changes; a change makes a new one, so a search sees the old state or the new, never a mix.
Vectors lie in segments that are merged as they grow: a change costs what it adds, not what is stored.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import faiss
import numpy as np
import tantivy

from retrieval.index.backend import HEAD_BOOST, Candidates, head_terms, top
from retrieval.index.log import UNREAD, Entry, News, Position, newest_position
from retrieval.models import Chunk, DocumentVersion, IndexChange
from retrieval.versions import Period, newest
from retrieval.words import terms as terms_of

logger = logging.getLogger(__name__)

faiss.omp_set_num_threads(1)  # one query is too small to share out; threads would only wait for each other

_WRITER_BYTES = 15_000_000  # the least that tantivy accepts
_DAYS_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Segment:
    """Vectors of one recipe. chunks, versions, alive: one entry per vector. The index object is never changed after it is made."""

    recipe: str
    index: Any
    chunks: np.ndarray
    versions: np.ndarray
    alive: np.ndarray

    @classmethod
    def of(cls, recipe: str, matrix: np.ndarray, chunks: np.ndarray, versions: np.ndarray) -> "_Segment":
        index = faiss.IndexFlatIP(matrix.shape[1])
        index.add(np.ascontiguousarray(matrix, dtype=np.float32))
        return cls(recipe, index, chunks, versions, np.ones(len(chunks), dtype=bool))

    def without(self, version_ids: set[int]) -> "_Segment":
        gone = np.isin(self.versions, list(version_ids))
        return replace(self, alive=self.alive & ~gone) if gone.any() else self

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is still alive: matrix, chunk ids, version ids."""
        matrix = self.index.reconstruct_n(0, self.index.ntotal)
        return matrix[self.alive], self.chunks[self.alive], self.versions[self.alive]

    def search(self, vector: np.ndarray, wanted: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """The nearest rows among the wanted ones (one flag per row)."""
        count = min(limit, int(wanted.sum()))
        if not count:
            return []
        selector = None if wanted.all() else faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))  # type: ignore[call-arg, arg-type]
        scores, rows = self.index.search(vector[None, :], count, params=faiss.SearchParameters(sel=selector))  # type: ignore[call-arg]
        # faiss pads with -1 when fewer than k vectors exist
        return [(int(self.chunks[row]), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]


@dataclass(frozen=True, slots=True)
class _Held:
    """What the replica knows of a version it holds."""

    document: int
    period: Period


@dataclass(frozen=True, slots=True)
class _View:
    """One state of the replica. position: id and key of the last log row it has read."""

    position: Position = UNREAD
    versions: Mapping[int, _Held] = field(default_factory=dict)
    segments: tuple[_Segment, ...] = ()
    searcher: Any = None
    size: int = 0
    _days: dict[date, "_Day"] = field(default_factory=dict)

    def on(self, day: date) -> "_Day":
        """What answers on a day, worked out once."""
        found = self._days.get(day)
        if found is None:
            by_document: dict[int, dict[int, tuple[int, Period]]] = {}
            for version_id, held in self.versions.items():
                by_document.setdefault(held.document, {})[held.period.number] = (version_id, held.period)
            best = ((entries, newest((period for _, period in entries.values()), day)) for entries in by_document.values())
            versions = sorted(entries[period.number][0] for entries, period in best if period is not None)
            found = _Day(versions, tuple(segment.alive & np.isin(segment.versions, versions) for segment in self.segments))
            if len(self._days) >= _DAYS_REMEMBERED:
                self._days.clear()
            self._days[day] = found
        return found


@dataclass(frozen=True, slots=True)
class _Day:
    """The versions that answer on one day, and for each segment which of its rows belong to them."""

    versions: list[int]
    rows: tuple[np.ndarray, ...]


class LocalIndex:
    """The replica of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held by whoever makes a new view
        self._new_lexicon()
        self._view = _View(searcher=self._lexicon.searcher())

    def candidates(self, terms: Mapping[str, float], vector: Any, *, recipe: str, as_of: date, limit: int) -> Candidates:
        view = self.catch_up()
        day = view.on(as_of)
        dense: list[tuple[int, float]] = []
        if vector is not None:
            query = np.ascontiguousarray(vector, dtype=np.float32)
            for segment, wanted in zip(view.segments, day.rows, strict=True):
                if segment.recipe == recipe and segment.index.d == len(query):
                    dense += segment.search(query, wanted, limit)
        return Candidates(
            dense=top(dense, limit),
            lexical=self._by_terms(view, terms, day.versions, limit),
            frequency={term: view.searcher.doc_freq("body", term) for term in terms},
            size=view.size,
        )

    def catch_up(self) -> _View:
        """Read what the log has grown by, and return the state after it. One small query when there is nothing new."""
        view = self._view
        news = News(view.position)
        if news.is_same_log and not news.entries:
            return view
        with self._lock:
            view = self._view
            news = News(view.position)  # another thread may have been faster
            if not news.is_same_log:
                logger.info("the search index is made from the database")
                self._load_everything()
            elif news.entries:
                try:
                    self._apply(view, news.entries)
                except BaseException:
                    self._view = replace(view, position=UNREAD)  # half a change may wait in the writer: begin anew
                    raise
            return self._view

    def rebuild(self) -> int:
        with self._lock:
            self._load_everything()
            return self._view.size

    def _load_everything(self) -> None:
        position = newest_position()
        self._new_lexicon()
        held = _held(DocumentVersion.objects.published())
        segments, size = self._add(DocumentVersion.objects.published().values_list("pk", flat=True))
        self._view = _View(position, held, segments, self._commit(), size)

    def _apply(self, view: _View, news: list[Entry]) -> None:
        """Make the next view. What a version is now decides, not the order of what happened to it."""
        touched = {entry.version_id for entry in news}
        now = _held(DocumentVersion.objects.published().filter(pk__in=touched))
        added = {entry.version_id for entry in news if entry.action == IndexChange.Action.ADDED}
        fresh = {version_id for version_id in now if version_id in added or version_id not in view.versions}
        gone = {
            version_id for version_id in touched if version_id in view.versions and (version_id in fresh or version_id not in now)
        }
        for version_id in gone:
            self._writer.delete_documents_by_term("version", version_id)
        kept = tuple(segment.without(gone) for segment in view.segments)
        segments, _ = self._add(fresh)
        versions = {key: held for key, held in view.versions.items() if key not in touched} | now
        searcher = self._commit() if gone or fresh else view.searcher
        self._view = _View(Position(*news[-1][:2]), versions, _merged([*kept, *segments]), searcher, searcher.num_docs)

    def _add(self, version_ids: Iterable[int]) -> tuple[tuple[_Segment, ...], int]:
        """Read the chunks of versions into the lexicon and into new segments, one per recipe and dimension."""
        rows: dict[tuple[str, int], list[tuple[int, int, bytes]]] = {}
        size = 0
        chunks = Chunk.objects.filter(version__in=list(version_ids), version__state="published").order_by("pk")
        names = ("pk", "version_id", "version__document__title", "heading", "context", "text", "vector", "version__recipe")
        for pk, version_id, title, heading, context, text, vector, recipe in chunks.values_list(*names).iterator(chunk_size=1000):
            head = head_terms(title, heading)
            document = tantivy.Document()
            document.add_unsigned("chunk", pk)
            document.add_unsigned("version", version_id)
            document.add_text("head", " ".join(terms_of(head)))
            document.add_text("body", " ".join(terms_of(f"{head} {context} {text}")))
            self._writer.add_document(document)
            rows.setdefault((recipe, len(vector)), []).append((pk, version_id, bytes(vector)))
            size += 1
        segments = []
        for (recipe, length), entries in rows.items():
            if length:
                matrix = np.frombuffer(b"".join(vector for _, _, vector in entries), dtype="<f4").reshape(len(entries), -1)
                ids = np.array([entry[:2] for entry in entries], dtype=np.int64)
                segments.append(_Segment.of(recipe, matrix, ids[:, 0].copy(), ids[:, 1].copy()))
        return tuple(segments), size

    def _by_terms(self, view: _View, terms: Mapping[str, float], wanted: list[int], limit: int) -> dict[int, float]:
        if not terms or not wanted:
            return {}
        schema, query = self._schema, tantivy.Query
        any_of = [
            (tantivy.Occur.Should, query.boost_query(query.term_query(schema, name, term, "freq"), weight * boost))
            for term, weight in terms.items()
            for name, boost in (("body", 1.0), ("head", HEAD_BOOST))
        ]
        asked = query.boolean_query(any_of)
        if len(wanted) < len(view.versions):
            only = query.const_score_query(query.term_set_query(schema, "version", wanted), 0.0)
            asked = query.boolean_query([(tantivy.Occur.Must, asked), (tantivy.Occur.Must, only)])
        hits = view.searcher.search(asked, limit, count=False).hits
        ids = view.searcher.fast_field_values("chunk", [address for _, address in hits])
        return top([(int(pk), float(score)) for pk, (score, _) in zip(ids, hits, strict=True)], limit)

    def _new_lexicon(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("chunk", fast=True)
        builder.add_unsigned_field("version", indexed=True)
        for name in ("head", "body"):
            # terms come ready made from `words.py`, so that every index cuts words the same way
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._lexicon = tantivy.Index(self._schema)
        self._writer = self._lexicon.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def _commit(self) -> Any:
        self._writer.commit()
        self._lexicon.reload()
        return self._lexicon.searcher()


def _held(versions: Any) -> dict[int, _Held]:
    return {
        pk: _Held(document, Period(number, start, end, end))
        for pk, document, number, start, end in versions.values_list(
            "pk", "document_id", "number", "effective_from", "effective_until"
        )
    }


def _merged(segments: list[_Segment]) -> tuple[_Segment, ...]:
    """Join segments of one recipe while the later is at least half the earlier, so that few are left and each row moves seldom."""
    by_recipe: dict[tuple[str, int], list[_Segment]] = {}
    for segment in segments:
        if segment.alive.any():
            by_recipe.setdefault((segment.recipe, segment.index.d), []).append(segment)
    result: list[_Segment] = []
    for group in by_recipe.values():
        stack: list[_Segment] = []
        for segment in group:
            stack.append(segment)
            while len(stack) > 1 and 2 * stack[-1].index.ntotal >= stack[-2].index.ntotal:
                later, earlier = stack.pop().rows(), stack.pop().rows()
                parts = [np.concatenate(pair) for pair in zip(earlier, later, strict=True)]
                stack.append(_Segment.of(segment.recipe, *parts))
        result += [_Segment.of(s.recipe, *s.rows()) if 2 * s.alive.sum() < len(s.alive) else s for s in stack]
    return tuple(result)
