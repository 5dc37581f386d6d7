"""The shop's orders in our own tables (`ORDERS_SOURCE=local`).

Who may see an order is decided in `Viewer.email_at`, and nowhere else.
"""

from datetime import datetime
from typing import Self

from django.db import models

from orders.identity_models import OneTimeCode as OneTimeCode  # Django looks for the tables of a room in this module
from orders.identity_models import UsedToken as UsedToken
from orders.identity_models import WrongTry as WrongTry
from orders.incoming_models import IncomingMessage as IncomingMessage
from orders.incoming_models import RemovedOrder as RemovedOrder
from orders.requests_models import OrderRequest as OrderRequest
from orders.requests_models import RequestEvent as RequestEvent
from orders.requests_models import RequestMessage as RequestMessage
from orders.rules_models import OrderRule as OrderRule
from orders.rules_models import RuleEvent as RuleEvent
from orders.status_models import SeenStatusWord as SeenStatusWord
from orders.status_models import StatusWord as StatusWord
from orders.viewer import Viewer


class Customer(models.Model):
    """A person who ordered. `email` is stored in lower case: it is what a viewer is matched by."""

    customer_id = models.CharField(max_length=100)
    email = models.CharField(max_length=254)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    address1 = models.CharField(max_length=200, blank=True)
    address2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=100, blank=True)
    zip = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=100, blank=True)
    payment_methods = models.TextField(blank=True)

    class Meta:
        # indexes of texts stand here and below, not at the fields: there each would get a second one in PostgreSQL, for LIKE
        constraints = [models.UniqueConstraint(fields=["customer_id"], name="one_customer_per_id")]
        indexes = [models.Index(fields=["email"], name="customer_email")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.customer_id


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, viewer: Viewer, *, at: datetime) -> Self:
        """The orders this viewer may see at that moment: their own once verified, else none."""
        email = viewer.email_at(at)
        return self.none() if email is None else self.of_customer(email)

    def of_customer(self, email: "str | models.Expression") -> Self:
        """The orders of that address, which must come from `Viewer.email_at` where a customer asks."""
        return self.filter(customer__email=email)

    def newest_first(self) -> Self:
        """By the day they were placed, those without a day last."""
        return self.order_by(models.F("placed_at").desc(nulls_last=True), "-pk")


class Order(models.Model):
    """One order. `key` is the number without spaces, signs and case; it is what references are matched by."""

    number = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    digits = models.CharField(max_length=64)  # the digits of the number, for "order 2378156"
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    status = models.CharField(max_length=100)
    placed_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    total = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    ship_name = models.CharField(max_length=200, blank=True)
    ship_address1 = models.CharField(max_length=200, blank=True)
    ship_address2 = models.CharField(max_length=200, blank=True)
    ship_city = models.CharField(max_length=100, blank=True)
    ship_state = models.CharField(max_length=100, blank=True)
    ship_zip = models.CharField(max_length=30, blank=True)
    ship_country = models.CharField(max_length=100, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    estimated_delivery = models.DateField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(auto_now=True)
    updated_at = models.DateTimeField(null=True, blank=True)  # when the shop last changed it, if it says so

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="one_order_per_number")]
        indexes = [models.Index(fields=["key"], name="order_key"), models.Index(fields=["digits"], name="order_digits")]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)  # its constraint has one
    position = models.PositiveIntegerField()
    item_id = models.CharField(max_length=100, blank=True)
    product_id = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=300)
    options = models.JSONField(default=list, blank=True)  # [["color", "blue"], …] in the shop's order
    unit_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    tracking_number = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="one_line_per_position")]


class Shipment(models.Model):
    """One parcel. `own_row`: the shop lists it among its shipments, so an order row that does not name it does not remove it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments", db_index=False)  # its constraint has one
    tracking_number = models.CharField(max_length=100)
    key = models.CharField(max_length=100)  # the number without spaces, signs and case, as of an order
    own_row = models.BooleanField(default=False)
    carrier = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=100, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    estimated_delivery = models.DateField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["order", "tracking_number"], name="one_shipment_per_tracking")]
        indexes = [models.Index(fields=["key"], name="shipment_key")]


class ShipmentEvent(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=300)

    class Meta:
        ordering = ["at", "pk"]


class Transaction(models.Model):
    """Money that moved for an order. amount is positive; `kind` is a value of records.Kind."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="transactions")
    kind = models.CharField(max_length=30)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
