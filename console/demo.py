"""The demo shop: its orders with dates counted from today, its policies, and accounts to sign in with.

Files in `fixtures/` write a date as days from the day of loading ("D-12T09:41", "D+3"), so the demo never ages: `is_current`
compares what is stored with what today asks for, and only the orders are brought in again. Nothing here knows the shop's content.
"""

import csv
import json
import re
import secrets
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import timezone

from console.roles import Role

FIXTURES: Path = settings.BASE_DIR / "fixtures"
ORDER_FILES = ("customers", "orders", "order_items", "shipments", "events")
DATED_COLUMNS = {"placed_at", "payment_history", "shipped_at", "estimated_delivery", "delivered_at", "at"}
OFFSET = re.compile(r"\bD([+-]\d+)(?:T(\d\d):(\d\d))?(?!\w)")
GUIDED_CUSTOMERS = 3  # the first rows of customers.csv are the customers that the guide tells to sign in as


@dataclass(frozen=True, slots=True)
class Account:
    """A person who works in the console of the demo."""

    role: Role
    username: str


ACCOUNTS = (Account(Role.ADMINISTRATOR, "demo-admin"), Account(Role.SUPPORT, "demo-staff"))


# --- dates: pure ------------------------------------------------------------------------------------------------------------
def dated(text: str, *, now: datetime) -> str:
    """Replace every offset in the text by the day, or the moment with its UTC offset, that it means now (aware, the shop's time).

    A moment of today is moved to the same fraction of the part of the day that has passed, so that nothing lies in the future
    and the order of events stays.
    """

    def absolute(match: re.Match[str]) -> str:
        day = now.date() + timedelta(days=int(match[1]))
        if match[2] is None:
            return day.isoformat()
        moment = datetime.combine(day, time(int(match[2]), int(match[3])), tzinfo=now.tzinfo)
        if day == now.date():
            midnight = datetime.combine(day, time(), tzinfo=now.tzinfo)
            moment = midnight + (moment - midnight) * ((now - midnight) / timedelta(days=1))
        return moment.replace(second=0, microsecond=0).isoformat()

    return OFFSET.sub(absolute, text)


def dated_rows(path: Path, *, now: datetime) -> Iterator[dict[str, str]]:
    """Yield the rows of a fixture with its dates made absolute; columns that hold no dates are left alone."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: dated(value, now=now) if name in DATED_COLUMNS else value for name, value in row.items()}


def write_dated(folder: Path, *, now: datetime) -> dict[str, Path]:
    """Write every order file with absolute dates into the folder; return the paths by the name of the file."""
    paths = {}
    for name in ORDER_FILES:
        source = FIXTURES / "orders" / f"{name}.csv"
        paths[name] = folder / source.name
        rows = list(dated_rows(source, now=now))
        with paths[name].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return paths


def load_orders(*, now: datetime) -> None:
    """Bring the demo's orders in, with the dates of that moment; rows that are there are changed in place."""
    from orders.importing import import_files

    with tempfile.TemporaryDirectory(prefix="whereabouts-demo-") as folder:
        paths = write_dated(Path(folder), now=now)
        report = import_files(
            customers=paths["customers"],
            orders=paths["orders"],
            items=paths["order_items"],
            shipments=paths["shipments"],
            events=paths["events"],
        )
    if report.errors_total:
        raise ValueError(f"the demo's own orders are not right: {report.errors[:3]}")


# --- what is there ------------------------------------------------------------------------------------------------------------
def orders_are_current(*, now: datetime) -> bool:
    """Whether the last row of every file is stored with the dates of today; an import that broke off is not current."""
    from orders.models import Order, OrderLine, ShipmentEvent

    last = {name: _last_row(name, now) for name in ("orders", "order_items", "events")}
    order = Order.objects.filter(number=last["orders"]["order_number"]).first()
    if order is None or order.placed_at is None:
        return False
    # a day apart means that the demo was loaded on another day; minutes apart that the day has gone on since
    if abs(order.placed_at - datetime.fromisoformat(last["orders"]["placed_at"])) >= timedelta(hours=24):
        return False
    item, event = last["order_items"], last["events"]
    return (
        OrderLine.objects.filter(order__number=item["order_number"], position=item["line"]).exists()
        and ShipmentEvent.objects.filter(
            shipment__tracking_number=event["tracking_number"], description=event["description"]
        ).exists()
    )


def _last_row(name: str, now: datetime) -> dict[str, str]:
    *_, row = dated_rows(FIXTURES / "orders" / f"{name}.csv", now=now)
    return row


