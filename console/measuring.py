"""What renting or running can lean on of the shop's own: its traffic, how whole each model's replies stood, how fast one's own writes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from chatbot.counting import conversation_days
from chatbot.models import ConversationDay
from chatbot.word_quality import OfModel
from console.money import short
from llm.metering_days import day_sums, hours
from llm.purposes import OF_THE_SHOP
from llm.rent_or_build import DAYS_OF_A_MONTH, Traffic
from llm.throughput import Speed, measured_speed

MEASURED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Measured:
    """traffic: of a month, None without a call in the days that are over; quality: by model; speed: of one's own model."""

    traffic: Traffic | None = None
    quality: Mapping[str, OfModel] = field(default_factory=dict)
    speed: Speed | None = None

    def share_whole(self, model: str) -> float | None:
        """0..1, as exact as the page shows it; None where that is not known. model: its name, or the label of a price of an endpoint."""
        of = self.quality.get(model) or self.quality.get(model.rpartition(" at ")[0])
        share = of.share_whole if of else None
        return None if share is None else round(share, 3)


def measured(today: date, own_model: str, endpoint: str = "") -> Measured:
    """All that is measured. own_model: the name of the model on a machine of the shop's own, "" if it has none; endpoint: of that machine."""
    begins = timezone.make_aware(datetime.combine(today - timedelta(days=MEASURED_DAYS), time.min))
    speed = measured_speed(own_model, begins, endpoint=endpoint) if own_model else None
    return Measured(measured_traffic(today), measured_quality(today), speed)


def measured_traffic(today: date, days: int = MEASURED_DAYS) -> Traffic | None:
    """The traffic of so many days that are over, as of a month; None without a call for a customer in them."""
    last = today - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    sums = [one for one in day_sums(first, last) if one.purpose not in OF_THE_SHOP]
    if not sums:
        return None
    begun = min(one.day for one in sums)
    span = (last - begun).days + 1  # a shop that began a week ago has had one week
    asked = {day.day: _asked(day) for day in conversation_days(begun, last)}
    # tokens of a question: of the days whose questions were counted; where none were, a call is a question
    tokens_of = [one for one in sums if asked.get(one.day)]
    questions = sum(asked[day] for day in {one.day for one in tokens_of})
    counted_span = len(asked)
    if not questions:
        tokens_of, questions, counted_span = sums, sum(one.calls for one in sums), span
    of_hours = hours(first, last)
    busiest = max(hour.input_tokens + hour.output_tokens for hour in of_hours)
    usual = sum(hour.input_tokens + hour.output_tokens for hour in of_hours) / (24 * span)
    return Traffic(
        questions=round(questions * DAYS_OF_A_MONTH / counted_span),
        input=round(sum(one.input_tokens for one in tokens_of) / questions, 1),
        cached=round(sum(one.cached_tokens for one in tokens_of) / questions, 1),
        output=round(sum(one.output_tokens for one in tokens_of) / questions, 1),
        peak=round(max(busiest / usual, 1.0), 1) if usual else 1.0,
        at_once=float(max(hour.most_at_once for hour in of_hours)),
    )


def _asked(day: ConversationDay) -> int:
    """The questions of a day that a model was asked; of days that were counted before that was, those that did without none."""
    return sum(counts[0] for counts in day.by_model.values()) or max(day.questions - day.spared - day.cached, 0)


def measured_quality(today: date, days: int = MEASURED_DAYS) -> dict[str, OfModel]:
    """What became of the questions that each model was asked in so many days up to today, by its name."""
    found: dict[str, OfModel] = defaultdict(OfModel)
    for day in conversation_days(today - timedelta(days=days - 1), today):
        for model, counts in day.by_model.items():
            found[model].add(counts)
    return dict(found)


def in_words(found: Measured, own_model: str) -> list[str]:
    """What was measured, a sentence each. Pure."""
    said = []
    if traffic := found.traffic:
        said.append(
            f"Models were asked {short(traffic.questions)} questions a month, with {short(traffic.input)} tokens in"
            f"{f' ({short(traffic.cached)} of them cached)' if traffic.cached else ''} and {short(traffic.output)} out each, all calls together."
        )
        said.append(
            f"The busiest hour had {short(traffic.peak)} times the traffic of an average one; at most {short(traffic.at_once)} "
            f"call{'' if traffic.at_once == 1 else 's'} ran at once."
        )
    for model, of in sorted(found.quality.items(), key=lambda pair: -pair[1].judged):
        share = found.share_whole(model)
        if share is not None:
            said.append(
                f"{model}: {100 * share:.3g} % of {short(of.judged)} first replies were held by the evidence, sentence by sentence{_thumbs(of)}."
            )
    if speed := found.speed:
        said.append(
            f"{own_model} read at least {speed.input_per_second:,.0f} and wrote {speed.output_per_second:,.0f} tokens a second in its busiest "
            f"hour, with up to {speed.at_once} call{'' if speed.at_once == 1 else 's'} at once; a customer got {speed.each:,.0f} a second."
        )
    return said


def _thumbs(of: OfModel) -> str:
    thumbs = of.helped + of.not_helped
    return f", and {of.helped} of {thumbs} thumb{'' if thumbs == 1 else 's'} went up" if thumbs else ""
