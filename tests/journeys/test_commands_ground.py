"""Commands from the outside: quick to start, plain in what they say, safe to run twice."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def manage(*arguments, data_dir, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_setting_up_loads_nothing_heavy(tmp_path):
    heavy = [
        "torch",
        "sentence_transformers",
        "transformers",
        "faiss",
        "tantivy",
        "openvino",
        "openai",
        "celery",
        "pypdfium2",
        "numpy",
    ]
    code = f"import django, sys; django.setup(); print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.strip() == "[]", run.stderr


@pytest.mark.parametrize(
    "command", ["ask", "search", "ingest", "import_orders", "check_orders", "rebuild_index", "sweep", "load_demo", "prepare"]
)
def test_every_command_explains_itself(command, tmp_path):
    run = manage(command, "--help", data_dir=tmp_path)
    assert run.returncode == 0, run.stderr
    assert command in run.stdout


def test_a_setting_that_cannot_work_stops_a_command_by_name(tmp_path):
    run = manage("prepare", data_dir=tmp_path, SEARCH_BACKEND="elastic")
    assert run.returncode == 1
    assert "SEARCH_BACKEND" in run.stderr
    assert "Traceback" not in run.stderr
