"""The views of docs/orders-sql.md, taken from there, over the tables of WooCommerce and Magento 2, in SQLite and MariaDB.

The tables are theirs, as far as orders go; SQLite gets the one function of MySQL that it lacks.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from orders.records import Kind, Status
from orders.sources.sql_views import VIEWS
from orders.wanted import Wanted
from tests.orders.sources.contract_orders import ANA, BO, NOW
from tests.orders.sources.sql_shops import SqlShop, sqlite_address

PAGE = (Path(__file__).parents[3] / "docs" / "orders-sql.md").read_text("utf-8")
UTC = ZoneInfo("UTC")

WOOCOMMERCE = """
CREATE TABLE wp_wc_orders (id BIGINT PRIMARY KEY, status VARCHAR(20), currency VARCHAR(10), type VARCHAR(20), tax_amount DECIMAL(26,8),
    total_amount DECIMAL(26,8), customer_id BIGINT, billing_email VARCHAR(320), date_created_gmt DATETIME, date_updated_gmt DATETIME,
    parent_order_id BIGINT, payment_method VARCHAR(100), payment_method_title TEXT, transaction_id VARCHAR(100), customer_note TEXT);
CREATE TABLE wp_wc_orders_meta (id BIGINT PRIMARY KEY, order_id BIGINT, meta_key VARCHAR(255), meta_value TEXT);
CREATE TABLE wp_wc_order_addresses (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, address_type VARCHAR(20), first_name TEXT,
    last_name TEXT, company TEXT, address_1 TEXT, address_2 TEXT, city TEXT, state TEXT, postcode TEXT, country TEXT,
    email VARCHAR(320), phone VARCHAR(100));
CREATE TABLE wp_wc_order_operational_data (id BIGINT PRIMARY KEY, order_id BIGINT, created_via VARCHAR(100),
    date_paid_gmt DATETIME, date_completed_gmt DATETIME, shipping_total_amount DECIMAL(26,8), discount_total_amount DECIMAL(26,8));
CREATE TABLE wp_woocommerce_order_items (order_item_id BIGINT PRIMARY KEY, order_item_name TEXT NOT NULL,
    order_item_type VARCHAR(200) NOT NULL, order_id BIGINT NOT NULL);
CREATE TABLE wp_woocommerce_order_itemmeta (meta_id BIGINT PRIMARY KEY, order_item_id BIGINT NOT NULL, meta_key VARCHAR(255),
    meta_value TEXT);

INSERT INTO wp_wc_orders VALUES (1201, 'wc-processing', 'EUR', 'shop_order', 9.5, 109.00000000, 7, 'Ana@Example.com',
    '2026-03-01 23:30:00', '2026-03-01 23:30:00', 0, 'stripe', 'Credit card', 'ch_1', NULL);
INSERT INTO wp_wc_orders VALUES (1202, 'wc-on-hold', 'EUR', 'shop_order', 0, 20.00000000, 0, 'bo@example.com',
    '2026-03-02 10:00:00', '2026-03-02 10:00:00', 0, 'bacs', 'Bank transfer', NULL, NULL);
INSERT INTO wp_wc_orders VALUES (1203, 'wc-completed', 'EUR', 'shop_order_refund', 0, -25.50000000, 7, NULL,
    '2026-03-05 09:00:00', '2026-03-05 09:00:00', 1201, NULL, NULL, NULL, NULL);
INSERT INTO wp_wc_orders VALUES (1204, 'wc-checkout-draft', 'EUR', 'shop_order', 0, 5, 7, 'ana@example.com',
    '2026-03-06 09:00:00', '2026-03-06 09:00:00', 0, NULL, NULL, NULL, NULL);
INSERT INTO wp_wc_orders_meta VALUES (1, 1202, '_order_number', 'B-77');
INSERT INTO wp_wc_order_addresses VALUES (1, 1201, 'billing', 'Ana', 'Silva', NULL, '1 Elm Street', '', 'Denver', 'CO', '80203', 'US',
    'ana@example.com', '555');
