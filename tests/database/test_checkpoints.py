"""What is written ahead moves into the database file without a turn waiting for it."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from chatbot.models import AuditEntry
from database import checkpoints


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_stands_in_the_file_afterwards(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("there is no file")
    AuditEntry.objects.create(at="2026-11-21T12:00:00Z", actor="ana", action="test", subject="written ahead")
    checkpoints.write_back()
    # the file alone, without what was written ahead of it
    alone = tmp_path / "alone.sqlite3"
    alone.write_bytes(Path(settings.DATABASES["default"]["NAME"]).read_bytes())
    with contextlib.closing(sqlite3.connect(alone)) as copy:
        assert copy.execute("SELECT subject FROM chatbot_auditentry").fetchall() == [("written ahead",)]


def test_a_database_that_does_not_answer_is_asked_again_later(monkeypatch, caplog):
    def fail():
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(connection, "cursor", fail)
    checkpoints.write_back()
    assert "could not be moved" in caplog.text
