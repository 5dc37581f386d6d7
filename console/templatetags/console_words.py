"""Words and colours of outcomes, for templates."""

from django import template

from console.outcomes import OUTCOMES, TONES

register = template.Library()


@register.filter
def outcome_label(outcome: str) -> str:
    return OUTCOMES.get(outcome, outcome)


@register.filter
def outcome_tone(outcome: str) -> str:
    return TONES.get(outcome, "quiet")
