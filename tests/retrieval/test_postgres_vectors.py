"""The graph of vectors in PostgreSQL: made beside the searches, and as good as comparing all."""

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from retrieval.index import postgres_vectors
from retrieval.index.postgres_tables import make_tables
from retrieval.index.postgres_vectors import Graphs, nearest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"), reason="needs PostgreSQL"),
]
RECIPE = "a model's/16/v1"


@pytest.fixture
def rows():
    """600 vectors of 16 numbers, three chunks a version; the tables are emptied and the graphs dropped afterwards."""
    random = np.random.default_rng(1)
    vectors = random.standard_normal((600, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with connection.cursor() as cursor:
        make_tables(cursor)
        cursor.execute("DELETE FROM retrieval_searchrow")
        cursor.executemany(
            "INSERT INTO retrieval_searchrow (chunk_id, version_id, recipe, terms, embedding) VALUES (%s, %s, %s, '', %s::vector)",
            [(n, n // 3, RECIPE, str(row.tolist())) for n, row in enumerate(vectors)],
        )
    yield vectors
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM retrieval_searchrow")
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE %s", ["retrieval_graph_%"])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')


def ask(graphs, vector, silent=()):
    with connection.cursor() as cursor:
        return nearest(cursor, graphs, vector, recipe=RECIPE, silent=list(silent), limit=10)


def test_a_graph_is_made_for_many_vectors_and_finds_what_comparing_all_finds(rows):
    few, many = Graphs(exact_up_to=1000), Graphs(exact_up_to=500)
    for graphs in (few, many):
        graphs.consider()
        graphs.wait()
    assert many.has(RECIPE, 16) and not few.has(RECIPE, 16)
    silent = range(50)
    hits = 0
    for query in rows[::40]:
        exact, by_graph = ask(few, query, silent), ask(many, query, silent)
        assert len(by_graph) == 10 and not {chunk // 3 for chunk in by_graph} & set(silent)
        assert list(by_graph.values()) == sorted(by_graph.values(), reverse=True)
        hits += len(exact.keys() & by_graph.keys())
    assert hits >= 0.98 * 10 * len(rows[::40])


def test_the_graph_is_used_by_the_planner(rows):
    graphs = Graphs(exact_up_to=1)
    graphs.consider()
    graphs.wait()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE retrieval_searchrow")
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT chunk_id FROM retrieval_searchrow WHERE recipe = 'a model''s/16/v1' AND vector_dims(embedding) = 16 "
            "ORDER BY embedding::halfvec(16) <#> %s::halfvec(16) LIMIT 10",
            [str(rows[0].tolist())],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET enable_seqscan = on")
    assert "retrieval_graph_16_" in plan


def test_a_graph_that_another_process_is_making_is_left_to_it(rows):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [0x5768_6574])
        graphs = Graphs(exact_up_to=1)
        graphs.consider()
        graphs.wait()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [0x5768_6574])
    assert not graphs.has(RECIPE, 16)
    assert ask(graphs, rows[0])


def test_a_graph_that_another_process_has_just_made_is_not_made_again(rows, monkeypatch):
    """Between a look at the graphs and the lock, another process may have ended its work."""

    def graph():
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_class WHERE relname LIKE %s", ["retrieval_graph_%"])
            return cursor.fetchall()

    def tended():
        graphs = Graphs(exact_up_to=1)
        graphs.consider()
        graphs.wait()

    tended()
    made = graph()
    answers, names = [frozenset[str]()], postgres_vectors._names
    monkeypatch.setattr(postgres_vectors, "_names", lambda: answers.pop() if answers else names())
    tended()
    assert len(made) == 1 and graph() == made
