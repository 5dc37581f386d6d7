"""Read settings from the environment, each with a type; a bad value stops the start and names its variable."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, ValidationError

env = Env()


def read(reader: Callable[..., Any], name: str, **options: Any) -> Any:
    """Call a reader of `env` and turn its error into one that names the variable and what was expected.

    A variable that is set to nothing counts as not set, as people expect of a line like `REDIS_URL=`.
    """
    if not os.environ.get(name, "").strip() and "default" in options:
        return reader(f"{name}__NOT_SET", **options)  # a name nobody sets: the default goes through the same reader
    try:
        return reader(name, **options)
    except EnvError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def named_like(prefix: str) -> dict[str, str]:
    """All variables whose names begin so and that are set to something, by name."""
    return {name: value.strip() for name, value in os.environ.items() if name.startswith(prefix) and value.strip()}


def known_time_zone(name: str) -> None:
    """Raises ValidationError for a name the time zone database does not know."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(f"'{name}' is not a time zone. Use a name such as UTC or Europe/Berlin.") from error


def stored_secret(folder: Path) -> str:
    """Return the secret key kept in `folder`, made on the first start: no set-up is needed, and sessions survive restarts."""
    from django.core.management.utils import get_random_secret_key

    path = folder / "secret_key"
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR: {path} cannot be read: {error}") from error
    draft = path.with_name(f".secret_key.{get_random_secret_key()[:8].encode().hex()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key(), "utf-8")
        # link() fails where another process was faster, so that every process ends with the same key
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR: {folder} cannot be written: {error}") from error
    return path.read_text("utf-8").strip()
