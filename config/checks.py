"""Start-up checks: a setting that is unsafe or cannot work stops the start, by name, with what to do about it.

Each check is a pure look at the settings (the folder check also looks at the disk). They run before every management command
that works on data, and when the web process starts.
"""

import math
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks as django_checks
from django.core.checks import CheckMessage, Error, register

from config.queue import redis_scheme_is_known
from orders import incoming_settings, requests_settings
from orders.sources.configured import SOURCES
from orders.sources.http_settings import Problem, problems

TAG = "settings"
MIN_SECRET_LENGTH = 32
MIN_SECRET_VARIETY = 8  # different characters
MIN_FREE_MB = 50
PLACEHOLDERS = re.compile(
    r"change.?me|^django-insecure|replace|your.?secret|example|placeholder|^secret|^password|^(.)\1+$", re.IGNORECASE
)
MODEL_NAME = re.compile(r"\w[\w.-]*(?:/[\w.-]+)?")  # as on a model hub: owner/model
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# variable: lowest, highest value that can work
BOUNDS: dict[str, tuple[float, float]] = {
    "PORT": (1, 65_535),
    "TRUSTED_PROXIES": (0, 10),
    "SWEEP_INTERVAL_SECONDS": (1, 3_600),
    "SEARCH_TOP_K": (1, 50),
    "SEARCH_MIN_STRENGTH": (0, 1),
    "MAX_UPLOAD_MB": (1, 1_024),
    "READING_TIMEOUT_SECONDS": (1, 3_600),
    "READING_MEMORY_MB": (256, 65_536),
    "READING_OCR_SECONDS": (1, 800),  # a task of the queue ends after 900
    "WEB_TIMEOUT_SECONDS": (1, 300),
    "WEB_DELAY_SECONDS": (0, 60),
    "WEB_SITEMAP_MAX_PAGES": (1, 10_000),
    "SIGN_IN_HOURS": (0.05, 720),
    "IDENTITY_TOKEN_MINUTES": (1, 10_080),
    "ORDERS_API_TIMEOUT_SECONDS": (0.5, 30),
    "ORDERS_DATABASE_TIMEOUT_SECONDS": (0.2, 60),
    "ORDERS_DATABASE_CONNECTIONS": (1, 64),
    "ORDERS_API_CACHE_SECONDS": (0, 300),
    "LLM_TIMEOUT_SECONDS": (0.1, 600),
    "LLM_FIRST_TOKEN_SECONDS": (0.1, 600),
    "LLM_CONTEXT_TOKENS": (512, 2_000_000),
    "LLM_MAX_ANSWER_TOKENS": (16, 100_000),
    "LLM_CACHE_SECONDS": (0, 31_536_000),
    "LLM_LONG_QUESTION": (1, 100_000),
    "LLM_MANY_QUESTIONS": (1, 100),
    "LLM_WEAK_STRENGTH": (0, 1),
    "LLM_LEAST_HELD": (0, 1),
    "LLM_CONCURRENT_CALLS": (1, 10_000),
    "TURNS_PER_MINUTE": (1, 10_000),
    "TURNS_PER_MINUTE_PER_ADDRESS": (1, 100_000),
}

Findings = Iterator[CheckMessage]


def error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"whereabouts.E{number:03}")


def findings(problems: Iterable[Problem]) -> Findings:
    """What a room says of its own settings."""
    for problem in problems:
        if problem.stops:
            yield error(problem.number, problem.message, problem.hint)
        else:
            yield django_checks.Warning(problem.message, hint=problem.hint, id=f"whereabouts.W{problem.number:03}")


def secret_key() -> Findings:
    key = settings.SECRET_KEY
    hint = "Give a random text of 50 characters, or leave SECRET_KEY unset: one is then made and kept in DATA_DIR."
    if PLACEHOLDERS.search(key):
        yield error(1, "SECRET_KEY looks like a placeholder.", hint)
    elif len(key) < MIN_SECRET_LENGTH or len(set(key)) < MIN_SECRET_VARIETY:
        yield error(2, f"SECRET_KEY is too easy to guess: it needs at least {MIN_SECRET_LENGTH} varied characters.", hint)


def hosts() -> Findings:
    public = [host for host in settings.ALLOWED_HOSTS if host not in settings.LOCAL_HOSTS]
    if "*" in settings.ALLOWED_HOSTS:
        hint = "List the host names of your shop, separated by commas."
        yield error(3, "ALLOWED_HOSTS is '*': any address would be believed.", hint)
    for name in ("DEBUG", "DEMO"):
        if getattr(settings, name) and public:
            hint = f"Set {name}=false; it shows things that only the person at this machine may see."
            yield error(4, f"{name} is on while ALLOWED_HOSTS names a public address ({', '.join(public)}).", hint)
    if settings.DEMO and settings.HOST not in LOOPBACK:
        message = f"DEMO is on while HOST is {settings.HOST}, which other machines can reach."
        yield error(5, message, "Set DEMO=false or HOST=127.0.0.1.")


