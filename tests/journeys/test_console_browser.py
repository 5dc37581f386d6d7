"""The console in a real browser: staff publish a document and read how an answer was made, and nothing they read can act."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
MARKUP = "<img src=x onerror=alert(1)>"
POLICY = f"""# Umbrella rental

You may rent an umbrella for seven days. {MARKUP}

[a link](javascript:alert(2)) <svg onload=alert(3)></svg>
"""


@pytest.fixture
def staff_page(page: Page, demo_accounts) -> Page:
    account = next(a for a in demo_accounts["staff"] if a["role"] == "administrator")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto("/console/login/")
    page.get_by_label("User name").fill(account["username"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return page


def test_staff_upload_files_and_see_them_published(staff_page: Page):
    page = staff_page
    page.get_by_role("link", name="Documents", exact=True).first.click()
    page.get_by_label("Files").set_input_files(
        [
            {"name": f"umbrellas {MARKUP}.md", "mimeType": "text/markdown", "buffer": POLICY.encode()},
            {"name": "empty.md", "mimeType": "text/markdown", "buffer": b""},
        ]
    )
    page.get_by_role("button", name="Upload").click()
    results = page.locator("[data-results] li")
    expect(results.nth(0)).to_contain_text("Stored as version 1")
    expect(results.nth(1)).to_contain_text("This file is empty.")

    row = page.locator("#documents tbody tr").filter(has_text="mbrella")
    expect(row.locator(".badge")).to_have_text("Published", timeout=30_000)
    expect(page.locator("#documents")).to_have_attribute("data-unfinished", "false")

    row.locator("a.row-title").click()
    page.get_by_role("link", name="Read").click()
    expect(page.locator("article")).to_contain_text(MARKUP)
    assert page.locator("article img, article svg, article a[href^=javascript]").count() == 0


def test_a_published_text_opens_at_its_words_until_it_is_withdrawn(staff_page: Page):
    page = staff_page
    text = "# Kite loans\n\n" + "Kites are lent on windy days.\n\n" * 60 + "Bring the **string** back.\n"
    page.goto("/console/documents/")
    page.get_by_label("Files").set_input_files({"name": "kite-loans.md", "mimeType": "text/markdown", "buffer": text.encode()})
    page.get_by_role("button", name="Upload").click()
    row = page.locator("#documents tbody tr").filter(has_text="Kite loans")
    expect(row.locator(".badge")).to_have_text("Published", timeout=30_000)
    page.goto("/policies/")
    page.get_by_role("link", name="Kite loans").click()
    public = page.url
    start = text.index("the **string** back")
    page.goto(f"{public}?from={start}&to={start + len('the **string** back')}#cited")
    expect(page.locator("#cited")).to_be_in_viewport()
    expect(page.locator("mark")).to_have_text(["the ", "string", " back"])

    page.goto("/console/documents/")
    page.get_by_role("link", name="Kite loans").click()
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("Why?").fill("No more kites")
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_role("status")).to_contain_text("No answer uses it any more.")

    page.goto("/policies/")
    assert page.get_by_role("link", name="Kite loans").count() == 0
    page.goto(public)
    expect(page.get_by_role("note")).to_contain_text("was withdrawn")


def test_a_dropped_file_is_taken(staff_page: Page):
    page = staff_page
    page.goto("/console/documents/")
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["# Dropped rules\\n\\nDropped words."], "dropped-rules.md", { type: "text/markdown" }));
          document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("[data-chosen]")).to_contain_text("dropped-rules.md")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-results] li")).to_contain_text("Stored as version 1")


def test_a_customer_s_markup_is_inert_where_staff_read_it(staff_page: Page, browser, live_url: str):
    visitor = browser.new_context(base_url=live_url)
    started = visitor.request.post("/api/v1/conversations", data={}).json()
    attack = f'{MARKUP}<script>alert(4)</script><a href="javascript:alert(5)">x</a> returns'
    sent = visitor.request.post(
        f"/api/v1/conversations/{started['id']}/messages",
        data={"text": attack, "client_id": "attack-1"},
        headers={"Authorization": f"Bearer {started['token']}", "Accept": "application/json"},
    )
    assert sent.ok, sent.text()
    visitor.close()

    page = staff_page
    page.goto("/console/conversations/?q=onerror")
    page.locator("a.talk").first.click()
    expect(page.locator(".customer .bubble")).to_have_text(attack)
    page.locator("details.trace > summary").first.click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()
    inside = page.locator(".transcript")
    assert inside.locator("img, script, a[href^='javascript:']").count() == 0


@pytest.mark.parametrize(
    "path",
    ["/console/", "/console/documents/", "/console/status-words/", "/console/conversations/", "/console/activity/", "/policies/"],
)
def test_pages_fit_a_phone(staff_page: Page, path: str):
    staff_page.set_viewport_size({"width": 390, "height": 844})
    staff_page.goto(path)
    assert staff_page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_stranger_sees_the_door(page: Page):
    page.goto("/console/documents/")
    expect(page).to_have_url(re.compile(r"/console/login/\?next="))
    assert page.get_by_role("navigation").count() == 0
