"""Rules in the console: suggested, confirmed by a person, seen to lose their words, confirmed again, ended, tried out."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from console.rule_suggestions import suggestions
from orders.models import Customer, Order
from orders.references import digits_of, key_of
from orders.rules import Topic
from orders.rules_models import OrderRule
from orders.rules_stating import Stated
from retrieval.audiences import Audience
from retrieval.models import State
from retrieval.publishing import withdraw
from tests.chatbot.rule_shop import EXCEPTION, TEXT, WINDOW, policy, replaced_by, rule_beside

pytestmark = pytest.mark.django_db
THIRTY = Stated(Topic.RETURN, amount=30)
FORM = {"topic": "return", "permits": "yes", "amount": "30", "unit": "day", "start": "delivery", "quote": WINDOW}


@pytest.fixture
def version():
    return policy()


def page(client, name: str, *args: object, status: int = 200, **query: str) -> str:
    response = client.get(reverse(f"console:{name}", args=args), query)
    assert response.status_code == status
    return unescape(response.content.decode())


def post(client, name: str, *args: object, **body: object) -> tuple[int, str]:
    response = client.post(reverse(f"console:{name}", args=args), body)
    return response.status_code, unescape(response.content.decode())


def key_of_suggestion(quote: str) -> str:
    return next(one.key for one in suggestions(TEXT) if one.quote == quote)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_what_a_document_seems_to_state_is_suggested_and_is_no_rule(staff_client, version):
    said = page(staff_client, "document-rules", version.document.slug)
    assert "30 days from the delivery" in said and WINDOW in said
    assert "Swimwear cannot be returned" in said
    assert not OrderRule.objects.exists()


def test_a_person_confirms_a_suggestion_and_it_counts(staff_client, staff, version):
    start, key = TEXT.index(WINDOW), key_of_suggestion(WINDOW)
    form = page(staff_client, "version-rule", version.pk, suggestion=key)
    assert "Is this the rule?" in form and f">{WINDOW}</textarea>" in form and 'value="30"' in form
    status, _ = post(staff_client, "version-rule", version.pk, **FORM, suggestion=key)
    rule = OrderRule.objects.get()
    assert (status, rule.document, rule.heading, rule.quote, rule.amount) == (302, version.document.slug, "Returns", WINDOW, 30)
    assert [(event.what, event.by) for event in rule.events.all()] == [
        ("taken from a suggestion", staff.username), ("confirmed", staff.username),
    ]  # fmt: skip
    assert actions() == ["confirmed a rule"]
    said = page(staff_client, "rule", rule.pk)
    assert "In force" in said and "Confirmed" in said
    assert f"/policies/{version.document.slug}/1/?from={start}" in said
    assert (
        WINDOW
        not in page(staff_client, "document-rules", version.document.slug).partition("seems to state")[2].partition("<details")[0]
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"quote": "You can return everything for ever."}, "do not stand in this version"),
        ({"quote": ""}, "Please give the words"),
        ({"amount": "many"}, "whole number"),
        ({"amount": "9000"}, "at most 3650"),
        ({"permits": "no"}, "An exception has no period"),
        ({"permits": "no", "amount": ""}, "Say which items"),
        ({"topic": "cancel", "amount": ""}, "Say in which states"),
        ({"start": "refund"}, "from the delivery or from the order"),
        ({"since": "soon"}, "2026-12-31"),
        ({"since": "2026-12-01", "until": "2026-12-01"}, "at least one day"),
        ({"items": "x" * 81}, "below 80 characters"),
        ({"topic": "refund", "amount": "5", "least": "9", "start": "refund"}, "must not be longer"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_a_sentence_and_what_was_typed_stays(staff_client, version, changed, problem):
    status, said = post(staff_client, "version-rule", version.pk, **(FORM | changed))
    assert status == 400 and problem in said
    assert not OrderRule.objects.exists() and not actions()


def test_the_same_rule_sent_twice_is_one_rule(staff_client, version):
    assert post(staff_client, "version-rule", version.pk, **FORM)[0] == 302
    status, said = post(staff_client, "version-rule", version.pk, **FORM)
    assert status == 400 and "confirmed already" in said
    assert OrderRule.objects.count() == 1


def test_a_dismissed_suggestion_does_not_come_back(staff_client, version):
    key = key_of_suggestion(EXCEPTION)
    assert post(staff_client, "version-rule-dismiss", version.pk, suggestion=key)[0] == 302
    assert "It is no rule" in page(staff_client, "document-rules", version.document.slug)  # the other one
    assert f'"suggestion-{key}"' not in page(staff_client, "document-rules", version.document.slug)
    assert EXCEPTION in page(staff_client, "rules", show="dismissed")
    assert OrderRule.objects.get().state == OrderRule.State.DISMISSED
    assert actions() == ["dismissed a suggested rule"]


def test_a_rule_whose_words_changed_says_so_everywhere_until_it_is_confirmed_again(staff_client, version):
    rule = rule_beside(version, THIRTY)
    newer = replaced_by(version, TEXT.replace("30 days", "45 days"))
    assert "Confirm again" in page(staff_client, "rules") and "1 rule must be confirmed again" in page(staff_client, "rules")
    assert "Rules to confirm again" in page(staff_client, "home")
    said = page(staff_client, "rule", rule.pk)
    assert "Its words changed" in said and f"/versions/{newer.pk}/rule/?follows={rule.pk}" in said
    again = page(staff_client, "version-rule", newer.pk, follows=str(rule.pk))
    assert WINDOW in again and 'value="30"' in again
    body = FORM | {"amount": "45", "quote": WINDOW.replace("30", "45"), "follows": rule.pk}
    assert post(staff_client, "version-rule", newer.pk, **body)[0] == 302
    second = OrderRule.objects.get(follows=rule)
    assert (second.chain, [event.what for event in second.events.all()][-1]) == (rule.pk, "confirmed again in new words")
    assert "Replaced" in page(staff_client, "rule", rule.pk) and "Confirm again" not in page(staff_client, "rules")
    status, said = post(staff_client, "version-rule", newer.pk, **body)
    assert status == 400 and "A colleague has confirmed that rule again" in said


def test_a_suggestion_takes_the_place_of_the_rule_that_it_is_in_new_words(staff_client, version):
    rule = rule_beside(version, THIRTY)
    rule_beside(version, Stated(Topic.RETURN, permits=False, items=("swimwear",)), EXCEPTION)
    newer = replaced_by(version, "# Returns\n\nYou can return an item within 45 days of delivery. Nothing else.\n")
    (suggested,) = suggestions(newer.markdown)
    said = page(staff_client, "version-rule", newer.pk, suggestion=suggested.key)
    assert f'<option value="{rule.pk}" selected>“{WINDOW}”' in said and EXCEPTION in said and "it is a rule of its own" in said
    body = FORM | {"amount": "45", "quote": suggested.quote, "suggestion": suggested.key, "follows": rule.pk}
    assert post(staff_client, "version-rule", newer.pk, **body)[0] == 302
    assert OrderRule.objects.get(follows=rule).amount == 45
    assert f'<option value="{rule.pk}"' not in page(staff_client, "version-rule", newer.pk)


def test_a_rule_follows_only_one_of_the_same_document_and_topic(staff_client, version):
    elsewhere = rule_beside(policy(), THIRTY)
    assert post(staff_client, "version-rule", version.pk, **FORM, follows=elsewhere.pk)[0] == 404
    assert post(staff_client, "version-rule", version.pk, **FORM, follows="1 or 1")[0] == 404
    own = rule_beside(version, Stated(Topic.EXCHANGE, amount=30))
    status, said = post(staff_client, "version-rule", version.pk, **FORM, follows=own.pk)
    assert status == 400 and "does not wait" in said


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"audience": Audience.STAFF}, "For staff only"),
        ({"state": State.READY}, "Waits for its words"),
        ({"effective_from": timezone.localdate().replace(year=2999)}, "Waits for its words"),
    ],
)
def test_a_rule_says_how_it_stands(staff_client, fields, label):
    rule = rule_beside(policy(**fields), THIRTY)
    assert label in page(staff_client, "rule", rule.pk)


def test_a_withdrawn_document_leaves_its_rules_to_be_confirmed_again(staff_client, version):
    rule = rule_beside(version, THIRTY)
    withdraw(version)
    assert "Confirm again" in page(staff_client, "rule", rule.pk)


def test_a_rule_is_ended_or_retracted_with_its_reason_and_stays_to_be_seen(staff_client, staff, version):
    ended, wrong = rule_beside(version, THIRTY), rule_beside(version, Stated(Topic.EXCHANGE, amount=30))
    today = timezone.localdate()
    assert post(staff_client, "rule-end", ended.pk, on="whenever")[0] == 400
    assert post(staff_client, "rule-end", ended.pk, on=today, note="new season")[0] == 302
    post(staff_client, "rule-end", ended.pk, on=today)
    assert "It ends before that day already." in page(staff_client, "rule", ended.pk)
    assert post(staff_client, "rule-end", wrong.pk, wrong="yes", note="misread")[0] == 302
    post(staff_client, "rule-end", wrong.pk, wrong="yes")
    assert "It does not count any more already." in page(staff_client, "rule", wrong.pk)
    said = page(staff_client, "rules", show="ended")
    assert said.count("Ended</span>") == 1 and said.count("Retracted</span>") == 1
    assert "misread" in page(staff_client, "rule", wrong.pk) and staff.username in page(staff_client, "rule", wrong.pk)
    assert "No rules yet" in page(staff_client, "rules")
    assert actions() == ["ended a rule", "retracted a rule"]
    assert OrderRule.objects.count() == 2


def test_who_decides_about_a_version_sees_which_rules_would_lose_their_words(staff_client, version):
    rule_beside(version, THIRTY)
    rule_beside(version, Stated(Topic.RETURN, permits=False, items=("swimwear",)), EXCEPTION)
    newer = policy(TEXT.replace("30 days", "45 days"), document=version.document, state=State.READY)
    said = page(staff_client, "version-decide", newer.pk)
    assert "1 rule about orders loses its words" in said
    assert "30 days from the delivery" in said and "Swimwear cannot be returned" not in said


# --- trying them out ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def order(db):
    """A delivered order of Ana's, in our own tables."""
    customer = Customer.objects.create(customer_id="1", email="ana@example.com", first_name="Ana")
    at = timezone.now() - timedelta(days=5)
    made = Order.objects.create(
        number="#W2001", key=key_of("#W2001"), digits=digits_of("#W2001"), customer=customer, status="delivered", placed_at=at,
        delivered_at=at, ship_name="Ana Alvarez", ship_city="Denver",
    )  # fmt: skip
    made.lines.create(position=1, name="Linen shirt")
    return made


