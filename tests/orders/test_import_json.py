"""Whole orders as JSON: every form of the file, what is wrong with it by line and place, and what a missing name leaves."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from orders.errors import ImportRefused
from orders.importing import import_json, json_files
from orders.models import Order, OrderLine, RemovedOrder
from orders.records import Kind, Status
from tests.orders.shop_files import everything, record

pytestmark = pytest.mark.django_db(transaction=True)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "orders-import.md"


def documented() -> dict:
    return json.loads(re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0])


@pytest.fixture
def read(tmp_path):
    def read_(text: str | bytes):
        path = tmp_path / "orders.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_json(path)

    return read_


def order(number: str = "#W1", **more) -> dict:
    return {"number": number, "email": "ana@example.com", **more}


def test_the_documented_order_is_read_whole(read):
    report = read(json.dumps(documented()))
    assert (report.errors, report.orders.created, report.items.created, report.shipments.created, report.events.created) == (
        [],
        1,
        1,
        1,
        1,
    )
    found = record("#W2378156")
    assert (found.status, found.total, found.currency, found.customer_name) == (
        Status.IN_TRANSIT,
        Decimal("129.90"),
        "EUR",
        "Ana Ruiz",
    )
    assert found.lines[0].options == (("size", "42"), ("color", "brown"))
    assert (found.shipments[0].carrier, found.shipments[0].estimated_on) == ("UPS", date(2026, 11, 9))
    assert [event.place for event in found.shipments[0].events] == ["Memphis, TN"]
    assert [(paid.kind, paid.amount, paid.method) for paid in found.transactions] == [
        (Kind.PAYMENT, Decimal("129.90"), "Visa ending 4821")
    ]
    before = everything()
    again = read(json.dumps(documented()))
    assert (again.orders.unchanged, again.items.unchanged, again.shipments.unchanged, again.events.unchanged) == (1, 1, 1, 1)
    assert everything() == before


@pytest.mark.parametrize("piece", [7, 1 << 20])
@pytest.mark.parametrize(
    "form",
    [
        lambda orders: json.dumps(orders),
        lambda orders: json.dumps(orders, indent=2),
        lambda orders: json.dumps({"orders": orders, "next": None}),
        lambda orders: "\ufeff" + "\n".join(map(json.dumps, orders)),
        lambda orders: "\r\n".join(map(json.dumps, orders)) + "\r\n\r\n",
    ],
    ids=["list", "indented", "as an API answers", "lines", "windows"],
)
def test_every_form_of_the_file_is_read_in_pieces_of_any_size(read, monkeypatch, form, piece):
    monkeypatch.setattr(json_files, "_PIECE", piece)
    report = read(form([order(f"A{n}", status='é ] } " , [', total=n) for n in range(5)]))
    assert (report.errors, report.orders.created) == ([], 5)
    assert Order.objects.get(number="A4").total == 4


@pytest.mark.parametrize(("wrong", "place", "reason"), [
    (order(total="lots"), "/total", "not an amount"),
    (order(total=[1]), "", "“total” has a value of the wrong kind"),
    (order(email="nobody"), "/email", "not an e-mail address"),
    ({"number": "#W1"}, "/email", "This value is empty"),
    ({"email": "ana@example.com"}, "/number", "empty"),
    (order(placed_at="11/03/2024"), "/placed_at", "two different days"),
    (order(ship_city="Den\0ver"), "", "cannot be stored"),
    (order(ship_city="\ud800"), "", "cannot be stored"),
    ([1, 2], "", "must be an object"),
    (order("#W0"), "/number", "is order 1 of this file and again order 2"),
])  # fmt: skip
def test_an_order_that_is_not_right_is_named_by_line_and_place_and_the_others_are_kept(read, wrong, place, reason):
    report = read("\n".join(map(json.dumps, [order("#W0"), wrong, order("#W2")])))
    (problem,) = report.errors
    assert (problem.file, problem.line, problem.column) == ("orders.json", 2, place)
    assert reason in problem.reason
    assert set(Order.objects.values_list("number", flat=True)) == {"#W0", "#W2"}


@pytest.mark.parametrize(("parts", "place"), [
    ({"items": [{"name": "Mug"}, {"name": ""}]}, "/items/1/name"),
    ({"items": [{"name": "Mug"}, {"name": "Hat", "unit_price": "much"}]}, "/items/1/unit_price"),
    ({"items": [{"name": "Mug"}, 7]}, "/items/1"),
    ({"items": [{"name": "Mug"}], "shipments": [{"tracking_number": "T1", "events": [{"at": "soon", "description": "x"}]}]},
     "/shipments/0/events/0/at"),
    ({"items": [{"name": "Mug"}], "shipments": [{"carrier": "UPS"}, {"carrier": "DHL"}]}, "/shipments/1/tracking_number"),
])  # fmt: skip
def test_a_part_that_is_not_right_is_left_out_and_takes_nothing_away(read, parts, place):
    read(json.dumps([order(items=[{"name": "Cup"}, {"name": "Lamp"}])]))
    report = read(json.dumps([order(**parts)]))
    assert [problem.column for problem in report.errors] == [place]
    names = set(OrderLine.objects.values_list("name", flat=True))
    assert names == {"Mug", "Lamp"}


def test_what_is_no_json_is_named_and_lines_after_it_are_read(read):
    report = read('{"number": "A1", "email": "a@b.co"}\n{"number": "A2", oops}\n{"number": "A3", "email": "a@b.co", "total": NaN}\n'
                  '{"number": "A4", "email": "a@b.co"}\n{"number": "A5')  # fmt: skip
    assert [problem.line for problem in report.errors] == [2, 3, 5]
    assert Order.objects.count() == 2
    assert [p.line for p in read('[\n{"number": "B1", "email": "a@b.co"},\n{"number": }]').errors] == [3]
    report = read('[{"number": "B2", "email": "a@b.co"},\n{"number": "B3", "email": "a@b.co"},\n')
    assert (report.orders.created, [(p.line, "cut off" in p.reason) for p in report.errors]) == (2, [(3, True)])
    for text, reason in (("", "empty"), ("number,email\n", "not JSON"), (b"{\xff}", "UTF-8")):
        with pytest.raises(ImportRefused, match=reason):
            read(text)


def test_it_tells_how_far_it_is_also_in_a_file_of_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(json_files, "_PIECE", 500)
    monkeypatch.setattr(json_files, "PROGRESS_ROWS", 10)
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([order(f"A{n}", customer_name="x" * 1000) for n in range(50)]))
    told: list[tuple[int, int]] = []
    import_json(path, progress=lambda done, of: told.append((done, of)))
    assert [done for done, _ in told] == sorted(done for done, _ in told) and len({done for done, _ in told}) > 3
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_number_of_odd_signs_is_stored(read):
    assert read(json.dumps([order("\ufdfa" * 10, shipments=[{"tracking_number": "\ufdfa" * 90}])])).errors == []


def test_a_missing_name_leaves_what_is_stored_and_null_takes_it_away(read):
    read(json.dumps([order(status="shipped", total="5.00", items=[{"name": "Mug"}], shipments=[{"tracking_number": "T1"}])]))
    read(json.dumps([order(status="delivered")]))
    found = record("#W1")
    assert (found.status, found.total, len(found.lines), len(found.shipments)) == (Status.DELIVERED, Decimal("5.00"), 1, 1)
    read(json.dumps([order(total=None, items=[], shipments=[])]))
    found = record("#W1")
    assert (found.status, found.total, found.lines, found.shipments) == (Status.DELIVERED, None, (), ())


def test_older_news_is_left_out_with_a_note(read):
    read(json.dumps([order(status="delivered", updated_at="2026-03-02T10:00:00Z")]))
    report = read(json.dumps([order(status="shipped", updated_at="2026-03-02T09:00:00Z", items=[{"name": "Mug"}])]))
    assert (report.orders.unchanged, [note.column for note in report.warnings]) == (1, ["/updated_at"])
    assert (record("#W1").status, record("#W1").lines) == (Status.DELIVERED, ())
    read(json.dumps([order(status="returned", updated_at="2026-03-02T10:00:00Z")]))
    assert record("#W1").status is Status.RETURNED
    RemovedOrder.objects.create(
        number="#W5", updated_at=datetime(2026, 3, 2, tzinfo=UTC), removed_at=datetime(2026, 3, 2, tzinfo=UTC)
    )
    assert read(json.dumps([order("#W5", updated_at="2026-03-01")])).orders.created == 0
    assert read(json.dumps([order("#W5", updated_at="2026-03-03")])).orders.created == 1
