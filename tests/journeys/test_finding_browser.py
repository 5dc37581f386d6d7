"""Staff see what search sees, in a real browser: why a passage is found, and how a question without an answer gets one."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
QUESTION = "Do you rent out kayaks by the hour?"
ANSWER = "Yes, we rent out kayaks by the hour. An hour in a kayak costs 9 euro, and the paddle is included."


def fits(page: Page) -> bool:
    """Whether nothing hangs over the right edge."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_search_is_compared_shared_and_followed_to_its_chunk(colleague, people):
    page = colleague("support staff")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("A customer’s question").fill("how long does a refund take")
    page.get_by_label("Compare with").select_option("words")
    page.get_by_role("button", name="Search").click()
    columns = page.locator(".column")
    expect(columns).to_have_count(2)  # without leaving the page
    expect(columns.first.locator(".hit").first).to_contain_text("Found by")
    assert page.url.endswith(
        "/console/search/?q=how+long+does+a+refund+take&reader=everyone&way=shipped&other=words".replace("+", "%20")
    )
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.reload()  # the address holds the whole search
    expect(columns).to_have_count(2)
    expect(page.get_by_label("Compare with")).to_have_value("words")
    columns.first.locator(".hit .row-title").first.click()
    expect(page.locator(".chunk:target")).to_be_in_viewport()
    assert fits(page)
    page.locator(".chunk:target .chunk-number").click()
    expect(page.get_by_role("heading", name="Questions whose answers cited it")).to_be_visible()
    assert fits(page)


def test_a_question_without_an_answer_gets_one(colleague, page: Page):
    api = page.request
    started = api.post("/api/v1/conversations").json()
    asked = api.post(
        f"/api/v1/conversations/{started['id']}/messages",
        headers={"Authorization": f"Bearer {started['token']}"},
        data={"text": QUESTION, "client_id": "kayak"},
    ).json()
    assert asked["outcome"] == "no_answer"

    staff = colleague("support staff")
    staff.set_viewport_size(PHONE)
    staff.get_by_role("link", name="Unanswered").click()
    row = staff.locator(".gap").filter(has_text=QUESTION)
    row.get_by_role("link", name="Try again now").click()
    expect(row).to_contain_text("would be answered now")
    assert fits(staff)
    row.get_by_role("link", name="Write a document").click()
    expect(staff.get_by_label("Text, in Markdown")).to_have_value(f"## {QUESTION}\n\n")
    staff.get_by_label("Title").fill("Kayak rental")
    staff.get_by_role("button", name="Store and publish").click()
    expect(staff.get_by_role("alert")).to_contain_text("Please write something under")  # nothing is published by accident
    staff.get_by_label("Text, in Markdown").fill(f"## {QUESTION}\n\n{ANSWER}\n")
    assert fits(staff)
    staff.get_by_role("button", name="Store and publish").click()
    expect(staff.locator("#now .verdict")).to_contain_text("1 of 1", timeout=30_000)  # as soon as it is published, by itself
    assert fits(staff)
    staff.get_by_role("button", name="Mark as done").click()
    expect(staff.get_by_role("status")).to_contain_text("marked as done")
    expect(staff.locator(".gap").filter(has_text=QUESTION)).to_have_count(0)
