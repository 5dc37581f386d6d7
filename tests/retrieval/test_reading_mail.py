"""E-mails: the subject is the title, this message's own words are the text, attachments are named and not read."""

from email.message import EmailMessage

import pytest

from retrieval.errors import Unreadable
from retrieval.readers import CannotRead
from retrieval.readers.mail import read_mail
from retrieval.reading import read


def mail(text: str = "", *, html: str = "", subject: str = "AW: Re: Rückgabe", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ana <ana@shop.example>", "all@shop.example", subject
    message["Date"] = headers.get("date", "Tue, 03 Nov 2026 09:00:00 +0100")
    if text:
        message.set_content(text)
    if html:
        (message.add_alternative if text else message.set_content)(html, subtype="html")
    return message


PLAIN = """From now on we take shoes back for 60 days.

> When do we take them back?

Ana
--\x20
Ana Berg, Shop AG
"""


def test_a_message_gives_subject_day_and_its_own_words():
    reading = read(mail(PLAIN).as_bytes(), "returns.eml")
    assert (reading.title, reading.pages) == ("Rückgabe", None)
    assert reading.markdown == "# Rückgabe\n\nE-mail of 3 November 2026\n\nFrom now on we take shoes back for 60 days.\n\nAna\n"


@pytest.mark.parametrize(
    "quotation",
    [
        "Am 02.11.2026 um 10:00 schrieb Bo <bo@shop.example>:\n> Old words.\n> More.",
        "On Mon, 2 Nov 2026 at 10:00, Bo\n<bo@shop.example> wrote:\n\n> Old words.",
        "-----Original Message-----\nFrom: Bo\nSent: Monday\nSubject: x\n\nOld words.",
        "From: Bo <bo@shop.example>\nSent: Monday, November 2, 2026\nTo: Ana\n\nOld words.",
    ],
)
def test_earlier_messages_are_not_read(quotation):
    assert read_mail(mail(f"Sixty days.\n\n{quotation}\n", subject="Shoes").as_bytes()).markdown == (
        "# Shoes\n\nE-mail of 3 November 2026\n\nSixty days.\n"
    )


def test_what_is_forwarded_is_read():
    text = "---------- Forwarded message ---------\nFrom: Bo\nSubject: Shoes\n\nSixty days.\n"
    assert "Sixty days." in read_mail(mail(text).as_bytes()).markdown


def test_the_web_form_of_a_message_is_preferred_and_its_quotations_left_out():
    html = (
        "<h2>Shoes</h2><ul><li>60 days<li>unused</ul><p>This is true for all our shops from today on.</p>"
        "<div class=gmail_quote>On Monday Bo wrote:<blockquote>30 days</blockquote></div><div class=gmail_signature>Ana</div>"
    )
    reading = read_mail(mail("plain form", html=html).as_bytes())
    assert reading.markdown.endswith("## Shoes\n\n- 60 days\n- unused\n\nThis is true for all our shops from today on.\n")


def test_attachments_are_named_and_not_read():
    message = mail("See the list.\n")
    message.add_attachment(b"%PDF-1.7 secret", maintype="application", subtype="pdf", filename="../Preise 2026.pdf")
    message.add_attachment(mail("An attached message.\n"))
    markdown = read_mail(message.as_bytes()).markdown
    assert markdown.endswith("See the list.\n\nAttached, not read here: ../Preise 2026.pdf, an attached e-mail\n")
    assert "secret" not in markdown


def test_a_message_of_attachments_only_says_so():
    message = mail()
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="prices.pdf")
    with pytest.raises(CannotRead, match=r"only attachments \(prices\.pdf\)"):
        read_mail(message.as_bytes())


def test_a_name_of_half_characters_becomes_a_sentence_that_can_be_stored():
    message = mail()
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="prices.pdf")
    for name in (b'filename="pri\xffces.pdf"', b"filename*=utf-8''pri%00ces.pdf", b"filename*=utf-8''pri%ED%A0%80ces.pdf"):
        with pytest.raises(Unreadable) as refusal:
            read(message.as_bytes().replace(b'filename="prices.pdf"', name), "a.eml")
        sentence = refusal.value.user_message
        assert "only attachments" in sentence and sentence.encode() and "\0" not in sentence


def test_flowed_lines_and_foreign_letters_are_joined_and_decoded():
    data = (
        b"From: a@b.example\r\nSubject: =?koi8-r?B?9+/k5Q==?=\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=koi8-r; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "Вы можете вернуть \r\nтовар.\r\n".encode("koi8-r")
    )
    assert "Вы можете вернуть товар." in read_mail(data).markdown


def test_a_page_saved_by_a_browser_is_read_as_a_page():
    data = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://shop.example/\r\nSubject: Returns\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><body><nav>Menu</nav><main><h1>Returns</h1><p>Thirty days=\r\n"
        b" for all that you buy from us.</p></main></body></html>\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    )
    assert read(data, "returns.mhtml").markdown == "# Returns\n\nThirty days for all that you buy from us.\n"


@pytest.mark.parametrize("levels", [100, 20_000])
def test_a_message_nested_too_deeply_is_a_sentence(levels):
    data = b"From: a@b.example\nSubject: x\nDate: x\nMIME-Version: 1.0\n"
    for level in range(levels):
        data += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
    with pytest.raises((CannotRead, RecursionError)):
        read_mail(data + b"Content-Type: text/plain\n\ntext")
