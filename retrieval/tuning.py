"""How a search weighs what it finds. The defaults are what ships; a benchmark or a playground tries others. Pure."""

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tuning:
    """Every constant of the ranking, with its meaning. Weights are shares, 0..1, and 0 switches a part off.

    Raises ValueError, naming the field, for a value that cannot work.
    """

    dense_weight: float = 0.6  # of the joint score: what vectors count; terms count the rest. 0: terms alone, 1: vectors alone
    title_weight: float = 0.25  # of the joint score: what it counts that the question names the document
    form_weight: float = 0.3  # of a word for the kind of text asked for ("policy", "conditions"), against any other word
    synonym_weight: float = 0.4  # of a synonym among the terms of a question
    spells_out: bool = True  # whether the trade's short words are written in full before a question is embedded
    history_share: float = 0.33  # of the vector: what the talk before counts for a question that leans on it
    history_term_weight: float = 0.35  # of a term of the turn before, against one of a question that leans on it
    part_share: float = 0.5  # of the score: what the part of a long question counts that a passage answers best
    document_step: float = 0.05  # of the score: how far a passage steps back for every better one of its own document
    reranker_weight: float = 1.0  # of the score: what the chance counts that a cross-encoder gives, where one is configured
    repetition: float = 0.9  # a passage that shares so much of its words with a better one is left out; 1: only its like; 0: none
    candidates: int = 60  # how many each engine names, at least

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "candidates":
                if not 1 <= value <= _MOST_CANDIDATES:
                    raise ValueError(f"{field.name} must be from 1 to {_MOST_CANDIDATES}, not {value}")
            elif not (math.isfinite(value) and 0 <= value <= 1):
                raise ValueError(f"{field.name} must be from 0 to 1, not {value}")


_MOST_CANDIDATES = 1000
SHIPPED = Tuning()
