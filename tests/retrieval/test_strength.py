"""How sure a search is that its passages answer."""

from retrieval.strength import RECIPE, match_of, measure, strength
from retrieval.synonyms import related
from retrieval.words import is_foreign, stem


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


def test_a_word_of_the_trade_is_known_in_the_languages_of_the_neighbours():
    assert stem("ruckgabe") in related(stem("return"))
    assert stem("livraison") in related(stem("shipping"))


def test_a_text_in_another_language_is_told_from_english():
    assert is_foreign("Du kannst Artikel innerhalb von 30 Tagen nach Erhalt zurückgeben. Die Ware muss ungetragen sein.")
    assert is_foreign("Vous pouvez retourner les articles dans les 30 jours après la livraison.")
    assert not is_foreign("You can return an item within 30 days of delivery. The die was cast in Las Vegas.")
    assert not is_foreign("| Country | Days | Price |\n| Germany | 3 | €4.90 |")
    assert not is_foreign("")
