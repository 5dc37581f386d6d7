"""No ghosts: while four processes search, what is withdrawn is gone from the next answer of each, what is published is in it."""

import pytest
from django.conf import settings
from django.db import connection

from tests.retrieval.ghosts import Chase, chase, searching

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 4
TRIES = 25  # asked of every process; `python -m benchmarks.bench_search_scale --ghosts` asks 1,000 times


def backends():
    return ["local", "postgres"] if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else ["local"]


@pytest.mark.parametrize("backend", backends())
def test_no_process_answers_with_what_was_withdrawn(backend, tmp_path):
    with searching(PROCESSES, str(connection.settings_dict["NAME"]), tmp_path, backend) as searchers:
        assert chase(searchers, TRIES) == Chase(answers=TRIES * PROCESSES)
