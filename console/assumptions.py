"""The assumptions of renting against running: read from the address with bounds, and each with where it comes from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from console.measuring import Measured
from llm.models import Price
from llm.rent_or_build import Own, Rented, Traffic

MOST_RENTED = 6
EXAMPLE = Traffic(questions=1_000_000, input=900, output=100, peak=4.0)
OUR_OWN = Own("our own", Decimal("2.00"), 10_000.0, 1_000.0, utilisation=0.5, at_once=64.0, staff_usd=Decimal(2_000))
MEASURED, PRICED, ASSUMED, YOURS = "measured", "from its price", "assumed", "yours"
FIGURES_OF_TRAFFIC = ("questions", "input", "cached", "output", "peak", "at_once")


@dataclass
class Given:
    """What stands in the address, read with bounds. problems: what could not be read, in sentences.

    sources: by field, where the figure comes from, in a word.
    """

    data: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, label: str, default: float, low: float, high: float, *, source: str = ASSUMED) -> float:
        """source: of the default."""
        self.sources[name] = source
        text = self.data.get(name, "").strip().replace(",", "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.problems.append(f"{label} must be a number from {low:,g} to {high:,g}.")
            return default
        if shown(value) != shown(default):
            self.sources[name] = YOURS
        return value

    def usd(self, name: str, label: str, default: Decimal, high: float = 1_000_000, *, source: str = ASSUMED) -> Decimal:
        found = Decimal(f"{self.number(name, label, float(default), 0, high, source=source):.6f}").normalize()
        if found != default.normalize():  # fractions of a cent count
            self.sources[name] = YOURS
        return found

    def share(self, name: str, label: str, default: float | None, *, source: str = ASSUMED) -> float | None:
        """A percentage as a share, 0..1; None if there is none."""
        percent = self.number(name, label, -1 if default is None else 100 * default, 0.1, 100, source=source)
        return None if percent < 0 else percent / 100

    def name(self, name: str, default: str) -> str:
        return (self.data.get(name, default).strip() or default)[:80]


def traffic_of(given: Given, found: Traffic | None) -> Traffic:
    """found: what was measured, None if nothing was."""
    usual, source = found or EXAMPLE, MEASURED if found else ASSUMED

    def number(name: str, label: str, low: float, high: float) -> float:
        return given.number(name, label, getattr(usual, name), low, high, source=source)

    tokens = number("input", "Input tokens of a question", 0, 10_000_000)
    cached = number("cached", "Cached input tokens", 0, 10_000_000)
    if cached > tokens:
        given.problems.append("Cached tokens are a part of the input, so there cannot be more of them.")
        cached = tokens
    return Traffic(
        questions=number("questions", "Questions a month", 0, 1e12),
        input=tokens,
        cached=cached,
        output=number("output", "Output tokens of a question", 0, 10_000_000),
        peak=number("peak", "The busiest hour", 1, 10_000),
        at_once=number("at_once", "Calls at once", 0, 1_000_000),
    )


def rented_of(given: Given, prices: Sequence[Price], found: Measured) -> list[Rented]:
    """The models that the address names; without any, those that have a price today and are rented."""
    if any(f"r{n}_name" in given.data for n in range(MOST_RENTED)):
        named = [n for n in range(MOST_RENTED) if given.data.get(f"r{n}_name", "").strip()]
        rented = [_rented_at(given, n, found) for n in named]
        for place, n in enumerate(named):  # they are shown without the gaps between them
            given.sources[f"r{place}_right"] = given.sources[f"r{n}_right"]
        return rented
    rented = []
    for n, row in enumerate([row for row in prices if not row.is_self_hosted][:MOST_RENTED]):
        quality = found.share_whole(row.model)
        given.sources[f"r{n}_right"] = "" if quality is None else MEASURED
        rented.append(Rented(row.label, row.input_usd.normalize(), row.cached_usd.normalize(), row.output_usd.normalize(), quality))
    return rented


def _rented_at(given: Given, n: int, found: Measured) -> Rented:
    name = given.name(f"r{n}_name", "a model")
    usd_in = given.usd(f"r{n}_in", f"The input price of {name}", Decimal(0))
    cached = given.usd(f"r{n}_cached", f"The cached price of {name}", usd_in)
    usd_out = given.usd(f"r{n}_out", f"The output price of {name}", Decimal(0))
    return Rented(name, usd_in, cached, usd_out, _quality(given, f"r{n}_right", name, found))


def _quality(given: Given, field_name: str, model: str, found: Measured) -> float | None:
    """The share of right answers: that of the address, which may take a measured one away by standing there empty."""
    measured = found.share_whole(model)
    if field_name in given.data and not given.data[field_name].strip():
        measured = None
    quality = given.share(field_name, f"The right answers of {model}", measured, source=MEASURED)
    if quality is None:
        given.sources[field_name] = ""
    return quality


def usual_own(row: Price | None, near: str) -> Own:
    """The model on a machine of the shop's own as it was priced; else that of a server near by, or an example, at an example's price."""
    if row is None or row.hour_usd is None or not (row.input_per_second and row.output_per_second):
        return replace(OUR_OWN, name=near[:80]) if near else OUR_OWN
    return replace(
        OUR_OWN,
        name=row.label[:80],
        hour_usd=row.hour_usd.normalize(),
        input_per_second=float(row.input_per_second),
        output_per_second=float(row.output_per_second),
    )


def own_of(given: Given, usual: Own, found: Measured, *, is_priced: bool) -> Own:
    """One's own model. What its calls have shown counts before its price where it is more: the machine has done it."""
    priced = PRICED if is_priced else ASSUMED
    read, write, speed = (usual.input_per_second, priced), (usual.output_per_second, priced), found.speed
    if speed is not None:  # it is more than nobody's guess, whatever it is
        seen = (round(speed.input_per_second, 1), MEASURED), (round(speed.output_per_second, 1), MEASURED)
        read, write = (max(read, seen[0]), max(write, seen[1])) if is_priced else (seen[0] if seen[0][0] else read, seen[1])
    name = given.name("own_name", usual.name)
    return Own(
        name=name,
        hour_usd=given.usd("hour_usd", "The price of an hour", usual.hour_usd, source=priced),
        input_per_second=given.number("read", "Tokens read in a second", read[0], 0.01, 1e9, source=read[1]),
        output_per_second=given.number("write", "Tokens written in a second", write[0], 0.01, 1e9, source=write[1]),
        utilisation=given.share("utilisation", "Utilisation", usual.utilisation) or usual.utilisation,
        at_once=given.number("own_at_once", "Calls at once on a machine", usual.at_once, 0, 1_000_000),
        staff_usd=given.usd("staff_usd", "People", usual.staff_usd, 10_000_000),
        machines=int(given.number("machines", "The least machines", usual.machines, 1, 100_000)),
        quality=_quality(given, "own_right", name, found),
    )


def shown(value: float) -> str:
    """A number as it stands in a field."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
