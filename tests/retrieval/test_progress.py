"""How far a command is: shown on a terminal, with the time that is left, also within one long file; nothing elsewhere."""

import io
import logging
import sys

import pytest

from retrieval.ingestion import receive
from retrieval.management.arguments import with_progress
from retrieval.management.commands.ingest import partly
from retrieval.management.progress import Bar
from retrieval.pipeline import advance_all
from tests.retrieval.stand_ins import parts


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch):
    """What is shown from now on; called in the test itself, as pytest takes stderr anew after the fixtures."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("COLUMNS", "140")
    return shown


def test_a_bar_tells_what_is_done_and_what_is_left_and_leaves_nothing_behind(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with Bar(4, "files") as bar:
        bar.ended()
        bar.partly("handbook", 0.5, "handbook.md: 320 of 640 passages")
        assert "1 of 4 files" in terminal.getvalue()
        assert " 38%|" in terminal.getvalue()
        assert "left, handbook.md: 320 of 640 passages" in terminal.getvalue()
        bar.ended("handbook")
        bar.partly("other", 0.0)
        assert terminal.getvalue().rpartition("\r")[2].startswith(" 50%|")
    assert terminal.getvalue().rpartition("\r")[0].endswith(" ")


def test_what_is_said_meanwhile_stands_on_lines_of_its_own(monkeypatch):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(logging.root, "handlers", [logging.StreamHandler(terminal)])
    with Bar(2, "files") as bar:
        bar.partly("handbook", 0.1)
        logging.getLogger("retrieval").warning("the reader was started again")
        with bar.aside():
            terminal.write("broken.pdf: This file is damaged.\n")
    text = terminal.getvalue()
    assert "\rthe reader was started again\n\r" in text
    assert "\rbroken.pdf: This file is damaged.\n\r" in text


def test_nothing_is_shown_where_nobody_looks(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    assert list(with_progress("abc", total=3, kind="files")) == ["a", "b", "c"]
    assert written.getvalue() == ""


@pytest.mark.django_db
def test_a_single_long_file_moves_the_bar_while_it_is_prepared(monkeypatch):
    terminal = on_terminal(monkeypatch)
    long = "\n\n".join(f"# Part {n}\n\nRule {n}." for n in range(100))
    version = receive(long.encode(), "long.md", queue=False)
    with Bar(1, "files") as bar:
        list(advance_all([version.pk], parts=parts(), told=partly(bar)))
    for done, percent in (32, 32), (64, 64), (96, 96):
        assert f"{percent:3}%|" in terminal.getvalue()
        assert f"long.md: {done} of 100 passages" in terminal.getvalue()
