"""An index in the shared database: pgvector for vectors, tsvector for terms. One for all processes, so a process keeps nothing.

It follows the log as a replica does, only that its state is in two tables (see `postgres_tables.py`): whoever searches first after
a change brings them up to date, under a lock.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import DatabaseError, connection, transaction

from retrieval.index import rows
from retrieval.index.backend import HEAD_BOOST, Candidates, top
from retrieval.index.fusion import BM25_CEILING, idf
from retrieval.index.log import UNREAD, Entry, News, Position, newest_position
from retrieval.index.postgres_tables import make_tables
from retrieval.index.postgres_vectors import Graphs, nearest
from retrieval.models import DocumentVersion, IndexChange

logger = logging.getLogger(__name__)

_LOCK = 0x5768_6573
_MOST_POSITIONS = 200  # of one term in one chunk; tsvector keeps at most 256
_WEIGHTS = f"{{1, 1, {1 / (1 + HEAD_BOOST):.3f}, 1}}"  # C: a body's term; D and others are not used, see _tsvector
_ROWS_AT_ONCE = 500


class PostgresIndex:
    """The index in the database of the product."""

    def __init__(self, graphs: Graphs | None = None) -> None:
        self._graphs = graphs or Graphs()
        self._counts = _Counts(UNREAD)

    def candidates(
        self,
        terms: Mapping[str, float],
        vector: Any,
        *,
        recipe: str,
        as_of: date,
        limit: int,
        audiences: Collection[str] | None = None,
    ) -> Candidates:
        position = self.catch_up()
        self._graphs.consider(position)
        counts = self._counts
        if counts.position != position:
            counts = self._counts = _Counts(position)  # counted anew after a change only
        # nearly every version answers: to name those that do not is shorter
        answering = DocumentVersion.objects.in_force(on=as_of)
        answering = answering if audiences is None else answering.filter(audience__in=audiences)
        silent = list(DocumentVersion.objects.published().exclude(pk__in=answering.values("pk")).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            frequency, size = counts.of(cursor, list(terms))
            dense: dict[int, float] = {}
            if vector is not None:
                dense = nearest(cursor, self._graphs, vector, recipe=recipe, silent=silent, limit=limit)
            lexical = _by_terms(cursor, terms, frequency, size, silent, limit) if terms else {}
            return Candidates(dense=dense, lexical=lexical, frequency=frequency, size=size)

    def catch_up(self) -> Position:
        """Bring the tables up to the log, and tell how far they are. Two small queries when there is nothing new."""
        position = _position()
        news = News(position)
        if news.is_same_log and not news.entries:
            return position
        with transaction.atomic():
            _lock()
            news = News(_position())  # another process may have been faster
            if not news.is_same_log:
                logger.info("the search tables are made from the database")
                self._load_everything()
            elif news.entries:
                self._apply(news.entries)
            return _position()

    def rebuild(self) -> int:
        with connection.cursor() as cursor:
            make_tables(cursor)
        with transaction.atomic():
            _lock()
            return self._load_everything()

    def wait(self) -> None:
        self._graphs.wait()

    def _load_everything(self) -> int:
        position = newest_position()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM retrieval_searchrow")
        size = self._add(None)
        _set_position(position)
        return size

    def _apply(self, news: list[Entry]) -> None:
        """What a version is now decides, not the order of what happened to it."""
        touched = {entry.version_id for entry in news}
        published = set(DocumentVersion.objects.published().filter(pk__in=touched).values_list("pk", flat=True))
        fresh = {entry.version_id for entry in news if entry.action == IndexChange.Action.ADDED} & published
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM retrieval_searchrow WHERE version_id = ANY(%s)", [list(fresh | (touched - published))])
        self._add(fresh)
        _set_position(Position(*news[-1][:2]))

    def _add(self, version_ids: Iterable[int] | None) -> int:
        waiting: list[tuple[Any, ...]] = []
        size = 0
        for row in rows.published(version_ids):
            waiting.append(
                (row.chunk, row.version, row.recipe, _tsvector(row.head, row.body[len(row.head) :]), _vector(row.vector))
            )
            size += 1
            if len(waiting) >= _ROWS_AT_ONCE:
                _insert(waiting)
                waiting = []
        _insert(waiting)
        return size


def _by_terms(
    cursor: Any, terms: Mapping[str, float], frequency: Mapping[str, int], size: int, silent: list[int], limit: int
) -> dict[int, float]:
    """Near BM25: each term's idf, times how well it is met. ts_rank of one term rises from about 0.6 to 1 as it recurs."""
    known = [term for term in terms if frequency.get(term)]
    if not known:
        return {}
    parts = " + ".join("%s * ts_rank(%s::float4[], terms, %s::tsquery)" for _ in known)
    values: list[Any] = []
    for term in known:
        values += [terms[term] * idf(frequency[term], size) * BM25_CEILING, _WEIGHTS, _quoted(term)]
    cursor.execute(
        f"SELECT chunk_id, {parts} AS score FROM retrieval_searchrow WHERE terms @@ %s::tsquery AND NOT (version_id = ANY(%s)) "  # noqa: S608 (the parts are placeholders)
        "ORDER BY score DESC, chunk_id LIMIT %s",
        [*values, " | ".join(map(_quoted, known)), silent, limit],
    )
    return top([(chunk_id, float(score)) for chunk_id, score in cursor.fetchall()], limit)


