"""Django settings, read from the environment. `.env.example` lists every variable with its type, default and unit.

`config/checks.py` refuses to start on values that are unsafe or cannot work, by name.
"""

import logging
from pathlib import Path

from config.env import env, known_time_zone, named_like, read, stored_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- where and who -----------------------------------------------------------------------------------------------
DATA_DIR = Path(read(env.str, "DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
PORT = read(env.int, "PORT", default=8000)
HOST = read(env.str, "HOST", default="127.0.0.1")  # the address the web process listens on
DEBUG = read(env.bool, "DEBUG", default=False)
DEMO = read(env.bool, "DEMO", default=False)  # shows one-time codes on the page; only on this machine
SECRET_KEY = read(env.str, "SECRET_KEY", default="") or stored_secret(DATA_DIR)
ALLOWED_HOSTS = read(env.list, "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
HTTPS_ONLY = read(env.bool, "HTTPS_ONLY", default=not set(ALLOWED_HOSTS) <= LOCAL_HOSTS)
TRUSTED_PROXIES = read(env.int, "TRUSTED_PROXIES", default=0)  # how many proxies of ours append to X-Forwarded-For
CSRF_TRUSTED_ORIGINS = read(env.list, "CSRF_TRUSTED_ORIGINS", default=[])

# --- the shop ------------------------------------------------------------------------------------------------------
SHOP_NAME = read(env.str, "SHOP_NAME", default="Fernhill Outfitters")
SHOP_EMAIL = read(env.str, "SHOP_EMAIL", default="support@fernhill.example")
SHOP_CURRENCY = read(env.str, "SHOP_CURRENCY", default="")

# --- parts ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "config.apps.ConfigApp",
    "orders",
    "retrieval",
    "llm",
    "chatbot",
    "console",
]

MIDDLEWARE = [
    "config.health.Probes",
    "config.page_middleware.Security",
    "config.static_files.StaticFiles",
    "config.page_middleware.Policy",
    "config.page_middleware.Sessions",
    "config.page_middleware.Common",
    "config.page_middleware.Csrf",
    "config.page_middleware.Users",
    "config.page_middleware.Messages",
    "config.page_middleware.Frames",
    "django_htmx.middleware.HtmxMiddleware",
    "chatbot.api_errors.api_errors_middleware",
    "chatbot.as_model.errors.openai_errors_middleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shop",
            ]
        },
    }
]

# --- database --------------------------------------------------------------------------------------------------------
DATABASES = {"default": read(env.dj_db_url, "DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'whereabouts.sqlite3'}")}
DATABASE_PREPARED_STATEMENTS = read(env.bool, "DATABASE_PREPARED_STATEMENTS", default=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_MAX_AGE"] = None  # opening the file costs more than most of what is asked of it
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,  # seconds a writer waits for another
        "transaction_mode": "IMMEDIATE",  # a transaction that will write takes the lock at once, so it never fails half way
        # no mmap: each connection would map the file for itself, and a web process has a dozen. cache_size: kilobytes of one of them.
        # wal_autocheckpoint: pages that wait before a commit moves them itself; database/checkpoints.py does it before there are so many
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000; PRAGMA wal_autocheckpoint=8000;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 16, "timeout": 10},
        "prepare_threshold": 5 if DATABASE_PREPARED_STATEMENTS else None,  # any number allows it; see database/prepared.py
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- queue, cache, fan-out -------------------------------------------------------------------------------------------
REDIS_URL = read(env.str, "REDIS_URL", default="")
QUEUE_DIR = DATA_DIR / "queue"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # the sweep finds lost work in a minute; the broker's own redelivery is only the last net
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # seconds; without Redis, limits are counted in process
        }
    }
    CACHES["answers"] = CACHES["default"] | {"KEY_PREFIX": "answers"}  # chatbot/answer_cache.py
else:
    CELERY_BROKER_URL = "files://localhost"  # config/filesystem_broker.py
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,  # seconds
    }
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        # of each process; a place of its own, so that many answers push no counted limit out
        "answers": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "answers",
            "OPTIONS": {"MAX_ENTRIES": 1000},
        },
    }
