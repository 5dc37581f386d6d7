"""Values in a text: how they may be written, what they mean, and that changing a digit of a true sentence makes it false."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.grounding import check
from chatbot.grounding.claim_values import Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.support import source, supports
from retrieval.numerals import parse_number
from tests.chatbot.grounding_shop import TODAY, grounds, passage


def held(said: str, by: str) -> bool:
    """Whether every value in one text is held by the other, and there is one."""
    known, claims = source("text", by), claims_in(said)
    return bool(claims) and all(supports(claim, known, today=TODAY, sentence=said) for claim in claims)


SAME = [
    ("$12.50", "12.50 USD"),
    ("12,50 €", "EUR 12.50"),
    ("€1,234.50", "1.234,50 €"),
    ("1 234,50 €", "€1,234.50"),
    ("CHF 1'250.00", "1,250.00 CHF"),
    ("20 dollars", "$20"),
    ("A$30", "AUD 30"),
    ("¥4000", "4,000 JPY"),
    ("Tuesday 24 November", "2026-11-24"),
    ("24 Nov 2026", "Tuesday, November 24th, 2026"),
    ("24.11.2026", "24 November"),
    ("am 24. November", "November 24"),
    ("le 24 novembre 2026", "24/11/2026"),
    ("tomorrow", "Sunday 22 November"),
    ("in 3 days", "24 November"),
    ("5 days ago", "Monday 16 November"),
    ("next week", "24 November"),
    ("two weeks", "14 days"),
    ("a 30-day window", "thirty days"),
    ("48 hours", "2 days"),
    ("12 months", "one year"),
    ("5 to 7 business days", "5–7 working days"),
    ("within 7 business days", "5-7 business days"),
    ("14 Werktagen", "14 business days"),
    ("15 percent", "15%"),
    ("two parcels", "2 packages"),
    ("1 p.m.", "13:00"),
    ("order 2378156", "#W2378156"),
    ("1Z 999 AA1", "1Z 999 AA1"),
    ("+1 (503) 555-0100", "+1 503 555 0100"),
    ("https://a.example/x/", "https://A.example/x"),
    ("www.a.example", "mail info@a.example"),
    ("10 kg", "10 kg (22 lb)"),
    ("within a fortnight", "14 days"),
    ("half a year", "six months"),
    ("a year and a half", "18 months"),
    ("ein halbes Jahr", "6 Monate"),
    ("un an et demi", "18 mois"),
    ("innerhalb von fünf Jahren", "5 Jahre"),
    ("6 bis 8 Wochen", "sechs bis acht Wochen"),
    ("1 à 2 jours ouvrables", "un à deux jours ouvrables"),
    ("entro quattordici giorni", "two weeks"),
    ("half price", "50 percent off"),
    ("a third of the value", "one third of its value"),
    ("ten per cent", "10%"),
    ("half a dozen bottles", "6 bottles"),
    ("24 Raten", "24 Monatsraten"),
    ("CHF 1'299.–", "1 299,00 CHF"),
    ("1'299.– CHF", "CHF 1299"),
    ("500 Franken", "CHF 500"),
    ("on Wednesdays", "open Mon–Sat"),
    ("Monday to Friday", "on weekdays"),
    ("kommt morgen", "Sunday 22 November"),
    ("vor 3 Tagen", "18 November"),
    ("expédiée hier", "20 November"),
]
OTHER = [
    ("$12.50", "€12.50"),
    ("US$ 5", "CAD 5"),
    ("$30", "30 days"),
    ("30 days", "$30"),
    ("30 days", "30%"),
    ("30 days", "30 items"),
    ("30 weeks", "30 days"),
    ("5 days", "5 business days"),
    ("5 business days", "5–7 business days"),
    ("3–7 days", "3–5 days"),
    ("Wednesday 24 November", "24 November"),
    ("24 November 2025", "24 November 2026"),
    ("24 November", "24 November 2024"),
    ("31 November", "31 October"),
    ("25 November", "24 November"),
    ("tomorrow", "24 November"),
    ("in 4 days", "24 November"),
    ("two parcels", "2 items"),
    ("10 lb", "10 kg (22 lb)"),
    ("1 a.m.", "13:00"),
    ("#W2378157", "#W2378156"),
    ("1Z999AA10123456785", "1Z999AA10123456784"),
    ("+1 503 555 0101", "+1 503 555 0100"),
    ("https://a.example/x?d=1", "https://a.example/x"),
    ("https://a.example.evil.example/x", "https://a.example/x"),
    ("b@a.example", "c@a.example"),
    ("half a month", "half a year"),
    ("fünf Jahre", "zehn Jahre"),
    ("sechs bis acht Tage", "sechs bis acht Wochen"),
    ("a third of the value", "half of the value"),
    ("half price", "10% off"),
    ("1 299,00 €", "1 299,00 kr"),
    ("on Sundays", "open Mon–Sat"),
    ("evil.xyz", "shop.example"),
    ("shop.example:8443", "shop.example"),
    ("https://shop.example@evil.test/", "https://shop.example/"),
    ("dans 5 jours", "24 November"),
    ("half a dozen bottles", "12 bottles"),
]


@pytest.mark.parametrize(("said", "by"), SAME)
def test_the_same_value_written_otherwise(said, by):
    assert held(said, by)


@pytest.mark.parametrize(("said", "by"), OTHER)
def test_another_value(said, by):
    assert not held(said, by)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234", "1234"), ("1.234", "1234"), ("1.234,5", "1234.5"), ("1,234.50", "1234.5"), ("12,5", "12.5"), ("0.125", "0.125"), ("1'000", "1000"),
     ("twelve", "12"), ("forty-five", "45"), ("1.234.567", "1234567"), ("007", "7")],
)  # fmt: skip
def test_numbers(text, value):
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["you may 5", "one of them", "version", "e.g. this", "i.e. that", "**bold**", "1. Pack it", "- boots", "[1]"]
)
def test_what_is_no_value(text):
    assert [c for c in claims_in(text) if c.kind is not Kind.NUMBER or c.text == "1"] == []


AMOUNTS = st.decimals(min_value="1", max_value="99999", places=2, allow_nan=False)
DAYS = st.dates(TODAY - timedelta(days=150), TODAY + timedelta(days=150))


def words(day: date) -> str:
    shown = f"{day:%A} {day.day} {day:%B}"
    return shown if day.year == TODAY.year else f"{shown} {day.year}"


FACTS = st.one_of(
    AMOUNTS.map(lambda a: f"The fee for express parcels is ${a:,.2f}."),
    AMOUNTS.map(lambda a: f"The fee for express parcels is {f'{a:,.2f}'.translate(str.maketrans(',.', '.,'))} €."),
    st.integers(2, 400).map(lambda n: f"Items can be returned within {n} days of delivery."),
    st.tuples(st.integers(2, 9), st.integers(10, 30)).map(lambda r: f"Delivery takes {r[0]}–{r[1]} business days."),
    st.integers(2, 99).map(lambda n: f"Members get a reduction of {n}% on shoes."),
    st.integers(10**7, 10**15).map(lambda n: f"The tracking number is 9X{n}."),
    DAYS.map(lambda d: f"The sale of winter shoes ends on {words(d)}."),
    DAYS.map(lambda d: f"The sale of winter shoes ends on {d.isoformat()}."),
)  # fmt: skip


@given(FACTS)
def test_a_sentence_of_the_evidence_may_be_shown(fact):
    verdict = check(fact, grounds((), (passage(1, "Rules", fact),)))
    assert verdict.supported, verdict.reason


@given(FACTS, st.data())
def test_changing_any_digit_of_it_may_not(fact, data):
    at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", fact)]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != fact[at]]))
    changed = f"{fact[:at]}{digit}{fact[at + 1 :]}"
    assert not check(changed, grounds((), (passage(1, "Rules", fact),))).supported


@given(st.text(max_size=200))
def test_any_text_at_all_gets_a_verdict(text):
    assert check(text, grounds()).reason
