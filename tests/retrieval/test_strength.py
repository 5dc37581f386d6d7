"""How sure a search is that its passages answer."""

from retrieval.strength import RECIPE, match_of, measure, strength


def judged(dense, lexical, subject=0.0):
    match = match_of(dense=dense, lexical=lexical, subject=subject)
    return strength(measure(["return"], [frozenset()], match=match, frequency={}, size=200))


def by_words(passage, asked=("return", "window")):
    frequency = {"return": 40, "window": 3, "deliveri": 30}
    return strength(measure(asked, [frozenset(passage)], match=None, frequency=frequency, size=200))


def test_strength_rises_with_meaning_with_words_and_with_the_subject():
    assert judged(0.7, 0.6) > 0.7 > 0.3 > judged(0.2, 0.1)
    assert judged(0.5, 0.4) > judged(0.5, 0.1) > judged(0.3, 0.1)
    assert judged(0.4, 0.2, subject=1.0) > judged(0.4, 0.2)


def test_without_vectors_the_words_decide():
    assert by_words(["return", "window"]) > 0.5 > by_words(["jacket"])
    assert by_words(["return", "window"]) > by_words(["return", "period"]) > by_words(["return"])
    assert by_words(["deliveri"], asked=["ship"]) > by_words(["jacket"], asked=["ship"])


def test_strength_of_nothing_is_small():
    assert strength(measure([], [], match=None, frequency={}, size=0)) < 0.2


def test_the_fit_was_made_for_the_model_and_the_chunker_that_ship():
    """Fails when either changes: run benchmarks/fit_strength.py, and stamp its weights with the new recipe."""
    from retrieval.embedding import embedder

    assert embedder().recipe == RECIPE
