"""The main job, as one story in a browser: a customer gets right answers, staff change what is true, an administrator sees why."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_chat_browser import CONTRAST, PHONE, ask, open_chat, sign_in


def words_of(text: str) -> list[str]:
    """The words of a text, without the signs of Markdown and of tables."""
    return re.findall(r"[\w’'$%.,:;–-]*\w", re.sub(r"[*_`|#>]+", " ", text))


def nameless(page: Page) -> list[str]:
    """What a screen reader meets and cannot name."""
    tree = page.locator("body").aria_snapshot()
    return re.findall(
        r"^\s*- (?:button|link|textbox|checkbox|combobox|searchbox|img|dialog|region)(?: \[[^\]]*\])*:?\s*$", tree, re.MULTILINE
    )


# --- the customer ----------------------------------------------------------------------------------------------------------------
def test_a_customer_s_whole_visit(page: Page, order: dict[str, Any]):
    open_chat(page)
    page.get_by_role("button", name="Where’s my order?").click()
    answer = page.locator(".theirs:not([aria-busy])").last
    answer.get_by_role("link", name="Sign in").click()
    sign_in(page, order["customer_email"])

    # the order as the shop has it
    card = page.get_by_role("region", name=f"Order {order['order_number']}")
    expect(card).to_be_visible()
    said = page.locator(".theirs:not([aria-busy]) .answer").last
    expect(said).to_contain_text(order["order_number"])
    expect(said).to_contain_text(re.compile("on its way|in transit", re.IGNORECASE))
    assert not re.search(r"estimated_delivery|in_transit|placed_at|None|D[+-]\d", said.inner_text())
    steps = card.get_by_role("list", name="Progress").get_by_role("listitem")
    assert steps.count() >= 3
    expect(card.locator("[aria-current=step]")).to_have_count(1)
    expect(card).to_contain_text(order["tracking_numbers"])
    link = card.get_by_role("link", name="Track parcel")
    expect(link).to_have_attribute("href", order["tracking_url"])
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    for item in order["items"]:
        expect(card).to_contain_text(item["name"])
    expect(card).to_contain_text(order["total"])

    # a policy, with exactly the words that the answer rests on
    answer = ask(page, "How long does standard delivery to Norway take?")
    source = answer.locator(".source").first
    quote = answer.locator(".quote q").first.text_content() or ""
    with page.context.expect_page() as opened:
        source.click()
    policy = opened.value
    expect(policy.locator("#cited")).to_be_in_viewport()
    assert words_of(" ".join(policy.locator("mark").all_inner_texts())) == words_of(quote) != []
    policy.close()

    # a thumb, and all of it again after a reload
    answer.get_by_role("button", name="This helped").click()
    expect(answer.locator(".thanks")).to_have_text("Thank you.")
    told = page.locator(".answer").all_inner_texts()
    page.reload()
    expect(page.locator(".answer")).to_have_text(told, use_inner_text=True)
    expect(page.get_by_role("region", name=f"Order {order['order_number']}").first).to_be_visible()
    expect(page.get_by_role("button", name="This helped").last).to_have_attribute("aria-pressed", "true")

    # a new conversation knows who is there and nothing of what was said
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator("[data-identity]")).to_contain_text(order["customer_email"])
    ask(page, "Where is my order?")
    expect(page.get_by_role("region", name=f"Order {order['order_number']}")).to_be_visible()


def press_until(page: Page, key: str, script: str, most: int = 40) -> None:
    """Press a key until the focused element is the one that `script` asks for."""
    for _ in range(most):
        if page.evaluate(f"(({script})(document.activeElement))"):
            return
        page.keyboard.press(key)
    pytest.fail(f"not reached with {key}: {script}")


def test_a_visit_without_a_mouse(page: Page):
    open_chat(page)
    press_until(page, "Shift+Tab", "e => e.classList.contains('skip')")
    expect(page.get_by_role("link", name="Skip to your message")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("Can I return sale items?")
    page.keyboard.press("Enter")
    answer = page.locator(".theirs:not([aria-busy])")
    answer.wait_for()
    assert page.get_by_role("log", name="Conversation").get_attribute("aria-live") == "polite"
    press_until(page, "Shift+Tab", "e => e.value === 'yes' && e.name === 'helpful'")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")
    press_until(page, "Shift+Tab", "e => e.classList.contains('source')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    expect(answer.get_by_role("tooltip").last).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.locator("#cited")).to_be_visible()
    opened.value.close()

    press_until(page, "Shift+Tab", "e => e.matches('[data-sign-in]')")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Sign in to see your orders")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('[data-sign-in]')")


def test_a_screen_reader_finds_a_name_for_everything(page: Page, order: dict[str, Any], colleague: Any):
    open_chat(page)
    page.get_by_role("link", name="Sign in").click()
    assert nameless(page) == []
    sign_in(page, order["customer_email"])
    ask(page, "Where is my order?")
    ask(page, "Can I return sale items?")
    assert nameless(page) == []
    for path in ("/sign-in/", "/policies/"):
        page.goto(path)
        assert nameless(page) == []
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.get_by_role("main").get_by_role("link").last.click()
    assert nameless(page) == []
    console = colleague("administrator")
    for path in ("/console/", "/console/documents/", "/console/conversations/", "/console/activity/"):
        console.goto(path)
        assert nameless(console) == []
        expect(console.get_by_role("heading", level=1)).to_have_count(1)
    console.goto("/console/conversations/")
    console.locator("a.talk").first.click()
    console.locator("details.trace > summary").first.click()
    assert nameless(console) == []


@pytest.mark.parametrize("path", ["/sign-in/", "/policies/", "cited"])
def test_pages_beside_the_chat_are_legible_on_a_dark_phone(page: Page, path: str):
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    if path == "cited":
        open_chat(page)
        path = ask(page, "How long does standard delivery to Norway take?").locator(".source").first.get_attribute("href") or ""
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("kept", [0.3, 0.75], ids=["early", "late"])
def test_a_network_that_drops_in_the_middle_of_an_answer(page: Page, kept: float):
    """The stream is cut, the network is away for a while, and then the rest comes: once, and as it is stored."""
    open_chat(page)
    ask(page, "Hello")
    cuts = []

    def cut(route: Any) -> None:
        if cuts:
            return route.continue_()
        response = route.fetch()
        cuts.append(response.body())
        page.context.set_offline(True)
        return route.fulfill(status=200, headers=response.headers, body=cuts[0][: int(len(cuts[0]) * kept)])

    page.route("**/messages", cut)
    page.get_by_label("Your message").fill("Can I return sale items?")
    page.keyboard.press("Enter")
    expect(page.locator("[data-notice]")).to_have_text("The connection dropped — reconnecting…")
    page.context.set_offline(False)
    answer = page.locator(".theirs:not([aria-busy])").nth(1)
    answer.wait_for()
    expect(page.locator("[data-notice]")).to_be_hidden()
    shown, chips = answer.locator(".answer").inner_text(), answer.locator(".source").all_inner_texts()
    page.reload()
    stored = page.locator(".theirs").nth(1)
    assert stored.locator(".answer").inner_text() == shown != ""
    assert [chip.split() for chip in stored.locator(".source").all_inner_texts()] == [chip.split() for chip in chips]
    expect(page.locator(".mine")).to_have_count(2)
    expect(page.locator(".theirs")).to_have_count(2)


def test_all_of_the_chat_works_by_forms_alone(people: Any):
    page: Page = people(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("button", name="How long does delivery take?").click()
    expect(page.locator(".mine .bubble")).to_have_text("How long does delivery take?")
    expect(page.locator(".theirs .answer")).not_to_be_empty()
    page.get_by_label("Your message").fill("Can I return sale items?")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="This did not help").last.click()
    expect(page.get_by_role("button", name="This did not help").last).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator(".theirs .answer").last).to_contain_text("colleague")
    expect(page.locator(".mine")).to_have_count(2)
    with page.context.expect_page() as opened:
        page.locator(".source").first.click()
    expect(opened.value.locator("#cited")).to_be_in_viewport()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".message")).to_have_count(0)
