"""Bytes to text in any encoding. Pure.

A byte order mark or valid UTF-8 settles it. Otherwise the text is decoded in every encoding in use, and the one wins whose letters
make up one language: words in a wrong encoding mix letters that no language uses together ("vrátit do tøiceti dnù od doruèení").
"""

import codecs
import unicodedata
from collections import Counter
from typing import NamedTuple

from retrieval.readers import CannotRead

UNKNOWN = (
    "The letters of this text cannot be told: it is not in an encoding that is known here. Please save it as UTF-8 and upload that."
)
_SAMPLE = 60_000  # bytes that are tried in every encoding
_SURE = 0.85  # of the letters beyond ASCII that must belong to one language
_BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
# the letters beyond a-z that a language writes, and the encodings it is written in; the more common ones first
_WESTERN = ("cp1252", "iso8859-15", "mac_roman", "cp850")
_CENTRAL = ("cp1250", "iso8859-2", "cp852")
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac_cyrillic")
# of scripts other than Latin, a third argument: the letters that make up more than half of a text
_LANGUAGES: list[tuple[str, tuple[str, ...], str]] = [
    ("äöüß", _WESTERN, ""),
    ("àâæçéèêëîïôœùûü", _WESTERN, ""),
    ("áéíñóúü¿¡ºª", _WESTERN, ""),
    ("àâãáçéêíóôõúºª", _WESTERN, ""),
    ("àèéìíîòóùú", _WESTERN, ""),
    ("àáèéëêïíöóüúĳ", _WESTERN, ""),
    ("åäöæøéüà", _WESTERN, ""),
    ("áðéíóúýþæö", _WESTERN, ""),
    ("àçèéíïòóúü·", _WESTERN, ""),
    ("ąćęłńóśźż", _CENTRAL, ""),
    ("áčďéěíňóřšťúůýž", _CENTRAL, ""),
    ("áäčďéíĺľňóôŕšťúýž", _CENTRAL, ""),
    ("áéíóöőúüű", _CENTRAL, ""),
    ("čćđšž", _CENTRAL, ""),
    ("ăâîșțşţ", _CENTRAL, ""),
    ("çğıiöşü̇i̇âî", ("cp1254", "iso8859-9"), ""),
    ("āčēģīķļņšūžõ", ("cp1257", "iso8859-13"), ""),
    ("ąčęėįšųūž", ("cp1257", "iso8859-13"), ""),
    ("äöõüšž", ("cp1257", "iso8859-13"), ""),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", _CYRILLIC, "оеаинтсрі"),
    ("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’", _CYRILLIC, "оеаинтсрі"),
    ("абвгдђежзијклљмнњопрстћуфхцчџш", _CYRILLIC, "оеаинтсрі"),
    ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ", ("cp1253", "iso8859-7"), "αοιετσνη"),
    ("אבגדהוזחטיכךלמםנןסעפףצץקרשת", ("cp1255", "iso8859-8"), "יוהלאמרתב"),
    ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ،؟؛ـ", ("cp1256", "iso8859-6"), "اليمونرتب"),
    ("กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลฦวศษสหฬอฮะาำเแโใไๅๆัิีึืฺุู็่้๊๋์ํ", ("cp874",), "านรอกเง่"),
    ("aàảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ", ("cp1258",), ""),
]
_PUNCTUATION = set("‘’‚“”„†‡•…‰‹›€™£¥©®°±²³´µ¶·¹»¼½¾«§–—¦×÷№ \u00a0\u00ad¿¡")
_BETWEEN_WORDS = _PUNCTUATION - set("’·´\u00ad–—")
# signs of East Asian scripts that hardly a sentence goes without
_FREQUENT = {
    "ja": set("のにはをたがでとしれさあいるなもらりこまてうんかっくす日本人年大"),
    "zh-cn": set(
        "的一是不了在人有我他这中大来上个国到说们为子和你地出会也时要就可以对生能而得着下自后天年过内日退货品收换款店费运商您"
    ),
    "zh-tw": set(
        "的一是不了在人有我他這中大來上個國到說們為子和你地出會也時要就可以對生能而得著下自後天年過內日退貨品收換款店費運商您"
    ),
    "ko": set("이다는의에가을를은하고지로기사시한있니수일합할상품배송비내후습"),
}
_EAST_ASIAN = [
    ("cp932", "ja"), ("euc_jp", "ja"), ("gb18030", "zh-cn"), ("big5hkscs", "zh-tw"), ("big5", "zh-tw"), ("cp949", "ko"), ("johab", "ko"),
]  # fmt: skip


class _Guess(NamedTuple):
    """How well the letters beyond ASCII fit a language, 0 to 1, and the encoding."""

    fit: float
    encoding: str


