"""haystack-ai as its tutorial on hybrid retrieval shows it: splitter, document embedder, two retrievers and a joiner."""

from pathlib import Path
from typing import Any

from benchmarks.rivals.running import DEEP, Search, documents, run


def _store(work: Path) -> tuple[Any, Any]:
    from haystack import Document
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import ComponentDevice
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    device = ComponentDevice.from_str("cpu")
    model = str(work / "model")
    splitter = DocumentSplitter(split_by="word", split_length=512, split_overlap=32)
    splitter.warm_up()
    embedder = SentenceTransformersDocumentEmbedder(model=model, device=device, progress_bar=False)
    embedder.warm_up()
    pieces = splitter.run([Document(content=piece.full, meta={"source": piece.source}) for piece in documents(work)])
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(embedder.run(pieces["documents"])["documents"])
    asking = SentenceTransformersTextEmbedder(model=model, device=device, progress_bar=False)
    asking.warm_up()
    return store, asking


def dense(work: Path) -> Search:
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

    store, asking = _store(work)
    retriever = InMemoryEmbeddingRetriever(store, top_k=DEEP)

    def search(text: str) -> list[tuple[str, float]]:
        found = retriever.run(query_embedding=asking.run(text)["embedding"])["documents"]
        return [(document.meta["source"], document.score) for document in found]

    return search


def hybrid(work: Path) -> Search:
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

    store, asking = _store(work)
    by_vector = InMemoryEmbeddingRetriever(store, top_k=DEEP)
    by_words = InMemoryBM25Retriever(store, top_k=DEEP)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    def search(text: str) -> list[tuple[str, float]]:
        vectors = by_vector.run(query_embedding=asking.run(text)["embedding"])["documents"]
        joint = joiner.run(documents=[vectors, by_words.run(query=text)["documents"]])["documents"]
        return [(document.meta["source"], document.score) for document in joint]

    return search


if __name__ == "__main__":
    run({"haystack": dense, "haystack hybrid": hybrid})
