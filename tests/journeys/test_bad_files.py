"""Files that a shop should not bring: each is named with its reason, the good ones and good rows are kept, and again is safe."""

import io
import json
import re

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from console.roles import Role
from orders.lookup import Wanted, find_orders
from orders.models import Customer, Order, OrderLine, Shipment, Transaction
from orders.viewer import Method, Viewer
from retrieval import ingestion
from retrieval.models import Chunk, Document, DocumentVersion, State
from retrieval.reading import read
from tests.journeys.belongings import a_user
from tests.journeys.files import BAD_FILES, GOOD_FILES
from tests.retrieval.stand_ins import WordCounts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_limits", "own_uploads")]


def run(name: str, *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output, and standard error of a command with the sentence that ends it."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


# --- CSV -----------------------------------------------------------------------------------------------------------------------
CUSTOMERS = """customer_id,email,first_name
c1,ana@example.com,Ana
c2,no address,Nobody
c3,bo@example.com,Bo
"""
ORDERS = """order_number,customer_email,status,placed_at,currency,total,tracking_numbers,payment_history
K-1,ana@example.com,shipped,2026-11-03,EUR,48.50,T1,payment visa_1 48.50 2026-11-03
K-2,ana@example.com,shipped,2026-02-30,EUR,10.00,,
K-3,ana@example.com,shipped,03/04/2026,EUR,10.00,,
K-4,bo@example.com,shipped,2026-11-04,EUR,ten,,
K-5,bo@example.com,shipped,2026-11-04,EUR,-1.00,,
K-1,bo@example.com,shipped,2026-11-05,EUR,99.00,,
K-6,bo@example.com,shipped,2026-11-05,EUR,1,234.50,,
K-7,,shipped,2026-11-05,EUR,5.00,,
K-8,bo@example.com,delivered,2026-11-06,EUR,20.00,T8,
"""
ITEMS = """order_number,line,name,unit_price,quantity
K-1,1,Copper kettle,48.50,1
K-8,1,Smoked tea,ten,1
K-8,2,Green tea,10.00,2
K-9,1,Lost tea,1.00,1
"""
# file, line, column, a word of the reason
EXPECTED = [
    ("customers.csv", 3, "email", "not an e-mail address"),
    ("items.csv", 3, "unit_price", "not an amount"),
    ("items.csv", 5, "order_number", "no order"),
    ("orders.csv", 3, "placed_at", "not a day"),
    ("orders.csv", 4, "placed_at", "two different days"),
    ("orders.csv", 5, "total", "not an amount"),
    ("orders.csv", 6, "total", "below zero"),
    ("orders.csv", 7, "order_number", "again"),
    ("orders.csv", 8, "", "cells"),
    ("orders.csv", 9, "customer_email", "empty"),
]


@pytest.fixture
def csv_files(tmp_path):
    def write(**texts: str) -> list[str]:
        for kind, text in texts.items():
            (tmp_path / f"{kind}.csv").write_text(text, "utf-8")
        return [f"--{kind}={tmp_path / f'{kind}.csv'}" for kind in texts]

    return write


def stored() -> dict[str, list[dict]]:
    """Every row of the shop, without the moment it was written."""
    rows = {
        kind.__name__: list(kind.objects.order_by("pk").values()) for kind in (Customer, Order, OrderLine, Shipment, Transaction)
    }
    for order in rows["Order"]:
        del order["imported_at"]
    return rows


def test_every_bad_row_is_named_with_line_and_reason_and_the_good_ones_are_kept(csv_files):
    files = csv_files(customers=CUSTOMERS, orders=ORDERS, items=ITEMS)
    code, out, err = run("import_orders", *files, "--json")
    assert code == 1 and f"{len(EXPECTED)} rows were not imported" in err
    errors = json.loads(out)["errors"]
    assert [(e["file"], e["line"], e["column"]) for e in errors] == [expected[:3] for expected in EXPECTED]
    for error, (*_, reason) in zip(errors, EXPECTED, strict=True):
        assert reason in error["reason"] and error["reason"].endswith((".", ")")), error
    assert list(Order.objects.order_by("number").values_list("number", flat=True)) == ["K-1", "K-8"]
    assert list(OrderLine.objects.order_by("pk").values_list("name", flat=True)) == ["Copper kettle", "Green tea"]
    viewer = Viewer("ana@example.com", Method.OPERATOR)
    found = async_to_sync(find_orders)(Wanted(), viewer=viewer, at=timezone.now())
    assert [str(order.total) for order in found.records] == ["48.50"]

    before = stored()
    again = run("import_orders", *files, "--json")
    assert again[0] == 1 and json.loads(again[1])["errors"] == errors
    assert stored() == before


def test_people_read_the_same_rows_as_sentences(csv_files):
    code, out, err = run("import_orders", *csv_files(customers=CUSTOMERS, orders=ORDERS, items=ITEMS))
    assert code == 1 and "orders: 2 created" in out
    for file, line, column, reason in EXPECTED:
        place = f"{file}, line {line}" + (f", {column}" if column else "")
        assert re.search(rf"not imported: {re.escape(place)}: .*{re.escape(reason)}", err), place
    assert "Traceback" not in err


def test_the_rows_come_in_once_they_are_mended(csv_files):
    run("import_orders", *csv_files(customers=CUSTOMERS, orders=ORDERS))
    mended = ORDERS.replace("2026-02-30", "2026-02-28").replace("03/04/2026", "3 Apr 2026").replace("EUR,ten", "EUR,10")
    mended = (
        mended.replace("-1.00", "1.00")
        .replace("K-1,bo", "K-9,bo")
        .replace("1,234.50", '"1,234.50"')
        .replace("K-7,,", "K-7,bo@example.com,")
    )
    code, out, _ = run(
        "import_orders", *csv_files(customers=CUSTOMERS.replace("no address", "c@example.com"), orders=mended), "--json"
    )
    assert code == 0
    report = json.loads(out)
    assert (report["orders"]["created"], report["orders"]["unchanged"]) == (7, 2)
    assert Order.objects.count() == 9


@pytest.mark.parametrize(
    ("orders", "reason"),
    [
        ("number,mail,state\n1,a@b.co,shipped\n", "lacks the columns order_number, customer_email, status"),
        ("", "empty"),
        ("order_number,customer_email,status,status\n", "more than once"),
    ],
    ids=["columns", "empty", "twice"],
)
def test_a_file_with_wrong_columns_is_refused_whole_and_nothing_is_half_written(csv_files, orders, reason):
    code, out, err = run("import_orders", *csv_files(customers=CUSTOMERS, orders=orders), "--json")
    assert code == 1 and reason in err and "Nothing was imported." in err
    assert json.loads(out)["errors"][0]["reason"] in err
    assert Customer.objects.count() == Order.objects.count() == 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    code, _, err = run("import_orders", "--orders", tmp_path / "missing.csv")
    assert code == 1 and "missing.csv" in err and "Traceback" not in err


# --- documents -----------------------------------------------------------------------------------------------------------------
@pytest.fixture
def real_reading(monkeypatch):
    """The product's own reader; only the embedding model is a quick stand-in."""
    model = WordCounts()
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: cls(read, lambda: model)))


