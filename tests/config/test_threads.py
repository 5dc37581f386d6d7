"""Libraries of linear algebra keep to one thread in every process, so that they do not fight the embedding model for the processor."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

# what a process says of itself once it has loaded all that it calculates with
POOLS = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
import faiss, numpy
from threadpoolctl import threadpool_info
print(json.dumps({pool["internal_api"]: pool["num_threads"] for pool in threadpool_info()}))
"""


def pools(module, **environment):
    """How many threads each library takes in a process that begins with that module: by its name."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", POOLS, module], cwd=settings.BASE_DIR, env=inherited | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", ["config.asgi", "config.celery", "config.settings"], ids=["web", "worker", "command"])
def test_a_started_process_keeps_them_to_one_thread(module):
    found = pools(module)
    assert {"openblas", "openmp"} <= found.keys()
    assert set(found.values()) == {1}


def test_the_environment_may_say_otherwise():
    assert pools("config.settings", OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2")["openmp"] == 2
