"""The product's settings, pointed at a folder of the test run, so that no test touches a developer's data."""

import os
import tempfile

if not os.environ.get("DATA_DIR"):
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="whereabouts-tests-")
os.environ.setdefault("DEMO", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# a developer's own model key must never be spent by a test, nor a shop's own orders be asked for
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_SMALL_MODEL", "LLM_LARGE_MODEL", "ORDERS_SOURCE"):
    os.environ[name] = ""

from config.settings import *  # noqa: E402, F403
from config.settings import BASE_DIR  # noqa: E402

MODELS_DIR = BASE_DIR / "var" / "models"  # made from installed files only, in ten seconds: kept from one run to the next

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # a file, as in the product: in memory, SQLite locks whole tables between threads and does not wait for them
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}  # noqa: F405
TURNS_PER_MINUTE_PER_ADDRESS = 100_000  # every test asks from one address; tests of the limit set their own
LLM_CACHE_SECONDS = 0  # tests ask the same question of many models; those of kept answers keep them
