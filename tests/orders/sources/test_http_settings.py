"""Settings of the shop's API that cannot work or are not safe stop the start; nothing of a secret is repeated."""

import pytest
from django.test import override_settings

from config import checks
from orders.sources.http_settings import problems
from orders.sources.http_shops import base_address


def found(**changes):
    given = {"url": "https://shop.example/api", "kind": "own", "token": "a-token", "user": "", "password": ""}
    return list(problems(**(given | changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"token": "", "user": "name", "password": "secret"},
        {"kind": "shopify", "url": "https://name.myshopify.com"},
        {"kind": "woocommerce", "token": "", "user": "ck_1", "password": "cs_1"},
        {"url": "http://localhost:8001/api"},
        {"url": "http://127.0.0.1:8001"},
        {"url": "http://10.1.2.3/api"},
        {"url": "http://[fd00::1]/api"},
        {"url": "http://orders:8001/api"},
        {"url": "http://shop.internal/api"},
        {"url": "http://orders:8001/api", "token": ""},
    ],
)
def test_what_can_work_is_let_through(changes):
    assert found(**changes) == []


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"url": ""}, 40),
        ({"kind": "magento"}, 41),
        ({"kind": ""}, 41),
        ({"url": "shop.example/api"}, 42),
        ({"url": "ftp://shop.example"}, 42),
        ({"url": "https://[half"}, 42),
        ({"url": "https://shop.example:99999"}, 42),
        ({"url": "https://shop example/api"}, 42),
        ({"url": "https://name:hunter2@shop.example/api"}, 42),
        ({"url": "https://shop.example/api?key=hunter2"}, 42),
        ({"token": "hunter2\n"}, 43),
        ({"token": "hünter2"}, 43),
        ({"token": "", "user": "name", "password": " hunter2"}, 43),
        ({"token": "", "user": "name"}, 44),
        ({"token": "", "password": "hunter2"}, 44),
        ({"kind": "shopify", "token": ""}, 45),
        ({"kind": "woocommerce", "token": ""}, 45),
        ({"url": "http://shop.example/api"}, 46),
        ({"url": "http://8.8.8.8/api"}, 46),
        ({"url": "http://0.0.0.0/api"}, 46),
        ({"url": "http://127.0.0.1.evil.example/api"}, 46),
    ],
)
def test_what_cannot_work_is_named_without_the_secret(changes, number):
    problem = found(**changes)[0]
    assert (problem.number, problem.stops) == (number, True)
    assert problem.hint.endswith(".")
    assert "hunter2" not in f"{problem.message}{problem.hint}"


def test_an_api_without_a_key_is_warned_about():
    (problem,) = found(token="")
    assert (problem.number, problem.stops) == (10, False)
    with override_settings(ORDERS_SOURCE="http", ORDERS_API_URL="https://shop.example/api", ORDERS_API_TOKEN=""):
        assert [finding.id for finding in checks.orders_api()] == ["whereabouts.W010"]


def test_the_settings_do_not_count_for_another_source():
    with override_settings(ORDERS_SOURCE="local", ORDERS_API_URL="nonsense", ORDERS_API_KIND="nonsense"):
        assert list(checks.orders_api()) == []


@pytest.mark.parametrize(
    ("kind", "url", "base"),
    [
        ("own", "https://shop.example/api/", "https://shop.example/api"),
        ("shopify", "https://name.myshopify.com/", "https://name.myshopify.com/admin/api/2026-10"),
        ("shopify", "https://name.myshopify.com/admin/api/2027-01", "https://name.myshopify.com/admin/api/2027-01"),
        ("shopify", "https://name.myshopify.com/admin/api/2027-01/graphql.json", "https://name.myshopify.com/admin/api/2027-01"),
        ("woocommerce", "https://shop.example", "https://shop.example/wp-json/wc/v3"),
        ("woocommerce", "https://shop.example/store/wp-json/wc/v3/", "https://shop.example/store/wp-json/wc/v3"),
    ],
)
def test_an_address_may_be_that_of_the_shop_or_of_its_api(kind, url, base):
    assert base_address(url, kind) == base
