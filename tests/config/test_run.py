"""Starting the product: a busy port is a sentence, and the welcome says where to go and how to sign in."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from config import run
from config.ports import port_is_taken


def test_a_busy_port_is_said_in_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert port_is_taken("127.0.0.1", port)
        started = subprocess.run(
            [sys.executable, "-m", "config.run"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PORT": str(port), "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert started.returncode == 1
    assert started.stderr.startswith(f"Port {port} is already in use.")
    assert "Traceback" not in started.stderr


def test_a_setting_that_cannot_work_stops_the_start_in_a_sentence(tmp_path):
    started = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PORT": "0", "DATA_DIR": str(tmp_path), "SEARCH_BACKEND": "elastic"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 1
    assert "PORT" in started.stderr
    assert "SEARCH_BACKEND" in started.stderr
    assert "Traceback" not in started.stderr


def test_the_welcome_names_addresses_and_demo_sign_ins(tmp_path):
    accounts = tmp_path / "demo_accounts.json"
    accounts.write_text(
        json.dumps(
            {
                "staff": [{"role": "support staff", "username": "sam", "password": "a-b-c"}],
                "customers": [{"email": "ana@example.com", "name": "Ana", "about": "one order"}],
            }
        )
    )
    text = run.welcome("http://localhost:8000", accounts, 1.5)
    for part in ("http://localhost:8000/", "http://localhost:8000/console/", "sam", "a-b-c", "ana@example.com", "Ctrl-C"):
        assert part in text


def test_the_welcome_of_a_real_shop_shows_no_account():
    text = run.welcome("http://localhost:8000", None, 1.5)
    assert "/console/" in text
    assert "Sign-ins" not in text


def test_programs_of_this_environment_come_first():
    environment = run.child_environment("127.0.0.1", 8123)
    assert environment["PATH"].startswith(str(Path(sys.executable).parent))
    assert environment["PORT"] == "8123"


@pytest.mark.django_db
def test_a_start_makes_the_embedding_model_ready_before_anybody_asks(monkeypatch):
    made = []
    monkeypatch.setattr("retrieval.embedding.prepare", lambda: made.append("model"))
    monkeypatch.setattr("console.management.commands.prepare.collect_if_changed", lambda: False)
    call_command("prepare", no_demo=True)
    assert made == ["model"]
