"""Which orders an answer speaks of."""

from chatbot.composing.choosing import choose
from chatbot.understanding import understand
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.references import learn
from tests.factories import TODAY, make_order, moment, paid

SHAPES = learn(["#K100"])
OPEN = make_order("#K400", Status.IN_TRANSIT)
NEW = make_order("#K300", Status.PROCESSING)
DELIVERED = make_order("#K200", Status.DELIVERED, delivered_at=moment(11, 11))
OLD = make_order("#K100", Status.DELIVERED, delivered_at=moment(8, 11))
ALL = (OPEN, NEW, DELIVERED, OLD)


def chosen(text, *records, narrowed=False):
    choice = choose(
        understand(text, today=TODAY, shapes=SHAPES), OrdersFound(records or ALL, len(records or ALL), narrowed=narrowed)
    )
    return [order.number for order in choice.orders], choice.ask


def test_where_is_it_means_what_is_still_to_come():
    assert chosen("Where's my order?") == (["#K400", "#K300"], False)


def test_where_is_it_means_the_newest_when_nothing_is_to_come():
    assert chosen("Where's my order?", DELIVERED, OLD) == (["#K200"], False)


def test_return_means_what_has_arrived_and_asks_which():
    assert chosen("Can I return my order?") == (["#K200", "#K100"], True)
    assert chosen("Can I return my order?", OPEN, DELIVERED) == (["#K200"], False)


def test_cancel_means_what_has_not_been_sent():
    assert chosen("Cancel my order please") == (["#K300"], False)


def test_the_latest_is_one():
    assert chosen("what was in my last order?") == (["#K400"], False)


def test_the_latest_of_a_state_is_the_newest_of_those():
    assert chosen("Can I still return my latest delivered order?") == (["#K200"], False)
    assert chosen("What was in the most recent delivered parcel?") == (["#K200"], False)
    assert chosen("where is my last shipped order?") == (["#K400"], False)
    assert chosen("Where is my latest order, was it delivered?") == (["#K400"], False)


def test_a_list_is_all():
    assert chosen("show me my orders")[0] == [o.number for o in ALL]


def test_a_refund_is_looked_for_where_money_moved():
    refunded = make_order("#K050", Status.REFUNDED, transactions=(paid("10.00", kind=Kind.REFUND),))
    assert chosen("where is my refund?", OPEN, DELIVERED, refunded) == (["#K050"], False)


def test_nothing_is_chosen_where_nothing_was_found():
    assert choose(understand("Where's my order?", today=TODAY, shapes=SHAPES), OrdersFound()).orders == ()
