"""txtai as its documentation shows it: an Embeddings database with content, over paragraphs; dense, and with hybrid=True."""

from pathlib import Path

from benchmarks.rivals.running import DEEP, Search, documents, run


def _made(work: Path, *, hybrid: bool) -> Search:
    from txtai import Embeddings

    paragraphs = [
        (document.source, text)
        for document in documents(work)
        for text in ((part.strip() for part in document.full.split("\n\n")) if len(document.full) > 2500 else (document.full,))
        if text
    ]
    embeddings = Embeddings(path=str(work / "model"), content=True, hybrid=hybrid, gpu=False)
    embeddings.index([(number, text) for number, (_, text) in enumerate(paragraphs)])

    def search(text: str) -> list[tuple[str, float]]:
        return [(paragraphs[int(found["id"])][0], found["score"]) for found in embeddings.search(text, DEEP)]

    return search


if __name__ == "__main__":
    run({"txtai": lambda work: _made(work, hybrid=False), "txtai hybrid": lambda work: _made(work, hybrid=True)})
