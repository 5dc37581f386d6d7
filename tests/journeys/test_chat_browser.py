"""A customer in a real browser: asks, signs in, reads the order, loses the line, comes back."""

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import rows

PHONE = {"width": 390, "height": 844}


_turn = itertools.count()


@pytest.fixture
def customer_email(order: dict[str, Any]) -> str:
    """Another customer each time, with one order that was sent, and never the one of `order`: one address gets few codes in an hour."""
    orders = rows("orders")
    owners = [row["customer_email"] for row in orders]
    shipped = [row for row in orders if row["status"] in ("shipped", "out for delivery", "delivered")]
    sent = [row["customer_email"] for row in shipped if owners.count(row["customer_email"]) == 1]
    others = [email for email in sent if email != order["customer_email"]]
    return others[next(_turn) % len(others)]


def open_chat(page: Page) -> None:
    page.goto("/")
    page.locator("#chat[data-ready]").wait_for(state="attached")


def ask(page: Page, text: str) -> Any:
    """Ask as a person does; return the answer once it is whole."""
    place = page.locator(".theirs").count()
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")
    answer = page.locator(".theirs:not([aria-busy])").nth(place)
    answer.wait_for()
    return answer


def sign_in(page: Page, email: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill(email)
    dialog.get_by_role("button", name="Send me a code").click()
    code = dialog.locator("[data-demo-code]")
    expect(code).to_have_text(re.compile(r"\d{4,}"))
    dialog.get_by_label("Code from the e-mail").fill(code.inner_text())
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()


def test_a_customer_signs_in_and_sees_the_order(page: Page, customer_email: str):
    open_chat(page)
    answer = ask(page, "Where's my order?")
    answer.get_by_role("link", name="Sign in").click()
    sign_in(page, customer_email)
    # the question that needed it is asked again by itself
    card = page.locator(".order").first
    expect(card).to_be_visible()
    expect(card.get_by_label("Progress").get_by_role("listitem").first).to_be_visible()
    expect(page.locator("[data-identity]")).to_contain_text(customer_email)
    page.reload()
    expect(page.locator(".order").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("[data-identity]")).to_be_hidden()
    expect(page.locator(".order")).to_have_count(0)


def test_a_wrong_code_is_told_and_the_right_one_signs_in(page: Page, customer_email: str):
    open_chat(page)
    page.get_by_role("link", name="Sign in").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill(customer_email)
    dialog.get_by_role("button", name="Send me a code").click()
    dialog.get_by_label("Code from the e-mail").fill("nope")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not right")
    dialog.get_by_label("Code from the e-mail").fill(dialog.locator("[data-demo-code]").inner_text())
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.locator("[data-identity]")).to_contain_text(customer_email)
    expect(page.locator(".mine")).to_have_count(0)


def test_a_policy_answer_shows_its_source_and_opens_it_at_the_words(page: Page):
    open_chat(page)
    answer = ask(page, "Can I return sale items?")
    source = answer.locator(".source").first
    source.focus()
    expect(answer.get_by_role("tooltip").first).to_be_visible()
    with page.context.expect_page() as opened:
        source.click()
    expect(opened.value.locator("mark").first).to_be_visible()


def test_the_conversation_is_still_there_after_a_reload(page: Page):
    open_chat(page)
    first = ask(page, "Can I return sale items?").locator(".answer").inner_text()
    page.reload()
    expect(page.locator(".mine .bubble")).to_have_text("Can I return sale items?")
    assert page.locator(".theirs .answer").inner_text() == first
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()
    expect(page.locator(".mine")).to_have_count(0)


def test_markup_in_a_question_stays_text(page: Page):
    open_chat(page)
    text = '<img src=x onerror="document.title=1"><b>bold</b>'
    ask(page, text)
    expect(page.locator(".mine .bubble")).to_have_text(text)
    page.reload()
    expect(page.locator(".mine .bubble")).to_have_text(text)
    assert page.locator(".mine img, .mine b").count() == 0 and page.title() != "1"


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page):
    open_chat(page)
    box = page.get_by_label("Your message")
    box.focus()
    page.keyboard.type("Can I return")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("sale items?")
    expect(page.locator(".mine")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".mine .bubble br")).to_have_count(1)
    expect(box).to_have_value("")


def test_the_count_shows_near_the_limit_and_too_much_is_not_sent(page: Page):
    open_chat(page)
    box, count = page.get_by_label("Your message"), page.locator("[data-count]")
    box.fill("x" * 100)
    expect(count).to_have_text("")
    box.fill("x" * 3900)
    expect(count).to_have_text("100 characters left")
    box.fill("x" * 4001)
    expect(count).to_have_text("1 characters too many")
    box.press("Enter")
    expect(page.locator(".mine")).to_have_count(0)


