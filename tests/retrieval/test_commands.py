"""The commands of this room, as a script calls them. Quick parts stand in for the reader and the model, except where it says otherwise."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.utils import timezone

from retrieval import ingestion, search
from retrieval.errors import EmbeddingFailed, Unreadable
from retrieval.folders import files_in
from retrieval.models import Document, DocumentVersion, State
from tests.retrieval.stand_ins import WordCounts, parts, plain_read

pytestmark = pytest.mark.django_db(transaction=True)


def read_or_refuse(data, filename):
    if b"BROKEN" in data:
        raise Unreadable("This file is damaged.")
    return plain_read(data, filename)


@pytest.fixture(autouse=True)
def quick_parts(monkeypatch):
    model = WordCounts()

    async def embed(text):
        return model.embed([text])[0], model.recipe

    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: parts(read=read_or_refuse, embedder=model)))
    monkeypatch.setattr(search.Searcher, "default_embed", staticmethod(embed))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name, text in {
        "returns.md": "# Returns\n\nYou can return a jacket within 30 days.",
        "b/shipping.txt": "Shipping to Norway takes five working days.",
        "b/broken.md": "BROKEN",
        "b/picture.png": "not for us",
        ".hidden/secret.md": "hidden",
        ".draft.md": "hidden",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(name, *args):
    """Exit code, standard output and standard error of a command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, args), stdout=out, stderr=err)
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_folder_is_published_and_the_bad_file_is_named_with_its_reason(folder):
    code, out, err = run("ingest", folder, "--json", "--category", "policies")
    outcome = json.loads(out)
    assert code == 1
    assert (outcome["published"], outcome["unchanged"], outcome["failed"]) == (2, 0, 1)
    assert [entry["file"].removeprefix(f"{folder}/") for entry in outcome["files"]] == [
        "returns.md",
        "b/broken.md",
        "b/shipping.txt",
    ]
    assert "broken.md: This file is damaged." in err
    assert set(Document.objects.values_list("category", flat=True)) == {"policies"}


def test_ingesting_again_changes_nothing_and_succeeds(folder):
    run("ingest", folder / "returns.md")
    code, out, _ = run("ingest", folder / "returns.md", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 1)
    assert DocumentVersion.objects.count() == 1


def test_a_path_that_does_not_exist_is_named_and_the_others_go_on(folder):
    code, out, err = run("ingest", folder / "nothing.md", folder / "returns.md")
    assert code == 1
    assert "nothing.md: This file could not be opened." in err
    assert "1 published, 0 unchanged, 1 failed" in out


def test_dates_and_title_are_kept(folder):
    run(
        "ingest",
        folder / "returns.md",
        "--title",
        "Sending back",
        "--effective-from",
        "2030-01-01",
        "--effective-until",
        "2030-06-01",
    )
    version = DocumentVersion.objects.get()
    assert version.document.title == "Sending back"
    assert (str(version.effective_from), str(version.effective_until)) == ("2030-01-01", "2030-06-01")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--effective-from", "1 May"], "“1 May” is not a date"),
        (["--effective-from", "2026-02-30"], "is not a date"),
        (["--effective-from", "2026-05-01", "--effective-until", "2026-05-01"], "must be later"),
        (["--title", "One for all"], "single file"),
    ],
)
def test_a_bad_option_is_refused_in_a_sentence(folder, options, words):
    with pytest.raises(CommandError, match=words):
        run("ingest", folder, *options)
    assert not Document.objects.exists()


def test_files_of_one_name_in_two_folders_are_two_documents(tmp_path):
    for place in ("eu", "us"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "shipping.md").write_text(f"# Shipping\n\nRules for {place}.")
    assert [file.name for file in files_in([tmp_path])] == ["eu/shipping.md", "us/shipping.md"]
    run("ingest", tmp_path)
    assert DocumentVersion.objects.filter(state=State.PUBLISHED).count() == Document.objects.count() == 2


def test_a_file_given_twice_is_taken_once(folder):
    assert len(files_in([folder, folder / "returns.md"])) == 3


def test_search_answers_for_people_and_for_programs(folder):
    run("ingest", folder)
    code, out, _ = run("search", "return a jacket")
    assert code == 0
    assert "1. Returns · " in out
    found = json.loads(run("search", "return a jacket", "--json", "--k", "1")[1])
    assert found["query"] == "return a jacket"
    assert 0 <= found["strength"] <= 1
    [first] = found["results"]
    assert set(first) == {"source", "document", "heading", "text", "score"}
    assert (first["source"], first["document"]) == ("returns.md", "Returns")


def test_search_answers_for_another_day(folder):
    later = timezone.localdate() + timedelta(days=30)
    run("ingest", folder / "returns.md", "--effective-from", later)
    assert json.loads(run("search", "jacket", "--json")[1])["results"] == []
    assert json.loads(run("search", "jacket", "--json", "--as-of", later)[1])["results"] != []


def test_search_finds_what_its_audience_may_read_and_nothing_more(folder, tmp_path):
    run("ingest", folder / "returns.md", "--audience", "staff")
    asked = tmp_path / "in.jsonl"
    asked.write_text(json.dumps({"id": "a", "text": "jacket"}), "utf-8")
    for who, count in ((), 0), (("--audience", "customers"), 0), (("--audience", "staff"), 1):
        assert len(json.loads(run("search", "jacket", "--json", *who)[1])["results"]) == count
        assert len(json.loads(run("search", "--batch", asked, *who)[1])["results"]) == count
    with pytest.raises(CommandError, match=r"“Staff” is not an audience\. Please give one of: everyone, customers, staff\."):
        run("search", "jacket", "--audience", "Staff")


