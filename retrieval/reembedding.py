"""A change of the embedding model or the chunker: published versions get new chunks and vectors while the old ones answer."""

from collections.abc import Iterator

from retrieval import publishing
from retrieval.models import DocumentVersion
from retrieval.preparing import Parts, batches, done_at_once, embedded


def stale_versions(*, every: bool = False, parts: Parts | None = None) -> Iterator[DocumentVersion]:
    """Published versions whose vectors were made with another recipe than today's; with `every`, all of them."""
    recipe = (parts or Parts.real()).embedder().recipe
    versions = DocumentVersion.objects.published().select_related("document").order_by("pk")
    return (versions if every else versions.exclude(recipe=recipe)).iterator()


def reembed(version: DocumentVersion, *, parts: Parts | None = None) -> bool:
    """Make the chunks and vectors of a published version anew with the recipe of today; False if it answers no more.

    The old ones answer until the new ones are there. Raises EmbeddingFailed.
    """
    parts = parts or Parts.real()
    chunks = [chunk for batch in batches(version) for chunk in done_at_once(embedded(version, batch), parts)]
    return publishing.reindex(version, chunks, parts.embedder().recipe)
