"""What is remembered of how a model's answers stood."""

from llm.experience import FEWEST, LATELY, ONE_IN, Experience

LEAST = 0.25


def after(*held: bool) -> Experience:
    experience = Experience()
    for one in held:
        experience.note(held=one)
    return experience


def test_a_model_is_asked_until_enough_is_known_of_it():
    assert not after(*[False] * (FEWEST - 1)).is_poor(LEAST)
    assert after(*[False] * FEWEST).is_poor(LEAST)
    assert not after(*[False] * FEWEST).is_poor(0.0)


def test_one_that_holds_as_often_as_is_asked_stays():
    assert not after(*[True, False, False, False] * 3).is_poor(LEAST)
    assert after(True, *[False] * FEWEST).is_poor(LEAST)


def test_one_that_is_passed_over_gets_every_tenth_question_and_comes_back_when_it_holds():
    experience = after(*[False] * FEWEST)
    asked = [experience.may_be_asked(LEAST) for _ in range(3 * ONE_IN)]
    assert [place for place, may in enumerate(asked, 1) if may] == [ONE_IN, 2 * ONE_IN, 3 * ONE_IN]
    for _ in range(2):
        experience.note(held=True)
    assert experience.may_be_asked(LEAST) and experience.in_words == "2 of the model's last 7 answers held"


def test_only_the_newest_answers_count():
    experience = after(*[False] * 100, *[True] * LATELY)
    assert not experience.is_poor(1.0)
