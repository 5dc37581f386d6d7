"""The memory that lets a benchmark ask a model each thing once."""

import json

import pytest

from benchmarks.kept_replies import Memory, RememberingModel
from llm.client import ChatMessage
from llm.errors import ModelError
from llm.routing import Tier
from tests.fake_openai import FakeOpenAI, says, status

ASKED = [ChatMessage("user", "How long?")]


def model(server: FakeOpenAI, memory: Memory) -> RememberingModel:
    return RememberingModel("scripted", Tier.SMALL, server.base_url, memory=memory)


async def said(client: RememberingModel, *, most: int = 10**6) -> tuple[str, object]:
    """What is read of a reply until it has so many characters, and the reply."""
    text = ""
    async with client.reply(ASKED) as reply:
        async for piece in reply:
            text += piece
            if len(text) >= most:
                break
    return text, reply


async def test_the_same_words_are_asked_once_also_by_the_next_run(tmp_path):
    path = tmp_path / "kept.jsonl"
    async with FakeOpenAI(says("Thirty days, from delivery.", usage=(90, 7, 30))) as server:
        first, asked = await said(model(server, Memory(path)))
        with path.open("a") as file:
            file.write('{"key": "of a run that was kil')
        memory = Memory(path)
        again, kept = await said(model(server, memory))
    assert first == again == "Thirty days, from delivery."
    assert len(server.asked) == 1
    assert memory.made == 0
    assert (kept.usage, kept.ending, kept.total_ms) == (asked.usage, "finished", asked.calls[0].total_ms)
    assert kept.calls[0].tier == "small"


async def test_a_reply_that_was_left_is_left_again_and_may_not_be_read_further():
    async with FakeOpenAI(says("Thirty days, from delivery.")) as server:
        client = model(server, Memory())
        first, asked = await said(client, most=10)
        again, kept = await said(client, most=10)
        kept.calls[0].ending = "left"  # as a turn tells its own leaving from a customer's; the next one is told anew
        with pytest.raises(SystemExit, match="Begin with another"):
            await said(client)
    assert first == again
    assert (asked.ending, kept.ending, kept.usage) == ("cancelled", "left", asked.usage)
    assert len(server.asked) == 1


async def test_an_empty_reply_is_kept_a_server_that_failed_is_not(tmp_path):
    async with FakeOpenAI(says("")) as server:
        client = model(server, Memory(tmp_path / "empty.jsonl"))
        for _ in range(2):
            with pytest.raises(ModelError) as caught:
                await said(client)
            assert caught.value.kind == "empty"
        asked = len(server.asked)
    assert asked == 2  # with its own second try; the next reply asks no more
    assert json.loads((tmp_path / "empty.jsonl").read_text("utf-8"))["call"]["ending"] == "empty"
    async with FakeOpenAI(status(401)) as server:
        memory = Memory(tmp_path / "refused.jsonl")
        with pytest.raises(ModelError):
            await said(model(server, memory))
    assert memory.failed == ["unauthorized"]
    assert not (tmp_path / "refused.jsonl").exists()
