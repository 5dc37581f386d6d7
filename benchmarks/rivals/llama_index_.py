"""llama-index as its documentation shows it: VectorStoreIndex with its own splitter; and its fusion retriever with BM25 beside it."""

from pathlib import Path
from typing import Any

from benchmarks.rivals.running import DEEP, Search, documents, run


def _index(work: Path) -> Any:
    from llama_index.core import Document, Settings, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    Settings.embed_model = HuggingFaceEmbedding(model_name=str(work / "model"), device="cpu")
    Settings.llm = MockLLM()  # asked for by the fusion retriever, and not used with one query
    texts = [Document(text=piece.full, metadata={"source": piece.source}) for piece in documents(work)]
    for text in texts:  # the file name says nothing here
        text.excluded_embed_metadata_keys = text.excluded_llm_metadata_keys = ["source"]
    return VectorStoreIndex.from_documents(texts)


def _sources(nodes: Any) -> list[tuple[str, float]]:
    return [(found.node.metadata["source"], float(found.score or 0.0)) for found in nodes]


def dense(work: Path) -> Search:
    retriever = _index(work).as_retriever(similarity_top_k=DEEP)
    return lambda text: _sources(retriever.retrieve(text))


def fusion(work: Path) -> Search:
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.retrievers.bm25 import BM25Retriever

    index = _index(work)
    deep = min(DEEP, len(index.docstore.docs))
    retriever = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=deep), BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=deep)],
        mode="reciprocal_rerank",
        similarity_top_k=deep,
        num_queries=1,
        use_async=False,
    )
    return lambda text: _sources(retriever.retrieve(text))


if __name__ == "__main__":
    run({"llama-index": dense, "llama-index fusion": fusion})
