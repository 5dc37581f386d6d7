"""Customers into the database, a batch at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from database import bulk
from orders.importing.report import Report
from orders.importing.rows import CustomerRow
from orders.models import Customer

_FIELDS = tuple(f.name for f in Customer._meta.concrete_fields if not f.primary_key)
_ID, _EMAIL = _FIELDS.index("customer_id"), _FIELDS.index("email")
Values = dict[str, Any]


def write_customers(rows: Sequence[CustomerRow], report: Report) -> None:
    """Create or update these customers, all or none. Known by their id, without one by their e-mail address."""
    with transaction.atomic():
        bulk.one_writer_at_a_time()
        known = _Known(rows)
        new: dict[str, Values] = {}
        changed: dict[int, Values] = {}
        for row in rows:
            wanted = {"email": row.email, **row.fields}
            if row.has_id:
                wanted["customer_id"] = row.customer_id
            if (key := known.key_of(row)) is not None:
                before = changed.get(key) or known.values[key]
                differs = any(before[name] != value for name, value in wanted.items())
                if differs:
                    changed[key] = {**before, **wanted}
                report.customers.add(created=False, changed=differs)
            elif row.customer_id in new:
                new[row.customer_id] |= wanted
                report.customers.add(created=False, changed=False)
            else:
                new[row.customer_id] = dict.fromkeys(_FIELDS, "") | {"customer_id": row.customer_id} | wanted
                report.customers.add(created=True, changed=True)
        bulk.update(Customer, _FIELDS, [(*values.values(), key) for key, values in changed.items()])
        bulk.insert(Customer, _FIELDS, [tuple(values.values()) for values in new.values()])


class _Known:
    """The stored customers that a batch may mean."""

    def __init__(self, rows: Sequence[CustomerRow]) -> None:
        ids = {row.customer_id for row in rows} | {row.email for row in rows}
        found = bulk.rows_among(Customer, ("id", *_FIELDS), "customer_id", ids)
        unnamed = {row.email for row in rows if not row.has_id}
        of_address = bulk.rows_among(Customer, ("id", *_FIELDS), "email", unnamed, order_by="id")
        self.values: Mapping[int, Values] = {key: dict(zip(_FIELDS, row, strict=True)) for key, *row in [*found, *of_address]}
        self._by_id = {row[1 + _ID]: row[0] for row in found}
        self._by_email = {row[1 + _EMAIL]: row[0] for row in reversed(of_address)}

    def key_of(self, row: CustomerRow) -> int | None:
        """The key of the stored customer that this row means, if there is one."""
        if (key := self._by_id.get(row.customer_id)) is not None:
            return key
        if not row.has_id:
            return self._by_email.get(row.email)
        # an order may have come before its customer; what was noted for its address then becomes this customer
        noted = self._by_id.get(row.email)
        return noted if noted is not None and self.values[noted]["email"] == row.email else None


def customers_by_email(emails: Iterable[str]) -> dict[str, int]:
    """The key of each address's customer; one of whom nothing but the address is known is noted with that alone."""
    emails = set(emails)
    known = _keys_of(emails)
    if missing := sorted(emails - known.keys()):
        # an id that looks like the address of somebody else, or of which the end is cut off, gets a number of its own
        taken = {name for (name,) in bulk.rows_among(Customer, ("customer_id",), "customer_id", [email[:100] for email in missing])}
        rows = []
        for email in missing:
            name, more = email[:100], 1
            while name in taken:
                more += 1
                name = f"{email[:90]} ({more})"
            taken.add(name)
            rows.append(tuple((dict.fromkeys(_FIELDS, "") | {"customer_id": name, "email": email}).values()))
        bulk.insert(Customer, _FIELDS, rows)
        known |= _keys_of(missing)
    return known


def name_customers(names: Mapping[int, str]) -> None:
    """Give these customers their name, where no file of customers has told of them."""
    changes = []
    for key, customer_id, email, *name in bulk.rows_among(
        Customer, ("id", "customer_id", "email", "first_name", "last_name"), "id", names
    ):
        first, _, last = names[key].rpartition(" ")
        if (customer_id == email[:100] or not any(name)) and name != [first[:100], last[:100]]:
            changes.append((first[:100], last[:100], key))
    bulk.update(Customer, ("first_name", "last_name"), changes)


def _keys_of(emails: Iterable[str]) -> dict[str, int]:
    """The customer who came first of those with an address."""
    rows = bulk.rows_among(Customer, ("email", "id"), "email", emails, order_by="id")
    return dict(reversed(rows))
