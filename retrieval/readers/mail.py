"""E-mails (.eml) and pages saved by browsers (.mhtml) to Markdown: the subject as title, then what this message says.

Not read: what is quoted from earlier messages, signatures, attachments. Attachments are named at the end, so that staff see what is missing.
"""

import email
import re
from datetime import datetime
from email import policy
from email.message import EmailMessage
from itertools import takewhile

from bs4 import BeautifulSoup, Tag

from retrieval.readers import CannotRead, Read
from retrieval.readers.encoding import decode
from retrieval.readers.html import read_markup
from retrieval.readers.writing import Markdown, one_line, plain_start

MAX_PARTS = 1000
MAX_DEPTH = 20  # of messages in messages; a thread that was forwarded ten times has ten
TOO_DEEP = "This e-mail is nested too deeply to be read. Please copy its text into a simpler document."
LOCKED = "This e-mail is encrypted. Please copy its text into a document and upload that."
NO_TEXT = "This e-mail has no text of its own{attached}. Please upload the attached documents themselves."
_PREFIX = re.compile(r"(?:(?:re|aw|antw|sv|vs|fw|fwd|wg|tr|rv|enc|i|r)(?:\[\d{1,3}\])?\s*:\s*)+", re.IGNORECASE)
# "On 3 May 2026, Ana wrote:" in the languages of the common programs, also broken over two lines
_INTRODUCTION = re.compile(
    r"(?:on|am|le|el|il|op|den|w dniu|em)\b.{3,300}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev|napisał(?:\(a\))?|escreveu)\b.{0,200}:\s*",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{2,}"
    r"|_{20,}",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(r"\*{0,2}(?:from|von|de|da|van|fra|od)\*{0,2}\s?:", re.IGNORECASE)
_SENT_LINE = re.compile(
    r"\*{0,2}(?:sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|verzonden|sendt|skickat|wysłano)\b.{0,3}:", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"-{3,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado)\s*-{3,}", re.IGNORECASE
)
_QUOTES = "blockquote[type=cite], .gmail_quote, .gmail_extra, .yahoo_quoted, .moz-cite-prefix, #appendonsend, #divRplyFwdMsg, .protonmail_quote"
_SIGNATURES = ".gmail_signature, .moz-signature, #Signature, .protonmail_signature_block"


def read_mail(data: bytes) -> Read:
    """Read a message. Raises CannotRead if it holds no text, or is nested too deeply."""
    message = email.message_from_bytes(data, _class=EmailMessage, policy=policy.default)
    parts = _parts(message)
    subject = _PREFIX.sub("", one_line(_header(message, "subject")), count=1)
    attached = [name for part in parts if (name := _attached_name(part))]
    body = _body(parts, is_page=_header(message, "content-type").startswith("multipart/related"))
    if body is None or not any(map(str.isalnum, body.markdown)):
        if any(
            part.get_content_subtype() in ("pkcs7-mime", "x-pkcs7-mime", "encrypted", "pgp-encrypted") for part in [message, *parts]
        ):
            raise CannotRead(LOCKED)
        raise CannotRead(NO_TEXT.format(attached=f", only attachments ({', '.join(attached)})" if attached else ""))
    out = Markdown()
    title = subject or body.title
    if not re.match(rf"\s*#\s+{re.escape(title)}\s*$", body.markdown, re.MULTILINE):
        out.heading(1, title)
    if sent := _sent(message):
        out.paragraph(f"E-mail of {sent.day} {sent:%B %Y}")
    out.markdown(body.markdown)
    if attached:
        out.paragraph("Attached, not read here: " + ", ".join(attached))
    return Read(out.text(), title)


def _parts(message: EmailMessage) -> list[EmailMessage]:
    """The leaves of a message in order, without those of messages attached to it. Raises CannotRead."""
    found: list[EmailMessage] = []
    waiting: list[tuple[EmailMessage, int]] = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MAX_DEPTH or len(found) > MAX_PARTS:
            raise CannotRead(TOO_DEEP)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [(child, depth + 1) for child in reversed(payload) if isinstance(child, EmailMessage)]
        else:
            found.append(part)
    return found


def _header(message: EmailMessage, name: str) -> str:
    """A header's text; "" if there is none, or nothing can be made of it."""
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser of headers gives up in many ways
        return ""


def _sent(message: EmailMessage) -> datetime | None:
    try:
        return message["date"].datetime if message["date"] else None
    except Exception:
        return None


def _attached_name(part: EmailMessage) -> str:
    """The name of an attachment; "" for a part of the text, and for the pictures in it."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return "an attached e-mail"
    try:
        name = one_line(part.get_filename() or "")
    except Exception:
        name = ""
    shown = part.get_content_disposition() == "attachment" or kind.partition("/")[0] not in ("text", "image", "multipart")
    return (
        (name or f"a file of the kind {kind}")[:100]
        if shown and kind not in ("application/pgp-signature", "application/pkcs7-signature")
        else ""
    )


def _body(parts: list[EmailMessage], *, is_page: bool) -> Read | None:
    """What the message says: its HTML if there is one, which has headings and tables, else its text; None for neither."""
    texts = [part for part in parts if part.get_content_maintype() == "text" and not _attached_name(part)]
    html = next((part for part in texts if part.get_content_subtype() == "html"), None)
    if html is not None:
        found = read_markup(_text(html) if is_page else _own_html(_text(html)))
        if any(map(str.isalnum, found.markdown)):
            return found
    plain = [part for part in texts if part.get_content_subtype() in ("plain", "markdown")]
    return (
        Read("\n\n".join(_own_text(_text(part), flowed=part.get_param("format") == "flowed") for part in plain)) if plain else None
    )


def _text(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    return decode(data, named=part.get_content_charset()) if isinstance(data, bytes) else ""


# --- without quotations and signatures --------------------------------------------------------------------------------------


def _own_html(markup: str) -> str:
    """The page without what it quotes from earlier messages, unless it says nothing else: then it forwards them."""
    soup = BeautifulSoup(markup, "lxml")
    for signature in soup.select(_SIGNATURES):
        signature.decompose()
    quotes = [found for found in soup.select(_QUOTES) if isinstance(found, Tag)]
    quoted = sum(len(found.get_text(strip=True)) for found in quotes)
    if quotes and len(soup.get_text(strip=True)) - quoted > 40:
        for found in quotes:
            if found.get("id") in ("appendonsend", "divRplyFwdMsg"):  # Outlook: all that follows is quoted
                for later in list(found.find_next_siblings()):
                    later.decompose()
            if not found.decomposed:
                found.decompose()
    return str(soup)


def _own_text(text: str, *, flowed: bool) -> str:
    """The text without quoted lines, what introduces them, and the signature."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if any(_FORWARDED.match(line) for line in lines):  # what is forwarded is what it is about
        lines = [line for line in lines if not _FORWARDED.match(line)]
    else:
        lines = lines[: _quoted_from(lines)]
    signature = max((number for number, line in enumerate(lines) if line in ("-- ", "--")), default=len(lines))
    lines = lines[:signature]
    if own := [line for line in lines if not line.startswith(">")]:
        lines = own if any(line.strip() for line in own) else [line.lstrip("> ") for line in lines]
    while lines and not lines[-1].strip():
        lines.pop()
    for count in (1, 2):
        if _INTRODUCTION.fullmatch(" ".join(lines[-count:]).strip()):
            lines = lines[:-count]
            break
    return re.sub(r"\n{3,}", "\n\n", "\n".join(plain_start(line) for line in (_unflowed(lines) if flowed else lines)))


def _quoted_from(lines: list[str]) -> int:
    """The number of the line at which an earlier message begins that is not marked with ">"; the number of lines if none does."""
    for number, line in enumerate(lines):
        if number and _ORIGINAL.match(line.strip()):
            return number
        if number and _HEADER_LINE.match(line) and any(_SENT_LINE.match(after) for after in lines[number + 1 : number + 3]):
            return number
        if _INTRODUCTION.fullmatch(line.strip()) and any(after.startswith(">") for after in lines[number + 1 : number + 4]):
            rest = [after for after in lines[number + 1 :] if after.strip()]
            if len(list(takewhile(lambda after: after.startswith(">"), rest))) == len(rest):
                return number
    return len(lines)


def _unflowed(lines: list[str]) -> list[str]:
    """Lines of "format=flowed" joined again: one that ends in a blank goes on in the next."""
    found: list[str] = []
    open_line = False
    for line in lines:
        line = line.removeprefix(" ") if line.startswith(" ") else line
        if open_line and line.strip():
            found[-1] += line
        else:
            found.append(line)
        open_line = line.endswith(" ")
    return found
