"""Another shop, from nothing, by commands alone: tables, orders, policies, then answers from both, each to whom it belongs."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

NOW = datetime.now(UTC)


def day(offset):
    return (NOW + timedelta(days=offset)).strftime("%Y-%m-%dT10:00:00+00:00")


CUSTOMERS = """customer_id,email,first_name,last_name,city,country
c1,ana@kettle.example,Ana,Silva,Porto,Portugal
c2,bo@kettle.example,Bo,Lind,Malmö,Sweden
"""
ORDERS = f"""order_number,customer_email,status,placed_at,currency,total,ship_city,ship_country,tracking_numbers,payment_history,carrier,shipped_at
CK-70311,ana@kettle.example,shipped,{day(-5)},EUR,48.50,Porto,Portugal,TRK555001,payment visa_9 48.50 {day(-5)[:10]},PostNord,{day(-3)}
CK-70422,bo@kettle.example,delivered,{day(-20)},EUR,19.00,Malmö,Sweden,TRK555002,payment visa_7 19.00 {day(-20)[:10]},PostNord,{day(-18)}
"""
ITEMS = """order_number,line,item_id,product_id,name,options,unit_price,quantity,tracking_number
CK-70311,1,i1,p1,Copper Kettle,size=2 l,48.50,1,TRK555001
CK-70422,1,i2,p2,Smoked Tea,weight=250 g,9.50,2,TRK555002
"""
POLICY = """# Returns

You may send a kettle back within 23 days of delivery, unused and in its box.

# Gift wrapping

Gift wrapping costs 3.70 EUR for each order and uses recycled paper.
"""


class Shop:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments):
        names = ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_SMALL_MODEL", "LLM_LARGE_MODEL")
        environment = {**os.environ, **dict.fromkeys(names, ""), "SHOP_NAME": "Copper Kettle", "SHOP_CURRENCY": "EUR"}
        environment |= {"DATA_DIR": str(self.folder / "var"), "DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "false"}
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def ask(self, text, *, as_email=None):
        done = self.run("ask", text, *(["--as", as_email] if as_email else []), "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def import_orders(self):
        files = [f"--{kind}={self.folder / f'{kind}.csv'}" for kind in ("customers", "orders", "items")]
        return self.run("import_orders", *files, "--json")


@pytest.fixture(scope="module")
def shop(copy_models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    copy_models(folder / "var")
    for name, text in (("customers", CUSTOMERS), ("orders", ORDERS), ("items", ITEMS)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "kettle-rules.md").write_text(POLICY, "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    made = Shop(folder)
    for done in (made.run("prepare"), made.import_orders(), made.run("ingest", folder / "kettle-rules.md")):
        assert done.returncode == 0, done.stderr
    return made


def test_a_customer_learns_about_their_own_order(shop):
    answer = shop.ask("Where is my order CK-70311?", as_email="ana@kettle.example")
    assert answer["outcome"] == "answered"
    assert [order["number"] for order in answer["orders"]] == ["CK-70311"]
    assert "TRK555001" in json.dumps(answer)


def test_a_strangers_order_looks_like_one_that_does_not_exist(shop):
    foreign = shop.ask("Where is my order CK-70422?", as_email="ana@kettle.example")
    unknown = shop.ask("Where is my order CK-70999?", as_email="ana@kettle.example")
    assert foreign["answer"].replace("CK-70422", "X") == unknown["answer"].replace("CK-70999", "X")
    assert foreign["outcome"] == unknown["outcome"]
    for secret in ("Smoked Tea", "Malmö", "TRK555002", "bo@kettle.example"):
        assert secret not in json.dumps(foreign, ensure_ascii=False)


def test_a_policy_is_quoted_with_its_words(shop):
    answer = shop.ask("How much does gift wrapping cost?")
    assert "3.70" in answer["answer"]
    assert any("3.70 EUR" in citation["quote"] for citation in answer["citations"])
    assert answer["order_lookup"] is False


def test_what_no_policy_says_is_not_made_up(shop):
    answer = shop.ask("Do you rent out bicycles to penguins?")
    assert answer["outcome"] == "no_answer"
    assert answer["citations"] == []


def test_importing_again_changes_nothing(shop):
    again = shop.import_orders()
    assert again.returncode == 0
    assert json.loads(again.stdout)["orders"]["created"] == 0


def test_search_shows_the_passage_and_its_file(shop):
    done = shop.run("search", "gift wrapping", "--json")
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["results"][0]
    assert best["source"] == "kettle-rules.md"
    assert "recycled paper" in best["text"]


def test_a_broken_file_is_named_and_the_exit_code_tells(shop):
    done = shop.run("ingest", shop.folder / "broken.pdf")
    assert done.returncode != 0
    assert "broken.pdf" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_stays_out_of_a_shop_with_data(shop):
    done = shop.run("load_demo", "--if-empty")
    assert done.returncode == 0, done.stderr
    assert "data of its own" in done.stdout
    assert shop.ask("Where is my order CK-70311?", as_email="ana@kettle.example")["orders"]
