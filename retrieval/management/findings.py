"""What commands say about published files that contradict or repeat other documents. They publish all the same: staff are not there."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from retrieval.plaintext import plain

logger = logging.getLogger(__name__)

MOST_COMPARED = 100  # files of one call: each is held against all that answers, which takes longer than publishing thousands should


def findings_of(version_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Review published versions, keep what is found with them, and return it by version; a pair of places is told once."""
    from retrieval import publishing, reviewing
    from retrieval.models import DocumentVersion

    told: set[frozenset[tuple[int, int]]] = set()
    found: dict[int, list[dict[str, Any]]] = {}
    for version in DocumentVersion.objects.published().filter(pk__in=list(version_ids)).select_related("document").order_by("pk"):
        try:
            findings = reviewing.review(version, list(version.chunks.all()), version.recipe)
            publishing.keep_findings(version, findings)
        except Exception:  # the file is published, which is what was asked for
            logger.exception("version %s could not be compared with the other documents", version.pk)
            continue
        for finding in findings:
            places = frozenset({(version.pk, finding.start), (finding.other_id, finding.other_start)})
            if places not in told:
                told.add(places)
                found.setdefault(version.pk, []).append(_told(finding))
    return found


def waiting_findings(version: Any) -> list[dict[str, Any]]:
    """What holds back a version that waits for a decision."""
    return [_told(finding) for finding in version.findings.select_related("version", "other__document")]


def warnings(findings: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A line for each finding."""
    for finding in findings:
        other = f"“{finding['document']}”, version {finding['version']}"
        if finding["kind"] == "contradiction":
            yield f"contradicts {other}: “{finding['here']}” there reads “{finding['there']}”"
        elif finding["kind"] == "repetition":
            yield f"says much of what stands in {other}: {finding['share']:.0%} of it"
        else:
            yield f"has the very same text as {other}"


def _told(finding: Any) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "document": finding.other.document.title,
        "slug": finding.other.document.slug,
        "version": finding.other.number,
        "here": plain(finding.version.markdown[finding.start : finding.end]),
        "there": plain(finding.other.markdown[finding.other_start : finding.other_end]),
        "differences": finding.differences,
        "share": finding.share,
    }
