"""The estimate of tokens, and what counts as a loop."""

import pytest

from llm.client import ChatMessage, estimate_messages, estimate_tokens
from llm.nonsense import ends_in_loop


@pytest.mark.parametrize(
    "text",
    [
        "Your order left our warehouse on Tuesday 24 November and should reach you within five business days.",
        "Tracking number 1Z999AA10123456784",
        "Die Rückgabe ist innerhalb von dreißig Tagen möglich.",
    ],
)
def test_a_token_is_three_to_six_letters(text):
    assert len(text) / 6 <= estimate_tokens(text) <= len(text) / 2.5


def test_nothing_costs_nothing_and_other_scripts_cost_a_token_a_character():
    assert estimate_tokens("") == 0
    assert estimate_tokens("注文はどこですか") == 8


def test_a_text_costs_at_least_what_its_parts_cost():
    assert estimate_messages([ChatMessage("user", "a"), ChatMessage("user", "b")]) > estimate_tokens("a b")


@pytest.mark.parametrize("text", ["a" * 80, "I am sorry. " * 8, "1. Yes\n2. No\n" * 10])
def test_a_loop_is_seen(text):
    assert ends_in_loop(text, times=4, shortest=60)


@pytest.mark.parametrize(
    "text", ["", "-" * 500, "| --- | --- |\n" * 3, "1 day, 2 days, 3 days, 4 days, 5 days, 6 days, 7 days, 8 days", "ha ha ha ha"]
)
def test_an_answer_is_not_a_loop(text):
    assert not ends_in_loop(text, times=4, shortest=60)
