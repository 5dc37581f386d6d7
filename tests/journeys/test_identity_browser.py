"""Who is asking, in a real browser: an order number with the address, until when it counts, and what is left when it ends."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import rows
from tests.journeys.test_chat_browser import ask, customer_email, open_chat, sign_in

__all__ = ["customer_email"]

LONG = "12:00:01"  # a second more than SIGN_IN_HOURS


@pytest.fixture
def number(customer_email: str) -> str:
    """Of an order of that customer."""
    return next(row["order_number"] for row in rows("orders") if row["customer_email"] == customer_email)


def test_an_order_number_and_its_address_sign_in(page: Page, customer_email: str, number: str):
    open_chat(page)
    page.get_by_role("link", name="Sign in").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Order number").fill(number)
    sign_in(page, customer_email)
    identity = page.locator("[data-identity]")
    expect(identity).to_contain_text(customer_email)
    expect(identity.locator("time")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(identity.get_by_role("button", name="Sign out")).to_be_visible()


def test_when_the_sign_in_ends_the_page_shows_nothing_of_it_any_more(page: Page, customer_email: str):
    page.clock.install()
    open_chat(page)
    ask(page, "Where's my order?").get_by_role("link", name="Sign in").click()
    sign_in(page, customer_email)
    expect(page.locator(".order").first).to_be_visible()
    page.get_by_label("Your message").fill("half a question")
    page.clock.fast_forward(LONG)
    expect(page.locator(".order")).to_have_count(0)
    expect(page.locator("[data-log]")).to_be_empty()
    expect(page.locator("[data-identity]")).to_be_hidden()
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("half a question")
    page.get_by_role("link", name="sign in again").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_signing_out_leaves_nothing_for_whoever_sits_down_next(page: Page, customer_email: str):
    open_chat(page)
    ask(page, "Where's my order?").get_by_role("link", name="Sign in").click()
    sign_in(page, customer_email)
    expect(page.locator(".order").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.go_back()
    expect(page.locator(".order")).to_have_count(0)
    expect(page.get_by_text(customer_email)).to_have_count(0)
