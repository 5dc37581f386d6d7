"""Fill a product's index for a measurement: `DATA_DIR=… python -m benchmarks.fill 10000`.

Copies the published documents with their letters exchanged and with random vectors, until there are that many chunks. So lengths,
spans, headings and versions are as they are in a shop, no copy says again what another says, and nothing has to be embedded. The
product must not run meanwhile.
"""

import argparse
import os
import sys
from typing import Any

import django

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def fill(count: int) -> int:
    """Return how many chunks are published afterwards: at least `count`, unless nothing is published."""
    import numpy as np
    from django.db import transaction
    from django.utils import timezone

    from retrieval.models import Chunk, DocumentVersion, IndexChange

    made = np.random.default_rng(1)
    originals = list(DocumentVersion.objects.published().select_related("document"))
    chunks = {version.pk: list(version.chunks.all()) for version in originals}
    have, copy = sum(map(len, chunks.values())), 0
    while originals and have < count:
        copy += 1
        other = "".join(made.permutation(list(LETTERS)))
        exchanged = str.maketrans(LETTERS + LETTERS.upper(), other + other.upper())
        for version in originals:
            rows = []
            with transaction.atomic():
                # of one document, several versions may be published, for different days
                title, slug = version.document.title.translate(exchanged), f"copy-{copy}-{version.pk}"
                document = _copied(version.document, title=title, slug=slug)
                markdown = version.markdown.translate(exchanged)
                twin = _copied(version, document=document, sha256="", markdown=markdown, published_at=timezone.now())
                for chunk in chunks[version.pk]:
                    words = {name: getattr(chunk, name).translate(exchanged) for name in ("heading", "text", "context")}
                    vector = made.standard_normal(len(chunk.vector) // 4).astype("<f4")
                    rows.append(_unsaved(chunk, version=twin, vector=(vector / np.linalg.norm(vector)).tobytes(), **words))
                Chunk.objects.bulk_create(rows, batch_size=500)
                IndexChange.objects.create(version=twin, action=IndexChange.Action.ADDED)
            have += len(rows)
            if have >= count:
                break
    return have


def _unsaved(row: Any, **changes: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    twin = type(row)(**values)
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin


def _copied(row: Any, **changes: Any) -> Any:
    twin = _unsaved(row, **changes)
    twin.save(force_insert=True)
    return twin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, help="chunks that shall be published")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    filled = fill(arguments.count)
    print(f"{filled} chunks are published.")
    sys.exit(0 if filled >= arguments.count else 1)
