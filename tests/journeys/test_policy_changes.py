"""Staff change what is true, in the browser: the customer's next answer follows, and an administrator reads how it was made."""

import re
import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.files import pdf_file, web_page, word_file
from tests.journeys.test_chat_browser import ask, open_chat, sign_in

PUBLISHED_SECONDS = 30  # on a machine that runs everything else as well; a calm one needs three

NEW = "twenty-three days"


def text(thing: str, days: str) -> str:
    return f"{thing} may be borrowed for {days} at most."


# each format with a thing that no other policy speaks of: file name -> thing, how long it is lent, how the file is made
THINGS = {
    "didgeridoo-loans.md": ("Didgeridoo", "seventeen days", lambda t, d: f"# {t} loans\n\n{text('A didgeridoo', d)}\n".encode()),
    "theremin-loans.html": (
        "Theremin",
        "nine weeks",
        lambda t, d: web_page(f"<p>{text('A theremin', d)}</p>", heading=f"{t} loans"),
    ),
    "bassoon-loans.docx": ("Bassoon", "four months", lambda t, d: word_file(text("A bassoon", d), heading=f"{t} loans")),
    "glockenspiel-loans.pdf": ("Glockenspiel", "six hours", lambda t, d: pdf_file(text("A glockenspiel", d), heading=f"{t} loans")),
}


def published(page: Page, title: str) -> Any:
    """The row of that document in the list, once it says that it answers."""
    row = page.locator("#documents tbody tr").filter(has_text=title)
    expect(row.locator(".badge")).to_have_text("Published", timeout=PUBLISHED_SECONDS * 1000)
    return row


def question(thing: str) -> str:
    return f"How long may I borrow a {thing.lower()}?"


def test_the_next_answer_follows_what_staff_upload_replace_and_withdraw(page: Page, colleague: Any):
    staff = colleague("support staff")
    open_chat(page)
    for thing, days, _ in THINGS.values():
        assert days not in ask(page, question(thing)).inner_text(), "nobody has said so yet"

    staff.goto("/console/documents/")
    files = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": make(thing, days)}
        for name, (thing, days, make) in THINGS.items()
    ]
    staff.get_by_label("Files").set_input_files(files)
    staff.get_by_role("button", name="Upload").click()
    expect(staff.locator("[data-results] li")).to_have_count(len(THINGS))
    for thing, days, _ in THINGS.values():
        published(staff, f"{thing} loans")
        answer = ask(page, question(thing))
        expect(answer.locator(".answer")).to_contain_text(days)
        source = answer.locator(".source").filter(has_text=f"{thing} loans").first
        expect(source).to_be_visible()
        with page.context.expect_page() as opened:
            source.click()
        expect(opened.value.locator("#cited")).to_be_in_viewport()
        assert days in " ".join(opened.value.locator("mark").all_inner_texts())
        opened.value.close()

    # one is replaced under another name, through its own page
    name, (thing, old, make) = next(iter(THINGS.items()))
    staff.get_by_role("link", name=f"{thing} loans").click()
    staff.get_by_label("File", exact=True).set_input_files(
        {"name": f"new-{name}", "mimeType": "text/markdown", "buffer": make(thing, NEW)}
    )
    staff.get_by_role("button", name="Upload").click()
    badges = staff.locator("#versions tbody tr .badge")
    expect(badges).to_have_text(["Published", re.compile("Superseded|Replaced")], timeout=PUBLISHED_SECONDS * 1000)
    for asked in (question(thing), f"And how many days is a {thing.lower()} mine?"):
        answer = ask(page, asked).locator(".answer")
        expect(answer).to_contain_text(NEW)
        assert old not in answer.inner_text()
    # an older answer still opens the words that it rested on, and the page says that they no longer apply
    cited = page.locator(".theirs").filter(has_text=old).first.locator(".source").first.get_attribute("href") or ""
    visitor = page.context.new_page()
    visitor.goto(cited)
    expect(visitor.get_by_role("note")).to_contain_text("no longer applies")
    assert old in " ".join(visitor.locator("mark").all_inner_texts())

    # and withdrawn: neither the new words nor the old ones come back
    staff.locator("#versions tbody tr").first.get_by_role("link", name="Withdraw").click()
    staff.get_by_label("Why?").fill("No more loans")
    staff.get_by_role("button", name="Withdraw it").click()
    expect(staff.get_by_role("status")).to_contain_text("No answer uses it any more.")
    for asked in (question(thing), f"How many days may a {thing.lower()} be borrowed?"):
        answer = ask(page, asked)
        assert NEW not in answer.inner_text() and old not in answer.inner_text()
        assert f"{thing} loans" not in answer.inner_text()
    # the others go on answering
    other, days, _ = list(THINGS.values())[1]
    expect(ask(page, question(other)).locator(".answer")).to_contain_text(days)


def test_a_replacement_that_cannot_be_read_leaves_the_old_words_answering(page: Page, colleague: Any):
    said = text("A hurdy-gurdy", "eleven days")
    staff = colleague("support staff")
    good = {"name": "hurdy-gurdy-loans.md", "mimeType": "text/markdown", "buffer": f"# Hurdy-gurdy loans\n\n{said}\n".encode()}
    staff.goto("/console/documents/")
    staff.get_by_label("Files").set_input_files(good)
    staff.get_by_role("button", name="Upload").click()
    published(staff, "Hurdy-gurdy loans")
    staff.get_by_role("link", name="Hurdy-gurdy loans").click()
    broken = {"name": "hurdy-gurdy-loans.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nand then nothing"}
    staff.get_by_label("File", exact=True).set_input_files(broken)
    staff.get_by_role("button", name="Upload").click()
    expect(staff.locator("#versions tbody tr .badge")).to_have_text(["Failed", "Published"], timeout=PUBLISHED_SECONDS * 1000)
    expect(staff.locator("#versions .reason").first).to_contain_text("damaged")
    open_chat(page)
    expect(ask(page, "How long may I borrow a hurdy-gurdy?").locator(".answer")).to_contain_text("eleven days")