INSERT INTO wp_wc_order_addresses VALUES (2, 1201, 'shipping', 'Maria', 'Silva', NULL, '9 Oak Road', 'Flat 2', 'Austin', 'TX', '73301',
    'US', NULL, NULL);
INSERT INTO wp_wc_order_operational_data VALUES (1, 1201, 'checkout', '2026-03-01 23:31:00', NULL, 9.5, 0);
INSERT INTO wp_wc_order_operational_data VALUES (2, 1202, 'checkout', NULL, NULL, 0, 0);
INSERT INTO wp_woocommerce_order_items VALUES (31, 'Rain jacket', 'line_item', 1201);
INSERT INTO wp_woocommerce_order_items VALUES (32, 'Socks', 'line_item', 1201);
INSERT INTO wp_woocommerce_order_items VALUES (33, 'Flat rate', 'shipping', 1201);
INSERT INTO wp_woocommerce_order_items VALUES (34, 'Secret gift', 'line_item', 1202);
INSERT INTO wp_woocommerce_order_itemmeta VALUES (1, 31, '_product_id', '501');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (2, 31, '_variation_id', '502');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (3, 31, '_qty', '1');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (4, 31, '_line_total', '60');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (5, 31, '_line_tax', '9.5');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (6, 31, 'pa_color', 'dark blue, matt');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (7, 31, 'Size', 'M');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (8, 32, '_product_id', '601');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (9, 32, '_variation_id', '0');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (10, 32, '_qty', '3');
INSERT INTO wp_woocommerce_order_itemmeta VALUES (11, 32, '_line_total', '30');
"""

MAGENTO = """
CREATE TABLE sales_order (entity_id INT PRIMARY KEY, state VARCHAR(32), status VARCHAR(32), is_virtual SMALLINT, store_id SMALLINT,
    customer_id INT, grand_total DECIMAL(20,4), total_paid DECIMAL(20,4), increment_id VARCHAR(50), customer_email VARCHAR(128),
    customer_firstname VARCHAR(128), customer_lastname VARCHAR(128), order_currency_code VARCHAR(3), created_at TIMESTAMP NULL);
CREATE TABLE sales_order_address (entity_id INT PRIMARY KEY, parent_id INT, address_type VARCHAR(255), firstname VARCHAR(255),
    lastname VARCHAR(255), street VARCHAR(255), city VARCHAR(255), region VARCHAR(255), postcode VARCHAR(255), country_id VARCHAR(2),
    email VARCHAR(255), telephone VARCHAR(255));
CREATE TABLE sales_order_item (item_id INT PRIMARY KEY, order_id INT, parent_item_id INT, product_id INT, product_type VARCHAR(255),
    product_options TEXT, sku VARCHAR(255), name VARCHAR(255), qty_ordered DECIMAL(12,4), qty_canceled DECIMAL(12,4),
    price DECIMAL(12,4), price_incl_tax DECIMAL(20,4));
CREATE TABLE sales_shipment (entity_id INT PRIMARY KEY, order_id INT, increment_id VARCHAR(50), created_at TIMESTAMP NULL);
CREATE TABLE sales_shipment_track (entity_id INT PRIMARY KEY, parent_id INT, order_id INT, track_number TEXT, description TEXT,
    title VARCHAR(255), carrier_code VARCHAR(32), created_at TIMESTAMP NULL);
CREATE TABLE sales_order_payment (entity_id INT PRIMARY KEY, parent_id INT, amount_paid DECIMAL(20,4), amount_refunded DECIMAL(20,4),
    method VARCHAR(128));
CREATE TABLE sales_creditmemo (entity_id INT PRIMARY KEY, order_id INT, state INT, grand_total DECIMAL(20,4), created_at TIMESTAMP NULL);

INSERT INTO sales_order VALUES (1, 'complete', 'complete', 0, 1, 5, 109.0000, 109.0000, '000000101', 'ana@example.com', 'Ana', 'Silva',
    'USD', '2026-03-01 23:30:00');