def shop_has_other_data() -> bool:
    """Whether somebody has brought orders or documents of their own into a shop without the demo: it must stay theirs alone."""
    from orders.models import Order
    from retrieval.models import Document

    demo_number = _last_row("orders", timezone.localtime())["order_number"]
    if Order.objects.filter(number=demo_number).exists():
        return False
    files = [policy["file"] for policy in policies()]
    return Order.objects.exists() or Document.objects.exclude(versions__filename__in=files).exists()


# --- policies -------------------------------------------------------------------------------------------------------------------
def policies() -> list[dict[str, Any]]:
    """The entries of the manifest, in the order in which they are loaded."""
    return list(tomllib.loads((FIXTURES / "policies" / "manifest.toml").read_text("utf-8"))["policy"])


def load_policies(*, today: date) -> Iterator[tuple[str, str]]:
    """Bring in each policy that is not there yet; yield its title and "", or what went wrong in words.

    A policy that staff withdrew or replaced stays as they left it; one that failed is tried again.
    """
    import hashlib

    from retrieval import ingestion
    from retrieval.errors import RetrievalError
    from retrieval.models import UNFINISHED, Document, DocumentVersion, State

    documents: dict[str, Document] = {}
    for policy in policies():
        path = FIXTURES / "policies" / policy["file"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        there = DocumentVersion.objects.filter(filename=path.name, sha256=digest).exclude(state=State.FAILED)
        version = there.select_related("document").first()
        try:
            if version is None:
                version = ingestion.receive(
                    path,
                    path.name,
                    title=policy["title"],
                    category=policy["category"],
                    effective_from=_day(policy, "effective_from", today),
                    effective_until=_day(policy, "effective_until", today),
                    document=documents.get(policy["document"]),
                    governed_by=policy.get("governed_by", ""),
                    queue=False,
                )
            documents[policy["document"]] = version.document
            if version.state in UNFINISHED:
                version = ingestion.advance(version)
                yield policy["title"], version.reason
        except RetrievalError as error:
            yield policy["title"], error.user_message


def _day(policy: dict[str, Any], name: str, today: date) -> date | None:
    return today + timedelta(days=policy[name]) if name in policy else None


# --- people ---------------------------------------------------------------------------------------------------------------------
def accounts_file() -> Path:
    return Path(settings.DATA_DIR) / "demo_accounts.json"


def make_accounts() -> None:
    """Make the demo's console accounts with random passwords, and write them to a file that only this user may read.

    Accounts that are there keep their password; when the file was lost they get a new one, for nobody knows the old.
    """
    path = accounts_file()
    known = User.objects.filter(username__in=[account.username for account in ACCOUNTS]).count()
    if path.exists() and known == len(ACCOUNTS):
        return
    staff = []
    for account in ACCOUNTS:
        user, _ = User.objects.get_or_create(username=account.username)
        password = new_password()
        user.set_password(password)
        user.is_active = True
        user.save()
        group, _ = Group.objects.get_or_create(name=str(account.role))
        user.groups.set([group])
        staff.append({"role": str(account.role), "username": account.username, "password": password})
    _write_privately(path, json.dumps({"staff": staff, "customers": guided_customers()}, indent=2) + "\n")


def new_password() -> str:
    """Sixteen letters and digits in groups of four, without those that look alike: about 79 random bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def guided_customers() -> list[dict[str, str]]:
    """The customers to sign in as, each with a word about what there is to see."""
    orders = list(dated_rows(FIXTURES / "orders" / "orders.csv", now=timezone.localtime()))
    with (FIXTURES / "orders" / "customers.csv").open(encoding="utf-8", newline="") as file:
        people = [row for row, _ in zip(csv.DictReader(file), range(GUIDED_CUSTOMERS), strict=False)]
    return [
        {
            "email": person["email"],
            "name": f"{person['first_name']} {person['last_name']}",
            "about": _about([order for order in orders if order["customer_email"] == person["email"]]),
        }
        for person in people
    ]


def _about(orders: Sequence[dict[str, str]]) -> str:
    if not orders:
        return "no orders yet"
    if len(orders) == 1:
        return f"one order, {orders[0]['status']}: {orders[0]['order_number']}"
    return f"{len(orders)} orders, in {len({order['status'] for order in orders})} different states"


def _write_privately(path: Path, text: str) -> None:
    """Replace the file in one step, readable by this user only from its first moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    draft.replace(path)
