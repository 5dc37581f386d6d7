"""The embedding door: right shapes or an error, the same vectors whatever runs the model, safe for many threads and processes."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from retrieval import embedding
from retrieval.chunking import CHUNKER
from retrieval.embedding import Embedder, embed_query, embedder
from retrieval.embedding_export import MODEL, SEAL, TOKENIZER, WEIGHTS, export_name, fingerprint, is_whole
from retrieval.errors import EmbeddingFailed
from retrieval.fitting import slices_that_fit

TEXTS = [
    "Where's my order #W2378156?",
    "",
    "Sale items may be returned within fourteen days of delivery. " * 12,
    "word " * 2000,
    "Rückgabe innerhalb von 30 Tagen",
    "返品は30日以内です",
    "\x00\x01 ∑ 🙂",
]


class FakeModel:
    """Gives what it was told to give, and keeps what it was asked."""

    dimension = 4

    def __init__(self, *answers) -> None:
        self.answers, self.asked = list(answers), []

    def vectors(self, texts, *, queries):
        self.asked.append((list(texts), queries))
        answer = self.answers.pop(0) if self.answers else np.ones((len(texts), 4))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def parts(self, text):
        return [text]


@pytest.fixture
def use(monkeypatch):
    """Put a model in the place of the process's own, until the test is over."""

    def put(model):
        process = embedding._Process()
        process.embedder = Embedder(model, name="fake")
        monkeypatch.setattr(embedding, "_process", process)
        return model

    return put


def test_one_unit_row_per_text_in_their_order():
    rows = embedder().embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder().dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for text, row in zip(TEXTS, rows, strict=True):
        assert float(embedder().embed([text])[0] @ row) > 0.9999
    assert embedder().embed([]).shape == (0, embedder().dimension)


def test_a_query_gets_the_same_vector_in_whatever_company():
    queries = ["Where is it?", "How long do I have to send back what I bought in a sale? " * 4, "word " * 300]
    alone = [embedder().embed([query], queries=True)[0] for query in queries]
    assert np.array_equal(embedder().embed(queries, queries=True), np.array(alone))


async def test_what_is_asked_twice_at_once_is_embedded_once(use):
    model = use(FakeModel())
    same = await asyncio.gather(*(embed_query(text) for text in ("same", "same ", "other", "same")))
    assert sorted(text for texts, _ in model.asked for text in texts) == ["other", "same"]
    assert np.array_equal(same[0], same[3])


async def test_a_model_that_fails_to_load_beforehand_is_told_to_whoever_asks(monkeypatch):
    def fail(name, *, models):
        raise OSError("no such model")

    monkeypatch.setattr(embedding, "_process", embedding._Process())
    monkeypatch.setattr(embedding, "load", fail)
    embedding.begin_loading()
    with pytest.raises(EmbeddingFailed, match="could not be loaded"):
        await embed_query("anything")


async def test_the_usual_lengths_of_queries_are_tried_one_by_one(use):
    model = use(FakeModel())
    await embedding.get_used_to_queries()
    assert [(len(texts), queries) for texts, queries in model.asked] == [(1, True)] * len(embedding.USUAL_WORDS)


def test_what_means_the_same_is_near():
    question, near, far = embedder().embed(
        ["How long do I have to send it back?", "Returns are accepted for 30 days.", "We repair tent poles in our workshop."]
    )
    assert question @ near > question @ far + 0.1


def test_the_recipe_names_model_dimension_and_chunker():
    name, dimension, chunker = embedder().recipe.rsplit("/", 2)
    assert name.startswith("all-MiniLM-L6-v2@")
    assert (int(dimension), chunker) == (embedder().dimension, CHUNKER)
    assert len(embedder().recipe) <= 200


def test_both_runtimes_give_the_same_vectors():
    by_torch = Embedder(embedding._TorchModel(str(embedding._default_folder())), name="torch")
    long = " ".join(f"Rule {number}: item {number} may be returned." for number in range(45))
    assert (embedder().embed([*TEXTS, long]) * by_torch.embed([*TEXTS, long])).sum(axis=1).min() >= 0.9999
    assert (embedder().embed(TEXTS, queries=True) * by_torch.embed(TEXTS, queries=True)).sum(axis=1).min() >= 0.9999


def test_nothing_of_a_long_text_is_lost_on_the_vector():
    filling = "We are glad that you are here and hope that you find what you came for. " * 30
    with_rule, without = embedder().embed([filling + "Skis are returned within nine days. " * 10, filling])
    (asked,) = embedder().embed(["within how many days are skis returned"])
    assert asked @ with_rule > asked @ without + 0.1


@given(st.lists(st.integers(1, 5), max_size=60), st.integers(6, 20))
def test_slices_of_a_text_are_the_text_and_fit(sizes, limit):
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    text = "".join(chr(97 + number % 26) * size for number, size in enumerate(sizes))
    slices = slices_that_fit(text, ends, limit)
    assert "".join(slices) == text
    assert all(sum(1 for end in ends if first < end <= last) <= limit for first, last in bounds(slices))


def bounds(slices):
    first = 0
    for piece in slices:
        yield first, first + len(piece)
        first += len(piece)


def test_the_web_process_answers_without_torch_and_the_readers_libraries():
    script = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import config.asgi