@pytest.fixture
def staff_client() -> Client:
    client = Client()
    client.force_login(async_to_sync(a_user)(Role.SUPPORT))
    return client


def assert_only_the_good_ones_answer():
    answering = DocumentVersion.objects.filter(state=State.PUBLISHED)
    assert set(answering.values_list("filename", flat=True)) == set(GOOD_FILES)
    assert Chunk.objects.exclude(version__in=answering).count() == 0


def test_of_many_uploads_each_bad_one_fails_with_its_reason_and_the_others_are_published(staff_client, real_reading):
    names = [name for pair in zip([*GOOD_FILES, *GOOD_FILES, *GOOD_FILES], BAD_FILES, strict=False) for name in pair]
    files = {**GOOD_FILES, **{name: data for name, (data, _) in BAD_FILES.items()}}
    sent = [SimpleUploadedFile(name, files[name]) for name in dict.fromkeys(names)]
    response = staff_client.post("/console/uploads/", {"files": sent}, headers={"Accept": "application/json"})
    results = {result["name"]: result for result in response.json()["results"]}
    assert set(results) == set(files)
    assert {name for name, result in results.items() if not result["ok"]} == {"empty.md"}
    ingestion.sweep()
    assert_only_the_good_ones_answer()
    page = staff_client.get("/console/documents/").content.decode()
    for name, (_, reason) in BAD_FILES.items():
        if not results[name]["ok"]:
            assert reason in results[name]["message"]
            continue
        version = DocumentVersion.objects.get(filename=name)
        assert version.state == State.FAILED, name
        assert reason in version.reason and version.reason.endswith("."), (name, version.reason)
        assert name in page
        assert reason in staff_client.get(results[name]["url"]).content.decode()


def test_of_a_folder_each_bad_file_is_named_and_the_others_are_published(tmp_path, real_reading):
    folder = tmp_path / "policies"
    folder.mkdir()
    for name, data in {**GOOD_FILES, **{name: data for name, (data, _) in BAD_FILES.items()}}.items():
        (folder / name).write_bytes(data)
    code, out, err = run("ingest", folder, "--json")
    outcome = json.loads(out)
    assert code == 1
    assert (outcome["published"], outcome["unchanged"], outcome["failed"]) == (len(GOOD_FILES), 0, len(BAD_FILES))
    told = {entry["file"].rpartition("/")[2]: entry["reason"] for entry in outcome["files"] if entry["status"] == "failed"}
    assert set(told) == set(BAD_FILES)
    for name, (_, reason) in BAD_FILES.items():
        assert reason in told[name] and f"{name}: {told[name]}" in err, name
    assert_only_the_good_ones_answer()
    code, out, _ = run("ingest", folder, "--json")
    assert code == 1 and json.loads(out)["unchanged"] == len(GOOD_FILES)
    assert_only_the_good_ones_answer()
    assert Document.objects.filter(versions__state=State.PUBLISHED).distinct().count() == len(GOOD_FILES)


def test_a_bad_replacement_leaves_the_old_text_answering(staff_client, real_reading):
    good = b"# Loans\n\nA kayak may be lent for nine days.\n"
    for data in (good, BAD_FILES["locked.pdf"][0], BAD_FILES["picture.md"][0]):
        staff_client.post("/console/uploads/", {"files": SimpleUploadedFile("loans.md", data)})
        ingestion.sweep()
    document = Document.objects.get()
    states = list(document.versions.order_by("number").values_list("state", flat=True))
    assert states == [State.PUBLISHED, State.FAILED, State.FAILED]
    assert "nine days" in Client().get(f"/policies/{document.slug}/1/").content.decode()
    for number in (2, 3):
        assert Client().get(f"/policies/{document.slug}/{number}/").status_code == 404
