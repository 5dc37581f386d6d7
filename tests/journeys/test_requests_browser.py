"""From the wish to the decision: a customer on a phone asks for a cancellation, a colleague decides, the customer reads it at once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import rows
from tests.journeys.test_chat_browser import PHONE, ask, open_chat, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def unsent() -> dict[str, str]:
    """A demo order that has not been sent."""
    return next(row for row in rows("orders") if row["status"] in ("processing", "pending"))


def test_a_customer_asks_staff_decide_and_the_customer_reads_it(page: Page, colleague: Any, unsent: dict[str, str]):
    number = unsent["order_number"]
    page.set_viewport_size(PHONE)
    open_chat(page)
    ask(page, f"Please cancel order {number}").get_by_role("link", name="Sign in").click()
    sign_in(page, unsent["customer_email"])

    # the wish that needed it is said again by itself; what would be asked is shown, with two buttons that fit
    agree = page.get_by_role("button", name=f"Yes, ask the shop to cancel {number}")
    expect(agree).to_be_visible()
    expect(page.locator(".theirs").last).to_contain_text("Nobody has been asked yet")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box = agree.bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    agree.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".theirs").last).to_contain_text("I have asked")
    expect(agree).to_have_count(0)

    staff = colleague("support staff")
    staff.get_by_role("link", name=f"Cancel · {number}").click()
    expect(staff.get_by_text(unsent["customer_email"])).to_be_visible()
    staff.get_by_label("Note to the customer").fill("We have told the <b>warehouse</b>.")
    staff.get_by_role("button", name="Accept").click()
    expect(staff.get_by_text("The customer can read your decision")).to_be_visible()

    # without a reload, by the staff's own words, which stay words
    news = page.locator(".message.staff").last
    expect(news).to_contain_text("has accepted your request to cancel order")
    expect(news).to_contain_text("We have told the <b>warehouse</b>.")
    expect(ask(page, "What about my cancellation?")).to_contain_text("was accepted by")


def test_it_works_without_scripts(people: Any, unsent: dict[str, str]):
    page = people(java_script_enabled=False)
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(unsent["customer_email"])
    page.get_by_role("button", name="Send me a code").click()
    page.locator("#code").fill(page.locator(".demo code").inner_text())
    page.get_by_role("button", name="Sign in").click()
    page.goto("/")
    page.get_by_label("Your message").fill(f"I want to change the address of order {unsent['order_number']}")
    page.get_by_role("button", name="Send").click()
    page.get_by_label("Your message").fill("Maya Lindqvist\n12 Elm Street\nDenver, CO 80203")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Yes, ask the shop").click()
    expect(page.locator(".theirs").last).to_contain_text("I have asked")