def numbers() -> Findings:
    for name, (low, high) in BOUNDS.items():
        value = getattr(settings, name)
        if not (math.isfinite(value) and low <= value <= high):
            yield error(6, f"{name} is {value}, which cannot work.", f"Give a number from {low:g} to {high:g}.")


def data_folder() -> Findings:
    folder = settings.DATA_DIR
    if folder.exists() and not folder.is_dir():
        yield error(7, f"DATA_DIR is not a folder: {folder}", "Name a folder that this program may write to.")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free // 1_000_000
    except OSError as problem:
        hint = "Make the folder, or give this user the right to write there."
        yield error(8, f"DATA_DIR cannot be written: {folder} ({problem.strerror})", hint)
        return
    if free < MIN_FREE_MB:
        yield error(9, f"DATA_DIR has only {free} MB left on its disk: {folder}", f"Free at least {MIN_FREE_MB} MB.")


def database() -> Findings:
    if database_engine() not in ("sqlite3", "postgresql"):
        hint = "Use sqlite:///path or postgresql://user:password@host/name."
        yield error(10, "DATABASE_URL names a database that is not supported.", hint)


def redis_address() -> Findings:
    if settings.REDIS_URL and not redis_scheme_is_known(settings.REDIS_URL):
        hint = "Write it as redis://host:6379/0, rediss://… or unix://…."
        yield error(11, "REDIS_URL is not the address of a Redis server.", hint)


def search() -> Findings:
    if settings.SEARCH_BACKEND not in ("local", "postgres"):
        yield error(12, f"SEARCH_BACKEND is '{settings.SEARCH_BACKEND}', which does not exist.", "Use local or postgres.")
    elif settings.SEARCH_BACKEND == "postgres" and database_engine() != "postgresql":
        hint = "Set DATABASE_URL, or SEARCH_BACKEND=local."
        yield error(13, "SEARCH_BACKEND is postgres, but DATABASE_URL is not a PostgreSQL database.", hint)
    if not settings.EMBEDDING_MODEL.strip():
        hint = "Leave it unset for the model that comes along, or name a sentence-transformers model."
        yield error(14, "EMBEDDING_MODEL is empty.", hint)
    name = settings.RERANKER_MODEL.strip()
    if name and not (Path(name) / "config.json").is_file() and not MODEL_NAME.fullmatch(name):
        hint = "Name a cross-encoder such as cross-encoder/ms-marco-MiniLM-L6-v2 or a folder that holds one, or leave it unset."
        yield error(22, f"RERANKER_MODEL is '{name}', which is neither a model's name nor a folder with a model.", hint)


def web_sources() -> Findings:
    from retrieval.web.networks import networks

    try:
        networks(settings.WEB_SOURCES_ALLOW_PRIVATE)
    except ValueError as problem:
        hint = "List networks such as 10.1.0.0/16 or 192.168.1.20, separated by commas, or leave it unset."
        yield error(20, f"WEB_SOURCES_ALLOW_PRIVATE names something that is not a network: {problem}.", hint)
    if not settings.WEB_SOURCES_PORTS or not all(1 <= port <= 65_535 for port in settings.WEB_SOURCES_PORTS):
        yield error(21, "WEB_SOURCES_PORTS is not a list of ports.", "List numbers from 1 to 65535, such as 80,443.")


def orders() -> Findings:
    if settings.ORDERS_SOURCE not in SOURCES:
        hint = f"Use one of: {', '.join(sorted(SOURCES))}."
        yield error(15, f"ORDERS_SOURCE is '{settings.ORDERS_SOURCE}', which does not exist.", hint)


def orders_api() -> Findings:
    if settings.ORDERS_SOURCE != "http":
        return
    given = {name: getattr(settings, f"ORDERS_API_{name.upper()}") for name in ("url", "kind", "token", "user", "password")}
    yield from findings(problems(**given))


def orders_database() -> Findings:
    if settings.ORDERS_SOURCE != "sql":
        return
    hint = "Write it as postgresql://…, mysql://… or sqlite:////…; docs/orders-sql.md tells the rest."
    if not settings.ORDERS_DATABASE_URL:
        yield error(50, "ORDERS_SOURCE is sql, but ORDERS_DATABASE_URL is not set.", hint)
        return
    from orders.sources.sql_dialects import UnknownAddress, dialect_of

    try:
        url, _ = dialect_of(settings.ORDERS_DATABASE_URL)
    except UnknownAddress as unknown:
        yield error(51, f"ORDERS_DATABASE_URL cannot be used. {unknown}", hint)
        return
    if url.get_backend_name() == "mysql" and not find_spec("pymysql"):
        message = "ORDERS_DATABASE_URL names a MySQL database, but its driver, the package PyMySQL, is not installed."
        yield error(52, message, "Run: pip install -r requirements-mysql.txt")