QUEUE_APP = "config.celery"  # the module that sets the queue up; loaded when the first task is sent
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "whereabouts"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_TIMEZONE = "UTC"
SWEEP_INTERVAL_SECONDS = read(env.float, "SWEEP_INTERVAL_SECONDS", default=30.0)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "retrieval.tasks.sweep", "schedule": SWEEP_INTERVAL_SECONDS},
    "write due letters": {"task": "orders.tasks.write_due_letters", "schedule": SWEEP_INTERVAL_SECONDS},
    "forget old messages": {"task": "orders.tasks.forget_old_messages", "schedule": 3600.0},
    "send request messages": {"task": "orders.tasks.send_request_messages", "schedule": SWEEP_INTERVAL_SECONDS},
    "sift questions": {"task": "chatbot.tasks.sift_questions", "schedule": SWEEP_INTERVAL_SECONDS},
    "keep accounts": {"task": "chatbot.tasks.keep_accounts", "schedule": 300.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(QUEUE_DIR / "beat")

# --- retrieval -------------------------------------------------------------------------------------------------------
SEARCH_BACKEND = read(env.str, "SEARCH_BACKEND", default="local")
MODELS_DIR = DATA_DIR / "models"  # the embedding model in the form its runtime reads, made once from the installed one
EMBEDDING_MODEL = read(env.str, "EMBEDDING_MODEL", default="all-MiniLM-L6-v2")
RERANKER_MODEL = read(env.str, "RERANKER_MODEL", default="")
SEARCH_TOP_K = read(env.int, "SEARCH_TOP_K", default=6)
SEARCH_MIN_STRENGTH = read(env.float, "SEARCH_MIN_STRENGTH", default=0.4)
MAX_UPLOAD_MB = read(env.int, "MAX_UPLOAD_MB", default=25)
READING_TIMEOUT_SECONDS = read(env.float, "READING_TIMEOUT_SECONDS", default=60.0)
READING_MEMORY_MB = read(env.int, "READING_MEMORY_MB", default=1024)
READING_OCR_SECONDS = read(env.float, "READING_OCR_SECONDS", default=600.0)
WEB_SOURCES_ALLOW_PRIVATE = read(env.list, "WEB_SOURCES_ALLOW_PRIVATE", default=[])  # networks of ours that pages may be read from
WEB_SOURCES_PORTS = read(env.list, "WEB_SOURCES_PORTS", subcast=int, default=[80, 443])
WEB_TIMEOUT_SECONDS = read(env.float, "WEB_TIMEOUT_SECONDS", default=20.0)
WEB_DELAY_SECONDS = read(env.float, "WEB_DELAY_SECONDS", default=1.0)
WEB_SITEMAP_MAX_PAGES = read(env.int, "WEB_SITEMAP_MAX_PAGES", default=500)
MEDIA_ROOT = DATA_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes of a body that is not a file
DATA_UPLOAD_MAX_NUMBER_FILES = 200

# --- orders ----------------------------------------------------------------------------------------------------------
ORDERS_SOURCE = read(env.str, "ORDERS_SOURCE", default="local")
ORDERS_API_URL = read(env.str, "ORDERS_API_URL", default="").strip()
ORDERS_API_KIND = read(env.str, "ORDERS_API_KIND", default="own")
ORDERS_API_TOKEN = read(env.str, "ORDERS_API_TOKEN", default="")
ORDERS_API_USER = read(env.str, "ORDERS_API_USER", default="")
ORDERS_API_PASSWORD = read(env.str, "ORDERS_API_PASSWORD", default="")
ORDERS_API_TIMEOUT_SECONDS = read(env.float, "ORDERS_API_TIMEOUT_SECONDS", default=5.0)
ORDERS_API_CACHE_SECONDS = read(env.float, "ORDERS_API_CACHE_SECONDS", default=15.0)
ORDERS_DATABASE_URL = read(env.str, "ORDERS_DATABASE_URL", default="").strip()
ORDERS_DATABASE_TIMEOUT_SECONDS = read(env.float, "ORDERS_DATABASE_TIMEOUT_SECONDS", default=3.0)
ORDERS_DATABASE_CONNECTIONS = read(env.int, "ORDERS_DATABASE_CONNECTIONS", default=4)  # of one web process
ORDERS_DATABASE_TIME_ZONE = read(env.str, "ORDERS_DATABASE_TIME_ZONE", default="", validate=known_time_zone)
ORDERS_WEBHOOK_SECRET = read(env.list, "ORDERS_WEBHOOK_SECRET", default=[])  # several while they are changed
REQUESTS_WEBHOOK_URL = read(env.str, "REQUESTS_WEBHOOK_URL", default="").strip()
REQUESTS_WEBHOOK_SECRET = read(env.list, "REQUESTS_WEBHOOK_SECRET", default=[])  # several while they are changed
SIGN_IN_HOURS = read(env.float, "SIGN_IN_HOURS", default=12.0)
IDENTITY_SECRET = read(env.list, "IDENTITY_SECRET", default=[])  # several while they are changed
IDENTITY_PUBLIC_KEY = read(env.str, "IDENTITY_PUBLIC_KEY", default="")
IDENTITY_AUDIENCE = read(env.str, "IDENTITY_AUDIENCE", default="")
IDENTITY_ISSUER = read(env.str, "IDENTITY_ISSUER", default="")
IDENTITY_TOKEN_MINUTES = read(env.float, "IDENTITY_TOKEN_MINUTES", default=1440.0)
IDENTITY_HASH = read(env.bool, "IDENTITY_HASH", default=True)

# --- language models --------------------------------------------------------------------------------------------------
OPENAI_API_KEY = read(env.str, "OPENAI_API_KEY", default="")
OPENAI_BASE_URL = read(env.str, "OPENAI_BASE_URL", default="")
LLM_SMALL_MODEL = read(env.str, "LLM_SMALL_MODEL", default="")
LLM_LARGE_MODEL = read(env.str, "LLM_LARGE_MODEL", default="")
LLM_TIMEOUT_SECONDS = read(env.float, "LLM_TIMEOUT_SECONDS", default=30.0)
LLM_FIRST_TOKEN_SECONDS = read(env.float, "LLM_FIRST_TOKEN_SECONDS", default=8.0)
LLM_CONTEXT_TOKENS = read(env.int, "LLM_CONTEXT_TOKENS", default=4096)
LLM_MAX_ANSWER_TOKENS = read(env.int, "LLM_MAX_ANSWER_TOKENS", default=400)
LLM_REDACT = read(env.bool, "LLM_REDACT", default=True)
LLM_CACHE_SECONDS = read(env.int, "LLM_CACHE_SECONDS", default=86_400)
LLM_LONG_QUESTION = read(env.int, "LLM_LONG_QUESTION", default=400)  # characters; see docs/routing.md
LLM_MANY_QUESTIONS = read(env.int, "LLM_MANY_QUESTIONS", default=3)
LLM_WEAK_STRENGTH = read(env.float, "LLM_WEAK_STRENGTH", default=0.5)
LLM_LEAST_HELD = read(env.float, "LLM_LEAST_HELD", default=0.25)
LLM_CONCURRENT_CALLS = read(env.int, "LLM_CONCURRENT_CALLS", default=100)  # of one web process
LLM_KEYS = named_like("LLM_KEY_")  # keys of models that are set up in the console, by variable

# --- conversations ----------------------------------------------------------------------------------------------------
MAX_QUESTION_CHARACTERS = 4000
TURNS_PER_MINUTE = read(env.int, "TURNS_PER_MINUTE", default=30)  # per conversation
TURNS_PER_MINUTE_PER_ADDRESS = read(env.int, "TURNS_PER_MINUTE_PER_ADDRESS", default=120)
BOT_MODEL_NAME = read(env.str, "BOT_MODEL_NAME", default="whereabouts").strip()

# --- pages -------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = read(env.str, "TIME_ZONE", default="UTC", validate=known_time_zone)
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.HashedFiles"},
}
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:home"
SESSION_COOKIE_NAME = "whereabouts_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]


# --- mail and logs ------------------------------------------------------------------------------------------------------
def is_not_about_health(record: logging.LogRecord) -> bool:
    return not getattr(getattr(record, "request", None), "path", "").startswith("/health")


_mail = read(env.dj_email_url, "EMAIL_URL", default="console:")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", ""), _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER", ""), _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read(env.str, "DEFAULT_FROM_EMAIL", default=SHOP_EMAIL)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    # a process that is still starting answers 503 to /health/ready, which is not an error of ours
    "filters": {"not_health": {"()": "django.utils.log.CallbackFilter", "callback": is_not_about_health}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"filters": ["not_health"]},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        **{talkative: {"level": "WARNING"} for talkative in ("httpx", "httpx2", "kombu", "faiss")},
    },
}