def decode(data: bytes, *, whole: bool = True, named: str | None = None) -> str:
    """Bytes to text: by byte order mark, else UTF-8, else the encoding that is named, else the one whose letters make sense.

    whole: False if data is cut off somewhere, possibly inside a character. Raises CannotRead where nothing makes sense.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace" if whole else "ignore")
    if wide := _utf_16(data):
        return data.decode(wide, "ignore")
    if (text := _decoded(data, "utf-8", whole=whole)) is not None:
        if b"\x1b$" in data or b"\x1b(" in data:
            return _decoded(data, "iso2022_jp_2", whole=whole) or text
        return text
    if named and (text := _decoded(data, named, whole=whole)) is not None:
        return text
    if _is_nearly_utf_8(data):
        return data.decode("utf-8", "replace")
    guess = _guessed(data)
    return data.decode(guess, "replace")


def utf_16_without_mark(data: bytes) -> bool:
    """Whether bytes with many zeros are a text in two bytes a letter all the same."""
    return bool(_utf_16(data))


def _decoded(data: bytes, encoding: str, *, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except (UnicodeError, LookupError, ValueError):
        return None


def _is_nearly_utf_8(data: bytes) -> bool:
    """UTF-8 with a few broken places, as programs leave that cut a text at a byte."""
    text = data[:_SAMPLE].decode("utf-8", "replace")
    beyond = sum(char > "\x7f" for char in text)
    return beyond > 10 and text.count("\ufffd") < 0.05 * beyond


def _utf_16(data: bytes) -> str | None:
    """ "utf-16-le" or "utf-16-be" for a text of two bytes a letter without a mark that says so; its blanks and figures have a zero."""
    sample = data[: _SAMPLE & ~1]
    if len(sample) < 4 or sample.count(0) * 50 < len(sample):
        return None
    order = "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    text = _decoded(sample, order, whole=False)
    if text is None or "\x00" in text:
        return None
    odd = sum(unicodedata.category(char) in ("Cn", "Co", "Cc") and char not in "\t\n\r\f" for char in text)
    blocks = Counter(_block(char) for char in text)
    return order if odd == 0 and sum(count for _, count in blocks.most_common(2)) > 0.9 * len(text) else None


def _block(char: str) -> int:
    """Letters of one script are in one block: ASCII and Latin, East Asian, Hangul, or the page of the code table."""
    code = ord(char)
    if code < 0x250 or 0x2000 <= code < 0x2100:
        return 0
    if 0x3000 <= code < 0xA000 or code >= 0xFF00:
        return 1
    return 2 if 0xAC00 <= code < 0xD7B0 else code >> 8


def _guessed(data: bytes) -> str:
    """The encoding whose letters make up one language. Raises CannotRead if a good part of the text makes none."""
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE and (end := sample.rfind(b"\n")) > 0:
        sample = sample[:end]
    guesses = [_Guess(_east_asian_fit(sample, encoding, language), encoding) for encoding, language in _EAST_ASIAN]
    decoded: dict[str, Counter[tuple[str, bool]] | None] = {}
    for letters, encodings, frequent in _LANGUAGES:
        for encoding in encodings:
            if encoding not in decoded:
                text = _decoded(sample, encoding, whole=True)
                decoded[encoding] = None if text is None else _counted(text)
            if (counts := decoded[encoding]) is not None:
                guesses.append(_Guess(_fit(counts, set(letters), frequent), encoding))
    best = max(guesses, key=lambda guess: (guess.fit, -_RANK.index(guess.encoding)))
    beyond = sum(byte > 0x7F for byte in sample)
    letters_in_ascii = sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    if best.fit < _SURE and beyond > 0.15 * (beyond + letters_in_ascii):
        raise CannotRead(UNKNOWN)
    return best.encoding if best.fit >= 0.5 else "cp1252"


_RANK = list(
    dict.fromkeys([*_WESTERN, *(name for _, names, _ in _LANGUAGES for name in names), *(name for name, _ in _EAST_ASIAN)])
)


def _counted(text: str) -> Counter[tuple[str, bool]]:
    """Characters beyond ASCII, each with whether a letter of ASCII stands beside it. What is odd there is "\x00":
    controls, capitals and signs inside words."""
    counts: Counter[tuple[str, bool]] = Counter()
    for before, char, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if char < "\x7f" and (char.isprintable() or char in "\t\n\r\f"):
            continue
        capital_inside = char.isalpha() and char != char.lower() and before.islower()
        odd = capital_inside or not (char.isprintable() or char in "\u00a0\u00ad")
        left, right = before < "\x7f" and before.isalpha(), after < "\x7f" and after.isalpha()
        odd = odd or (left and right and char in _BETWEEN_WORDS)
        counts["\x00" if odd else char, left or right] += 1
    return counts


def _fit(counts: Counter[tuple[str, bool]], letters: set[str], frequent: str) -> float:
    """The share of the characters that the language writes; of another script than Latin, in words of their own and the usual mixture."""
    total = good = often = 0
    for (char, beside), count in counts.items():
        if char in _PUNCTUATION:
            continue
        total += count
        if char.lower() in letters and not (frequent and beside):
            good += count
            often += count if char in frequent else 0
    if not total:
        return 1.0  # nothing but dashes and quotation marks: the first encoding that has them
    return good / total * (min(1.0, often / total / 0.45) if frequent else 1.0)


def _east_asian_fit(sample: bytes, encoding: str, language: str) -> float:
    text = _decoded(sample, encoding, whole=False)
    if not text:
        return 0.0
    beyond = [char for char in text if char > "\x7f"]
    signs = [char for char in beyond if char.isalpha()]
    if not signs or len(signs) < 0.6 * len(beyond):
        return 0.0
    fitting = sum(0x3000 <= ord(char) < 0xA000 or 0xAC00 <= ord(char) < 0xD7B0 or 0xFF00 <= ord(char) < 0xFF61 for char in beyond)
    frequent = sum(char in _FREQUENT[language] for char in signs) / len(signs)
    return fitting / len(beyond) * min(1.0, frequent / 0.15)
