"""Who may use the console: three roles, which are Django groups. Nobody else gets in."""

from enum import StrEnum
from typing import Any


class Role(StrEnum):
    SUPPORT = "support staff"
    LEAD = "support lead"  # also decides how the assistant speaks
    ADMINISTRATOR = "administrator"


STAFF = frozenset(Role)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
LEADS = frozenset({Role.LEAD, Role.ADMINISTRATOR})


def roles_of(user: Any) -> frozenset[Role]:
    """The roles a user has at this moment, read from the database, so that a role taken away ends access at once.

    A superuser (`manage.py createsuperuser`: how a shop makes its first account) is an administrator. Inactive users have none.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return ADMINISTRATORS
    return frozenset(Role(name) for name in user.groups.filter(name__in=[*Role]).values_list("name", flat=True))


def ensure_roles(using: str = "default", **_: Any) -> None:
    """Create the groups of the roles if they are missing."""
    from django.contrib.auth.models import Group

    for role in Role:
        Group.objects.using(using).get_or_create(name=str(role))
