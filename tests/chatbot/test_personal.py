"""Phone, card and account numbers, addresses and names as people of many countries write them, and what only looks like it."""

import pytest

from chatbot.names import names_said, parts_of
from chatbot.redaction import Redaction

PHONES = [
    "(503) 555-0100", "+1-503-555-0100", "503.555.0100",  # United States
    "020 7946 0958", "07700 900123", "+44 (0)161 496 0000",  # United Kingdom
    "030 901820", "0171/2345678", "+49 (0)30 901820", "0049301234567",  # Germany
    "01 23 45 67 89", "06.12.34.56.78", "+33 1 23 45 67 89",  # France
    "612 34 56 78", "912 345 678", "+34 612 345 678",  # Spain
    "06 69821234", "+39 333 1234567",  # Italy
    "06-12345678", "020-1234567", "+31612345678",  # Netherlands
    "044 668 18 00", "079 123 45 67",  # Switzerland
    "070-123 45 67", "08-123 456 78",  # Sweden
    "03-1234-5678", "+81 90-1234-5678",  # Japan
    "(02) 9876 5432", "0412 345 678",  # Australia
    "512 345 678", "98765 43210",  # Poland, India
]  # fmt: skip
CALLED = ["Tel. 333 1234567", "my phone number is 5550100", "WhatsApp: 91234-5678", "Telefon 4420 184", "call me at 555 0100"]
CARDS = [
    "4111 1111 1111 1111 12/28",
    "4111.1111.1111.1111",
    "5500/0000/0000/0004",
    "3782 822463 10005 exp 1227",
    "4111\u00a01111\u00a01111\u00a01111",
    "6304 0000 0000 0000",
]
ACCOUNTS = ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "CH93 0076 2011 6238 5295 7", "nl91abna0417164300"]
STREETS = [
    "88 Pine Ave, Apt 5", "3 Mill Lane", "PO Box 123", "5 Bahnhof Road",  # English-speaking
    "Lindenstraße 4", "Am Alten Markt 3", "Unter den Linden 77", "Postfach 12 34", "Bahnhofstrasse 1",  # German-speaking
    "12 rue de la Paix", "5 bis, avenue Foch", "8 cours Mirabeau",  # France
    "Calle Mayor, 10", "C/ Mayor 10", "Av. de América 4",  # Spain
    "Via Roma 7", "Corso Vittorio Emanuele 12", "Prinsengracht 263", "Postbus 99",  # Italy, Netherlands
    "Storgatan 12", "Drottninggatan 5 B", "Vesterbrogade 3", "Rua Augusta, 100", "ul. Długa 5",  # Sweden, Denmark, Portugal, Poland
]  # fmt: skip
EMAILS = ["o'connor@example.com", "maya (at) example.com", "maya[at]example[dot]com", "jörg.weiß@post.example", "root@localhost"]
NOTHING_PERSONAL = [
    "I paid 912 345 678 JPY", "it is 24.11.2026 or 24/11/26", "Garantie 2 Jahre", "im Paket 2 Artikel", "am Montag 3 Stück", "Spring 2026",
    "3 items for 5 days", "my order DE12345678", "part 123-456-78", "size 38 or 40", "serial AB12 3456 7890 1234", "order 2026-00417",
    "5 reviews, 4 stars", "cost 1 299,00 kr", "der Käufer 3", "between 10.30 and 12.30", "1.299.000 Punkte",
]  # fmt: skip


@pytest.mark.parametrize("value", PHONES)
def test_a_phone_number_as_its_country_writes_it(value):
    assert Redaction().hide(f"You reach me: {value}, thanks") == "You reach me: «PHONE_1», thanks"


@pytest.mark.parametrize("text", CALLED)
def test_a_number_that_is_called_one_in_any_grouping(text):
    assert Redaction().hide(f"{text}, please").endswith("«PHONE_1», please")


@pytest.mark.parametrize("written", CARDS)
def test_a_card_number_in_any_grouping_and_before_what_follows_it(written):
    hidden = Redaction().hide(f"It is {written}.")
    assert hidden.startswith("It is «CARD_1»") and not any(run in hidden for run in ("4111", "0000", "8224"))


@pytest.mark.parametrize("written", ACCOUNTS)
def test_a_bank_account_by_its_check_digits(written):
    assert Redaction().hide(f"Refund to {written}, please") == "Refund to «ACCOUNT_1», please"


@pytest.mark.parametrize("written", STREETS)
def test_a_street_as_its_country_writes_it(written):
    assert Redaction().hide(f"Send it to {written}, thanks") == "Send it to «ADDRESS_1», thanks"


@pytest.mark.parametrize("written", EMAILS)
def test_an_e_mail_address_also_where_it_hides_from_robots(written):
    assert Redaction().hide(f"It is {written}, ok") == "It is «EMAIL_1», ok"


@pytest.mark.parametrize("text", NOTHING_PERSONAL)
def test_what_is_nothing_personal_stays(text):
    assert Redaction().hide(text) == text


INTRODUCED = [
    ("My name is maya lindqvist and my order is late", "maya lindqvist"),
    ("Hi, this is Maya. Where is it?", "Maya"),
    ("I'm Maya Lindqvist, hello", "Maya Lindqvist"),
    ("It was ordered under the name Ludwig van Beethoven.", "Ludwig van Beethoven"),
    ("Ask Mrs. O'Connor about it", "O'Connor"),
    ("Where is it?\n\nKind regards,\nMaya Lindqvist", "Maya Lindqvist"),
    ("Thanks, Maya", "Maya"),
    ("Mein Name ist Jörg Weiß und ich warte", "Jörg Weiß"),
    ("ich heiße jörg und warte", "jörg"),
    ("Je m'appelle Zoé Favre et ma commande", "Zoé Favre"),
    ("Me llamo Tomás Ruiz y no llega", "Tomás Ruiz"),
    ("Mi chiamo Anna Bianchi e aspetto", "Anna Bianchi"),
    ("Ik heet Sanne de Vries en wacht", "Sanne de Vries"),
    ("Sehr geehrte Frau Öztürk", "Öztürk"),
]
NO_NAMES = [
    "Where is my order?",
    "I am waiting for my parcel",
    "I'm German, do you deliver?",
    "This is urgent!",
    "My name is wrong on the parcel",
    "My name is misspelled",
    "Ich bin Student, bekomme ich Rabatt?",
    "Thanks for nothing.",
    "Thank you",
    "It's Monday again",
]


@pytest.mark.parametrize(("text", "name"), INTRODUCED)
def test_the_name_that_a_customer_gives(text, name):
    assert names_said(text) == (name,)


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_name(text):
    assert names_said(text) == ()


def test_where_an_order_goes_was_told_with_a_name():
    told = "Order #K100 goes to Maya Lindqvist, 12 Elm Street, Denver CO, US."
    assert names_said(told, by_shop=True) == ("Maya Lindqvist",)


def test_a_part_of_a_name_counts_alone_unless_it_is_a_word_of_something_else():
    assert list(parts_of(["Rose Denver-Lindqvist", "Will Al"], other=["Rose dress"])) == ["Denver-Lindqvist"]


def test_a_name_is_hidden_where_it_is_written_like_one():
    redaction = Redaction({"Mark Brown": "NAME"}, names=["Mark", "Brown"])
    hidden = redaction.hide("mark brown and MARK mark the brown box of Brown's")
    assert hidden == "«NAME_1» and «NAME_3» mark the brown box of «NAME_2»'s"
    assert redaction.restored(hidden) == "mark brown and MARK mark the brown box of Brown's"