from retrieval import embedding
asyncio.run(embedding.embed_query("where is my parcel"))
heavy = ("torch", "transformers", "sentence_transformers", "pypdfium2", "mammoth")
print("loaded:", [name for name in heavy if name in sys.modules])
"""
    root = Path(embedding.__file__).parent.parent
    seen = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True).stdout
    assert seen.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize(
    "answer",
    [
        np.full((1, 4), np.nan),
        np.full((1, 4), np.inf),
        np.zeros((1, 4)),
        np.ones((1, 5)),
        np.ones((2, 4)),
        np.ones(4),
        RuntimeError("out of memory"),
    ],
    ids=["not a number", "infinite", "zero", "too long", "too many", "no rows", "failing"],
)
def test_an_unusable_answer_is_an_error_and_never_a_vector(answer):
    with pytest.raises(EmbeddingFailed):
        Embedder(FakeModel(answer), name="fake").embed(["text"])


async def test_a_repeated_query_is_embedded_once(use):
    model = use(FakeModel())
    first = await embed_query("where is  my order")
    assert np.array_equal(first, await embed_query(" where is my order "))
    assert model.asked == [(["where is my order"], True)]


async def test_many_queries_at_once_each_get_their_own_vector():
    queries = [f"Where is order {number}?" for number in range(50)]
    together = await asyncio.gather(*map(embed_query, queries))
    alone = embedder().embed(queries)
    assert (np.array(together) * alone).sum(axis=1).min() > 0.9999


async def test_a_query_that_nobody_waits_for_does_not_disturb_the_others(use):
    use(FakeModel())
    left = asyncio.ensure_future(embed_query("left"))
    await asyncio.sleep(0)
    left.cancel()
    assert (await embed_query("stayed")).shape == (4,)


async def test_a_failure_reaches_the_one_who_asked_and_the_next_query_works(use):
    use(FakeModel(RuntimeError("gone"), np.ones((1, 4))))
    with pytest.raises(EmbeddingFailed):
        await embed_query("first")
    assert (await embed_query("second")).shape == (4,)


def test_many_threads_get_the_vectors_of_their_own_texts():
    expected = {text: embedder().embed([text])[0] for text in TEXTS}
    with ThreadPoolExecutor(4) as pool:
        for text, row in pool.map(lambda text: (text, embedder().embed([text])[0]), TEXTS * 5):
            assert float(row @ expected[text]) > 0.9999


def test_a_model_that_does_not_load_is_an_error_and_is_not_tried_at_once_again(settings, monkeypatch, tmp_path):
    settings.EMBEDDING_MODEL = str(tmp_path / "no such model")
    monkeypatch.setattr(embedding, "_process", embedding._Process())
    for _ in range(2):
        with pytest.raises(EmbeddingFailed) as failure:
            embedder()
        assert str(tmp_path) not in failure.value.user_message


def test_an_export_with_one_byte_missing_is_not_whole(tmp_path):
    embedding.prepare()
    source = next(path for path in settings.MODELS_DIR.iterdir() if is_whole(path))
    for name in (MODEL, TOKENIZER, SEAL):
        tmp_path.joinpath(name).write_bytes((source / name).read_bytes())
    tmp_path.joinpath(WEIGHTS).write_bytes((source / WEIGHTS).read_bytes()[:-1])
    assert not is_whole(tmp_path)
    assert not is_whole(tmp_path / "missing")
    tmp_path.joinpath(SEAL).write_text("{}")
    assert not is_whole(tmp_path)


def test_the_fingerprint_follows_the_files(tmp_path):
    tmp_path.joinpath("config.json").write_text(json.dumps({"hidden_size": 4}))
    before = fingerprint(tmp_path)
    assert before == fingerprint(tmp_path)
    tmp_path.joinpath("config.json").write_text(json.dumps({"hidden_size": 8}))
    assert fingerprint(tmp_path) != before


def test_the_fingerprint_follows_the_middle_of_a_large_file(tmp_path):
    weights = tmp_path / "model.safetensors"
    content = bytearray(20_000_000)
    weights.write_bytes(content)
    before = fingerprint(tmp_path)
    content[9_000_000:9_700_000] = b"1" * 700_000  # as much as one matrix of a layer
    weights.write_bytes(content)
    assert fingerprint(tmp_path) != before


def test_another_version_of_a_library_makes_another_export(tmp_path, monkeypatch):
    before = export_name(tmp_path)
    assert before.startswith(f"{fingerprint(tmp_path)}-")
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0")
    assert export_name(tmp_path) != before


def test_an_earlier_recipe_is_served_by_the_export_that_was_left_and_by_no_other_model():
    recipe = embedder().recipe
    model, dimension, _ = recipe.rsplit("/", 2)
    earlier = embedding.embedder_of(f"{model}/{dimension}/an-earlier-chunker")
    assert float((earlier.embed(["a query"], queries=True) @ embedder().embed(["a query"]).T)[0, 0]) > 0.9999
    with pytest.raises(EmbeddingFailed):
        embedding.embedder_of(f"{model.partition('@')[0]}@0123456789abcdef/{dimension}/sections-1")


def test_two_processes_that_find_a_torn_export_both_end_with_a_whole_one(tmp_path):
    folder = embedding._default_folder()
    torn = tmp_path / export_name(folder)
    torn.mkdir()
    torn.joinpath(MODEL).write_text("<net")
    tmp_path.joinpath(f"{fingerprint(folder)}-outdated").mkdir()
    script = "import sys; from pathlib import Path; from retrieval.embedding_openvino import exported; print(exported(*map(Path, sys.argv[1:])))"
    command = [sys.executable, "-c", script, str(folder), str(tmp_path)]
    root = Path(embedding.__file__).parent.parent
    both = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=120)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers == [str(torn)] * 2
    assert is_whole(torn)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".lock", torn.name])


def test_the_door_is_light_until_it_is_used():
    script = "import sys, retrieval.embedding_openvino; print([m for m in ('torch', 'openvino', 'transformers', 'django') if m in sys.modules])"
    root = Path(embedding.__file__).parent.parent
    seen = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True).stdout
    assert seen.strip() == "[]"