INSERT INTO sales_order VALUES (2, 'processing', 'processing', 0, 1, NULL, 20.0000, NULL, '000000102', 'BO@example.com', 'Bo', 'Berg',
    'USD', '2026-03-02 10:00:00');
INSERT INTO sales_order VALUES (3, 'closed', 'closed', 0, 1, 5, 15.0000, 15.0000, '000000103', 'ana@example.com', 'Ana', 'Silva',
    'USD', '2026-02-02 10:00:00');
INSERT INTO sales_order_address VALUES (1, 1, 'billing', 'Ana', 'Silva', '1 Elm Street', 'Denver', 'Colorado', '80203', 'US', NULL, NULL);
INSERT INTO sales_order_address VALUES (2, 1, 'shipping', 'Maria', 'Silva', '9 Oak Road', 'Austin', 'Texas', '73301', 'US', NULL, NULL);
INSERT INTO sales_order_item VALUES (11, 1, NULL, 501, 'configurable',
    '{"attributes_info":[{"label":"Color","value":"Blue","option_id":93},{"label":"Size","value":"M","option_id":144}]}',
    'JACKET-B-M', 'Rain jacket', 2.0000, 0.0000, 40.0000, 43.6000);
INSERT INTO sales_order_item VALUES (12, 1, 11, 502, 'simple', NULL, 'JACKET-B-M', 'Rain jacket blue M', 2.0000, 0.0000, 0.0000, NULL);
INSERT INTO sales_order_item VALUES (13, 1, NULL, 601, 'simple', NULL, 'SOCKS', 'Socks', 1.0000, 0.0000, 20.0000, 21.8000);
INSERT INTO sales_order_item VALUES (14, 2, NULL, 701, 'simple', NULL, 'GIFT', 'Secret gift', 1.0000, 0.0000, 20.0000, 20.0000);
INSERT INTO sales_shipment VALUES (21, 1, '000000021', '2026-03-03 08:00:00');
INSERT INTO sales_shipment_track VALUES (31, 21, 1, '1Z999AA10123456784', NULL, 'United Parcel Service', 'ups', '2026-03-03 08:00:00');
INSERT INTO sales_order_payment VALUES (41, 1, 109.0000, NULL, 'braintree');
INSERT INTO sales_order_payment VALUES (42, 3, 15.0000, 15.0000, 'checkmo');
INSERT INTO sales_creditmemo VALUES (51, 3, 2, 15.0000, '2026-02-09 10:00:00');
"""


def views_of(heading: str) -> list[str]:
    """The definitions below a heading of the page."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r"```sql\n(CREATE VIEW .*?);\n```", section[1], re.DOTALL)


def concat_ws(sign, *parts):
    return sign.join(str(part) for part in parts if part is not None)


@pytest.fixture(scope="module", params=["sqlite", "mysql"])
def place(request, tmp_path_factory):
    """Makes a shop of tables and views, one after the other in the same database."""
    shops: list[SqlShop] = []

    def make(tables: str, views: list[str], address: str) -> SqlShop:
        shop = SqlShop(address)
        if request.param == "sqlite":
            event.listen(shop.database._engine, "connect", lambda c, _: c.create_function("CONCAT_WS", -1, concat_ws))
        shop.run(*(f"DROP VIEW IF EXISTS {view.name}" for view in VIEWS))
        shop.run(*filter(str.strip, tables.split(";\n")), *views)
        shops.append(shop)
        return shop

    address = (
        sqlite_address(tmp_path_factory.mktemp("d")) if request.param == "sqlite" else request.getfixturevalue("new_mariadb")()
    )
    yield lambda tables, views: make(tables, views, address)
    for shop in shops:
        shop.close()


@pytest.fixture(scope="module")
def woocommerce(place):
    return place(WOOCOMMERCE, views_of("WooCommerce"))


@pytest.fixture(scope="module")
def magento(place):
    return place(MAGENTO, views_of("Magento 2"))


