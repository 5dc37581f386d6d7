"""Fill a product's index for a measurement: `DATA_DIR=… python -m benchmarks.fill 10000`.

Copies the published documents, under new titles and with their vectors turned a little, until there are that many chunks. So texts,
words and versions are as they are in a shop, and nothing has to be embedded. The product must not run meanwhile.
"""

import argparse
import os
import sys
from typing import Any

import django

TURN = 0.3  # length of what is added to a unit vector: near its origin, and still one of its own


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
        for version in originals:
            its_chunks = chunks[version.pk]
            with transaction.atomic():
                # of one document, several versions may be published, for different days
                name = f"{copy}.{version.number}"
                document = _copied(version.document, title=f"{version.document.title} {name}", slug=f"copy-{copy}-{version.pk}")
                changes: dict[str, Any] = {"document": document, "sha256": "", "published_at": timezone.now()}
                twin = _copied(version, **changes)
                Chunk.objects.bulk_create(
                    [_unsaved(chunk, version=twin, vector=_turned(chunk.vector, made)) for chunk in its_chunks], batch_size=500
                )
                IndexChange.objects.create(version=twin, action=IndexChange.Action.ADDED)
            have += len(its_chunks)
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


def _turned(vector: bytes, made: Any) -> bytes:
    import numpy as np

    values = np.frombuffer(bytes(vector), dtype="<f4")
    noise = made.standard_normal(len(values)).astype("<f4")
    turned = values + TURN * noise / np.linalg.norm(noise)
    return bytes((turned / np.linalg.norm(turned)).astype("<f4").tobytes())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, help="chunks that shall be published")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    filled = fill(arguments.count)
    print(f"{filled} chunks are published.")
    sys.exit(0 if filled >= arguments.count else 1)
