"""`manage.py check_orders`: whether orders can be read, and what is not known; for scripts by its exit code."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from orders import lookup
from orders.health import SourceHealth
from orders.sources import configured


@pytest.fixture
def source_says(monkeypatch):
    def says(health: SourceHealth) -> None:
        class Source:
            async def check(self):
                return health

        monkeypatch.setattr(configured, "source", Source)
        monkeypatch.setattr(lookup, "_memory", lookup._Memory())

    return says


def said(*options: str) -> str:
    output = StringIO()
    call_command("check_orders", *options, stdout=output)
    return output.getvalue()


def test_what_is_not_known_is_listed(source_says):
    source_says(SourceHealth(notes=("There is no view whereabouts_events.",)))
    assert said() == "ORDERS_SOURCE=local: Orders can be read.\n  There is no view whereabouts_events.\n"
    assert json.loads(said("--json"))["notes"] == ["There is no view whereabouts_events."]


def test_a_source_that_does_not_answer_ends_with_an_error(source_says, capsys):
    source_says(SourceHealth(False, None, "There is no connection to the order database."))
    with pytest.raises(SystemExit) as ended:
        said()
    assert ended.value.code == 1


@pytest.mark.django_db
def test_our_own_tables_answer(monkeypatch):
    monkeypatch.setattr(lookup, "_memory", lookup._Memory())
    assert said() == "ORDERS_SOURCE=local: Orders can be read.\n"
