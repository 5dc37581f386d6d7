"""A made-up policy as a PDF, with a word in it that no other document has. Pure."""

import random
import textwrap

LINES_PER_PAGE = 40
WORDS = """ladder window harbour garden copper lantern meadow bottle marble timber saddle candle kettle pillow basket orchard violin
compass blanket anchor feather needle barrel chimney curtain ribbon hammer bucket pepper cotton granite velvet walnut amber willow
mirror paddle trumpet acorn bridge castle drawer engine forest glacier hollow island jacket""".split()  # noqa: SIM905
DEEDS = ("carries", "paints", "follows", "borrows", "mends", "collects", "measures", "polishes", "describes", "balances")


def policy_text(word: str, pages: int) -> list[list[str]]:
    """The lines of each page; the word stands in one sentence, on the last page.

    The rest is chance, another for each word: documents that said the same would be held back until staff look at them.
    """
    chance = random.Random(word)
    made = []
    for page in range(1, pages + 1):
        lines = [f"Part {page} of our rules", ""]
        while len(lines) < LINES_PER_PAGE - 4:
            first, second, third, fourth, fifth = chance.sample(WORDS, 5)
            sentence = (
                f"Whoever {chance.choice(DEEDS)} the {first} beside the {second} also {chance.choice(DEEDS)} a {third}, "
                f"while the {fourth} {chance.choice(DEEDS)} another {fifth}."
            )
            lines += textwrap.wrap(sentence, 90)
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
