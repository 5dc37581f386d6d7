"""Requests: filed once, seen by their customer alone, brought from state to state with their history."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from orders import requests
from orders.models import OrderRequest, RequestEvent, RequestMessage
from orders.records import Status
from orders.requests import RequestRefused, TooManyRequests, UnknownRequest
from orders.requests_values import Asked, Basis, By, Kind, Piece, Quote, State, can_be_asked, may_follow
from orders.viewer import ANONYMOUS, Method, Viewer
from tests.factories import make_order, moment, paid, shirt

NOW = moment(11, 21)
ANA, BO = Viewer("Ana@Example.com", Method.CODE), Viewer("bo@example.com", Method.CODE)
ORDER = make_order("#W1", Status.PROCESSING, lines=(shirt(),), placed_at=moment(11, 20), transactions=(paid("59.00"),))
CANCEL = Asked(Kind.CANCEL, "#W1", reason="ordered twice")
BASIS = Basis(
    "yes", "possible in this state", None, (7,), (Quote("Orders", 3, "Cancelling", "You may cancel until we pack.", "/policies/x"),)
)

pytestmark = pytest.mark.django_db


def filed(asked=CANCEL, *, viewer=ANA, at=NOW, turn=None, order=ORDER):
    return requests.file(asked, order, viewer=viewer, at=at, basis=BASIS, conversation_id=uuid4(), turn_id=turn or uuid4())


def decided(request, state, **values):
    return requests.decide(request.id, state, **({"by": By.STAFF, "who": "sam", "note": "", "at": NOW} | values))


def test_a_request_keeps_the_order_the_rule_and_the_words():
    done = filed()
    row = OrderRequest.objects.get()
    assert done.is_new
    assert (row.email, row.method, row.order_number, row.state) == ("ana@example.com", "one-time code", "#W1", "open")
    assert row.snapshot["status"] == "processing"
    assert row.snapshot["lines"][0]["unit_price"] == "59.00"
    assert (row.allowed, row.rules, row.quotes[0]["text"], row.quotes[0]["version"]) == (
        "yes",
        [7],
        "You may cancel until we pack.",
        3,
    )
    assert [(e.state, e.by, e.who) for e in row.events.all()] == [("open", "customer", "")]


def test_the_same_turn_files_once():
    turn = uuid4()
    first, again = filed(turn=turn), filed(turn=turn)
    assert (again.is_new, again.request.id) == (False, first.request.id)
    assert OrderRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_said_twice_at_once_is_one_request():
    """Two windows, two processes: the second waits for the first, and is told of its request."""
    begin, results = threading.Barrier(2), []

    def ask():
        begin.wait()
        results.append(filed())
        connection.close()

    both = [threading.Thread(target=ask) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(result.is_new for result in results) == [False, True]
    assert len({result.request.id for result in results}) == OrderRequest.objects.count() == 1


def test_one_of_a_kind_for_an_order_waits_at_a_time():
    first = filed()
    assert filed().request.id == first.request.id
    assert filed(Asked(Kind.CHANGE_ADDRESS, "#W1", address="x")).is_new
    decided(first.request, State.DECLINED)
    assert filed().is_new


@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer("ana@example.com"), Viewer("ana@example.com", Method.CODE, NOW)])
def test_nobody_asks_without_having_proved_who_they_are(viewer):
    with pytest.raises(RequestRefused):
        filed(viewer=viewer)
    assert not OrderRequest.objects.exists()


def test_a_request_is_about_the_order_that_was_shown():
    with pytest.raises(RequestRefused):
        filed(order=make_order("#W2"))


def test_another_customer_sees_nothing_of_it_and_cannot_take_it_back():
    mine = filed().request
    assert requests.requests_of(BO, at=NOW) == ()
    assert requests.requests_of(BO, at=NOW, numbers=["#W1"]) == ()
    assert requests.unfinished(CANCEL, BO, at=NOW) is None
    assert requests.requests_of(Viewer("ana@example.com", Method.CODE, NOW - timedelta(seconds=1)), at=NOW) == ()
    for viewer, wanted in ((BO, mine.id), (ANONYMOUS, mine.id), (ANA, uuid4())):
        with pytest.raises(UnknownRequest) as refused:
            requests.withdraw(wanted, viewer, at=NOW)
        assert refused.value.user_message == UnknownRequest.user_message
    assert requests.requests_of(ANA, at=NOW)[0].state is State.OPEN


def test_the_same_wish_of_another_customer_is_another_request():
    """An order number may have changed hands; nobody is told of a request that is not theirs."""
    filed()
    assert filed(viewer=BO).is_new


def test_a_customer_asks_so_much_in_a_day_and_no_more():
    for n in range(requests.MOST_A_DAY):
        filed(replace(CANCEL, number=f"#W{n}"), order=make_order(f"#W{n}"))
    with pytest.raises(TooManyRequests):
        filed(replace(CANCEL, number="#W99"), order=make_order("#W99"))
    assert filed(replace(CANCEL, number="#W99"), order=make_order("#W99"), viewer=BO).is_new
    assert filed(replace(CANCEL, number="#W99"), order=make_order("#W99"), at=NOW + timedelta(days=1, seconds=1)).is_new


def test_texts_are_cut_to_what_people_read():
    filed(replace(CANCEL, reason="r" * 9000))
    assert len(OrderRequest.objects.get().reason) == 500


def test_staff_accept_it_and_say_when_it_is_done():
    request = filed().request
    assert decided(request, State.ACCEPTED, note="We try.").request.note == "We try."
    assert decided(request, State.DONE).request.note == ""  # the words of another state say nothing about this one
    assert [(e.state, e.by, e.who, e.note) for e in RequestEvent.objects.all()] == [
        ("open", "customer", "", ""),
        ("accepted", "staff", "sam", "We try."),
        ("done", "staff", "sam", ""),
    ]


@pytest.mark.parametrize("note", ["", "We try."])
def test_deciding_the_same_twice_is_one_decision(note):
    """A double click, with or without words; other words are news."""
    request = filed().request
    assert decided(request, State.ACCEPTED, note=note).is_new
    assert not decided(request, State.ACCEPTED, note=note).is_new
    assert not decided(request, State.ACCEPTED).is_new
    assert RequestEvent.objects.count() == 2
    assert decided(request, State.ACCEPTED, note="It takes until Monday.").is_new


def test_a_refusals_words_do_not_stand_beside_the_acceptance_that_follows():
    request = filed().request
    decided(request, State.DECLINED, note="It was packed already.")
    assert decided(request, State.ACCEPTED).request.note == ""


@pytest.mark.parametrize("state", [State.OPEN, State.WITHDRAWN])
def test_staff_do_not_speak_for_the_customer(state):
    with pytest.raises(RequestRefused):
        decided(filed().request, state)


def test_what_has_ended_does_not_begin_again():
    request = filed().request
    decided(request, State.DONE)
    with pytest.raises(RequestRefused, match="done already"):
        decided(request, State.ACCEPTED)


def test_a_declined_request_is_not_taken_up_where_another_waits():
    first = filed().request
    decided(first, State.DECLINED)
    filed()
    with pytest.raises(RequestRefused, match="asked for the same again"):
        decided(first, State.ACCEPTED)
    assert OrderRequest.objects.get(pk=first.id).state == "declined"


def test_a_customer_takes_it_back_until_somebody_works_on_it():
    request = filed().request
    assert requests.withdraw(request.id, ANA, at=NOW).request.state is State.WITHDRAWN
    second = filed().request
    decided(second, State.ACCEPTED)
    with pytest.raises(RequestRefused):
        requests.withdraw(second.id, ANA, at=NOW)


def test_the_same_message_of_the_shops_system_counts_once():
    request = filed().request
    assert decided(request, State.ACCEPTED, by=By.SHOP, who="", message_id="m1").is_new
    decided(request, State.DONE, by=By.SHOP, who="", message_id="m2")
    assert not decided(request, State.ACCEPTED, by=By.SHOP, who="", message_id="m1").is_new  # shown again: changes nothing
    assert OrderRequest.objects.get().state == "done"


def test_nothing_goes_out_where_no_system_is_to_be_told():
    filed()
    assert not RequestMessage.objects.exists()


@pytest.mark.parametrize(
    ("kind", "possible"),
    [
        (
            Kind.CANCEL,
            {Status.PENDING, Status.PROCESSING, Status.ON_HOLD, Status.SHIPPED, Status.IN_TRANSIT, Status.LOST, Status.UNKNOWN},
        ),
        (Kind.CHANGE_ADDRESS, {Status.PENDING, Status.PROCESSING, Status.SHIPPED, Status.IN_TRANSIT, Status.UNKNOWN}),
        (Kind.RETURN, {Status.DELIVERED, Status.IN_TRANSIT, Status.UNKNOWN}),
        (Kind.EXCHANGE, {Status.DELIVERED, Status.UNKNOWN}),
        (Kind.MISSING, {Status.DELIVERED, Status.IN_TRANSIT, Status.LOST, Status.DELAYED, Status.UNKNOWN}),
    ],
)
def test_what_an_orders_state_leaves_to_be_asked(kind, possible):
    assert all(can_be_asked(kind, make_order(status=status)) for status in possible)
    assert not can_be_asked(kind, make_order(status=Status.CANCELLED))


def test_no_state_follows_itself_and_ends_stay_ends():
    assert not any(may_follow(state, state) for state in State)
    assert not any(may_follow(end, state) for end in (State.DONE, State.WITHDRAWN) for state in State)


def test_the_rule_that_one_waits_stands_in_the_database():
    """Two processes at once cannot file two, whatever this code does."""
    constraints = connection.introspection.get_constraints(connection.cursor(), OrderRequest._meta.db_table)
    assert constraints["one_unfinished_request_of_a_kind"]["unique"]


def test_every_value_has_room_in_its_column():
    """PostgreSQL refuses what SQLite takes."""
    from chatbot.models import PendingRequest
    from chatbot.requesting.values import Step
    from orders.rules import Allowed, Reason

    room = {
        (OrderRequest, "kind"): Kind,
        (OrderRequest, "state"): State,
        (OrderRequest, "method"): Method,
        (OrderRequest, "allowed"): Allowed,
        (OrderRequest, "allowed_reason"): Reason,
        (RequestEvent, "by"): By,
        (RequestMessage, "state"): RequestMessage.State.values,
        (PendingRequest, "step"): Step,
    }
    for (model, column), values in room.items():
        assert max(len(str(value)) for value in values) <= model._meta.get_field(column).max_length, (model, column)


def test_an_order_with_characters_that_a_database_refuses_is_kept_without_them():
    filed(order=make_order("#W1", lines=(shirt(name="Linen\0 shirt"),)))
    assert OrderRequest.objects.get().snapshot["lines"][0]["name"] == "Linen shirt"


def test_pieces_come_back_as_they_were_asked():
    asked = Asked(Kind.RETURN, "#W1", (Piece(1, 1, "Linen shirt"),), (), "too small", "", "")
    assert filed(asked).request.asked == asked
    assert requests.requests_of(ANA, at=NOW)[0].asked == asked