class _Counts:
    """How many chunks there are, and in how many each term occurs, in one state of the tables: asked once for each term."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._size: int | None = None
        self._frequency: dict[str, int] = {}

    def of(self, cursor: Any, terms: list[str]) -> tuple[dict[str, int], int]:
        unknown = [term for term in terms if term not in self._frequency]
        if unknown or self._size is None:
            one = "(SELECT count(*) FROM retrieval_searchrow WHERE terms @@ %s::tsquery)"  # each by the index of terms
            parts = ["(SELECT count(*) FROM retrieval_searchrow)"] + [one] * len(unknown)
            cursor.execute(f"SELECT {', '.join(parts)}", [_quoted(term) for term in unknown])
            size, *found = cursor.fetchone()
            self._frequency.update(zip(unknown, found, strict=True))
            self._size = int(size)
        return {term: self._frequency[term] for term in terms}, self._size


def _tsvector(head: list[str], body: list[str]) -> str:
    """A tsvector written out: a term of the head has weight A, one of the body C. Written out, because PostgreSQL's own parser
    would cut words another way than `words.py`."""
    places: dict[str, list[str]] = {}
    for weight, terms in (("A", head), ("C", body)):
        for term, count in Counter(terms).items():
            known = places.setdefault(term, [])
            known += [f"{len(known) + n + 1}{weight}" for n in range(min(count, _MOST_POSITIONS - len(known)))]
    return " ".join(f"{_quoted(term)}:{','.join(where)}" for term, where in places.items() if where)


def _quoted(term: str) -> str:
    """A term as tsvector and tsquery read it literally."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _vector(raw: Any) -> str | None:
    import numpy as np

    values = np.frombuffer(bytes(raw), dtype="<f4")
    return "[" + ",".join(f"{value:.7g}" for value in values) + "]" if len(values) else None


def _insert(made: list[tuple[Any, ...]]) -> None:
    if made:
        with connection.cursor() as cursor:
            cursor.executemany(
                """INSERT INTO retrieval_searchrow (chunk_id, version_id, recipe, terms, embedding)
                   VALUES (%s, %s, %s, %s::tsvector, %s::vector) ON CONFLICT (chunk_id) DO NOTHING""",
                made,
            )


def _position() -> Position:
    """How far the tables have read the log; UNREAD where they were never filled."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id, key FROM retrieval_searchposition")
            row = cursor.fetchone()
    except DatabaseError:
        # pgvector came after the migrations: make the tables now, or fail with the database's own reason
        with connection.cursor() as cursor:
            make_tables(cursor)
        return UNREAD
    return Position(*row) if row else UNREAD


def _set_position(position: Position) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO retrieval_searchposition (id, key) VALUES (%s, %s) ON CONFLICT (single) DO UPDATE SET id = EXCLUDED.id, key = EXCLUDED.key",
            list(position),
        )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
