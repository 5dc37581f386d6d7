"""Reading goes on while the database writes: in order, in one thread, and an error comes where it belongs."""

import threading

import pytest

from orders.importing.ahead import read_ahead


def test_the_next_item_is_made_while_the_caller_is_busy_and_none_beyond_it():
    made = [threading.Event() for _ in range(4)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    reading = read_ahead(items())
    assert next(reading) == 0
    assert made[1].wait(10)
    assert not made[2].is_set()
    assert list(reading) == [1, 2, 3]


def test_all_are_made_in_one_other_thread():
    threads = list(read_ahead(threading.get_ident() for _ in range(20)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_an_error_of_reading_comes_after_what_was_read_before_it():
    def items():
        yield 1
        raise ValueError("broken file")

    reading = read_ahead(items())
    assert next(reading) == 1
    with pytest.raises(ValueError, match="broken file"):
        next(reading)


def test_who_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    reading = read_ahead(iter(range(1000)))
    next(reading)
    reading.close()
    assert threading.active_count() == before