def identity() -> Findings:
    if not (settings.IDENTITY_SECRET or settings.IDENTITY_PUBLIC_KEY):
        return
    from orders.signed_identity import public_keys, secrets_of  # loads cryptography

    hint = "Give a random text of 50 characters; `openssl rand -base64 48` makes one. Your shop's site signs with the same."
    secrets = secrets_of(settings.IDENTITY_SECRET)
    for place, secret in enumerate(secrets, start=1):
        which = "IDENTITY_SECRET" if len(secrets) == 1 else f"IDENTITY_SECRET (number {place} of {len(secrets)})"
        if PLACEHOLDERS.search(secret):
            yield error(40, f"{which} looks like a placeholder.", hint)
        elif len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < MIN_SECRET_VARIETY:
            yield error(41, f"{which} is too easy to guess: it needs at least {MIN_SECRET_LENGTH} varied characters.", hint)
        elif secret == settings.SECRET_KEY:
            yield error(42, f"{which} is SECRET_KEY, which your shop's site must not know.", hint)
    try:
        public_keys(settings.IDENTITY_PUBLIC_KEY)
    except ValueError as problem:
        hint = "Give the public key in PEM form (RSA of at least 2048 bits, or P-256), or the path of a file with it."
        yield error(43, f"IDENTITY_PUBLIC_KEY cannot be used: {problem}.", hint)


def requests_webhook() -> Findings:
    given = {"url": settings.REQUESTS_WEBHOOK_URL, "secrets": settings.REQUESTS_WEBHOOK_SECRET}
    yield from findings(requests_settings.problems(**given, in_use={settings.SECRET_KEY, *settings.IDENTITY_SECRET}))


def orders_webhook() -> Findings:
    in_use = {settings.SECRET_KEY, *settings.IDENTITY_SECRET, *settings.REQUESTS_WEBHOOK_SECRET}
    secrets = [secret.strip() for secret in settings.ORDERS_WEBHOOK_SECRET if secret.strip()]
    yield from findings(incoming_settings.problems(secrets=secrets, source=settings.ORDERS_SOURCE, in_use=in_use))


def language_models() -> Findings:
    named = [name for name in ("LLM_SMALL_MODEL", "LLM_LARGE_MODEL") if getattr(settings, name)]
    if named and not (settings.OPENAI_BASE_URL or settings.OPENAI_API_KEY):
        hint = "Set OPENAI_BASE_URL (a server of your own) or OPENAI_API_KEY (a hosted one)."
        yield error(16, f"{' and '.join(named)} names a model, but there is no server to ask.", hint)
    if settings.OPENAI_BASE_URL and not is_web_address(settings.OPENAI_BASE_URL):
        hint = "Write it with http or https, such as http://localhost:11434/v1."
        yield error(17, "OPENAI_BASE_URL is not a web address.", hint)


def shop() -> Findings:
    if not re.fullmatch(r"(?:[A-Z]{3})?", settings.SHOP_CURRENCY):
        hint = "Use the three capital letters of the currency, such as USD or EUR."
        yield error(18, f"SHOP_CURRENCY is '{settings.SHOP_CURRENCY}', which is not a currency code.", hint)
    if not settings.SHOP_NAME.strip():
        yield error(19, "SHOP_NAME is empty.", "Give the name that customers know the shop by.")
    if not re.fullmatch(r"\w[\w.:/-]{0,63}", settings.BOT_MODEL_NAME, re.ASCII):
        hint = "Use up to 64 letters, digits and the signs . : / - without spaces, such as whereabouts."
        yield error(23, f"BOT_MODEL_NAME is '{settings.BOT_MODEL_NAME}', which cannot be the name of a model.", hint)


def mail() -> Findings:
    if not settings.DEMO and settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield django_checks.Warning(
            "EMAIL_URL is not set: sign-in codes are only written to the log, so customers cannot sign in.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example:587.",
            id="whereabouts.W001",
        )


def database_engine() -> str:
    """The last part of the engine's name: "sqlite3", "postgresql"."""
    return str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]


def is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:  # for example an unclosed [
        return False


CHECKS: tuple[Callable[[], Findings], ...] = (
    secret_key, hosts, numbers, data_folder, database, redis_address, search, web_sources, orders, orders_api,
    orders_database, identity, requests_webhook, orders_webhook, language_models, shop, mail,
)  # fmt: skip


@register(TAG)
def check_settings(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    return [finding for check in CHECKS for finding in check()]


def stop_on_errors() -> None:
    """Raise SystemExit with one line for each setting that is wrong; warnings do not stop the start."""
    errors = [finding for finding in django_checks.run_checks() if finding.is_serious()]
    if errors:
        lines = [f"  {finding.msg} {finding.hint or ''}".rstrip() for finding in errors]
        raise SystemExit("Whereabouts cannot start:\n" + "\n".join(lines))
