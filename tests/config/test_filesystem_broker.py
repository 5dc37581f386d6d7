"""The embedded queue: whole messages, each to one reader, and none that stops a worker."""

from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from kombu import Connection

from config import filesystem_broker


@pytest.fixture
def channel(tmp_path):
    filesystem_broker.register()
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "control")}
    with Connection("files://localhost", transport_options=folders) as connection:
        yield connection.channel()


def test_messages_come_out_whole_and_in_order(channel):
    for number in range(3):
        channel._put("work", {"number": number})
    assert [channel._get("work")["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("work")


def test_a_message_being_written_is_not_seen(channel, tmp_path):
    (tmp_path / ".0001_a.work.msg").write_text("")
    with pytest.raises(Empty):
        channel._get("work")


def test_a_torn_message_is_dropped_and_the_next_one_comes(channel, tmp_path):
    (tmp_path / "0001_a.work.msg").write_text('{"number": ')
    channel._put("work", {"number": 7})
    assert channel._get("work") == {"number": 7}


def test_each_message_goes_to_one_reader(channel):
    for number in range(60):
        channel._put("work", number)

    def take(_):
        taken = []
        try:
            while True:
                taken.append(channel._get("work"))
        except Empty:
            return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [number for part in pool.map(take, range(4)) for number in part]
    assert sorted(taken) == list(range(60))


def test_queues_do_not_mix(channel):
    channel._put("other", 1)
    with pytest.raises(Empty):
        channel._get("work")
