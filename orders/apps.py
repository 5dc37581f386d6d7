from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        post_save.connect(_forget_shapes, sender="orders.Order", dispatch_uid="orders.forget_shapes")


def _forget_shapes(**_: Any) -> None:
    """An order saved by itself may have a number of a new format; imports say so once, at their end."""
    from orders.lookup import forget_shapes

    forget_shapes()
