"""The days of a rule: when its period begins for an item, and on which day it ends. Pure.

The moments of a record are in the shop's time zone, so their date is the shop's calendar day. The day on which a period begins is not
counted: 30 days from a delivery on 3 November end with 3 December.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from orders.records import Line, OrderRecord, Status
from orders.rules_values import Unit

_LONGEST = 36_500  # days; what is longer ends on the last day there is


def day_after(start: date, amount: int, unit: Unit) -> date:
    """The day `amount` units after `start`. A month ends with the same day of the month, or its last."""
    if unit is Unit.MONTH:
        months = start.year * 12 + start.month - 1 + amount
        year, month = divmod(months, 12)
        if year >= date.max.year:
            return date.max
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    if unit is Unit.WORKING_DAY:
        return _working_days_after(start, amount)
    return start + timedelta(days=min(amount, _LONGEST, (date.max - start).days))


def _working_days_after(start: date, amount: int) -> date:
    weeks, rest = divmod(min(amount, _LONGEST), 5)
    if start.weekday() > 4:  # a weekend's days count from its Friday
        start -= timedelta(days=start.weekday() - 4)
    day = start + timedelta(weeks=weeks)
    while rest:
        day += timedelta(days=1)
        rest -= day.weekday() < 5
    return day


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an item was delivered: between two days, which are one where it is known. None: not known, or not yet (`is_to_come`)."""

    first: date | None = None
    last: date | None = None
    is_to_come: bool = False
    is_partly_known: bool = False  # some parcels have arrived, and nobody knows in which the item was


def last_arrival(record: OrderRecord) -> Arrival:
    """When all of an order was there."""
    whole = arrival(record, None)
    return Arrival(is_to_come=True) if whole.is_partly_known else Arrival(whole.last, whole.last, whole.is_to_come)


def arrival(record: OrderRecord, line: Line | None) -> Arrival:
    """When one item of an order was delivered; the whole order's day where its items are not known."""
    own = [s for s in record.shipments if line and line.tracking_number and s.tracking_number == line.tracking_number]
    parcels = own or list(record.shipments)
    days = sorted(s.delivered_at.date() for s in parcels if s.delivered_at)
    if days and len(days) == len(parcels):
        return Arrival(days[0], days[-1])
    is_whole = record.status is not Status.PARTIALLY_SHIPPED and not record.is_open
    if record.delivered_at and (
        is_whole or not parcels
    ):  # the day of the last parcel; the others came on theirs, or on none we know
        last = record.delivered_at.date()
        return Arrival(min([last, *days]), last)
    if days:
        return Arrival(is_to_come=True, is_partly_known=True)
    return Arrival(is_to_come=record.is_open)
