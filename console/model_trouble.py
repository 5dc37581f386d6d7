"""Whether models answer, in sentences for administrators: customers are answered either way, so nobody else would notice."""

from collections import defaultdict
from datetime import datetime, timedelta

from llm import endpoints
from llm.advice import advice_on
from llm.models import ModelCall

WINDOW = timedelta(minutes=30)
MOST_CALLS = 1000  # the newest that are looked at
IN_A_ROW = 3  # failures that are told; of those that no time mends, one
NO_TIME_MENDS = frozenset({"unauthorized", "unknown_model", "redirected", "not_a_stream", "refused"})
TROUBLE = NO_TIME_MENDS | {
    "busy",
    "unavailable",
    "timeout",
    "server_error",
    "malformed",
    "cut_off",
    "stalled",
    "empty",
    "thinking_aloud",
    "queue_full",
}
NOT_TOLD = ("test",)  # purposes: who tests sees it on the page
MEANWHILE = "Customers are answered by another model, or in composed words."


def model_trouble(now: datetime) -> list[str]:
    """A sentence for each endpoint in use whose newest calls have failed."""
    recent = ModelCall.objects.filter(at__gte=now - WINDOW).exclude(purpose__in=NOT_TOLD).exclude(ending="breaker_open")
    newest: dict[tuple[str, str], list[str]] = defaultdict(list)
    for endpoint, model, ending in recent.order_by("-at", "-pk").values_list("endpoint", "model", "ending")[:MOST_CALLS]:
        newest[endpoint, model].append(ending)
    told = []
    for one in endpoints.current():
        endings = newest.get((one.name, one.model), [])[:IN_A_ROW]
        if is_trouble(endings):
            sentence = advice_on(endings[0], model=one.model, base_url=one.base_url, key_variable=one.key_variable)
            told.append(f"The model “{one.name or one.model}” does not answer. {sentence} {MEANWHILE}")
    return told


def is_trouble(endings: list[str]) -> bool:
    """Whether the newest endings of an endpoint, newest first, are worth an alarm. Pure."""
    if endings and endings[0] in NO_TIME_MENDS:
        return True
    return len(endings) == IN_A_ROW and set(endings) <= TROUBLE
