"""The folders of the filesystem broker, and how to tell that the queue can take work."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

WORKER_MARK: Path = settings.QUEUE_DIR / "worker.ready"


def make_folders() -> None:
    """Make what the filesystem broker expects to exist; it fails on its first message otherwise."""
    for name in ("messages", "control"):
        (settings.QUEUE_DIR / name).mkdir(parents=True, exist_ok=True)


def can_take_work() -> bool:
    """Whether a message could be queued now: Redis answers, or the broker's folder can be written."""
    if settings.REDIS_URL:
        return redis_answers()
    try:
        make_folders()
        with tempfile.TemporaryFile(dir=settings.QUEUE_DIR / "messages"):
            return True
    except OSError:
        return False


def redis_answers(seconds: float = 1.0) -> bool:
    """Whether the Redis server of REDIS_URL replies to a ping in time."""
    import redis

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=seconds, socket_timeout=seconds) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def redis_scheme_is_known(url: str) -> bool:
    return urlsplit(url).scheme in ("redis", "rediss", "unix")
