"""Budgets against what is used up: which tiers may still be called, and why not, in words. Pure.

Up to the warning every tier may be called. From the warning of a budget for all models, a visitor or an API key on, the large tier is
spared; what is used up is not spent, and the answers are composed. A budget for one tier closes that tier alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

ALL, VISITOR, NETWORK = "all", "visitor", "network"
KEY = "key:"  # before the beginning of an API key, by which it is known
DAY, MONTH = "day", "month"
SMALL, LARGE = "small", "large"
_OF_PERIOD = {DAY: "daily", MONTH: "monthly"}
_LEVELS = FINE, WARNING, USED_UP = "fine", "warning", "used up"


# A household, an office and a mobile carrier's customers share an address, so a network may spend what so many visitors may. Who
# begins a new conversation with every question comes no further than that.
VISITORS_OF_A_NETWORK = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """scope: "all", "visitor", "network", "tier:" and its name, or "key:" and the beginning of an API key.

    period: "day" or "month"; micros: millionths of a dollar.
    """

    scope: str
    period: str
    micros: int
    warn_percent: int = 80

    @property
    def tier(self) -> str:
        """The tier it is for, "" if for all."""
        return self.scope.removeprefix("tier:") if self.scope.startswith("tier:") else ""

    @property
    def key(self) -> str:
        """The beginning of the API key it is for, "" if for none."""
        return self.scope.removeprefix(KEY) if self.scope.startswith(KEY) else ""

    @property
    def words(self) -> str:
        """ "the daily budget for large", "the monthly budget for all models", "this visitor's daily budget"."""
        period = _OF_PERIOD[self.period]
        if self.scope == VISITOR:
            return f"this visitor's {period} budget"
        if self.scope == NETWORK:
            return f"the {period} budget of this visitor's network"
        if self.key:
            return f"the {period} budget of the API key {self.key}"
        return f"the {period} budget for {self.tier or 'all models'}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a budget is used up; used: micros spent and held in its period."""

    limit: Limit
    used: int

    @property
    def percent(self) -> int:
        return 100 * self.used // self.limit.micros if self.limit.micros else 100

    @property
    def level(self) -> str:
        if self.used >= self.limit.micros:
            return USED_UP
        return WARNING if 100 * self.used >= self.limit.warn_percent * self.limit.micros else FINE


def closed_tiers(standings: Iterable[Standing], tiers: Collection[str]) -> dict[str, str]:
    """The tiers, of those that are set up, that may not be called now, each with the reason in words."""
    closed: dict[str, str] = {}
    found = list(standings)
    for standing in found:
        if standing.level == USED_UP:
            for tier in [standing.limit.tier] if standing.limit.tier else tiers:
                closed.setdefault(tier, f"{standing.limit.words} is used up")
    for standing in found:
        if standing.level == WARNING and not standing.limit.tier and SMALL in tiers and SMALL not in closed:
            closed.setdefault(LARGE, f"{standing.limit.words} is used up to {standing.percent} %, which spares the large model")
    return {tier: why for tier, why in closed.items() if tier in tiers}


def of_network(limit: Limit) -> Limit:
    """What a network may spend where each visitor has this limit."""
    return replace(limit, scope=NETWORK, micros=limit.micros * VISITORS_OF_A_NETWORK)


def room_today(limit: Limit, *, of_today: int, of_month: int) -> int:
    """What today's counter may come to, in micros, so that the limit is kept: for a month, what the days before have left."""
    return limit.micros if limit.period == DAY else limit.micros - (of_month - of_today)
