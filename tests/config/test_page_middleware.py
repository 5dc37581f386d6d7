"""What pages get and the API does without."""

import pytest
from django.test import AsyncClient, Client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/chat/start/", "/sign-in/", "/console/login/"])
def test_a_form_without_its_token_is_refused(path):
    response = Client(enforce_csrf_checks=True).post(path, {"text": "Where's my order?"})
    assert response.status_code == 403
    assert b"Traceback" not in response.content


@pytest.mark.django_db(transaction=True)
async def test_a_form_without_its_token_is_refused_in_an_asynchronous_stack_too():
    response = await AsyncClient(enforce_csrf_checks=True).post("/sign-in/", {"email": "maya@example.com"})
    assert response.status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_pages_carry_their_policy_and_the_api_sets_no_cookie():
    client = AsyncClient()
    page = await client.get("/")
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    answer = await client.post("/api/v1/conversations", data={}, content_type="application/json")
    assert answer.status_code == 201
    assert not answer.cookies
    assert answer["X-Content-Type-Options"] == "nosniff"