def test_a_dropped_line_is_told_and_the_answer_comes_once(page: Page):
    open_chat(page)
    ask(page, "Hello")
    dropped = []

    def drop_first(route):
        if not dropped:
            dropped.append(route.request.url)
            return route.abort("connectionreset")
        return route.continue_()

    page.route("**/messages", drop_first)
    answer = ask(page, "Can I return sale items?")
    assert dropped
    expect(answer.locator(".answer")).not_to_be_empty()
    expect(page.locator(".mine")).to_have_count(2)
    expect(page.locator(".theirs")).to_have_count(2)
    expect(page.locator("[data-notice]")).to_be_hidden()


def test_while_the_line_is_down_the_page_says_so(page: Page):
    open_chat(page)
    page.context.set_offline(True)
    page.get_by_label("Your message").fill("Can I return sale items?")
    page.keyboard.press("Enter")
    expect(page.locator("[data-notice]")).to_have_text("The connection dropped — reconnecting…")
    page.context.set_offline(False)
    expect(page.locator(".theirs:not([aria-busy]) .answer")).not_to_be_empty()
    expect(page.locator("[data-notice]")).to_be_hidden()
    expect(page.locator(".theirs")).to_have_count(1)


def test_a_second_window_of_the_conversation_shows_what_is_asked_in_the_first(page: Page):
    open_chat(page)
    ask(page, "Hello")
    second = page.context.new_page()
    second.goto("/")
    second.locator("#chat[data-ready]").wait_for(state="attached")
    ask(page, "Can I return sale items?")
    expect(second.locator(".mine .bubble").last).to_have_text("Can I return sale items?")
    expect(second.locator(".theirs")).to_have_count(2)
    expect(page.locator(".mine")).to_have_count(2)
    expect(page.locator(".theirs")).to_have_count(2)


def test_a_thumb_is_kept_over_a_reload(page: Page):
    open_chat(page)
    answer = ask(page, "Can I return sale items?")
    answer.get_by_role("button", name="This helped").click()
    expect(answer.locator(".thanks")).to_have_text("Thank you.")
    page.reload()
    expect(page.get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")


def test_suggested_questions_are_asked_with_the_keyboard(page: Page):
    open_chat(page)
    page.get_by_role("button", name="How long does delivery take?").focus()
    page.keyboard.press("Enter")
    page.locator(".theirs:not([aria-busy])").wait_for()
    expect(page.locator(".mine .bubble")).to_have_text("How long does delivery take?")
    expect(page.get_by_label("Your message")).to_be_focused()


def test_a_person_can_be_asked_for(page: Page):
    open_chat(page)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("[data-notice]")).to_contain_text("colleague")
    expect(page.locator(".theirs .answer")).to_contain_text("colleague")


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest('.visually-hidden, script, svg')) continue;
    const under = ground(e), text = over(rgba(getComputedStyle(e).color), under);
    const [high, low] = [light(text), light(under)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push([e.className || e.tagName, e.textContent.trim().slice(0, 30), ratio.toFixed(2)].join(' | '));
  }
  return faint;
}"""


SMALL = """[...document.querySelectorAll('button, .button, .source, .suggestion, summary')]
    .filter(e => e.checkVisibility() && !e.closest('.visually-hidden'))
    .map(e => [e.className || e.tagName, e.getBoundingClientRect()])
    .filter(([, r]) => r.width && r.height < 43.9).map(([name]) => name)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_legibly_without_scrolling_sideways(page: Page, customer_email: str, scheme: str):
    """Nothing is wider than the screen, targets are 44 px high, and text has a contrast of 4.5 to 1 over its ground."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    open_chat(page)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, customer_email)
    for question in ("Where are my orders?", "Which countries do you ship to?", "x" * 300):
        ask(page, question)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll, .message, .order')].every(e => e.scrollWidth <= e.clientWidth + 1)"
    )
    box = page.get_by_label("Your message").bounding_box()
    assert box and box["y"] + box["height"] <= PHONE["height"]
    assert page.evaluate(SMALL) == []
    assert page.evaluate(CONTRAST) == []


def test_the_theme_that_was_chosen_stays(page: Page):
    page.emulate_media(color_scheme="light")
    open_chat(page)
    page.get_by_role("button", name="Dark colours").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark colours")).to_have_attribute("aria-pressed", "true")


def test_the_chat_works_without_javascript(browser: Any, live_url: str, customer_email: str):
    context = browser.new_context(base_url=live_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Your message").fill("Can I return sale items?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".theirs .answer")).to_be_visible()
    expect(page.locator(".source").first).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(customer_email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the e-mail").fill(page.locator(".demo code").inner_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your message").fill("Where is my latest order?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".order")).to_be_visible()
    context.close()
