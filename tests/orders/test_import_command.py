"""The command `import_orders`: what it prints, and when it fails."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.orders.shop_files import ITEMS, ORDERS

pytestmark = pytest.mark.django_db(transaction=True)


class TestCommand:
    def run(self, tmp_path, *args, **texts):
        out, err = StringIO(), StringIO()
        for kind, text in texts.items():
            (tmp_path / f"{kind}.csv").write_text(text)
        files = [part for kind in texts for part in (f"--{kind}", str(tmp_path / f"{kind}.csv"))]
        try:
            call_command("import_orders", *files, *args, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue(), error
        return out.getvalue(), err.getvalue(), None

    def test_it_prints_what_it_did_as_json(self, tmp_path):
        out, _, error = self.run(tmp_path, "--json", orders=ORDERS, items=ITEMS)
        assert error is None
        assert json.loads(out)["orders"] == {"created": 2, "updated": 0, "unchanged": 0}

    def test_it_fails_when_a_row_was_refused_and_names_it(self, tmp_path):
        out, _, error = self.run(tmp_path, "--json", orders=ORDERS.replace("20.00", "lots"))
        assert error.returncode == 1
        (problem,) = json.loads(out)["errors"]
        assert (problem["file"], problem["line"], problem["column"]) == ("orders.csv", 3, "total")
        _, err, _ = self.run(tmp_path, orders=ORDERS.replace("20.00", "lots"))
        assert "orders.csv, line 3, total: “lots” is not an amount." in err

    def test_it_refuses_a_file_in_a_sentence(self, tmp_path):
        _, _, error = self.run(tmp_path, orders="a,b\n1,2\n")
        assert "lacks the columns order_number, customer_email, status. Columns found: a, b." in str(error)

    def test_it_needs_a_file(self, tmp_path):
        assert "at least one file" in str(self.run(tmp_path)[2])
        assert "cannot be opened" in str(self.run(tmp_path, "--orders", "/nowhere/orders.csv")[2])
