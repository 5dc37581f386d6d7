"""Settings come from the environment; each is listed in `.env.example`, and a bad one is named."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
FOR_PROCFILE_ONLY = {"WORKERS"}


def names_read():
    return set(re.findall(r'read\(env\.\w+, "([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text("utf-8")))


def example_lines():
    return re.findall(r"^# ([A-Z_]+)=(.*?)\s+# (.+)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)


def test_every_setting_is_listed_with_its_meaning_and_nothing_else():
    assert {name for name, _, _ in example_lines()} == names_read() | FOR_PROCFILE_ONLY


def test_every_setting_in_the_settings_file_is_read_through_the_one_door():
    source = (ROOT / "config" / "settings.py").read_text("utf-8")
    assert "os.environ" not in source
    assert not re.search(r"(?<!read\()\benv\.(?!read_env)\w+\(", source)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("DEBUG", "perhaps"),
        ("LLM_TIMEOUT_SECONDS", "long"),
        ("DATABASE_URL", "nonsense://x"),
        ("TIME_ZONE", "Middle/Earth"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(name, value, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
    )
    assert run.returncode
    assert name in run.stderr.splitlines()[-1]


def test_a_command_says_in_a_sentence_what_is_wrong(tmp_path):
    run = subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "PORT": "eight", "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Whereabouts cannot start:\n  PORT")


def test_a_variable_set_to_nothing_counts_as_not_set(tmp_path):
    empty = dict.fromkeys(("PORT", "DEBUG", "DATABASE_URL", "TIME_ZONE", "EMAIL_URL", "ALLOWED_HOSTS", "SHOP_NAME"), "")
    code = "from config import settings as s; print(s.PORT, s.DEBUG, s.DATABASES['default']['ENGINE'], s.TIME_ZONE, s.ALLOWED_HOSTS[0])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), **empty},
        capture_output=True,
        text=True,
    )
    assert run.stdout.split() == ["8000", "False", "django.db.backends.sqlite3", "UTC", "localhost"], run.stderr


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path):
    from config.env import stored_secret

    key = stored_secret(tmp_path)
    assert len(key) >= 50
    assert stored_secret(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
