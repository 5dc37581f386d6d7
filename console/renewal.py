"""How far the documents have come with a new embedding model or chunker: shown while it goes on, and not at all otherwise."""

import logging
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from console.access import console_page
from console.standing import time_left
from retrieval import reembedding
from retrieval.errors import EmbeddingFailed
from retrieval.reembedding import Progress

logger = logging.getLogger(__name__)


@console_page("GET")
def renewal(request: HttpRequest) -> HttpResponse:
    """The part of a page that says how far it is, for htmx; without it, the documents."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("console:documents")
    return render(request, "console/documents/renewal.html", renewal_context(timezone.now()))


def renewal_context(now: datetime) -> dict[str, object]:
    """What `console/documents/renewal.html` needs. Nothing to show while the model cannot be loaded: what today's is is not known."""
    try:
        progress = reembedding.progress(at=now)
    except EmbeddingFailed:
        logger.warning("how many documents have vectors of today's model is not known: it cannot be loaded")
        progress = Progress(published=0, left=0, stuck=0, seconds=None)
    return {"renewal": progress, "time_left": "" if progress.seconds is None else time_left(progress.seconds)}
