"""A right value that is said of something else, where the evidence tells it in running text of several things."""

import pytest

from chatbot.grounding import check
from tests.chatbot.grounding_shop import grounds, passage

WINDOW = passage(
    1,
    "Returns > How long you have",
    "You can return an item within 45 days from delivery.\n\nStarting the return in time is enough. After that you have 14 days to hand "
    "the parcel to the carrier.",
)
SALE = passage(
    2, "Returns > Sale items", "Outlet items must be returned within 14 days from delivery. Last Chance items cannot be returned."
)
MIXED = passage(
    3, "Sale > Mixed orders", "A full-price jacket can be returned in the normal window while an Outlet fleece has 14 days."
)
GERMAN = passage(4, "Versand", "Ein Paket nach Berlin wird am selben Tag verschickt, während ein Paket nach Wien 3 Tage braucht.")


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ((MIXED, SALE), "The customer can return a jacket that does not fit within the normal return window of 14 days."),
        ((WINDOW, SALE), "Yes, you can still return your order within the normal return window of 14 days from delivery."),
        ((WINDOW, SALE, MIXED), "You can return a jacket within 14 days from delivery."),
    ],
)
def test_a_value_that_is_only_said_of_other_things_is_held_back(known, sentence):
    assert not check(sentence, grounds((), known)).supported


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ((WINDOW, SALE, MIXED), "You can return a jacket within 45 days from delivery."),
        ((WINDOW, SALE, MIXED), "Outlet items can be returned within 14 days."),
        ((WINDOW, SALE, MIXED), "You have 14 days after starting the return to hand the parcel to the carrier."),
        ((MIXED, SALE), "A fleece from the outlet can be returned within 14 days."),
        ((GERMAN,), "Ein Paket nach Wien braucht 3 Tage."),
    ],
)
def test_and_is_shown_of_the_thing_it_is_said_of(known, sentence):
    verdict = check(sentence, grounds((), known))
    assert verdict.supported, verdict.reason
