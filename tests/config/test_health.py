"""`/health` lives with the process; `/health/ready` names every part and is 503 until all are there."""

import pytest
from django.test import override_settings

from config import health, warmup
from orders import lookup
from orders.health import SourceHealth
from orders.sources import configured


@pytest.fixture
def warm(monkeypatch):
    monkeypatch.setattr(warmup, "_done", {"embedding": True, "index": True})


async def test_the_process_says_that_it_lives(async_client):
    response = await async_client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_load_balancer_that_calls_by_number_is_answered(async_client):
    with override_settings(ALLOWED_HOSTS=["help.example.com"], SECURE_SSL_REDIRECT=True):
        assert (await async_client.get("/health", headers={"host": "10.0.0.7:8000"})).status_code == 200
        assert (await async_client.get("/other", headers={"host": "10.0.0.7:8000"})).status_code == 400


def test_the_synchronous_stack_answers_too(client):
    assert client.get("/health").json() == {"status": "ok"}
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_a_warm_process_with_all_parts_is_ready(async_client, warm):
    response = await async_client.get("/health/ready")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ok"
    assert {"database", "migrations", "queue", "embedding", "index"} <= set(body["parts"])
    assert set(body["parts"].values()) == {"ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
async def test_a_cold_process_is_not_ready_and_says_what_is_missing(async_client, monkeypatch):
    monkeypatch.setattr(warmup, "_done", {"embedding": True, "index": False})
    response = await async_client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["index"] == "not ready"
    assert response.json()["parts"]["embedding"] == "ok"


@pytest.mark.django_db(transaction=True)
async def test_missing_tables_are_named(async_client, warm, monkeypatch):
    monkeypatch.setattr(health, "_applied", False)
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["orders.0002_more"])
    response = await async_client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["migrations"] == "not ready"


@pytest.mark.django_db(transaction=True)
async def test_a_queue_that_cannot_be_reached_is_named_without_its_address(async_client, warm):
    with override_settings(REDIS_URL="redis://:hunter2@127.0.0.1:1/0"):
        response = await async_client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["redis"] == "not ready"
    assert response.json()["parts"]["queue"] == "not ready"
    assert b"hunter2" not in response.content


@pytest.mark.django_db(transaction=True)
async def test_orders_that_cannot_be_read_are_named_and_take_no_process_out_of_service(async_client, warm, monkeypatch):
    class Down:
        async def check(self):
            return SourceHealth(False, None, "The user hunter2 was refused.")

    monkeypatch.setattr(configured, "source", Down)
    monkeypatch.setattr(lookup, "_memory", lookup._Memory())
    response = await async_client.get("/health/ready")
    assert (response.status_code, response.json()["status"], response.json()["parts"]["orders"]) == (200, "limited", "not ready")
    assert b"hunter2" not in response.content


async def test_a_part_that_does_not_answer_in_time_is_down(monkeypatch):
    import asyncio

    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)
    assert await health._state_of(lambda: asyncio.sleep(30, True)) == "no answer"


async def test_the_warm_up_goes_on_until_every_part_is_loaded(monkeypatch):
    tries = []

    async def load():
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk was busy")

    monkeypatch.setattr(warmup, "_done", {"embedding": False, "index": False})
    monkeypatch.setattr(warmup, "RETRY_SECONDS", 0)
    monkeypatch.setattr(warmup, "_load_embedding", load)
    monkeypatch.setattr(warmup, "_load_index", load)
    monkeypatch.setattr(warmup, "_load_turn", load)
    monkeypatch.setattr(warmup, "_load_model_client", load)
    monkeypatch.setattr(warmup, "_settle", lambda: None)
    await warmup.warm_up()
    assert await warmup.embedding_is_ready()
    assert await warmup.index_is_ready()
    assert len(tries) == 5  # one part twice, the other, the rest of a turn, and the way to a model
