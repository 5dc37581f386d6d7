"""What staff choose for a document: whose version governs, and when a prepared one is published."""

from django.db import models


class GovernedBy(models.TextChoices):
    """Whose version answers a question about an order: the one in force today, or on the day the order was placed."""

    TODAY = "today", "the version in force today"
    ORDER_DATE = "order date", "the version in force when the order was placed"


class Release(models.TextChoices):
    """What happens to a version once it is prepared."""

    AT_ONCE = "at once", "publish at once"
    IF_CLEAR = "if clear", "publish unless it contradicts or repeats another document"
    BY_HAND = "by hand", "prepare only, I publish later"
