"""Customers into the database, a batch at a time."""

from collections.abc import Sequence

from django.db import transaction

from orders.importing.report import Report
from orders.importing.rows import CustomerRow
from orders.models import Customer

_UPDATED = [f.name for f in Customer._meta.concrete_fields if not f.primary_key]


def write_customers(rows: Sequence[CustomerRow], report: Report) -> None:
    """Create or update these customers, all or none. Known by their id, without one by their e-mail address."""
    with transaction.atomic():
        by_id = {
            c.customer_id: c
            for c in Customer.objects.filter(customer_id__in={r.customer_id for r in rows} | {r.email for r in rows})
        }
        unnamed = {row.email for row in rows if not row.has_id}
        by_email = {c.email: c for c in Customer.objects.filter(email__in=unnamed).order_by("-pk")} if unnamed else {}
        new: dict[str, Customer] = {}
        changed: dict[int, Customer] = {}
        for row in rows:
            customer = by_id.get(row.customer_id) or new.get(row.customer_id)
            if customer is None and row.has_id:
                # an order may have come before its customer; what was noted for its address then becomes this customer
                noted = by_id.get(row.email)
                customer = noted if noted is not None and noted.customer_id == row.email == noted.email else None
            elif customer is None:
                customer = by_email.get(row.email)
            if customer is None:
                new[row.customer_id] = Customer(customer_id=row.customer_id, email=row.email, **row.fields)
                report.customers.add(created=True, changed=True)
                continue
            differs = _apply(customer, row)
            if differs and customer.pk:
                changed[customer.pk] = customer
            report.customers.add(created=False, changed=differs)
        Customer.objects.bulk_create(
            new.values(),
            update_conflicts=True,
            unique_fields=["customer_id"],
            update_fields=[n for n in _UPDATED if n != "customer_id"],
        )
        if changed:
            Customer.objects.bulk_create(changed.values(), update_conflicts=True, unique_fields=["pk"], update_fields=_UPDATED)


def customers_by_email(emails: set[str]) -> dict[str, Customer]:
    """The customer of each address; one of whom nothing but the address is known is noted with that alone."""
    known = {c.email: c for c in Customer.objects.filter(email__in=emails).order_by("-pk")}
    missing = [Customer(customer_id=email[:100], email=email) for email in sorted(emails - known.keys())]
    if missing:
        # a conflict is a customer whose id looks like this address; the address then decides
        Customer.objects.bulk_create(missing, ignore_conflicts=True)
        found = Customer.objects.filter(email__in=[c.email for c in missing])
        known |= {c.email: c for c in found}
    return known


def _apply(customer: Customer, row: CustomerRow) -> bool:
    """Set what the row says; whether anything changed."""
    wanted = {"email": row.email, **row.fields}
    if row.has_id:
        wanted["customer_id"] = row.customer_id
    differs = {name: value for name, value in wanted.items() if getattr(customer, name) != value}
    for name, value in differs.items():
        setattr(customer, name, value)
    return bool(differs)
