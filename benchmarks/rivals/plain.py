"""BM25 (bm25s), vectors alone, and both fused by reciprocal rank (Cormack, Clarke and Büttcher 2009, k = 60): what one writes first."""

from pathlib import Path

from benchmarks.rivals.running import DEEP, Search, documents, run, windows

RRF_K = 60


def bm25(work: Path) -> Search:
    import bm25s
    import Stemmer

    pieces = windows(documents(work))
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(bm25s.tokenize([p.full for p in pieces], stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def search(text: str) -> list[tuple[str, float]]:
        asked = bm25s.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False)
        rows, scores = index.retrieve(asked, k=min(DEEP, len(pieces)), show_progress=False)
        return [(pieces[row].source, float(score)) for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

    return search


def dense(work: Path) -> Search:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    pieces = windows(documents(work))
    model = SentenceTransformer(str(work / "model"), device="cpu")
    matrix = model.encode([p.full for p in pieces], normalize_embeddings=True)

    def search(text: str) -> list[tuple[str, float]]:
        scores = matrix @ model.encode(text, normalize_embeddings=True)
        return [(pieces[row].source, float(scores[row])) for row in np.argsort(-scores, kind="stable")[:DEEP]]

    return search


def rrf(work: Path) -> Search:
    both = (bm25(work), dense(work))

    def search(text: str) -> list[tuple[str, float]]:
        joint: dict[str, float] = {}
        for one in both:
            for rank, source in enumerate(dict.fromkeys(source for source, _ in one(text)), start=1):
                joint[source] = joint.get(source, 0.0) + 1 / (RRF_K + rank)
        return sorted(joint.items(), key=lambda entry: -entry[1])

    return search


if __name__ == "__main__":
    run({"bm25s": bm25, "plain dense": dense, "plain RRF": rrf})
