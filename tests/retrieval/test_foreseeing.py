"""What a follow-up leans on is embedded before it is asked."""

import asyncio
from datetime import date

import numpy as np
import pytest

from retrieval import embedding
from retrieval.errors import EmbeddingFailed
from retrieval.followups import context_of
from retrieval.foreseeing import foresee
from retrieval.index.backend import Candidates
from retrieval.search import Searcher

SAID = ["Can I return a tent?", "How long do I have?"]


class NoChunks:
    def candidates(self, terms, vector, **how):
        return Candidates()


@pytest.fixture
def embedded(monkeypatch):
    texts = []

    async def embed(text):
        texts.append(text)
        return np.ones(4, dtype=np.float32) / 2

    monkeypatch.setattr(embedding, "embed_query", embed)
    return texts


def afterwards(work):
    async def run():
        work()
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(run())


async def test_it_is_the_very_text_that_the_next_search_embeds(embedded):
    foresee(SAID)
    await asyncio.sleep(0)
    [foreseen] = embedded
    asked = []

    async def embed(text):
        asked.append(text)
        return np.ones(4, dtype=np.float32) / 2, "test"

    await Searcher(NoChunks(), embed).search("and skis?", as_of=date(2026, 3, 1), context=context_of(SAID))
    assert asked == ["and skis?", foreseen]


def test_nothing_is_embedded_where_nothing_was_said(embedded):
    afterwards(lambda: foresee([" "]))
    assert embedded == []


def test_a_model_that_fails_disturbs_nobody(monkeypatch, caplog):
    async def embed(text):
        raise EmbeddingFailed("down")

    monkeypatch.setattr(embedding, "embed_query", embed)
    afterwards(lambda: foresee(SAID))
    assert "never retrieved" not in caplog.text
