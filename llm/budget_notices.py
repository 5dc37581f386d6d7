"""What is told of budgets that run out: once for each budget, period and level, in the log and to administrators."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from django.utils import timezone

from llm.budget_counting import NETWORK, VISITOR, used
from llm.budget_models import BudgetNotice
from llm.budget_terms import terms
from llm.budgets import FINE, MONTH, USED_UP, Limit, Standing
from llm.budgets import VISITOR as EACH_VISITOR

log = logging.getLogger(__name__)

_noted: set[tuple[str, str, date, str]] = set()  # of this process, so that it asks the database once
_lock = Lock()
_MOST_NOTED = 50_000


def note(standing: Standing, heading: str, *, today: date) -> None:
    """Write down that a budget came to its warning or was used up, unless that is known already."""
    if standing.level == FINE:
        return
    key = (heading, standing.limit.period, begins(standing.limit, today), standing.level)
    with _lock:
        if key in _noted:
            return
        if len(_noted) >= _MOST_NOTED:
            _noted.clear()
        _noted.add(key)
    if _is_new(key, timezone.now()):
        what = "is used up" if standing.level == USED_UP else f"is used up to {standing.percent} %"
        kind, _, hashed = heading.partition(":")
        who = f" ({hashed[:8]})" if f"{kind}:" in (VISITOR, NETWORK) else ""
        log.warning("%s%s %s", standing.limit.words, who, what)


def forget() -> None:
    """As a process that has just begun."""
    with _lock:
        _noted.clear()


def begins(limit: Limit, today: date) -> date:
    """The first day of the limit's period that today falls into."""
    return today.replace(day=1) if limit.period == MONTH else today


def _is_new(key: tuple[str, str, date, str], at: datetime) -> bool:
    scope, period, first, level = key
    same = {"scope": scope, "period": period, "begins": first, "level": level}
    _, is_new = BudgetNotice.objects.get_or_create(**same, defaults={"at": at})
    return is_new


@dataclass(frozen=True, slots=True)
class OfVisitors:
    """How many visitors came to the warning of a budget, and how many have used it up, in this period.

    networks: how many have used up what a network of visitors may spend.
    """

    limit: Limit
    warned: int
    used_up: int
    networks: int


def standings_now(today: date) -> list[Standing]:
    """How the budgets that are not for single visitors stand at this moment."""
    limits = [limit for limit in terms(today).limits if limit.scope != EACH_VISITOR]
    counted = used({limit.scope for limit in limits}, today)
    found = []
    for limit in limits:
        of_today, of_month = counted.get(limit.scope, (0, 0))
        found.append(Standing(limit, of_month if limit.period == MONTH else of_today))
    return found


def of_visitors(today: date) -> list[OfVisitors]:
    """For each budget for visitors, how many of them it has stopped or warned in this period."""
    found = []
    for limit in terms(today).limits:
        if limit.scope == EACH_VISITOR:
            rows = BudgetNotice.objects.filter(period=limit.period, begins=begins(limit, today))
            warned, used_up = rows.values("scope").distinct(), rows.filter(level=USED_UP).values("scope").distinct()
            found.append(
                OfVisitors(
                    limit,
                    warned.filter(scope__startswith=VISITOR).count(),
                    used_up.filter(scope__startswith=VISITOR).count(),
                    used_up.filter(scope__startswith=NETWORK).count(),
                )
            )
    return found
