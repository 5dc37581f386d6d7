"""Vectors in PostgreSQL: compared one by one while they are few, by an HNSW graph of pgvector for each recipe that has many.

A graph is made beside the searches, by one process at a time and without a lock that searches or changes would wait for; until it is
there, and where it is not, the comparison one by one answers.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from retrieval.index.backend import top

logger = logging.getLogger(__name__)

EXACT_UP_TO = 20_000  # vectors of one recipe; PostgreSQL compares about so many in 20 ms
EF_SEARCH = 200  # how widely a graph is searched; at least as many as are asked for
_LOOK_AGAIN_SECONDS = 60.0
_LOCK = 0x5768_6574


class Graphs:
    """Which recipes have a graph, as one process knows it; it looks again now and then."""

    def __init__(self, *, exact_up_to: int = EXACT_UP_TO) -> None:
        self._exact_up_to = exact_up_to
        self._known: frozenset[str] = frozenset()
        self._looked_at = -_LOOK_AGAIN_SECONDS  # on the monotonic clock
        self._counted_at: object = None  # the state of the tables in which vectors were counted last
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def has(self, recipe: str, dimension: int) -> bool:
        return bool(self._known) and _name(recipe, dimension) in self._known

    def consider(self, state: object = None) -> None:
        """Look whether a graph is missing, in a thread of its own and not more often than once a minute; returns at once.

        state: anything that differs when the tables have changed; vectors are not counted twice in the same.
        """
        with self._lock:
            if time.monotonic() - self._looked_at < _LOOK_AGAIN_SECONDS or (self._thread and self._thread.is_alive()):
                return
            self._looked_at = time.monotonic()
            self._thread = threading.Thread(target=self._tend, args=(state,), name="index-graphs", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def _tend(self, state: object) -> None:
        try:
            self._known = _names()
            if state is None or state != self._counted_at:
                for recipe, dimension in _crowded(self._exact_up_to):
                    if _name(recipe, dimension) not in self._known:
                        _make(recipe, dimension)
                self._known, self._counted_at = _names(), state
        except Exception:
            logger.exception("a graph of vectors could not be made and will be tried again; until then all vectors are compared")
        finally:
            connection.close()  # of this thread


def nearest(cursor: Any, graphs: Graphs, vector: Any, *, recipe: str, silent: Sequence[int], limit: int) -> dict[int, float]:
    """The chunks of that recipe with the nearest vectors, without those of silent versions: id to inner product, best first."""
    literal = "[" + ",".join(f"{value:.7g}" for value in vector) + "]"
    if not graphs.has(recipe, len(vector)):
        cursor.execute(
            """SELECT chunk_id, -(embedding <#> %s::vector) FROM retrieval_searchrow
               WHERE recipe = %s AND NOT (version_id = ANY(%s)) AND embedding IS NOT NULL AND vector_dims(embedding) = %s
               ORDER BY embedding <#> %s::vector, chunk_id LIMIT %s""",
            [literal, recipe, list(silent), len(vector), literal, limit],
        )
        return top([(chunk_id, float(score)) for chunk_id, score in cursor.fetchall()], limit)
    halves = f"halfvec({len(vector):d})"
    with transaction.atomic():
        # for this query alone; strict: what the filter takes away is made up for, in the order of distance
        cursor.execute(
            "SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'strict_order', true)",
            [str(min(max(EF_SEARCH, limit), 1000))],
        )
        # recipe and dimension stand in the condition as they do in the index's own: the planner needs to see that they are the same
        cursor.execute(
            f"""SELECT chunk_id, -(embedding <#> %s::vector) FROM (
                    SELECT chunk_id, embedding FROM retrieval_searchrow
                    WHERE recipe = {_text(recipe)} AND vector_dims(embedding) = {len(vector):d} AND NOT (version_id = ANY(%s))
                    ORDER BY embedding::{halves} <#> %s::{halves} LIMIT %s
                ) AS found""",  # noqa: S608 (a quoted literal and numbers)
            [literal, list(silent), literal, limit],
        )
        return top([(chunk_id, float(score)) for chunk_id, score in cursor.fetchall()], limit)


def _crowded(exact_up_to: int) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT recipe, (SELECT vector_dims(embedding) FROM retrieval_searchrow AS one
                               WHERE one.recipe = many.recipe AND embedding IS NOT NULL LIMIT 1)
               FROM (SELECT recipe FROM retrieval_searchrow WHERE embedding IS NOT NULL GROUP BY 1 HAVING count(*) > %s) AS many""",
            [exact_up_to],
        )
        return [(str(recipe), int(dimension)) for recipe, dimension in cursor.fetchall()]


def _make(recipe: str, dimension: int) -> None:
    name = _name(recipe, dimension)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return  # another process is at it
        try:
            if name in _names():
                return  # another process has just ended: its graph answers searches already
            began = time.monotonic()
            cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')  # one that was begun and not ended
            cursor.execute(
                f"""CREATE INDEX CONCURRENTLY "{name}" ON retrieval_searchrow
                    USING hnsw ((embedding::halfvec({dimension:d})) halfvec_ip_ops) WITH (m = 16, ef_construction = 128)
                    WHERE recipe = {_text(recipe)} AND vector_dims(embedding) = {dimension:d}"""
            )
            logger.info("the graph %s was made in %.0f s", name, time.monotonic() - began)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _names() -> frozenset[str]:
    """The graphs that are complete."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = to_regclass('retrieval_searchrow') AND i.indisvalid AND c.relname LIKE %s""",
            ["retrieval_graph_%"],
        )
        return frozenset(name for (name,) in cursor.fetchall())


def _name(recipe: str, dimension: int) -> str:
    return f"retrieval_graph_{dimension:d}_{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"


def _text(value: str) -> str:
    """A literal. Raises ValueError for what cannot stand in a statement; a recipe is a model's name, numbers and a chunker's name."""
    if not value.isprintable() or set(value) & set("\\%"):
        raise ValueError("this recipe cannot be named in a statement")
    return "'" + value.replace("'", "''") + "'"
