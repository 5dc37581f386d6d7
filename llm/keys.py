"""Keys of models: they stand in the environment and nowhere else; the console knows only the names of the variables. Pure, but for settings.

Only variables made for this may be named. Otherwise whoever may set up an endpoint could have SECRET_KEY or a password of the
database sent to a server of their own.
"""

import re

from django.conf import settings

PREFIX = "LLM_KEY_"
OWN_NAME = "OPENAI_API_KEY"
_NAME = re.compile(rf"{PREFIX}[A-Z0-9][A-Z0-9_]{{0,80}}")


def may_be_named(variable: str) -> bool:
    """Whether an endpoint may take its key from a variable of that name; "" stands for no key."""
    return variable in ("", OWN_NAME) or bool(_NAME.fullmatch(variable))


def is_set(variable: str) -> bool:
    """Whether this process knows a key under that name; no key at all counts as known."""
    return not variable or bool(key_of(variable))


def key_of(variable: str) -> str:
    """The key in a variable, "" if it is not set or may not be named."""
    if variable == OWN_NAME:
        return str(settings.OPENAI_API_KEY)
    return str(settings.LLM_KEYS.get(variable, "")) if may_be_named(variable) else ""


def names_set() -> list[str]:
    """The variables that hold a key now, by name."""
    own = [OWN_NAME] if settings.OPENAI_API_KEY else []
    return own + sorted(name for name in settings.LLM_KEYS if may_be_named(name))
