"""A setting that is unsafe or cannot work stops the start: named, with what to do about it."""

import pytest
from django.test import override_settings

from config import checks

# nothing connects in these tests, so the setting may be exchanged
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

SAFE = "k3Jd0s-Random_Enough-91xvBqLmZpW7tYh2Rf5"
POSTGRES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


def findings(**settings):
    with override_settings(**settings):
        return [finding for finding in checks.check_settings() if finding.is_serious()]


def test_the_defaults_are_fine():
    assert findings(SECRET_KEY=SAFE) == []


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SECRET_KEY", {"SECRET_KEY": "changeme"}),
        ("SECRET_KEY", {"SECRET_KEY": "django-insecure-" + SAFE}),
        ("SECRET_KEY", {"SECRET_KEY": "a" * 60}),
        ("SECRET_KEY", {"SECRET_KEY": SAFE[:20]}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ["*"]}),
        ("DEBUG", {"DEBUG": True, "ALLOWED_HOSTS": ["help.example.com"]}),
        ("DEMO", {"DEMO": True, "ALLOWED_HOSTS": ["localhost", "help.example.com"]}),
        ("DEMO", {"DEMO": True, "HOST": "0.0.0.0"}),
        ("PORT", {"PORT": 0}),
        ("PORT", {"PORT": 65_536}),
        ("DATABASE_URL", {"DATABASES": {"default": {"ENGINE": "django.db.backends.mysql"}}}),
        ("REDIS_URL", {"REDIS_URL": "http://cache:6379"}),
        ("SEARCH_BACKEND", {"SEARCH_BACKEND": "elastic"}),
        ("SEARCH_BACKEND", {"SEARCH_BACKEND": "postgres", "DATABASES": SQLITE}),
        ("EMBEDDING_MODEL", {"EMBEDDING_MODEL": "  "}),
        ("WEB_SOURCES_ALLOW_PRIVATE", {"WEB_SOURCES_ALLOW_PRIVATE": ["10.0.0.0/8", "everything"]}),
        ("WEB_SOURCES_PORTS", {"WEB_SOURCES_PORTS": [443, 99_999]}),
        ("WEB_SOURCES_PORTS", {"WEB_SOURCES_PORTS": []}),
        ("ORDERS_SOURCE", {"ORDERS_SOURCE": "ftp"}),
        ("ORDERS_API_URL", {"ORDERS_SOURCE": "http"}),
        ("ORDERS_API_URL", {"ORDERS_SOURCE": "http", "ORDERS_API_URL": "http://shop.example/api"}),
        ("ORDERS_API_KIND", {"ORDERS_SOURCE": "http", "ORDERS_API_URL": "https://shop.example", "ORDERS_API_KIND": "magento"}),
        ("ORDERS_DATABASE_URL", {"ORDERS_SOURCE": "sql"}),
        ("ORDERS_DATABASE_URL", {"ORDERS_SOURCE": "sql", "ORDERS_DATABASE_URL": "oracle://shop/orders"}),
        ("ORDERS_DATABASE_URL", {"ORDERS_SOURCE": "sql", "ORDERS_DATABASE_URL": "no address"}),
        ("ORDERS_DATABASE_URL", {"ORDERS_SOURCE": "sql", "ORDERS_DATABASE_URL": "sqlite://"}),
        ("REQUESTS_WEBHOOK_URL", {"REQUESTS_WEBHOOK_URL": "shop.example/hook", "REQUESTS_WEBHOOK_SECRET": [SAFE]}),
        ("REQUESTS_WEBHOOK_SECRET", {"REQUESTS_WEBHOOK_URL": "https://shop.example/hook"}),
        ("REQUESTS_WEBHOOK_SECRET", {"REQUESTS_WEBHOOK_SECRET": ["short"]}),
        ("REQUESTS_WEBHOOK_SECRET", {"REQUESTS_WEBHOOK_SECRET": [SAFE], "SECRET_KEY": SAFE}),
        ("LLM_SMALL_MODEL", {"LLM_SMALL_MODEL": "small-one"}),
        ("LLM_LARGE_MODEL", {"LLM_LARGE_MODEL": "large-one"}),
        ("OPENAI_BASE_URL", {"OPENAI_BASE_URL": "localhost:11434/v1"}),
        ("BOT_MODEL_NAME", {"BOT_MODEL_NAME": "our bot"}),
        ("BOT_MODEL_NAME", {"BOT_MODEL_NAME": ""}),
        ("OPENAI_BASE_URL", {"OPENAI_BASE_URL": "file:///etc/passwd"}),
        ("OPENAI_BASE_URL", {"OPENAI_BASE_URL": "http://[half"}),
        ("SHOP_CURRENCY", {"SHOP_CURRENCY": "Dollars"}),
        ("SHOP_NAME", {"SHOP_NAME": " "}),
        ("IDENTITY_SECRET", {"IDENTITY_SECRET": ["changeme"]}),
        ("IDENTITY_SECRET", {"IDENTITY_SECRET": [SAFE[:31]]}),
        ("IDENTITY_SECRET", {"IDENTITY_SECRET": ["ab" * 30]}),
        ("IDENTITY_SECRET", {"IDENTITY_SECRET": [SAFE]}),  # the same as SECRET_KEY
        ("number 2 of 2", {"IDENTITY_SECRET": [SAFE[::-1], "short"]}),
        ("IDENTITY_PUBLIC_KEY", {"IDENTITY_PUBLIC_KEY": "/nowhere/key.pem"}),
        ("IDENTITY_PUBLIC_KEY", {"IDENTITY_PUBLIC_KEY": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"}),
    ],
)
def test_a_setting_that_cannot_work_is_named(name, settings):
    found = findings(**{"SECRET_KEY": SAFE, **settings})
    assert found, "nothing stopped the start"
    assert name in found[0].msg
    assert found[0].hint


