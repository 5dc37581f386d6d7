"""What follows from a message, step by step: one table."""

from datetime import timedelta
from uuid import uuid4

import pytest

from chatbot.requesting.flow import advance, next_step
from chatbot.requesting.hearing import hear
from chatbot.requesting.values import FRESH, Do, Pending, Step
from orders.records import Line, Status
from orders.requests_values import Asked, Kind, Piece
from tests.factories import make_order, moment, parcel, shirt

NOW = moment(11, 21)
BOOTS, SHIRT = Line(1, "Hiking boots"), shirt(position=2, quantity=2)
ORDER = make_order("#W2378156", Status.DELIVERED, lines=(BOOTS, SHIRT), shipments=(parcel("1Z1"), parcel("1Z2")))
ADDRESS = "12 Elm Street, Denver, CO 80203"
CANCEL, RETURN = Asked(Kind.CANCEL, ORDER.number), Asked(Kind.RETURN, ORDER.number, (Piece(1, 1, "Hiking boots"),))
EXCHANGE, MOVE = Asked(Kind.EXCHANGE, ORDER.number, (Piece(1, 1, "Hiking boots"),)), Asked(Kind.CHANGE_ADDRESS, ORDER.number)
MISSING = Asked(Kind.MISSING, ORDER.number)


def pending(asked: Asked, step: Step, *, age: timedelta = timedelta(minutes=1)) -> Pending:
    return Pending(asked, step, uuid4(), NOW - age, request_id=uuid4())


@pytest.mark.parametrize(
    ("asked", "step", "said", "do"),
    [
        # to the summary
        (CANCEL, Step.CONFIRM, "yes", Do.FILE),
        (CANCEL, Step.CONFIRM, "Yes, ask the shop to cancel #W2378156", Do.FILE),
        (CANCEL, Step.CONFIRM, "Yes, ask the shop to cancel #W9999999", Do.ASK_AGAIN),
        (CANCEL, Step.CONFIRM, "Yes, ask the shop to take a return from #W2378156", Do.ASK_AGAIN),
        (CANCEL, Step.CONFIRM, "no", Do.DROP),
        (CANCEL, Step.CONFIRM, "cancel", Do.ASK_AGAIN),  # the order, or the asking: nobody knows
        (RETURN, Step.CONFIRM, "cancel", Do.DROP),
        (RETURN, Step.CONFIRM, "please cancel my order", Do.LEAVE),
        (CANCEL, Step.CONFIRM, "no, return it instead", Do.LEAVE),
        (CANCEL, Step.CONFIRM, "No, leave it as it is", Do.DROP),
        (RETURN, Step.CONFIRM, "because they are too small", Do.CHECK),
        (RETURN, Step.CONFIRM, "where is my other order?", Do.LEAVE),
        (RETURN, Step.CONFIRM, "hmm", Do.ASK_AGAIN),
        (RETURN, Step.CONFIRM, "yes, but not the boots", Do.ASK_AGAIN),
        (RETURN, Step.CONFIRM, "how much was it?", Do.LEAVE),
        (MOVE, Step.CONFIRM, f"no wait, it's {ADDRESS}", Do.CHECK),
        (CANCEL, Step.WITHDRAW, "Yes, take it back", Do.WITHDRAW),
        (CANCEL, Step.WITHDRAW, "no", Do.DROP),
        (CANCEL, Step.WITHDRAW, "where is it?", Do.LEAVE),
        # to what is missing
        (Asked(Kind.RETURN, ORDER.number), Step.ITEMS, "the boots", Do.CHECK),
        (Asked(Kind.RETURN, ORDER.number), Step.ITEMS, "All of them", Do.CHECK),
        (Asked(Kind.RETURN, ORDER.number), Step.ITEMS, "the toaster", Do.ASK_AGAIN),
        (Asked(Kind.RETURN, ORDER.number), Step.ITEMS, "Never mind", Do.DROP),
        (Asked(Kind.RETURN, ORDER.number), Step.ITEMS, "what are your opening hours?", Do.LEAVE),
        (Asked(Kind.EXCHANGE, ORDER.number), Step.ITEMS, "the boots", Do.ASK),
        (EXCHANGE, Step.INSTEAD, "size 43", Do.CHECK),
        (EXCHANGE, Step.INSTEAD, "?", Do.LEAVE),
        (MOVE, Step.ADDRESS, ADDRESS, Do.CHECK),
        (MOVE, Step.ADDRESS, "my office", Do.ASK_AGAIN),
        (MOVE, Step.ADDRESS, "no", Do.DROP),
        (MOVE, Step.ADDRESS, "where is my order?", Do.LEAVE),
        (MISSING, Step.ITEMS, "the second", Do.CHECK),
    ],
)
def test_what_follows(asked, step, said, do):
    assert advance(pending(asked, step), hear(said), ORDER, now=NOW).do is do


def test_a_yes_that_comes_late_files_nothing_but_shows_it_again():
    move = advance(pending(CANCEL, Step.CONFIRM, age=FRESH + timedelta(seconds=1)), hear("yes"), ORDER, now=NOW)
    assert (move.do, move.expired) == (Do.CHECK, True)


def test_nothing_but_a_yes_to_the_summary_files_anything():
    """Every text of the table, to every step that is not the summary's."""
    texts = ("yes", "ok", "go ahead", "the boots", ADDRESS, "size 43", "all", "no", "because I like it", "Yes, take it back")
    steps = [(asked, step) for asked in (CANCEL, RETURN, EXCHANGE, MOVE, MISSING) for step in Step if step is not Step.CONFIRM]
    assert all(
        advance(pending(asked, step), hear(text), ORDER, now=NOW).do is not Do.FILE for asked, step in steps for text in texts
    )


def test_answers_are_kept_in_the_request():
    moved = advance(pending(Asked(Kind.EXCHANGE, ORDER.number), Step.ITEMS), hear("one of the shirts"), ORDER, now=NOW).pending
    assert (moved.asked.pieces, moved.step) == ((Piece(2, 1, "Linen shirt"),), Step.INSTEAD)
    moved = advance(moved, hear("a size L"), ORDER, now=NOW).pending
    assert (moved.asked.instead, moved.step) == ("a size L", Step.CONFIRM)
    moved = advance(pending(MOVE, Step.ADDRESS), hear(f"To {ADDRESS}"), ORDER, now=NOW).pending
    assert moved.asked.address == ADDRESS


@pytest.mark.parametrize(
    ("asked", "order", "step"),
    [
        (CANCEL, ORDER, Step.CONFIRM),
        (Asked(Kind.RETURN, ORDER.number), ORDER, Step.ITEMS),
        (Asked(Kind.RETURN, "#K1"), make_order("#K1", lines=(shirt(),)), Step.CONFIRM),
        (Asked(Kind.RETURN, "#K1"), make_order("#K1"), Step.CONFIRM),  # a record without items: a person will ask
        (Asked(Kind.EXCHANGE, "#K1"), make_order("#K1", lines=(shirt(),)), Step.INSTEAD),
        (MOVE, ORDER, Step.ADDRESS),
        (MISSING, ORDER, Step.ITEMS),
        (Asked(Kind.MISSING, "#K1"), make_order("#K1", shipments=(parcel(),)), Step.CONFIRM),
    ],
)
def test_only_what_is_missing_is_asked_for(asked, order, step):
    assert next_step(asked, order) is step
