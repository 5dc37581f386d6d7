"""Terms of chunks, searched by BM25: the one importer of tantivy. In memory, or in a folder that a snapshot can be made of.

Terms come ready made from `words.py`, so that every index cuts words the same way; texts themselves are not kept.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tantivy

from retrieval.index.backend import HEAD_BOOST
from retrieval.index.snapshot import link_or_copy

_WRITER_BYTES = 15_000_000  # the least that tantivy accepts
_FIELDS = (("body", 1.0), ("head", HEAD_BOOST))
_WIDER = 4  # times as many hits are asked for where too many were silent
_WIDENED = 2  # times, before the silent ones are left out by tantivy itself, which then cannot skip what ranks low
_META, _MANAGED = "meta.json", ".managed.json"  # tantivy's lists of what is in the folder
_TRIES = 20


class Entry(NamedTuple):
    """A chunk as the lexicon takes it: terms of what stands over it, and of all that is said in it or over it."""

    chunk: int
    version: int
    head: Sequence[str]
    body: Sequence[str]


class Terms:
    """One state of a lexicon; it never changes."""

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema, self._searcher = schema, searcher
        self.size: int = searcher.num_docs  # chunks

    def frequency(self, term: str) -> int:
        """In how many chunks a term occurs."""
        return int(self._searcher.doc_freq("body", term))

    def best(self, terms: Mapping[str, float], silent: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """Chunk ids and scores of the best by terms, each with its weight, best first. silent: ids of versions, ascending, to leave out."""
        if not terms or limit < 1:
            return []
        asked = tantivy.Query.boolean_query([
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, name, term, "freq"), weight * boost),
            )
            for term, weight in terms.items()
            for name, boost in _FIELDS
        ])  # fmt: skip
        if not len(silent):
            return self._hits(asked, limit)[0]
        reach = limit
        for _ in range(_WIDENED):
            # most versions answer: to drop a few hits afterwards is much cheaper than to keep their versions out of the search
            reach *= _WIDER
            hits, versions = self._hits(asked, reach)
            places = np.searchsorted(silent, versions)
            spoken = silent[np.minimum(places, len(silent) - 1)] != versions
            kept = [hit for hit, speaks in zip(hits, spoken, strict=True) if speaks]
            if len(kept) >= limit or len(hits) < reach:
                return kept[:limit]
        quiet = tantivy.Query.term_set_query(self._schema, "version", silent.tolist())
        asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), (tantivy.Occur.MustNot, quiet)])
        return self._hits(asked, limit)[0]

    def _hits(self, asked: Any, limit: int) -> tuple[list[tuple[int, float]], np.ndarray]:
        """Chunk ids with scores, and the version of each."""
        hits = self._searcher.search(asked, limit, count=False).hits
        addresses = [address for _, address in hits]
        chunks = self._searcher.fast_field_values("chunk", addresses)
        versions = np.array(self._searcher.fast_field_values("version", addresses), dtype=np.int64)
        return [(int(chunk), float(score)) for chunk, (score, _) in zip(chunks, hits, strict=True)], versions


class Lexicon:
    """The terms of chunks, as they grow. One thread at a time may change it; what was made of it before stays as it was."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: of its own, empty or with what another lexicon left there; None: in memory. Raises ValueError or OSError."""
        self.folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("chunk", fast=True)
        builder.add_unsigned_field("version", indexed=True, fast=True)
        for name, _ in _FIELDS:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema) if folder is None else tantivy.Index(self._schema, path=str(folder))
        self._writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            document = tantivy.Document()
            document.add_unsigned("chunk", entry.chunk)
            document.add_unsigned("version", entry.version)
            document.add_text("head", " ".join(entry.head))
            document.add_text("body", " ".join(entry.body))
            self._writer.add_document(document)

    def remove(self, version_ids: Iterable[int]) -> None:
        # by a query: `delete_documents_by_term` finds nothing in a field of numbers, and does not say so
        self._writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "version", list(version_ids)))

    def commit(self) -> Terms:
        """Keep what was added and removed, and give the state with it."""
        self._writer.commit()
        self._index.reload()
        return Terms(self._schema, self._index.searcher())

    def rollback(self) -> None:
        """Forget what was added and removed since the last commit."""
        self._writer.rollback()

    def link_to(self, target: Path) -> bool:
        """Put the files of the last commit into an empty folder too; whether that was possible. Nobody may commit meanwhile.

        tantivy never changes a file that it has written, but joins small ones in the background and then removes them.
        """
        if self.folder is None:
            return False
        for _ in range(_TRIES):
            meta = (self.folder / _META).read_bytes()
            segments = tuple(segment["segment_id"].replace("-", "") for segment in json.loads(meta)["segments"])
            try:
                for path in self.folder.iterdir():
                    if segments and path.name.startswith(segments):
                        link_or_copy(path, target / path.name)
                shutil.copyfile(self.folder / _MANAGED, target / _MANAGED)
            except FileNotFoundError:
                pass
            else:
                if (self.folder / _META).read_bytes() == meta:
                    (target / _META).write_bytes(meta)
                    return True
            for path in target.iterdir():
                path.unlink()
        return False
