"""Text in any encoding: right, or a sentence, never wrong letters."""

import pytest

from retrieval.readers import CannotRead
from retrieval.readers.encoding import decode
from retrieval.reading import read

POLICIES = {
    "cp1252": [
        "Sie können Ihre Bestellung jederzeit ändern, solange sie nicht versandt wurde. Große Pakete: 9 € Gebühr.",
        "Les remboursements sont effectués sous 5 jours après réception du colis à l’entrepôt, sans frais.",
        "La garantía cubre dos años. ¿Cómo puedo devolver mi pedido? Envíe un correo y le responderemos mañana.",
        "We’ll refund “sale items” within 14 days – £5 fee.",
        "A devolução é grátis até 30 dias após a recepção; não se aceitam peças usadas.",
        "Returrätten gäller i trettio dagar från det att du mottagit varan. Frakten betalar köparen själv.",
    ],
    "mac_roman": ["Sie können Ihre Bestellung jederzeit ändern, solange sie nicht versandt wurde."],
    "cp850": ["Sie können Ihre Bestellung jederzeit ändern, solange sie nicht versandt wurde."],
    "cp1250": [
        "Reklamacje rozpatrujemy w ciągu czternastu dni. Zwrócimy pieniądze tą samą drogą, którą dokonano płatności.",
        "Reklamaci vyřídíme nejpozději do třiceti dnů. Peníze vrátíme stejným způsobem, jakým jste zaplatili.",
        "A vásárló tizennégy napon belül indoklás nélkül elállhat a szerződéstől, és visszaküldheti a terméket.",
    ],
    "iso8859_2": ["Reklamacje rozpatrujemy w ciągu czternastu dni. Zwrócimy pieniądze tą samą drogą, którą płacono."],
    "cp1251": [
        "Возврат денег производится в течение десяти дней. Доставка по городу бесплатна при заказе от 3000 рублей.",
        "Повернути товар можна протягом чотирнадцяти днів, якщо він не був у використанні та збережено його вигляд.",
    ],
    "koi8-r": ["Возврат денег производится в течение десяти дней. Доставка по городу бесплатна."],
    "cp866": ["Возврат денег производится в течение десяти дней. Доставка по городу бесплатна."],
    "cp1253": ["Η επιστροφή χρημάτων γίνεται εντός δέκα ημερών. Τα μεταφορικά βαρύνουν τον αγοραστή."],
    "cp1254": ["Para iadesi on gün içinde yapılır. Kullanılmış ürünler geri alınmaz, kargo ücreti alıcıya aittir."],
    "cp1255": ["החזר כספי יבוצע תוך עשרה ימים. לא ניתן להחזיר פריטים שנעשה בהם שימוש."],
    "cp1256": ["يتم رد الأموال خلال عشرة أيام. لا يمكن إرجاع المنتجات المستعملة."],
    "cp1257": ["Prekes galima grąžinti per trisdešimt dienų nuo įsigijimo, jeigu jos nebuvo naudotos."],
    "cp932": ["返金は十日以内に行います。使用済みの商品は返品をお受けできません。", "送料は500円です。"],
    "euc_jp": ["返金は十日以内に行います。使用済みの商品は返品をお受けできません。"],
    "iso2022_jp": ["返金は十日以内に行います。使用済みの商品は返品をお受けできません。"],
    "gb18030": ["退款将在十天之内完成。使用过的商品不能退换，运费由买家承担。"],
    "big5": ["退款將在十天之內完成。使用過的商品不能退換，運費由買家承擔。"],
    "cp949": ["환불은 열흘 이내에 처리됩니다. 사용한 제품은 반품할 수 없으며 배송비는 구매자가 부담합니다."],
    "utf-16-le": ["Sie können Ihre Bestellung ändern.", "Возврат денег в течение 10 дней.", "返金は10日以内に行います。"],
    "utf-16-be": ["Sie können Ihre Bestellung ändern.", "Возврат денег в течение 10 дней."],
    "utf-32": ["Sie können Ihre Bestellung ändern."],
    "utf-8-sig": ["Sie können Ihre Bestellung ändern."],
}


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, texts in POLICIES.items() for text in texts])
def test_the_letters_are_right_without_being_told_the_encoding(encoding, text):
    assert decode(f"{text}\n".encode(encoding)) == f"{text}\n"


def test_a_text_that_was_cut_inside_a_letter_is_read_but_for_that_letter():
    data = ("Rückgabe möglich. " * 20).encode()[:-1] + "ü".encode()[:1]
    assert decode(data).startswith("Rückgabe möglich.")


def test_letters_that_make_no_language_are_a_sentence():
    data = bytes(128 + (n * 37) % 127 for n in range(400))
    with pytest.raises(CannotRead, match="save it as UTF-8"):
        decode(data)


def test_two_bytes_a_letter_without_a_mark_is_a_text_and_not_a_program():
    assert read("# Rückgabe\n\n30 Tage.\n".encode("utf-16-le"), "a.md").title == "Rückgabe"