def upload(staff: Page, name: str, title: str, words: str, **fields: str) -> None:
    """Store a Markdown file through the form of the list. fields: labels of selects, and what is chosen there."""
    staff.goto("/console/documents/")
    file = {"name": name, "mimeType": "text/markdown", "buffer": f"# {title}\n\n{words}\n".encode()}
    staff.get_by_label("Files").set_input_files(file)
    if fields:
        staff.locator("details.more summary").click()
    for field, value in fields.items():
        staff.locator(f"[name={field}]").select_option(label=value)
    staff.get_by_role("button", name="Upload").click()
    expect(staff.locator("[data-results] li.good")).to_have_count(1)


def test_what_contradicts_another_document_waits_until_staff_decide(page: Page, colleague: Any):
    staff = colleague("support staff")
    upload(staff, "ocarina-loans.md", "Ocarina loans", text("An ocarina", "thirteen days"))
    published(staff, "Ocarina loans")
    upload(staff, "ocarina-help.md", "Ocarina help", text("An ocarina", "fifteen days"))
    row = staff.locator("#documents tbody tr").filter(has_text="Ocarina help")
    expect(row.locator(".badge")).to_have_text("Please decide", timeout=PUBLISHED_SECONDS * 1000)
    open_chat(page)
    expect(ask(page, question("Ocarina")).locator(".answer")).to_contain_text("thirteen days")

    row.get_by_role("link", name="Decide about it").click()
    expect(staff.locator(".pair mark")).to_have_text(["fifteen days", "thirteen days"])
    staff.get_by_label("Withdraw version 1 of “Ocarina loans”").check()
    staff.get_by_role("button", name="Publish anyway").click()
    expect(staff.get_by_role("status")).to_contain_text("published, and 1 other document is withdrawn")
    answer = ask(page, "And how long is an ocarina mine?").locator(".answer")
    expect(answer).to_contain_text("fifteen days")
    assert "thirteen days" not in answer.inner_text()
    staff.get_by_role("link", name="History").click()
    expect(staff.locator(".time-line strong")).to_have_text(
        ["Published", "Waiting for a decision", "Preparing", "Reading", "Received"]
    )


def test_a_text_for_staff_alone_reaches_no_customer(page: Page, colleague: Any):
    staff = colleague("support staff")
    words = text("A zither", "nineteen days")
    upload(staff, "zither-loans.md", "Zither loans", words, audience="staff only")
    published(staff, "Zither loans")
    open_chat(page)
    assert "nineteen days" not in ask(page, question("Zither")).inner_text()
    visitor = page.context.new_page()
    visitor.goto("/policies/")
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    assert "Zither" not in visitor.locator("main").inner_text()
    response = visitor.goto("/policies/zither-loans/1/")
    assert response is not None and response.status == 404


def test_an_administrator_reads_how_the_answers_were_made(page: Page, colleague: Any, order: dict[str, Any]):
    word = f"zz{int(time.time())}"
    open_chat(page)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, order["customer_email"])
    ask(page, f"Where is my order? My colleague calls it {word}.")
    answer = ask(page, "Can I return sale items?")
    answer.get_by_role("button", name="This did not help").click()
    expect(answer.locator(".thanks")).not_to_be_empty()
    told = page.locator(".theirs .answer").all_inner_texts()

    boss = colleague("administrator")
    boss.get_by_role("link", name="Conversations", exact=True).first.click()
    boss.get_by_label("Search conversations").fill(word)
    boss.get_by_role("button", name="Search").click()
    expect(boss.locator("a.talk")).to_have_count(1)
    boss.locator("a.talk").click()
    expect(boss.get_by_role("heading", level=1)).to_have_text(order["customer_email"])
    expect(boss.locator(".bot .answer")).to_have_text(told, use_inner_text=True)

    about_order, about_policy = boss.locator("details.trace").all()
    for trace in (about_order, about_policy):
        trace.locator("summary").first.click()
        expect(trace.get_by_role("heading", name="What was understood")).to_be_visible()
        expect(trace).to_contain_text(order["customer_email"])
        times = trace.locator(".waterfall")
        for stage in ("Understand", "First text", "Whole turn"):
            row = times.get_by_role("row", name=re.compile(stage))
            expect(row.locator(".number")).to_have_text(re.compile(r"\d.*m?s"))
        expect(trace.get_by_role("heading", name="Sentences and what supports them")).to_be_visible()
    expect(about_order.locator(".tag").filter(has_text="status")).to_be_visible()
    snapshot = about_order.locator("details").filter(has=boss.get_by_text(order["order_number"], exact=True))
    snapshot.locator("summary").click()
    expect(snapshot.locator("pre")).to_contain_text(order["tracking_numbers"])
    expect(about_policy.locator(".tag").filter(has_text=re.compile("return|policy")).first).to_be_visible()
    passages = about_policy.locator(".passages > li")
    expect(passages.filter(has_text="Cited").first).to_be_visible()
    for scores in passages.locator(".scores").all_inner_texts():
        assert re.search(r"\d", scores)
    expect(about_policy.get_by_text("Thumb down")).to_be_visible()

    # who looked is written down
    boss.get_by_role("link", name="Activity").click()
    expect(boss.get_by_role("row").filter(has_text=order["customer_email"]).first).to_contain_text("read a conversation")
