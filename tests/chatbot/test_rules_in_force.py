"""A rule counts while its words stand in the version in force on the day that governs the order: not a moment longer."""

from dataclasses import replace
from datetime import date

import pytest

from chatbot.rules_in_force import find_rules, ruling
from orders.rules import Allowed, Reason, Topic
from orders.rules_stating import Stated, end, retract
from retrieval.audiences import Audience
from retrieval.choices import GovernedBy
from retrieval.models import State
from retrieval.publishing import withdraw
from tests.chatbot.rule_shop import EXCEPTION, TEXT, WINDOW, policy, replaced_by, rule_beside
from tests.chatbot.test_rulings import DELIVERED
from tests.factories import TODAY, moment

pytestmark = pytest.mark.django_db
THIRTY = Stated(Topic.RETURN, amount=30)
YES, UNKNOWN = (Allowed.YES, date(2026, 12, 3)), (Allowed.UNKNOWN, None)


def decided(order=DELIVERED, *, today=TODAY, reader=Audience.CUSTOMERS):
    found = find_rules([Topic.RETURN], [order], today=today, reader=reader)[order.number]
    verdict = ruling(Topic.RETURN, order, found, on=today).verdict
    return verdict.allowed, verdict.last_day


def test_a_confirmed_rule_decides_and_says_where_its_words_stand():
    version = policy()
    rule = rule_beside(version, THIRTY)
    (found,) = find_rules([Topic.RETURN], [DELIVERED], today=TODAY, reader=Audience.EVERYONE)[DELIVERED.number]
    assert decided() == YES
    assert (found.rule.id, found.passage.slug, found.passage.text[found.start : found.end]) == (
        rule.pk,
        version.document.slug,
        WINDOW,
    )


def test_without_rules_the_documents_are_not_even_asked(django_assert_num_queries):
    policy()
    with django_assert_num_queries(1):
        assert find_rules([Topic.RETURN], [DELIVERED], today=TODAY, reader=Audience.CUSTOMERS) == {DELIVERED.number: ()}


def test_other_words_in_a_newer_version_end_its_yes_and_no_until_it_is_confirmed_again():
    version = policy()
    rule = rule_beside(version, THIRTY)
    newer = replaced_by(version, TEXT.replace("30 days", "45 days"))
    assert decided() == UNKNOWN
    rule_beside(newer, replace(THIRTY, amount=45), WINDOW.replace("30", "45"), follows=rule)
    assert decided() == (Allowed.YES, date(2026, 12, 18))


def test_the_same_words_in_a_newer_version_go_on_counting_and_are_cited_from_it():
    version = policy()
    rule_beside(version, THIRTY)
    replaced_by(version, TEXT + "\nPlease keep the box.\n")
    (found,) = find_rules([Topic.RETURN], [DELIVERED], today=TODAY, reader=Audience.CUSTOMERS)[DELIVERED.number]
    assert decided() == YES
    assert found.passage.version == 2


def test_the_same_words_under_another_heading_are_other_words():
    version = policy()
    rule_beside(version, THIRTY)
    replaced_by(version, TEXT, heading="For business customers")
    assert decided() == UNKNOWN


def test_an_exception_whose_words_changed_makes_the_yes_uncertain_that_it_would_have_denied():
    version = policy()
    rule_beside(version, THIRTY)
    rule_beside(version, Stated(Topic.RETURN, permits=False, items=("shirt",)), EXCEPTION)
    replaced_by(version, TEXT.replace(EXCEPTION, "Swimwear and shirts cannot be returned."))
    assert decided() == UNKNOWN


def test_a_withdrawn_document_takes_its_rules_along_at_once():
    version = policy()
    rule_beside(version, THIRTY)
    withdraw(version)
    assert decided() == UNKNOWN


def test_a_rule_in_words_that_a_reader_may_not_see_says_nothing_to_that_reader():
    rule_beside(policy(audience=Audience.CUSTOMERS), THIRTY)
    assert decided(reader=Audience.EVERYONE) == UNKNOWN
    assert decided() == YES


def test_the_order_date_governs_where_the_document_says_so():
    old = policy(effective_until=date(2026, 11, 1))
    old.document.governed_by = GovernedBy.ORDER_DATE
    old.document.save()
    rule = rule_beside(old, THIRTY)
    new = policy(TEXT.replace("30 days", "14 days"), document=old.document, effective_from=date(2026, 11, 1))
    rule_beside(new, replace(THIRTY, amount=14), WINDOW.replace("30", "14"), follows=rule)
    assert decided() == YES  # placed in October
    assert decided(replace(DELIVERED, placed_at=moment(11, 2))) == (Allowed.NO, date(2026, 11, 17))


def test_a_version_that_is_still_to_come_does_not_count_before_its_day():
    rule_beside(policy(effective_from=date(2026, 12, 1)), THIRTY)
    assert decided() == UNKNOWN
    assert decided(today=date(2026, 12, 1)) == YES


def test_a_version_that_waits_for_a_decision_does_not_count():
    rule_beside(policy(state=State.READY), THIRTY)
    assert decided() == UNKNOWN


def test_an_ended_rule_and_a_retracted_one_say_nothing():
    version = policy()
    first = rule_beside(version, THIRTY)
    now = first.created_at
    end(first, on=TODAY, by="mia", at=now)
    found = find_rules([Topic.RETURN], [DELIVERED], today=TODAY, reader=Audience.CUSTOMERS)[DELIVERED.number]
    assert ruling(Topic.RETURN, DELIVERED, found, on=TODAY).verdict.reason is Reason.NO_RULE
    second = rule_beside(version, THIRTY)
    assert decided() == YES
    retract(second, by="mia", at=now)
    assert decided() == UNKNOWN
    assert [event.what for event in first.events.all()] == ["stated", "confirmed", "ended"]
    assert [event.what for event in second.events.all()] == ["stated", "confirmed", "retracted"]
