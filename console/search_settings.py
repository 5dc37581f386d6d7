"""Ways to search that can be set side by side: what ships, parts of it switched off, or weights of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django import forms

from retrieval.tuning import SHIPPED, Tuning

# what customers get stands first
PRESETS: dict[str, tuple[str, Tuning]] = {
    "shipped": ("As customers are answered", SHIPPED),
    "meaning": ("By meaning alone", replace(SHIPPED, dense_weight=1.0, title_weight=0.0)),
    "words": ("By words alone", replace(SHIPPED, dense_weight=0.0, title_weight=0.0)),
    "untitled": ("Without the title’s say", replace(SHIPPED, title_weight=0.0)),
    "literal": ("Without synonyms", replace(SHIPPED, synonym_weight=0.0, spells_out=False)),
    "fresh": ("Without what was said before", replace(SHIPPED, history_share=0.0, history_term_weight=0.0)),
    "whole": ("Long questions as a whole only", replace(SHIPPED, part_share=0.0)),
    "alike": ("With passages that say the same", replace(SHIPPED, repetition=0.0, document_step=0.0)),
}
OWN = "own"
LABELS = {
    "dense_weight": ("Meaning against words", "1: meaning alone, 0: words alone"),
    "title_weight": ("Title", "what it counts that the question names the document"),
    "form_weight": ("Words like “policy”", "against any other word"),
    "synonym_weight": ("Synonyms", "against the customer’s own words"),
    "history_share": ("Said before, in meaning", "how far it pulls the question"),
    "history_term_weight": ("Said before, in words", "against the question’s words"),
    "part_share": ("Parts of a long question", "against the whole of it"),
    "document_step": ("Step back", "for every better passage of the same document"),
    "repetition": ("Repetition", "from this share of common words on, a passage is left out"),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """One number of a tuning as a field. value: what was given, "" for what ships; shipped: that."""

    name: str
    label: str
    help: str
    value: str
    shipped: str


def choices(*, none: str = "") -> list[tuple[str, str]]:
    """For a select; `none` is what choosing nothing is called, if that is allowed."""
    offered = [(name, label) for name, (label, _) in PRESETS.items()]
    return [("", none), *offered, (OWN, "Weights of my own")] if none else offered


def label_of(name: str) -> str:
    return PRESETS[name][0] if name in PRESETS else "Weights of my own"


def tuning_of(name: str, own: Mapping[str, float]) -> Tuning:
    """The tuning behind a choice; `own` counts only for weights of one's own."""
    return PRESETS[name][1] if name in PRESETS else replace(SHIPPED, **dict[str, Any](own))


def weighable() -> list[str]:
    """The fields of a tuning that are shares, 0..1; each can be set by hand."""
    return [field.name for field in fields(Tuning) if type(getattr(SHIPPED, field.name)) is float]


def weight_fields() -> dict[str, forms.FloatField]:
    """A form field for each, named w_… ; all optional: what is left empty is as shipped."""
    said = "Please give each weight as a number from 0 to 1."
    wrong = {"invalid": said, "min_value": said, "max_value": said}
    return {
        f"w_{name}": forms.FloatField(min_value=0.0, max_value=1.0, required=False, error_messages=wrong) for name in weighable()
    }


def weights(data: Mapping[str, str]) -> list[Weight]:
    """The fields as they are shown."""
    shown = []
    for name in weighable():
        label, meaning = LABELS.get(name, (name.replace("_", " ").capitalize(), ""))
        shown.append(Weight(f"w_{name}", label, meaning, data.get(f"w_{name}", ""), f"{getattr(SHIPPED, name):g}"))
    return shown
