"""Two endpoints that serve one model may cost differently: administrators say so, and the price goes with the endpoint's name."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from console.endpoint_form import EndpointForm
from llm import budget_terms, endpoints
from llm.models import ModelEndpoint, Price

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    yield
    budget_terms.forget()
    endpoints._memory.rows, endpoints._memory.until = (), 0.0


@pytest.fixture
def far() -> ModelEndpoint:
    return ModelEndpoint.objects.create(name="Far", base_url="http://localhost:1/v1", model="tiny", tier="small")


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def price(client, **values):
    given = {
        "model": "tiny",
        "valid_from": timezone.localdate().isoformat(),
        "kind": "rented",
        "input_usd": "0.15",
        "output_usd": "0.6",
    }
    return client.post(reverse("console:prices"), given | values, follow=True)


def test_where_there_is_no_endpoint_there_is_nothing_to_choose(admin_client):
    assert 'name="endpoint"' not in text(admin_client.get(reverse("console:prices")))


def test_an_endpoint_has_a_price_of_its_own_beside_that_of_its_model(admin_client, far):
    price(admin_client)
    said = text(price(admin_client, endpoint="Far", input_usd="0.5"))
    assert "calls of tiny at Far are counted with this price." in said and said.count("counts today") == 2
    assert {(row.endpoint, row.input_usd) for row in Price.objects.all()} == {("", Decimal("0.15")), ("Far", Decimal("0.5"))}
    assert AuditEntry.objects.filter(action="added a price", subject="tiny at Far").exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"endpoint": "Far", "model": "grand"}, "“Far” serves the model tiny."),
        ({"endpoint": "Nowhere"}, "There is no such endpoint any more."),
    ],
)
def test_a_price_of_what_an_endpoint_does_not_serve_is_refused_in_a_sentence(admin_client, far, values, sentence):
    refused = price(admin_client, **values)
    assert refused.status_code == 400 and sentence in text(refused) and not Price.objects.exists()


def test_an_endpoint_says_what_it_costs_and_where_to_change_that(admin_client, far):
    page = reverse("console:endpoint", args=[far.pk])
    bare = text(admin_client.get(page))
    assert "It has no price" in bare and "?model=tiny&amp;endpoint=Far" in bare
    offered = text(admin_client.get(reverse("console:prices"), {"model": "tiny", "endpoint": "Far"}))
    assert 'value="tiny"' in offered and '<option value="Far" selected>' in offered
    price(admin_client)
    assert "$0.15 in, $0.15 cached and $0.60 out per 1,000,000, the price of the model." in text(admin_client.get(page))
    price(admin_client, endpoint="Far", input_usd="0.5")
    assert "$0.50 in" in text(admin_client.get(page)) and "a price of its own." in text(admin_client.get(page))


def test_its_prices_go_with_its_name(admin_client, far):
    price(admin_client, endpoint="Far")
    given = {name: getattr(far, name) for name in EndpointForm.Meta.fields} | {"name": "Far away"}
    assert admin_client.post(reverse("console:endpoint", args=[far.pk]), given).status_code == 302
    assert Price.objects.get().endpoint == "Far away" == ModelEndpoint.objects.get().name


def test_renting_or_running_is_told_of_each_price(admin_client, far):
    price(admin_client)
    price(admin_client, endpoint="Far", input_usd="0.5")
    said = text(admin_client.get(reverse("console:rent-or-build")))
    assert "tiny at Far" in said and 'value="0.5"' in said and 'value="0.15"' in said
