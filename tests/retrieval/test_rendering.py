"""A policy's Markdown becomes a safe page, and the cited words are marked exactly."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.rendering import render_markdown

RETURNS = """# Returns

You may return an item within **30 days** of delivery.
Keep the _original_ box.

## Sale items

- Sale items can be exchanged, *not* refunded.
- Items marked `final` stay sold.
    - Gift cards are always final.

> Ask us first: [write to us](https://shop.example/contact?a=1&b=2 "form").

| Country | Days \\| working | Price |
|---------|:---:|------:|
| Austria | 3 | 5.90 |
| Norway & Iceland | 7 | 14.90 |

1. Pack it.
2. Send it.

```
RMA 12345
second line
```

Heading below
-------------

Last words &amp; greetings.
"""


def marked(html: str) -> str:
    """The marked words as a reader sees them."""
    return " ".join(" ".join(unescape(part) for part in re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL)).split())


def mark(words: str, text: str = RETURNS) -> str:
    start = text.index(words)
    return render_markdown(text, mark=(start, start + len(words)))


def without_marks(html: str) -> str:
    return re.sub(r"</?mark[^>]*>", "", html)


@pytest.mark.parametrize(
    ("cited", "seen"),
    [
        ("within **30 days** of delivery", "within 30 days of delivery"),
        ("**30 days** of", "30 days of"),
        ("30 days** of", "30 days of"),
        ("_original_ box", "original box"),
        ("delivery.\nKeep the", "delivery. Keep the"),
        ("# Returns\n\nYou may", "Returns You may"),
        ("## Sale items\n\n- Sale items can", "Sale items Sale items can"),
        ("- Sale items can be exchanged, *not* refunded.\n- Items", "Sale items can be exchanged, not refunded. Items"),
        ("    - Gift cards are always final.\n", "Gift cards are always final."),
        ("marked `final` stay", "marked final stay"),
        ("final` stay", "final stay"),
        ("> Ask us first: [write to", "Ask us first: write to"),
        ("to us](https://shop.example/con", "to us"),
        ('ct?a=1&b=2 "form").', "."),
        ("| Austria | 3 | 5.90 |", "Austria 3 5.90"),
        ("Days \\| working | Price", "Days | working Price"),
        ("| 7 | 14.90 |\n\n1. Pack", "7 14.90 Pack"),
        ("Norway & Iceland", "Norway & Iceland"),
        ("2. Send it.\n\n```\nRMA 123", "Send it. RMA 123"),
        ("second line\n```\n\nHeading below\n---", "second line Heading below"),
        ("words &amp; greet", "words & greet"),
    ],
)
def test_exactly_the_cited_words_are_marked(cited, seen):
    html = mark(cited)
    assert marked(html).replace(" .", ".") == seen
    assert html.count('<mark id="cited">') == 1
    assert without_marks(html) == render_markdown(RETURNS), "marking changes nothing else"


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(-5, len(RETURNS) + 5), st.integers(-5, len(RETURNS) + 5)))
def test_any_span_gives_the_same_page_with_balanced_marks(span):
    html = render_markdown(RETURNS, mark=span)
    assert without_marks(html) == render_markdown(RETURNS)
    assert html.count("<mark") == html.count("</mark>")
    assert html.count('id="cited"') <= 1
    assert not re.search(r"<mark[^>]*>[^<]*<(?!/mark)", html), "a mark holds text only"


def test_the_whole_text_can_be_marked():
    html = render_markdown(RETURNS, mark=(0, len(RETURNS)))
    everything = " ".join(unescape(re.sub(r"<[^>]+>", " ", without_marks(html))).split())
    assert marked(html).replace(" ", "") == everything.replace(" ", "")


def test_windows_line_ends_keep_their_offsets():
    text = RETURNS.replace("\n", "\r\n")
    assert marked(mark("Items marked `final` stay sold.", text)) == "Items marked final stay sold."


def test_a_mark_in_a_very_long_line_is_still_shown():
    text = "word **bold** " * 20_000
    assert 'id="cited"' in render_markdown(text, mark=(70, 90))


@pytest.mark.parametrize("piece", ["[", "![", "[a\n", "[a](", "[a[b](c)]"])
def test_a_text_of_brackets_is_shown_as_it_is_written(piece):
    text = f"{piece * (300_000 // len(piece))}\n\nAsk [us](https://shop.example/)."
    html = render_markdown(text, mark=(0, len(text)))
    assert without_marks(html).count("[") == text.count("[") - 1, "those that are links are links"
    assert 'href="https://shop.example/"' in html and 'id="cited"' in html


def test_a_mark_over_everything_is_made_in_time():
    text = "**[a](b** *c* `d\n\n" * 20_000
    html = render_markdown(text, mark=(1, len(text)))
    assert html.count("<mark") == html.count("</mark>") >= 20_000


@pytest.mark.parametrize("span", [None, (5, 5), (9, 3), (100_000, 100_010)])
def test_an_empty_or_impossible_span_marks_nothing(span):
    assert "<mark" not in render_markdown(RETURNS, mark=span)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/pixel.png)",
        "![x][1]\n\n[1]: https://evil.example/pixel.png",
        '<https://x.example/"onmouseover=alert(1)>',
        '[x](https://x.example/ "a\' onmouseover=alert(1)")',
        "# <iframe src=//evil.example>",
        "| <b>a</b> |\n|---|\n| <style>*{display:none}</style> |",
        "```html onload=alert(1)\n<script>alert(1)</script>\n```",
        "<!-- page 1 --><script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_markup_in_a_document_is_inert(hostile):
    for html in (render_markdown(hostile), render_markdown(hostile, mark=(0, len(hostile)))):
        tags = re.findall(r"<[^>]*>", html)
        assert not any(re.match(r"<(script|img|svg|iframe|style|b\b)", tag) for tag in tags)
        assert not any(re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', "", tag)) for tag in tags)
        assert not re.search(r'(href|src)="(?!https?://|mailto:)', html)
        assert "<img" not in html


def test_links_to_the_web_tell_nothing_about_the_reader():
    assert 'rel="nofollow noopener noreferrer"' in render_markdown("[x](https://a.example)")


def test_a_refused_link_keeps_its_words():
    assert render_markdown("see [our form](../form.html)").strip() == "<p>see our form</p>"


def test_an_image_becomes_its_description():
    assert render_markdown("![A *blue* shirt](https://a.example/b.png)").strip() == "<p>A blue shirt</p>"


def test_the_signs_that_carry_marks_cannot_be_smuggled_in():
    html = render_markdown("a \ufdd0b\ufdd1 &#xFDD0; &#64977; c", mark=(0, 1))
    assert html.count("<mark") == 1
    assert html.count('id="cited"') == 1


def test_page_marks_of_a_pdf_become_a_small_number():
    html = render_markdown("<!-- page 1 -->\nFirst\n<!-- page 2 -->\nSecond page")
    assert "<!--" not in html and "&lt;!--" not in html
    assert '<p class="page-mark">Page 2</p>' in html and "Page 1" not in html


def test_headings_have_stable_ids_of_their_own():
    html = render_markdown("# Sale\n\n## Sale\n\n### €\n\n# cited")
    assert re.findall(r'id="([^"]+)"', html) == ["section-sale", "section-sale-2", "section-untitled", "section-cited"]


def test_a_marked_heading_keeps_its_id():
    assert 'id="section-sale-items"' in mark("Sale items\n")


def test_nothing_gives_nothing():
    assert render_markdown("", mark=(0, 10)) == ""
