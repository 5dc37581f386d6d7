"""The demo shop never ages: its dates count from today, nothing lies in the future that has happened, and loading twice is safe."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from console import demo
from console.roles import Role, roles_of

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D-12", "2026-02-21"),
        ("D+3", "2026-03-08"),
        ("D+0", "2026-03-05"),
        ("D-1T09:41", "2026-03-04T09:41:00+01:00"),
        ("payment card_1 12.50 D-10; refund card_1 2.50 D-2", "payment card_1 12.50 2026-02-23; refund card_1 2.50 2026-03-03"),
        ("D+30T08:00", "2026-04-04T08:00:00+02:00"),  # summer time has begun by then
        ("", ""),
        ("JD-12X", "JD-12X"),
        ("MOD-12", "MOD-12"),
    ],
)
def test_offsets_become_days_and_moments_of_the_shops_calendar(text, expected):
    assert demo.dated(text, now=NOON) == expected


def test_what_happened_today_lies_in_the_past_and_in_order():
    moments = [datetime.fromisoformat(demo.dated(f"D+0T{hour:02}:00", now=NOON)) for hour in (1, 9, 15, 23)]
    assert moments == sorted(moments)
    assert moments[-1] <= NOON
    assert {moment.date() for moment in moments} == {NOON.date()}


def test_no_offset_is_left_in_what_is_imported(tmp_path):
    paths = demo.write_dated(tmp_path, now=NOON)
    for name, path in paths.items():
        assert path.read_text("utf-8").count("\n") == (demo.FIXTURES / "orders" / f"{name}.csv").read_text("utf-8").count("\n")
        assert not re.search(r"[,\s]D[+-]\d", path.read_text("utf-8"))


def test_every_policy_of_the_manifest_is_there_with_sensible_dates():
    for policy in demo.policies():
        assert (demo.FIXTURES / "policies" / policy["file"]).exists()
        assert policy.get("effective_from", -1) < policy.get("effective_until", 1)


@pytest.fixture
def data_dir(tmp_path):
    with override_settings(DATA_DIR=tmp_path):
        yield tmp_path


@pytest.mark.django_db
def test_accounts_are_made_once_with_their_roles_and_a_private_file(data_dir):
    demo.make_accounts()
    path = data_dir / "demo_accounts.json"
    first = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [person["role"] for person in first["staff"]] == ["administrator", "support staff"]
    for person in first["staff"]:
        user = User.objects.get(username=person["username"])
        assert user.check_password(person["password"])
        assert roles_of(user) == {Role(person["role"])}
        assert not user.is_superuser
    demo.make_accounts()
    assert json.loads(path.read_text()) == first


@pytest.mark.django_db
def test_a_lost_file_gives_new_passwords(data_dir):
    demo.make_accounts()
    path = data_dir / "demo_accounts.json"
    first = json.loads(path.read_text())
    path.unlink()
    demo.make_accounts()
    second = json.loads(path.read_text())
    for old, new in zip(first["staff"], second["staff"], strict=True):
        assert old["password"] != new["password"]
        assert User.objects.get(username=new["username"]).check_password(new["password"])


@pytest.mark.django_db
def test_a_shop_with_orders_of_its_own_is_left_alone():
    from orders.models import Customer, Order

    assert not demo.shop_has_other_data()
    customer = Customer.objects.create(customer_id="1", email="real@example.com")
    Order.objects.create(number="R-1", key="r1", digits="1", customer=customer, status="paid")
    assert demo.shop_has_other_data()


def test_the_guided_customers_are_in_the_fixtures():
    people = demo.guided_customers()
    assert len(people) == demo.GUIDED_CUSTOMERS
    assert all(person["email"] and person["about"] for person in people)


@pytest.mark.django_db
def test_orders_are_loaded_once_a_day_and_their_dates_move_with_the_days():
    from orders.models import Order, ShipmentEvent

    assert not demo.orders_are_current(now=NOON)
    demo.load_orders(now=NOON)
    assert demo.orders_are_current(now=NOON)
    assert demo.orders_are_current(now=NOON + timedelta(hours=6))
    assert not demo.shop_has_other_data()
    count, newest = Order.objects.count(), Order.objects.latest("placed_at")
    assert newest.placed_at <= NOON
    assert not ShipmentEvent.objects.filter(at__gt=NOON).exists()

    three_days_later = NOON + timedelta(days=3)
    assert not demo.orders_are_current(now=three_days_later)
    demo.load_orders(now=three_days_later)
    assert demo.orders_are_current(now=three_days_later)
    assert Order.objects.count() == count
    moved = Order.objects.get(number=newest.number).placed_at - newest.placed_at
    assert timedelta(days=2) < moved < timedelta(days=4)
    # the same events on other days, not both
    assert ShipmentEvent.objects.count() == len(list(demo.dated_rows(demo.FIXTURES / "orders" / "events.csv", now=NOON)))


@pytest.mark.django_db
def test_an_import_that_broke_off_is_not_current():
    from orders.models import ShipmentEvent

    demo.load_orders(now=NOON)
    last = list(demo.dated_rows(demo.FIXTURES / "orders" / "events.csv", now=NOON))[-1]
    ShipmentEvent.objects.filter(shipment__tracking_number=last["tracking_number"]).delete()
    assert not demo.orders_are_current(now=NOON)
