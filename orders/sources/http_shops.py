"""The kinds of APIs that are understood: our own contract (docs/orders-http.md), Shopify and WooCommerce. Pure."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from orders.sources import http_shopify, http_woocommerce
from orders.sources.http_fields import Fields, amount, fields, objects, text
from orders.sources.http_pages import AskForLess, BadAnswer, Later, Page, Shop
from orders.sources.http_questions import Question


class OwnContract:
    """`GET /orders?email=…` and `GET /order-numbers`, as docs/orders-http.md says."""

    page, sample, finds_similar = 100, 250, False

    def orders(self, email: str, *, limit: int, cursor: str) -> Question:
        params = (("email", email), ("limit", str(limit)))
        return Question("/orders", params=(*params, ("cursor", cursor)) if cursor else params)

    def read_orders(self, answer: Any, *, limit: int, cursor: str) -> Page:
        return Page(tuple(_list(answer, "orders")), text(fields(answer).get("next"), most=2000))

    def numbers(self, *, limit: int) -> Question:
        return Question("/order-numbers", params=(("limit", str(limit)),))

    def read_numbers(self, answer: Any) -> list[str]:
        return [number for value in _list(answer, "numbers") if (number := text(value))]


class Shopify:
    """The GraphQL Admin interface. A page is small: its price is that of the largest answer it could have, of 1,000 at most."""

    page, sample, finds_similar = 10, 100, True

    def orders(self, email: str, *, limit: int, cursor: str) -> Question:
        variables = {"search": http_shopify.search(email), "first": limit, "after": cursor or None}
        return Question("/graphql.json", body={"query": http_shopify.ORDERS, "variables": variables})

    def read_orders(self, answer: Any, *, limit: int, cursor: str) -> Page:
        connection = _connection(answer)
        found = tuple(http_shopify.order(node) for node in _nodes(connection))
        # without this right every address is null, and nobody would have an order
        if found and not any(text(order.get("email")) for order in found):
            raise BadAnswer("it does not show the e-mail addresses of orders; the app needs access to protected customer data")
        info = fields(connection.get("pageInfo"))
        following = text(info.get("endCursor"), most=2000) if info.get("hasNextPage") is True else ""
        return Page(found, following, left_out=", ".join(sorted(_codes(fields(answer)))))

    def numbers(self, *, limit: int) -> Question:
        return Question("/graphql.json", body={"query": http_shopify.NUMBERS, "variables": {"first": limit}})

    def read_numbers(self, answer: Any) -> list[str]:
        return [number for node in _nodes(_connection(answer)) if (number := text(node.get("name")))]


class WooCommerce:
    """The REST interface wc/v3. It searches addresses as words, so that an answer may hold similar ones; they are left out."""

    page, sample, finds_similar = 50, 100, True

    def orders(self, email: str, *, limit: int, cursor: str) -> Question:
        return _woo(("search", email), ("per_page", str(limit)), ("page", cursor or "1"), ("_fields", http_woocommerce.FIELDS))

    def read_orders(self, answer: Any, *, limit: int, cursor: str) -> Page:
        listed = _woo_list(answer)
        found = (http_woocommerce.order(woo) for woo in objects(listed))
        following = str(int(cursor or "1") + 1) if len(listed) >= limit else ""
        return Page(tuple(order for order in found if order is not None), following)

    def numbers(self, *, limit: int) -> Question:
        return _woo(("per_page", str(limit)), ("_fields", "number,status"))

    def read_numbers(self, answer: Any) -> list[str]:
        return [number for woo in objects(_woo_list(answer)) if (number := text(woo.get("number")))]


KINDS: dict[str, Callable[[], Shop]] = {"own": OwnContract, "shopify": Shopify, "woocommerce": WooCommerce}


def base_address(url: str, kind: str) -> str:
    """Where that kind of API begins, for an address that may be the shop's own or that of the API itself."""
    base = url.rstrip("/")
    path = urlsplit(base).path
    if kind == "shopify" and "/admin/api/" not in path:
        return f"{base}/admin/api/{http_shopify.VERSION}"
    if kind == "woocommerce" and "/wp-json" not in path:
        return f"{base}/wp-json/wc/v3"
    return base.removesuffix("/graphql.json")


def _list(answer: Any, name: str) -> list[Any]:
    found = fields(answer).get(name)
    if not isinstance(found, list):
        raise BadAnswer(f"its answer has no list “{name}”")
    return found


def _woo(*params: tuple[str, str]) -> Question:
    return Question("/orders", params=(*params, ("orderby", "date"), ("order", "desc")))


def _woo_list(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise BadAnswer("its answer is no list of orders")
    return answer


def _connection(answer: Any) -> Fields:
    """The orders of a GraphQL answer, which says with status 200 that it failed."""
    whole_answer = fields(answer)
    codes = _codes(whole_answer)
    if "THROTTLED" in codes:
        raise Later(_wait(fields(fields(whole_answer.get("extensions")).get("cost"))))
    if "MAX_COST_EXCEEDED" in codes:
        raise AskForLess
    found = fields(whole_answer.get("data")).get("orders")
    if not isinstance(found, dict):
        raise BadAnswer(f"its answer has no orders ({', '.join(sorted(codes)) or 'and no error'})")
    return found


def _codes(answer: Fields) -> set[str]:
    """The kinds of errors that GraphQL tells beside what it gives."""
    errors = objects(answer.get("errors"))
    return {text(fields(error.get("extensions")).get("code"), most=40) or "no code" for error in errors}


def _nodes(connection: Fields) -> list[Fields]:
    if not isinstance(connection.get("nodes"), list):
        raise BadAnswer("its answer has no list of orders")
    return objects(connection["nodes"])


def _wait(cost: Fields) -> float:
    """Seconds until the shop has the points again that the question costs."""
    status = fields(cost.get("throttleStatus"))
    asked, left, rate = (
        amount(value) for value in (cost.get("requestedQueryCost"), status.get("currentlyAvailable"), status.get("restoreRate"))
    )
    if asked is None or left is None or not rate or rate < 0:
        return 1.0
    return max(float((asked - left) / rate), 0.1)