def test_a_batch_answers_every_good_line_and_names_the_broken_ones(folder, tmp_path):
    run("ingest", folder)
    asked, answered = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    history = [{"role": "user", "text": "Do you ship to Norway?"}, {"role": "assistant", "text": "Yes."}]
    lines = [
        json.dumps({"id": "a", "text": "return a jacket", "history": []}),
        "not json",
        json.dumps({"id": "b", "text": "How many days?", "history": history}),
        "",
        json.dumps({"id": "c", "text": 5}),
        json.dumps({"id": "d", "text": ""}),
        json.dumps({"id": 7, "text": "line\u2028end"}, ensure_ascii=False),
    ]
    asked.write_text("\n".join(lines), "utf-8")
    code, _, err = run("search", "--batch", asked, "--out", answered)
    assert code == 1
    assert "line 2: this is not JSON." in err
    assert "line 5:" in err
    results = [json.loads(line) for line in answered.read_text("utf-8").splitlines()]
    assert [result["id"] for result in results] == ["a", "b", "d", 7]
    assert [result["results"][0]["document"] for result in results[:2]] == ["Returns", "Shipping"]
    assert (results[2]["strength"], results[2]["results"]) == (0, [])


def test_a_batch_needs_files_it_can_use(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        run("search", "--batch", tmp_path / "missing.jsonl")
    with pytest.raises(CommandError, match="either a query or --batch"):
        run("search")


def test_search_goes_on_by_words_when_the_model_fails(folder, monkeypatch):
    run("ingest", folder)

    async def fails(text):
        raise EmbeddingFailed("no model")

    monkeypatch.setattr(search.Searcher, "default_embed", staticmethod(fails))
    assert json.loads(run("search", "jackets", "--json")[1])["results"][0]["document"] == "Returns"


def test_rebuilding_embeds_anew_what_an_older_recipe_made(folder, monkeypatch):
    run("ingest", folder)
    newer = WordCounts("a newer model")
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: parts(embedder=newer)))
    assert json.loads(run("rebuild_index", "--json")[1]) == {"reembedded": 2, "failed": [], "chunks": 2}
    assert set(DocumentVersion.objects.published().values_list("recipe", flat=True)) == {"a newer model"}
    assert json.loads(run("rebuild_index", "--json")[1])["reembedded"] == 0
    assert json.loads(run("rebuild_index", "--json", "--all")[1])["reembedded"] == 2


def test_rebuilding_keeps_the_old_vectors_when_the_model_fails(folder, monkeypatch):
    class Fails(WordCounts):
        def embed(self, texts):
            raise EmbeddingFailed("NaN")

    run("ingest", folder)
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: parts(embedder=Fails("a newer model"))))
    code, _, err = run("rebuild_index")
    assert code == 1
    assert "Returns v1" in err
    assert json.loads(run("search", "jacket", "--json")[1])["results"][0]["document"] == "Returns"


def test_the_sweep_finishes_what_was_left_lying(folder):
    ingestion.receive(folder / "returns.md", "returns.md", queue=False)
    code, out, _ = run("sweep", "--json")
    assert code == 0
    assert [entry["state"] for entry in json.loads(out)["versions"]] == ["published"]
    assert json.loads(run("sweep", "--json")[1])["versions"] == []


async def test_a_search_inside_an_event_loop_sees_what_was_just_published(folder):
    await sync_to_async(run)("ingest", folder)
    found = await search.search("return a jacket", as_of=timezone.localdate(), k=1)
    assert [passage.document for passage in found.passages] == ["Returns"]
    assert {"embed", "find", "load", "judge", "all"} == set(found.timings_ms)


def test_the_commands_load_nothing_heavy_before_they_run():
    """Else every script that asks for --help waits for a model."""
    names = ", ".join(f"retrieval.management.commands.{name}" for name in ("ingest", "search", "rebuild_index", "sweep"))
    heavy = "{'torch', 'faiss', 'tantivy', 'openvino', 'sentence_transformers', 'numpy'} & set(sys.modules)"
    code = f"import sys, django; django.setup(); import {names}; print(*{heavy})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_what_a_published_file_contradicts_is_said_once_and_it_is_published_all_the_same(tmp_path):
    (tmp_path / "a.md").write_text("# Returns\n\nYou can return any item within 30 days of delivery.")
    (tmp_path / "b.md").write_text("# Help\n\nAny item can be returned within 14 days of delivery.")
    code, out, err = run("ingest", tmp_path, "--json")
    told = [finding for file in json.loads(out)["files"] for finding in file["findings"]]
    assert (code, json.loads(out)["published"], len(told)) == (0, 2, 1)
    assert {told[0]["here"], told[0]["there"]} == {
        "You can return any item within 30 days of delivery.",
        "Any item can be returned within 14 days of delivery.",
    }
    assert err.count("contradicts") == 1


def test_a_review_leaves_what_contradicts_to_staff(tmp_path):
    (tmp_path / "a.md").write_text("# Returns\n\nYou can return any item within 30 days of delivery.")
    run("ingest", tmp_path)
    (tmp_path / "b.md").write_text("# Help\n\nAny item can be returned within 14 days of delivery.")
    code, out, err = run("ingest", tmp_path / "b.md", "--review", "--audience", "customers", "--json")
    (file,) = json.loads(out)["files"]
    assert (code, file["status"], file["reason"]) == (0, "waiting", "Please decide: 1 contradiction found.")
    assert "contradicts “A”, version 1" in err
    version = DocumentVersion.objects.get(filename="b.md")
    assert (version.state, version.audience) == (State.READY, "customers")
