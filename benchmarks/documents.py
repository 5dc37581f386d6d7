"""A made-up policy as a PDF, with a word in it that no other document has. Pure."""

import textwrap

LINES_PER_PAGE = 40
TOPICS = ("delivery", "returns", "repairs", "gift cards", "price changes", "opening hours", "complaints", "packaging", "exchanges")


def policy_text(word: str, pages: int) -> list[list[str]]:
    """The lines of each page; the word stands in one sentence, on the last page."""
    made = []
    for page in range(1, pages + 1):
        lines = [f"Part {page} of our rules", ""]
        number = 0
        while len(lines) < LINES_PER_PAGE - 4:
            topic = TOPICS[(page * 7 + number) % len(TOPICS)]
            sentence = (
                f"Rule {page}.{number + 1} about {topic}: a customer may write to us within {7 + number} days, and we answer on the "
                f"next working day with what we found out about {topic} and with what we can do."
            )
            lines += textwrap.wrap(sentence, 90)
            number += 1
        made.append(lines[: LINES_PER_PAGE - 4])
    made[-1] += ["", *textwrap.wrap(f"The {word} service costs 4.20 USD a month and can be ended on any Monday.", 90)]
    return made


def pdf(pages: list[list[str]]) -> bytes:
    """A plain PDF with one page of text for each list of lines (ASCII)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = "".join(f"({line.translate(str.maketrans({'(': '[', ')': ']'}))}) Tj T*\n" for line in lines)
        stream = f"BT /F1 11 Tf 50 790 Td 18 TL\n{shown}ET".encode("ascii")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
            % content
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
