"""A snapshot is a faster start and nothing else: whatever is wrong with it, the database is right and search works."""

import json
import shutil

import numpy as np
import pytest
from django.conf import settings

from retrieval.index import storing
from retrieval.index.local import LocalIndex
from retrieval.index.snapshot import Shelf, Unusable
from retrieval.index.upkeep import Upkeep
from retrieval.ingestion import withdraw
from retrieval.models import IndexChange
from tests.retrieval.stand_ins import upload
from tests.retrieval.test_index import found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_snapshots_are_worth_while(monkeypatch):
    monkeypatch.setattr(storing, "WORTH_A_FOLDER", 1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def loads(monkeypatch):
    """How often an index was made from the database."""
    made = []
    load = LocalIndex._load_everything
    monkeypatch.setattr(LocalIndex, "_load_everything", lambda self: (made.append(1), load(self)))
    return made


def replica(folder):
    """A process of its own, as far as the index goes; nothing is done in the background."""
    return LocalIndex(folder, upkeep=Upkeep(worth_a_folder=10**9))


@pytest.fixture
def documents():
    return [upload(f"# Rule {n}\n\nItem number {n} may be returned in week {n}.", f"rule {n}.md") for n in range(6)]


@pytest.fixture
def saved(folder, documents):
    """The folder with a snapshot of six rules."""
    index = replica(folder)
    assert len(found(index, "item", k=20)) == 6
    assert index.save()
    return folder


def current(folder):
    return folder / (folder / "current").read_text()


def test_a_start_from_a_snapshot_finds_the_same_and_reads_no_chunk(saved, loads):
    index = replica(saved)
    assert found(index, "item number returned week", k=20) == found(replica(None), "item number returned week", k=20)
    assert len(loads) == 1  # for the one without a folder


def test_what_happened_since_the_snapshot_counts(saved, documents, loads):
    withdraw(documents[2])
    upload("# Rule 3\n\nItem number 3 may be exchanged.", "rule 3.md")
    upload("# Tents\n\nA tent is an item too.", "tents.md")
    index = replica(saved)
    assert found(index, "exchanged")[0] == "Rule 3"
    assert sorted(found(index, "item", k=20)) == ["Rule 0", "Rule 1", "Rule 3", "Rule 4", "Rule 5", "Tents"]
    assert index.size == 6 and not loads
    assert index.save()
    again = replica(saved)
    assert sorted(found(again, "item", k=20)) == sorted(found(index, "item", k=20)) and again.size == 6


def test_a_withdrawn_version_leaves_no_row_in_a_replica_from_a_snapshot(saved, documents):
    withdraw(documents[0])
    index = replica(saved)
    found(index, "item")
    assert sum(int(block.alive.sum()) for block in index.blocks) == index.size == 5


@pytest.mark.parametrize("length", ["nothing", "half", "all but one byte", "one byte more", "another byte"])
def test_each_file_damaged_in_any_way_is_noticed(saved, loads, length):
    whole = current(saved)
    names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(names) > 8
    for name in names:
        data = (whole / name).read_bytes()
        middle = len(data) // 2
        damaged = {
            "nothing": b"", "half": data[:middle], "all but one byte": data[:-1], "one byte more": data + b"\0",
            "another byte": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        }[length]  # fmt: skip
        if damaged == data:
            continue
        exchange(whole / name, damaged)
        with pytest.raises(Unusable):
            Shelf(saved, storing.made_of()).load()
        exchange(whole / name, data)
    Shelf(saved, storing.made_of()).load()
    exchange(whole / names[0], b"")
    assert len(found(replica(saved), "item", k=20)) == 6
    assert len(loads) == 1


def exchange(path, data):
    path.unlink()  # other names of the file, in the folder of a living replica, keep what they had
    path.write_bytes(data)


@pytest.mark.parametrize("part", range(0, 50, 16))
def test_a_manifest_cut_anywhere_is_noticed(saved, part):
    path = current(saved) / "manifest.json"
    data = path.read_bytes()
    exchange(path, data[: len(data) * part // 50])
    with pytest.raises(Unusable):
        Shelf(saved, storing.made_of()).load()


@pytest.mark.parametrize(
    "broken",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: shutil.rmtree(current(folder)),
        lambda folder: (folder / "current").unlink(),
        lambda folder: (folder / "current").write_bytes(b""),
        lambda folder: (folder / "current").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "current").write_text("../../etc"),
        lambda folder: (current(folder) / "manifest.json").write_text("[]"),
        lambda folder: (current(folder) / "manifest.json").write_text('{"seal": 1}'),
        lambda folder: next((current(folder) / "lexicon").iterdir()).unlink(),
    ],
    ids=["no folder", "no snapshot", "no name", "empty name", "not text", "path", "list", "other keys", "file gone"],
)
def test_a_snapshot_that_is_not_whole_is_passed_over(saved, loads, broken):
    broken(saved)
    index = replica(saved)
    assert len(found(index, "item", k=20)) == 6
    assert len(loads) == 1
    assert index.save()
    assert len(found(replica(saved), "item", k=20)) == 6
    assert len(loads) == 1


def test_a_snapshot_of_another_release_is_passed_over(saved, loads, monkeypatch):
    monkeypatch.setattr(storing, "FORMAT", storing.FORMAT + 1)
    assert len(found(replica(saved), "item", k=20)) == 6
    assert len(loads) == 1


def test_a_snapshot_of_another_database_never_answers(saved, documents, loads):
    """After a restore the same log row is about something else: its key tells."""
    last = IndexChange.objects.latest("pk")
    IndexChange.objects.filter(pk=last.pk).update(key="of another")
    for version in documents[:5]:
        type(version).objects.filter(pk=version.pk).update(state="withdrawn")
    assert found(replica(saved), "item", k=20) == ["Rule 5"]
    assert len(loads) == 1
    assert sum(block.alive.sum() for block in replica(saved).blocks) == 0  # nothing is taken over before the log was compared


def test_a_snapshot_newer_than_the_database_is_passed_over(saved, loads):
    IndexChange.objects.latest("pk").delete()
    assert len(found(replica(saved), "item", k=20)) == 6
    assert len(loads) == 1


def test_a_sealed_manifest_that_asks_for_objects_is_refused(saved):
    path = current(saved) / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest.pop("seal")
    manifest["arrays"]["0.scan"][0] = "|O"
    from retrieval.index.snapshot import _seal

    exchange(path, json.dumps(manifest | {"seal": _seal(manifest)}).encode())
    with pytest.raises(Unusable):
        Shelf(saved, storing.made_of()).load()


def test_a_folder_that_cannot_be_written_costs_the_snapshot_not_the_search(tmp_path, documents):
    (tmp_path / "index").write_text("a file where the folder should be")
    index = replica(tmp_path / "index")
    assert len(found(index, "item", k=20)) == 6
    assert not index.can_be_saved


def test_a_disk_that_fills_up_while_saving_leaves_the_last_snapshot(saved, monkeypatch, documents):
    before = current(saved)
    index = replica(saved)
    found(index, "item")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("retrieval.index.snapshot._write", full)
    with pytest.raises(OSError, match="No space"):
        index.save()
    assert current(saved) == before
    assert not list(saved.glob("making-*/*"))
    assert len(found(index, "item", k=20)) == 6


def test_nobody_else_may_read_what_is_kept(saved):
    assert saved.stat().st_mode & 0o077 == 0


def test_two_processes_keep_out_of_each_others_way(saved):
    one, two = replica(saved), replica(saved)
    found(one, "item"), found(two, "item")
    assert one._lexicon.folder != two._lexicon.folder
    upload("# Tents\n\nA tent is an item too.", "tents.md")
    assert found(one, "tent")[0] == "Tents"
    with one._store.saving() as saving:
        assert saving is not None
        assert not two.save()  # one at a time; nobody waits
    assert one.save() and found(two, "tent")[0] == "Tents" and two.save()
    assert len(list(saved.glob("snapshot-*"))) == 1


def test_folders_of_processes_that_have_ended_are_removed(saved):
    left = saved / "replica-1-left"
    left.mkdir()
    (left / "held").touch()
    living = replica(saved)
    found(living, "item")
    assert not left.exists()
    found(replica(saved), "item")
    assert living._lexicon.folder.exists()


def test_arrays_of_every_shape_come_back(tmp_path):
    shelf = Shelf(tmp_path / "shelf", {"format": 1})
    arrays = {
        "none": np.zeros((0, 3), dtype="<f2"), "halves": np.arange(6, dtype="<f2").reshape(2, 3),
        "ids": np.array([2**40], dtype="<i8"), "flags": np.array([True, False]),
    }  # fmt: skip
    with shelf.making() as made:
        shelf.save(made, {"a": [1, "b"]}, arrays)
    loaded = shelf.load()
    assert loaded.notes == {"a": [1, "b"]}
    assert all(
        np.array_equal(loaded.arrays[name], array) and loaded.arrays[name].shape == array.shape for name, array in arrays.items()
    )
    assert settings.DATA_DIR not in loaded.lexicon.parents
