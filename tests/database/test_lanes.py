"""Database threads that stay."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from database import lanes


async def thread_of(lane) -> str:
    async def ask() -> str:
        lanes.enter(lane)
        return await sync_to_async(lambda: threading.current_thread().name)()

    return await asyncio.create_task(ask())


async def test_a_lane_is_one_thread_for_all_who_enter_it_and_there_are_only_so_many():
    given_out = [lanes.next_lane() for _ in range(2 * lanes.LANES)]
    threads = [await thread_of(lane) for lane in given_out]
    assert threads[: lanes.LANES] == threads[lanes.LANES :]
    assert len(set(threads)) == lanes.LANES


@pytest.mark.django_db(transaction=True)
async def test_work_in_the_database_gives_its_result_or_its_error():
    def ask(value: int, *, fail: bool = False) -> int:
        if fail:
            raise ValueError(value)
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s + 1", [value])
            return int(cursor.fetchone()[0])

    lanes.enter(lanes.next_lane())
    assert await lanes.in_database(ask, 1) == 2
    with pytest.raises(ValueError, match="7"):
        await lanes.in_database(ask, 7, fail=True)


@pytest.mark.django_db(transaction=True)
async def test_a_connection_that_does_not_stay_is_given_back_with_the_work():
    def is_open() -> bool:
        return connection.connection is not None

    lanes.enter(lanes.next_lane())
    await lanes.in_database(lambda: connection.ensure_connection())  # that of its own thread
    assert await sync_to_async(is_open)() == lanes.connections_stay()
    await sync_to_async(lambda: connection.close())()
