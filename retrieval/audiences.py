"""Who a text is for, and who may read it. What a reader may not see is left out inside the query, as if it did not exist."""

from django.db import models


class Audience(models.TextChoices):
    """Each reads what is for those before it too: customers also read what is for everyone."""

    EVERYONE = "everyone", "everyone"
    CUSTOMERS = "customers", "signed-in customers"
    STAFF = "staff", "staff only"

    @property
    def may_read(self) -> tuple["Audience", ...]:
        """The audiences whose texts a reader of this kind is shown."""
        ordered = tuple(Audience)
        return ordered[: ordered.index(self) + 1]
