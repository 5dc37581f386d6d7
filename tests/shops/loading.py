"""A shop's orders and policies into the database."""

from datetime import UTC, datetime

from django.core.management import call_command

from tests.shops.grading import HERE

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday; the moment at which the graded questions are asked


def load_shop(name: str, *, policies: bool = True) -> None:
    """Bring in one of `grading.SHOPS`, as of NOON. policies: its documents as well, published; the demo always has them."""
    if name == "demo":
        _load_demo()
        return
    folder = HERE / name
    files = {"customers": folder / "customers.csv", "orders": folder / "orders.csv", "items": folder / "order_items.csv"}
    call_command("import_orders", **files, json=True, verbosity=0)
    if policies:
        call_command("ingest", folder / "policies", verbosity=0)


def _load_demo() -> None:
    from console import demo

    demo.load_orders(now=NOON)
    assert not [problem for _, problem in demo.load_policies(today=NOON.date()) if problem]