async def orders_of(shop, viewer, **wanted):
    return (await shop.source.find(Wanted(**wanted), viewer=viewer, at=NOW)).records


async def test_an_order_of_woocommerce(woocommerce):
    (order,) = await orders_of(woocommerce, ANA)
    assert (order.number, order.status, order.status_text) == ("1201", Status.PROCESSING, "processing")
    assert (order.total, order.currency, order.placed_at) == (Decimal("109.00"), "EUR", datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert (order.customer_name, order.ship_to.name, order.ship_to.line2, order.ship_to.city) == (
        "Ana Silva",
        "Maria Silva",
        "Flat 2",
        "Austin",
    )
    jacket, socks = order.lines
    assert (jacket.name, jacket.product_id, jacket.unit_price, jacket.quantity) == ("Rain jacket", "502", Decimal("69.50"), 1)
    assert jacket.options == (("color", "dark blue, matt"), ("Size", "M"))
    assert (socks.product_id, socks.unit_price, socks.quantity, socks.options) == ("601", Decimal("10.00"), 3, ())
    assert [(t.kind, t.amount, t.method) for t in order.transactions] == [
        (Kind.PAYMENT, Decimal("109.00"), "Credit card"),
        (Kind.REFUND, Decimal("25.50"), ""),
    ]
    assert order.transactions[1].at.date() == date(2026, 3, 5)


async def test_a_number_of_a_plugin_for_woocommerce(woocommerce):
    (order,) = await orders_of(woocommerce, BO, references=("b77",))
    assert (order.number, order.status, order.transactions) == ("B-77", Status.ON_HOLD, ())
    assert await orders_of(woocommerce, ANA, references=("b77",)) == ()
    assert await orders_of(woocommerce, ANA, words=("secret", "gift")) == ()


async def test_an_order_of_magento(magento):
    order, refunded = await orders_of(magento, ANA)
    assert (order.number, order.status, order.total, order.currency) == ("000000101", Status.SHIPPED, Decimal("109.00"), "USD")
    assert order.placed_at == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert (order.customer_name, order.ship_to.name, order.ship_to.state) == ("Ana Silva", "Maria Silva", "Texas")
    jacket, socks = order.lines
    assert (jacket.name, jacket.options, jacket.unit_price, jacket.quantity) == (
        "Rain jacket", (("Color", "Blue"), ("Size", "M")), Decimal("43.60"), 2,
    )  # fmt: skip
    assert (socks.name, socks.options, socks.product_id) == ("Socks", (), "SOCKS")
    (parcel,) = order.shipments
    assert (parcel.tracking_number, parcel.carrier) == ("1Z999AA10123456784", "United Parcel Service")
    assert order.shipped_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert (order.paid, order.refunded) == (Decimal("109.00"), Decimal(0))
    assert (refunded.status, refunded.refunded) == (Status.REFUNDED, Decimal("15.00"))


async def test_orders_of_magento_are_found_by_number_and_parcel_by_their_owner_alone(magento):
    for number in ("000000101", "1Z999AA10123456784"):
        assert [order.number for order in await orders_of(magento, ANA, references=(number,))] == ["000000101"]
        assert await orders_of(magento, BO, references=(number,)) == ()
    assert [order.number for order in await orders_of(magento, BO)] == ["000000102"]


async def test_nothing_of_the_views_is_missing_but_what_the_page_says(magento):
    notes = " ".join((await magento.source.check()).notes)
    assert "whereabouts_events" in notes
    assert "whereabouts_payments" not in notes


def test_the_page_names_every_view_and_column():
    for view in VIEWS:
        row = re.search(rf"^\| `{view.name}` \|(.*)$", PAGE, re.MULTILINE)
        assert row, view.name
        needed, optional = row[1].split("|")[:2]
        assert set(re.findall(r"`(\w+)`", needed)) >= set(view.required)
        assert {name for name in view.optional if f"`{name}`" not in optional} == set()
