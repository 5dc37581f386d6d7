"""No sentence of the flow claims that something was done that was not."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from chatbot.requesting import wording
from orders.records import Status
from orders.requests_values import Asked, Kind, Piece, RequestSeen, State
from tests.factories import TODAY, make_order, moment, parcel, shirt

# "has been cancelled", "was returned", "is changed", "we cancelled": said of the wish, none of these is true
CLAIMS = re.compile(
    r"\b(?:has|have|had|is|are|was|were|been|being|got|gets|will be|we|i|i['’]ve) (?:now |already |been |just |successfully )*"
    r"(?:cancel+ed|returned|exchanged|swapped|changed|updated|refunded|replaced|rerouted|redirected|found|resent|reshipped|sent back|processed|completed)\b",
    re.IGNORECASE,
)
ORDER = make_order("#W2378156", lines=(shirt(quantity=2),), shipments=(parcel(),))


def asked_of(kind: Kind) -> Asked:
    return Asked(kind, ORDER.number, (Piece(1, 1, "Linen shirt"),), ("1Z999",), "too *small*", "a size L", "12 Elm Street\nDenver")


def seen(kind: Kind, state: State, note: str = "") -> RequestSeen:
    return RequestSeen(uuid4(), asked_of(kind), state, moment(11, 20), moment(11, 21), note)


def every_sentence() -> list[str]:
    said = [value for name, value in vars(wording).items() if name.isupper() and isinstance(value, str)]
    said += wording.WISHES.values()
    for kind in Kind:
        asked = asked_of(kind)
        said += [
            wording.summary(asked, ORDER, shop="Kite & Co"),
            wording.agree(asked),
            wording.which_items(asked, ORDER, ORDER.shipments),
        ]
        said += [
            wording.summary(replace(asked, pieces=()), ORDER, shop="Kite & Co"),
            wording.filed(seen(kind, State.OPEN), shop="Kite & Co"),
        ]
        said += [wording.may_withdraw(seen(kind, State.OPEN)), wording.withdrawn(seen(kind, State.WITHDRAWN)), wording.to_do(asked)]
        for state in State:
            said += [wording.news(seen(kind, state), shop="Kite & Co")]
            said += [
                wording.standing(seen(kind, state), shop="Kite & Co", today=TODAY, already=already) for already in (False, True)
            ]
    return said


def test_no_sentence_claims_that_it_was_done():
    said = every_sentence()
    assert len(said) > 100
    assert [text for text in said if CLAIMS.search(text)] == []


@pytest.mark.parametrize("kind", Kind)
def test_done_is_said_as_the_shops_word_alone(kind):
    for text in (
        wording.news(seen(kind, State.DONE), shop="Kite & Co"),
        wording.standing(seen(kind, State.DONE), shop="Kite & Co", today=TODAY),
    ):
        assert text.startswith("Kite & Co says that")


@pytest.mark.parametrize("status", Status)
def test_why_it_cannot_be_asked_is_the_records_own_state(status):
    assert "not asked for it" in wording.cannot_be_asked(make_order(status=status))


def test_what_customers_and_staff_write_is_quoted_and_means_nothing_as_markup():
    assert "“too \\*small\\*”" in wording.summary(asked_of(Kind.RETURN), ORDER, shop="Kite & Co")
    assert wording.news(seen(Kind.RETURN, State.DECLINED, "Sorry [x](http://x)"), shop="K").endswith(
        "They write: “Sorry \\[x](http://x)”"
    )


def test_a_summary_names_everything_that_will_be_asked():
    said = wording.summary(asked_of(Kind.EXCHANGE), ORDER, shop="Kite & Co")
    for part in ("#W2378156", "1 × Linen shirt", "(of 2)", "a size L", "too"):
        assert part in said
