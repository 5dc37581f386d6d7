"""Synthetic shops of any size for measuring search: vectors that lie like real ones, words as frequent as in real texts. Same seed, same shop.

Nothing here is about quality. Real passages are the seeds: their vectors are drawn apart and towards their neighbours with the
spread that real neighbours have, and texts mix the words of two passages with words of the whole collection and with rare ones.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_NEIGHBOURS = 20
_SPREAD = 0.8  # of the differences between real neighbours
_RARE_WORDS = 200_000
_WORDS = (60, 40, 10)  # a chunk's words: of its passage, of any passage, rare ones


@dataclass(frozen=True)
class Seeds:
    """Real passages and questions with their unit vectors (float32)."""

    texts: list[str]
    vectors: np.ndarray
    questions: list[str]
    asked: np.ndarray


def seeds(folder: Path, cache: Path) -> Seeds:
    """Passages and questions of a folder with corpus.jsonl and queries.jsonl; without one, those of the demo shop. Embedded once."""
    from retrieval.embedding import embedder

    corpus, queries = folder / "corpus.jsonl", folder / "queries.jsonl"
    if corpus.exists() and queries.exists():
        texts = [json.loads(line)["text"] for line in corpus.read_text("utf-8").splitlines()]
        questions = [json.loads(line)["text"] for line in queries.read_text("utf-8").splitlines()]
    else:
        sources = Path(__file__).resolve().parent.parent / "fixtures" / "policy_sources"
        parts = [part for path in sorted(sources.glob("*.md")) for part in path.read_text("utf-8").split("\n\n")]
        texts = [part for part in parts if len(part.split()) > 12]
        questions = [" ".join(text.split()[3:11]) for text in texts]
    if cache.exists():
        kept = np.load(cache, allow_pickle=False)
        if (len(kept["vectors"]), len(kept["asked"])) == (len(texts), len(questions)):
            return Seeds(texts, kept["vectors"], questions, kept["asked"])
    made = Seeds(texts, embedder().embed(texts), questions, embedder().embed(questions, queries=True))
    np.savez(cache, vectors=made.vectors, asked=made.asked)
    return made


def vectors(real: np.ndarray, count: int, *, seed: int = 1, at_once: int = 20_000) -> Iterator[np.ndarray]:
    """Unit vectors in batches, as clustered as the real ones."""
    random = np.random.default_rng(seed)
    near = np.argsort(-(real @ real.T), axis=1)[:, 1 : _NEIGHBOURS + 1]
    apart = real - real[near[:, :5]].mean(axis=1)
    shape = np.linalg.cholesky(np.cov(apart.T) + 1e-7 * np.eye(real.shape[1])).astype(np.float32)
    for first in range(0, count, at_once):
        size = min(at_once, count - first)
        here = random.integers(len(real), size=size)
        there = near[here, random.integers(near.shape[1], size=size)]
        share = random.random((size, 1), dtype=np.float32) / 2
        drawn = real[here] * (1 - share) + real[there] * share
        drawn += _SPREAD * random.standard_normal((size, real.shape[1]), dtype=np.float32) @ shape.T
        yield (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype("<f4")


def texts(real: Sequence[str], count: int, *, seed: int = 2) -> Iterator[str]:
    """Texts whose words are as frequent as in real ones, and meet as they do there."""
    random = np.random.default_rng(seed)
    passages = [np.array(words) for text in real if len(words := text.split()) > 5]
    every = np.concatenate(passages)
    own, common, rare = _WORDS
    for _ in range(count):
        passage = passages[random.integers(len(passages))]
        unusual = [f"zq{number % _RARE_WORDS}" for number in random.zipf(1.3, rare)]
        yield " ".join([*random.choice(passage, own), *random.choice(every, common), *unusual])
