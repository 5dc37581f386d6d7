"""What becomes of a version once it is prepared: it answers at once, or waits for a person who has something to decide."""

import logging
from collections.abc import Collection, Sequence

from retrieval import publishing
from retrieval.models import Chunk, DocumentVersion, Finding, IndexChange, Release
from retrieval.publishing import changing_documents

logger = logging.getLogger(__name__)

BY_HAND = "Prepared. It waits until somebody publishes it."
NOT_COMPARED = "It could not be compared with the other documents. Please check it and decide; the server's log has the cause."


def settle(version: DocumentVersion, chunks: list[Chunk], recipe: str) -> bool:
    """Publish a claimed, prepared version or keep it ready, as its `release` says; False if the claim is gone.

    The review sees what answers at the moment of publication: two uploads that contradict each other cannot slip past side by side.
    """
    if version.release == Release.AT_ONCE:
        return publishing.publish(version, chunks, recipe)
    seen = publishing.last_change()
    findings = _reviewed(version, chunks, recipe)
    with changing_documents():
        # everybody who writes waits for what is done here, so only what is new is looked at
        if findings is not None and (changed := _changed_since(seen)):
            fresh = _reviewed(version, chunks, recipe, only=changed)
            findings = None if fresh is None else [*(f for f in findings if f.other_id not in changed), *fresh]
        reason = waits_because(findings) or (BY_HAND if version.release == Release.BY_HAND else "")
        if reason:
            return publishing.keep_ready(version, chunks, recipe, reason=reason, findings=findings or ())
        return publishing.publish(version, chunks, recipe)


def waits_because(findings: Sequence[Finding] | None) -> str:
    """A sentence for staff; "" if nothing was found. None: there was no review."""
    if findings is None:
        return NOT_COMPARED
    kinds = [finding.kind for finding in findings]
    found = [
        _counted(kinds.count(Finding.Kind.CONTRADICTION), "contradiction", "contradictions"),
        _counted(
            kinds.count(Finding.Kind.REPETITION), "document that says much of the same", "documents that say much of the same"
        ),
        _counted(kinds.count(Finding.Kind.SAME_TEXT), "document with the very same text", "documents with the very same text"),
    ]
    said = " and ".join(words for words in found if words)
    return f"Please decide: {said} found." if said else ""


def _changed_since(position: int) -> frozenset[int]:
    """The versions whose answering has changed since that place in the log."""
    return frozenset(IndexChange.objects.filter(pk__gt=position).values_list("version_id", flat=True))


def _reviewed(
    version: DocumentVersion, chunks: list[Chunk], recipe: str, *, only: Collection[int] | None = None
) -> list[Finding] | None:
    from retrieval import reviewing  # numpy: not needed by those who only ask for the words above

    try:
        return reviewing.review(version, chunks, recipe, only=only)
    except Exception:  # a comparison that breaks must not keep a document out: a person decides
        logger.exception("version %s could not be compared with the other documents", version.pk)
        return None


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""
