"""A cross-encoder reads the best passages again; without it, or when it fails, they stay as they were ranked."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from config.checks import search as search_check
from retrieval import reranking
from retrieval.index.local import LocalIndex
from retrieval.reranking import MOST, Reranker
from retrieval.search import Searcher
from tests.retrieval.stand_ins import WordCounts, upload

RULES = ["Jackets can be returned.", "Jackets are waterproof.", "Jackets are made in Porto."]


class Prefers:
    """Gives a high score to texts with one word. Keeps what it was asked."""

    def __init__(self, word: str) -> None:
        self.word, self.pairs = word, []

    def read(self, pairs):
        self.pairs += pairs
        return [4.0 if self.word in text else -4.0 for _, text in pairs]


def search(reranker, query="which jackets", **options):
    model = WordCounts()

    async def embed(text):
        return await model.embed_query(text), model.recipe

    for number, rule in enumerate(RULES):
        upload(f"# Rule {number}\n\n{rule}", f"rule-{number}.md")
    return async_to_sync(Searcher(LocalIndex(), embed, reranker=reranker).search)(query, as_of=timezone.localdate(), **options)


def test_the_passage_that_the_cross_encoder_prefers_comes_first_and_says_why(db):
    model = Prefers("Porto")
    [first, *_] = search(Reranker("any", lambda name: model)).passages
    assert "Porto" in first.text
    assert first.why.parts["reranker"] == pytest.approx(0.98, abs=0.01)
    assert first.score == pytest.approx(first.why.score)
    assert 0 < len(model.pairs) <= MOST


def test_a_follow_up_is_read_with_the_question_before_it(db):
    model = Prefers("Porto")
    search(Reranker("any", lambda name: model), "and where are they made?", context="Do you sell hats?\nTell me about jackets")
    assert {question for question, _ in model.pairs} == {"Tell me about jackets and where are they made?"}


@pytest.mark.parametrize("scores", [RuntimeError("no memory"), [float("nan")] * 3, [1.0]], ids=["fails", "not finite", "too few"])
def test_what_fails_while_reading_leaves_the_ranking_as_it_was(scores, db, caplog):
    class Fails:
        def read(self, pairs):
            if isinstance(scores, Exception):
                raise scores
            return scores

    found = search(Reranker("any", lambda name: Fails()))
    assert len(found.passages) == 3
    assert all("reranker" not in passage.why.parts for passage in found.passages)
    assert "any could not read the passages again" in caplog.text


def test_a_model_that_cannot_be_loaded_is_not_tried_again_at_once(db):
    tried = []

    def load(name):
        tried.append(name)
        raise OSError("there is no such model")

    reranker = Reranker("missing", load)
    assert async_to_sync(reranker.chances)("q", ["text"]) is None
    assert async_to_sync(reranker.chances)("q", ["text"]) is None
    assert tried == ["missing"]


def test_without_the_setting_there_is_none(settings):
    settings.RERANKER_MODEL = ""
    assert reranking.current() is None
    settings.RERANKER_MODEL = "some/model"
    assert reranking.current() is reranking.current()


def test_a_name_that_cannot_be_a_model_stops_the_start(settings, tmp_path):
    def problems(name):
        settings.RERANKER_MODEL = str(name)
        return [problem.msg for problem in search_check() if "RERANKER_MODEL" in problem.msg]

    assert problems("cross-encoder/ms-marco-MiniLM-L6-v2") == problems("") == []
    assert problems(tmp_path / "nothing")
    (tmp_path / "config.json").write_text("{}")
    assert not problems(tmp_path)


def test_a_real_cross_encoder_gives_a_chance_for_each_text(tmp_path):
    """A tiny one with random weights: what matters is that the door fits the library."""
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "return", "jackets", "boots"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    tokenizer = transformers.BertTokenizerFast(str(tmp_path / "vocab.txt"))
    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=len(words), num_labels=1, **size)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "bert"
    chances = async_to_sync(Reranker(str(tmp_path)).chances)("return jackets", ["jackets", "boots " * 900])
    assert len(chances) == 2
    assert all(0 < chance < 1 for chance in chances)
