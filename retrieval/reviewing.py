"""Hold a version against what answers beside it, before it answers itself: the near passages of other documents, read from the database.

The comparison itself is in `review.py`. Vectors are read a block at a time, so that memory does not grow with the shop's documents.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import nlargest
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone

from retrieval.models import Chunk, DocumentVersion, Finding, State
from retrieval.review import MANY_REPEATED, MOST_CLASHES, NEAR, Piece, clashes, is_repeated, repeated_share
from retrieval.words import words

_AT_ONCE = 2000  # vectors in memory
_NEIGHBOURS = 6  # of one passage: the nearest that are looked into
MOST_PAIRS = 3000  # of passages whose sentences are compared, in seconds; a book beside another edition has a hundred thousand


def review(version: DocumentVersion, chunks: Sequence[Chunk], recipe: str, *, only: Collection[int] | None = None) -> list[Finding]:
    """What staff should see before this version answers, unsaved; repetitions first. chunks: its own, saved or not.

    only: ids of versions; what is not of these is left out. Of a book, sentences are compared in the nearest passages only.
    """
    own_text = words(version.markdown)
    beside = (other for other in _own_others(version) if only is None or other.pk in only)
    findings = [_same_text(version, other) for other in beside if words(other.markdown) == own_text]
    matrix = _matrix(chunk.vector for chunk in chunks)
    others = _others(version, recipe)
    near = _near(matrix, others if only is None else others.filter(version__in=only)) if len(matrix) else {}
    nearest = nlargest(MOST_PAIRS, ((likeness, place, pk) for place, entries in near.items() for likeness, pk in entries))
    compared = {(place, chunk_id) for _, place, chunk_id in nearest}
    ids = {chunk_id for entries in near.values() for _, chunk_id in entries}
    known = Chunk.objects.select_related("version__document").defer("vector", "version__markdown").in_bulk(ids)
    title = version.document.title
    pieces = [_piece(chunk, title) for chunk in chunks]
    repeated: dict[int, list[int]] = defaultdict(list)
    found: dict[int, list[Finding]] = defaultdict(list)
    versions: dict[int, DocumentVersion] = {}
    for place, entries in near.items():
        for other in (known[chunk_id] for _, chunk_id in entries if chunk_id in known):
            versions[other.version_id] = other.version
            there = _piece(other, other.version.document.title)
            if is_repeated(pieces[place], there):
                repeated[other.version_id].append(place)
            if (place, other.pk) in compared:
                found[other.version_id] += _contradictions(version, chunks[place], other, pieces[place], there)
    for version_id, places in repeated.items():
        if (share := repeated_share(pieces, places)) >= MANY_REPEATED:
            findings.append(_repetition(version, versions[version_id], share, own_text))
    for version_id in sorted(found):
        findings += _each_sentence_once(found[version_id])
    return sorted(findings, key=lambda finding: finding.kind == Finding.Kind.CONTRADICTION)[: 2 * MOST_CLASHES]


def _own_others(version: DocumentVersion) -> Iterator[DocumentVersion]:
    """Versions of the same document that say when they apply as this one does: the same words would change nothing."""
    dates = (version.effective_from, version.stated_until)
    others = version.document.versions.filter(state__in=(State.PUBLISHED, State.READY), audience=version.audience)
    for other in others.exclude(pk=version.pk):
        if dates in ((None, None), (other.effective_from, other.stated_until)):
            yield other


def _others(version: DocumentVersion, recipe: str) -> QuerySet[Chunk]:
    """The passages of other documents that answer, or wait to answer, on some day on which this version will."""
    begins = max(version.effective_from or timezone.localdate(), timezone.localdate())
    until, states = version.effective_until, (State.PUBLISHED, State.READY)
    others = Chunk.objects.filter(version__state__in=states, version__recipe=recipe).exclude(version__document=version.document_id)
    others = others.filter(Q(version__effective_until__isnull=True) | Q(version__effective_until__gt=begins))
    if until is not None:
        others = others.filter(Q(version__effective_from__isnull=True) | Q(version__effective_from__lt=until))
    return others


def _near(matrix: np.ndarray, others: QuerySet[Chunk]) -> dict[int, list[tuple[float, int]]]:
    """For each row that has near passages, how near and their chunk ids, nearest first."""
    best: dict[int, list[tuple[float, int]]] = defaultdict(list)
    rows: list[tuple[int, Any]] = []
    for row in others.order_by().values_list("pk", "vector").iterator(chunk_size=_AT_ONCE):
        rows.append(row)
        if len(rows) == _AT_ONCE:
            _nearest(matrix, rows, best)
            rows = []
    _nearest(matrix, rows, best)
    return dict(sorted(best.items()))


def _nearest(matrix: np.ndarray, rows: list[tuple[int, Any]], best: dict[int, list[tuple[float, int]]]) -> None:
    """Keep the best of what is there and these rows."""
    if not rows:
        return
    likeness = matrix @ _matrix(vector for _, vector in rows).T
    for place, column in zip(*np.nonzero(likeness >= NEAR), strict=True):
        best[int(place)].append((float(likeness[place, column]), rows[column][0]))
    for place, entries in best.items():
        best[place] = sorted(entries, key=lambda entry: (-entry[0], entry[1]))[:_NEIGHBOURS]


def _matrix(vectors: Iterable[Any]) -> np.ndarray:
    raw = [bytes(vector) for vector in vectors]
    return np.frombuffer(b"".join(raw), dtype="<f4").reshape(len(raw), -1) if raw else np.zeros((0, 0), dtype=np.float32)


def _piece(chunk: Chunk, title: str) -> Piece:
    return Piece(chunk.text, chunk.start, f"{title} > {chunk.heading}", chunk.context)


def _contradictions(version: DocumentVersion, chunk: Chunk, other: Chunk, here: Piece, there: Piece) -> Iterator[Finding]:
    for clash in clashes(here, there):
        yield Finding(
            version=version,
            other=other.version,
            kind=Finding.Kind.CONTRADICTION,
            start=clash.start,
            end=clash.end,
            heading=chunk.heading,
            other_start=clash.other_start,
            other_end=clash.other_end,
            other_heading=other.heading,
            differences=[list(pair) for pair in clash.differences],
            share=round(clash.closeness, 3),
        )


def _each_sentence_once(findings: list[Finding]) -> list[Finding]:
    """Those of one other document in the order of the text, each sentence with the one over there that is closest to it."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.share, f.start, f.other_start)):
        if all(finding.start != k.start and finding.other_start != k.other_start for k in kept):
            kept.append(finding)
    return sorted(kept[:MOST_CLASHES], key=lambda f: f.start)


def _repetition(version: DocumentVersion, other: DocumentVersion, share: float, own_text: list[str]) -> Finding:
    if share > 1 - 1e-6 and words(other.markdown) == own_text:
        return _same_text(version, other)
    return Finding(version=version, other=other, kind=Finding.Kind.REPETITION, share=round(share, 3))


def _same_text(version: DocumentVersion, other: DocumentVersion) -> Finding:
    return Finding(version=version, other=other, kind=Finding.Kind.SAME_TEXT, share=1.0)
