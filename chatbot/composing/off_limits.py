"""What is said where a shop does not want something spoken of. Pure; it holds with a model and without."""

from collections.abc import Sequence
from dataclasses import replace

from chatbot.composing import phrases
from chatbot.instructions.topics import Topic, spoken_of
from chatbot.turn import Draft, Outcome, Sentence, Understanding

REFUSAL = f"I'm sorry, but I cannot speak about that here. {phrases.OFFER}"
_EXCLUDED = "excluded by the shop's instructions"


def within_limits(draft: Draft, question: str, meaning: Understanding, topics: Sequence[Topic]) -> Draft:
    """The draft, or a refusal where the question is about such a topic. An order is told of in any case, without such quotations."""
    if not topics:
        return draft
    if meaning.wanted is None:
        asked = spoken_of(f"{question}\n{meaning.query}", topics)
        return draft if asked is None else _refusal(asked)
    quoted = [(s, spoken_of(s.text, topics) if s.support == "quoted" else None) for s in draft.sentences]
    kept = tuple(sentence for sentence, topic in quoted if topic is None)
    if len(kept) == len(draft.sentences):
        return draft
    return replace(draft, sentences=kept) if kept else _refusal(next(topic for _, topic in quoted if topic))


def is_refusal(draft: Draft) -> bool:
    return any(sentence.support.startswith(_EXCLUDED) for sentence in draft.sentences)


def _refusal(topic: Topic) -> Draft:
    said = Sentence(REFUSAL, support=f"{_EXCLUDED}: {topic.name}")
    return Draft((said,), Outcome.NO_ANSWER, suggestions=(phrases.TALK_TO_A_PERSON,))
