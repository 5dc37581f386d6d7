"""What an index does beside the searches: it moves to a folder, lays blocks out anew and saves itself, and nobody notices."""

import threading

import pytest
from django.db import connection

from retrieval.index import local
from retrieval.index.local import LocalIndex
from retrieval.index.scans import Scan
from retrieval.index.upkeep import Upkeep
from retrieval.ingestion import withdraw
from tests.retrieval.stand_ins import upload
from tests.retrieval.test_index import found
from tests.retrieval.test_index_snapshot import documents, folder, loads, replica, small_snapshots_are_worth_while

__all__ = ["documents", "folder", "loads", "small_snapshots_are_worth_while"]  # fixtures, used by their names
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_replica_that_outgrows_memory_moves_to_a_folder_and_is_saved(folder, loads):
    index = LocalIndex(folder, upkeep=Upkeep(worth_a_folder=3))
    for n in range(7):
        upload(f"# Rule {n}\n\nItem number {n} may be returned in week {n}.", f"rule {n}.md")
        found(index, "item")
        index.wait()
    assert (folder / "current").exists()
    loads.clear()
    assert len(found(replica(folder), "item", k=20)) == 7
    assert not loads


def test_searches_go_on_while_the_index_is_rebuilt_clustered_and_saved(folder, monkeypatch):
    monkeypatch.setattr(local, "FULL", 4)
    documents = [upload(f"# Rule {n}\n\nItem number {n} may be returned in week {n}.", f"rule {n}.md") for n in range(12)]
    index = LocalIndex(folder, upkeep=Upkeep(exact_up_to=8, worth_a_folder=4))
    stop, errors, answers = threading.Event(), [], set()

    def read():
        try:
            while not stop.is_set():
                answers.add(tuple(sorted(found(index, "item", k=20))))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    expected = tuple(sorted(found(index, "item", k=20)))
    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(3):
        index.rebuild()
        index.wait()
    stop.set()
    reader.join()
    assert errors == [] and answers == {expected}
    assert any(block.scan.is_clustered for block in index.blocks)
    withdraw(documents[0])
    again = replica(folder)
    assert len(found(again, "item", k=20)) == 11
    assert any(block.scan.is_clustered for block in again.blocks)


def test_rows_that_leave_while_a_block_is_laid_out_anew_do_not_come_back(documents):
    index = replica(None)
    found(index, "item")
    old = list(index.blocks)
    matrix, chunks, versions = old[0].rows()
    new = local.Block.over(old[0].recipe, Scan.of(matrix), chunks, versions)
    withdraw(documents[0])
    found(index, "item")
    if index.exchange(old, [new]):
        assert len(found(index, "item", k=20)) == 5
        assert sum(int(block.alive.sum()) for block in index.blocks) == 5
    assert not index.exchange(old, [new])
