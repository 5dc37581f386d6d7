"""A fair queue: so many at once, first come, first served, and nobody waits for ever or keeps a place after leaving."""

import asyncio

import pytest

from llm.errors import ModelBusy
from llm.queueing import Room


class Visitor:
    def __init__(self, room: Room, log: list[str], name: str) -> None:
        self.room, self.log, self.name, self.leave = room, log, name, asyncio.Event()
        self.task = asyncio.ensure_future(self._visit())

    async def _visit(self) -> None:
        async with self.room.place(patience=5.0):
            self.log.append(self.name)
            await self.leave.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_came_first_goes_first_and_a_late_one_does_not_slip_in():
    room, log = Room(1), []
    visitors = [Visitor(room, log, name) for name in "abc"]
    await settle()
    assert log == ["a"] and room.is_full
    visitors[0].leave.set()
    late = Visitor(room, log, "d")
    for visitor in [*visitors[1:], late]:
        await settle()
        visitor.leave.set()
    await asyncio.gather(*(v.task for v in [*visitors, late]))
    assert log == ["a", "b", "c", "d"] and not room.is_full


async def test_a_wait_without_an_end_ends_in_an_error_of_ours():
    room = Room(2)
    async with room.place(patience=1), room.place(patience=1):
        with pytest.raises(ModelBusy) as caught:
            async with room.place(patience=0.02):
                pass
    assert caught.value.kind == "queue_full"
    async with room.place(patience=0.02):
        pass


async def test_who_leaves_the_queue_takes_nobody_s_place():
    room, log = Room(1), []
    first, second, third = (Visitor(room, log, name) for name in "abc")
    await settle()
    second.task.cancel()
    await settle()
    first.leave.set()
    third.leave.set()
    await asyncio.gather(first.task, third.task)
    assert log == ["a", "c"] and not room.is_full


def test_there_is_room_for_one_at_least():
    with pytest.raises(ValueError):
        Room(0)
