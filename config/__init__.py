"""Wiring only: settings, addresses, server entry points. Imports everything, imported by nothing.

Every process of the product (web, worker, commands) imports this package first, so what must be settled before numpy and faiss
are loaded stands here.
"""

import os

# Linear algebra in one thread, unless the environment says otherwise: our products of vectors are too small to share out, and
# threads that wait for more by spinning take the processor from the embedding model, which has its own (retrieval/embedding.py).
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
