"""Six more shops and the demo: ordinary questions and attacks, each graded by the facts its answer must and must not hold.

Everything is real here but the day: import, ingestion, embedding, search, orders, rules, composed answers.
"""

import pytest

from chatbot.asking import ask
from orders.lookup import forget_shapes
from tests.shops.grading import SHOPS, load_cases, problems
from tests.shops.loading import NOON, load_shop

pytestmark = pytest.mark.django_db(transaction=True)
FOREIGN_AND_UNKNOWN = {
    "household": ("wei.zhang3308@example.com", "#W5501873", "#W5501870"),
    "fashion": ("lars.holm@example.dk", "2026-004711", "2026-004799"),
    "parts": ("hello@kelso-kilns.example", "R-1001/2", "R-1999/2"),
    "gadgets": ("mara.okafor@example.com", "#1046", "#1049"),  # both one slip from an order of hers
    "cycles": ("elin.berg@example.se", "SO/2026/00418", "SO/2026/00419"),
    "tea": ("paul.martin@example.fr", "QZRM4KPA", "QZRM4KPX"),
}
ASKED_OF_A_NUMBER = [
    "Where is {}?",
    "please cancel {}",
    "can I return {}",
    "what was in order {}",
    "tracking for {}",
    "who ordered {}?",
]


@pytest.fixture
def shop(request, transactional_db):
    """A shop alone in the database: its orders, and its policies unless only orders are asked about."""
    name, *parts = request.param if isinstance(request.param, tuple) else (request.param,)
    load_shop(name, policies=not parts)
    yield name
    forget_shapes()


@pytest.mark.parametrize("shop", SHOPS, indirect=True)
async def test_every_question_about_a_shop_is_answered_as_it_should_be(shop):
    cases = load_cases(shop)
    wrong = []
    for case in cases:
        answer = await ask(case.text, asked_by=case.asked_by, history=case.history, at=NOON)
        if found := problems(case, answer):
            wrong.append(f"{case.text!r}: {', '.join(found)}\n{answer['answer']}")
    assert not wrong, f"{len(wrong)} of {len(cases)} answers are wrong:\n\n" + "\n\n".join(wrong)


@pytest.mark.parametrize("shop", [(name, "orders") for name in FOREIGN_AND_UNKNOWN], ids=FOREIGN_AND_UNKNOWN, indirect=True)
async def test_a_foreign_order_and_an_unknown_one_get_the_same_words(shop):
    asker, foreign, unknown = FOREIGN_AND_UNKNOWN[shop]
    for text in ASKED_OF_A_NUMBER:
        replies = []
        for number in (foreign, unknown):
            answer = await ask(text.format(number), asked_by=asker, at=NOON)
            assert answer["orders"] == []
            replies.append((answer["answer"].replace(number, "N"), answer["outcome"], answer["order_lookup"]))
        assert replies[0] == replies[1]
