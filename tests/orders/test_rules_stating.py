"""Rules as staff confirm them: once, however many windows and processes take the same click."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from orders.rules import Topic
from orders.rules_models import OrderRule
from orders.rules_stating import RuleRefused, Stated, Words, confirm

WINDOW = Words("returns", 1, 1, "Returns", "You can return an item within 30 days of delivery.")


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_rule_also_where_two_processes_take_it():
    begin, ends = threading.Barrier(4), []

    def click():
        begin.wait()
        try:
            ends.append(confirm(Stated(Topic.RETURN, amount=30), WINDOW, by="mia", at=timezone.now()).pk)
        except RuleRefused as refused:
            ends.append(refused.user_message)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert OrderRule.objects.count() == 1
    assert sorted(map(type, ends), key=str) == [int, str, str, str]


@pytest.mark.django_db
def test_other_words_beside_it_are_another_rule():
    confirm(Stated(Topic.RETURN, amount=30), WINDOW, by="mia", at=timezone.now())
    confirm(Stated(Topic.EXCHANGE, amount=30), WINDOW, by="mia", at=timezone.now())
    assert OrderRule.objects.count() == 2