def test_rules_are_tried_on_a_made_up_order(staff_client, version):
    rule = rule_beside(version, THIRTY)
    rule_beside(version, Stated(Topic.RETURN, permits=False, items=("swim shorts",)), EXCEPTION)
    body = {"of": "made up", "state": "delivered", "delivered_on": "2026-11-03", "items": "Shirt, Swim shorts", "day": "2026-11-21"}
    status, said = post(staff_client, "rules-try", **body)
    assert status == 200 and "Thu 3 Dec 2026" in said and reverse("console:rule", args=[rule.pk]) in said
    assert "Swim shorts" in said and "excluded" in said
    assert not actions()  # nobody's order was looked at


@pytest.mark.django_db(transaction=True)
def test_a_customers_order_is_tried_by_number_and_address_and_shows_no_more_than_the_rules_rest_on(staff_client, version, order):
    rule_beside(version, THIRTY)
    status, said = post(staff_client, "rules-try", of="customer", number="#W2001", email="ana@example.com")
    assert status == 200 and "Yes</span>" in said and "delivered" in said
    assert "Alvarez" not in said and "Denver" not in said
    assert actions() == ["tried the rules on an order"]
    assert AuditEntry.objects.get().subject == "#W2001"


@pytest.mark.django_db(transaction=True)
def test_a_strangers_number_and_an_unknown_one_are_answered_alike(staff_client, version, order):
    rule_beside(version, THIRTY)
    tries = [("#W2001", "bo@example.com"), ("#W9999", "ana@example.com"), ("", "ana@example.com"), ("#W2001", "")]
    said = {post(staff_client, "rules-try", of="customer", number=number, email=email)[0] for number, email in tries}
    assert said == {400}
    for number, email in tries:
        _, text = post(staff_client, "rules-try", of="customer", number=number, email=email)
        assert "There is no order of that number with that e-mail address." in text
        assert "Last day" not in text


def test_trying_is_limited(staff_client, version, monkeypatch):
    monkeypatch.setattr("console.rule_trying.TRIES_PER_MINUTE", 1)
    assert post(staff_client, "rules-try", of="made up")[0] == 200
    assert post(staff_client, "rules-try", of="made up")[0] == 429