@pytest.mark.parametrize("name", sorted(checks.BOUNDS))
def test_every_number_has_a_lowest_and_a_highest_value(name):
    low, high = checks.BOUNDS[name]
    for bad in (low - 1, high + 1, float("nan"), float("inf")):
        assert [name in finding.msg for finding in findings(SECRET_KEY=SAFE, **{name: bad})] == [True]
    for good in (low, high):
        assert findings(SECRET_KEY=SAFE, **{name: good}) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"DEMO": True},
        {"DEBUG": False, "ALLOWED_HOSTS": ["help.example.com"]},
        {"SEARCH_BACKEND": "postgres", "DATABASES": POSTGRES},
        {"REDIS_URL": "rediss://user:word@cache:6379/1"},
        {"LLM_SMALL_MODEL": "small-one", "OPENAI_BASE_URL": "http://localhost:11434/v1"},
        {"LLM_LARGE_MODEL": "large-one", "OPENAI_API_KEY": "a-key"},
        {"ORDERS_SOURCE": "http", "ORDERS_API_URL": "https://shop.example/api", "ORDERS_API_TOKEN": "a-key"},
        {"IDENTITY_SECRET": [SAFE[::-1], f" {SAFE[5:]}{SAFE[:5]}"], "IDENTITY_AUDIENCE": "chat"},
    ],
)
def test_settings_that_work_are_let_through(settings):
    assert findings(**{"SECRET_KEY": SAFE, **settings}) == []


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    assert "DATA_DIR is not a folder" in findings(SECRET_KEY=SAFE, DATA_DIR=file)[0].msg
    assert "DATA_DIR cannot be written" in findings(SECRET_KEY=SAFE, DATA_DIR=file / "below")[0].msg
    monkeypatch.setattr(checks, "MIN_FREE_MB", 10**12)
    assert "DATA_DIR has only" in findings(SECRET_KEY=SAFE, DATA_DIR=tmp_path)[0].msg


def test_a_missing_data_folder_is_made(tmp_path):
    assert findings(SECRET_KEY=SAFE, DATA_DIR=tmp_path / "new" / "folder") == []
    assert (tmp_path / "new" / "folder").is_dir()


def test_the_start_stops_with_a_sentence_for_each_mistake():
    with override_settings(SECRET_KEY=SAFE, ALLOWED_HOSTS=["*"], PORT=0), pytest.raises(SystemExit) as stopped:
        checks.stop_on_errors()
    text = str(stopped.value)
    assert "ALLOWED_HOSTS" in text
    assert "PORT" in text
    assert "Traceback" not in text


def test_no_finding_shows_a_secret():
    secrets = {"SECRET_KEY": "changeme-hunter2", "OPENAI_API_KEY": "hunter2", "REDIS_URL": "http://:hunter2@cache"}
    secrets |= {"IDENTITY_SECRET": ["hunter2"]}
    assert "hunter2" not in "".join(f"{finding.msg}{finding.hint}" for finding in findings(**secrets))


def test_a_shop_without_mail_is_warned_but_starts():
    with override_settings(SECRET_KEY=SAFE, EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend", DEMO=False):
        assert [finding.id for finding in checks.check_settings()] == ["whereabouts.W001"]
