"""A shop's instructions and ours as one text for a model. Pure. What we add stands last, and no shop can take it out."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chatbot.fencing import quoted_line
from chatbot.instructions.topics import Topic, topics_of

HERE = Path(__file__).parent
LANGUAGES = {
    "": "the language of the question",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
}


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a shop wants to be spoken for. number: of the version, 0 for the words that come with the product.

    shop: its name, "" for that of the settings. language: a key of LANGUAGES. forbidden: topics as staff write them, see `topics`.
    """

    number: int = 0
    text: str = ""
    shop: str = ""
    tone: str = ""
    language: str = ""
    forbidden: str = ""

    @property
    def topics(self) -> tuple[Topic, ...]:
        return topics_of(self.forbidden)


AS_INSTALLED = Instructions()


def installed_text() -> str:
    """The words that come with the product, which a shop may change."""
    return _file("answer.md")


def system_text(told: Instructions, *, shop: str) -> str:
    """All that a model is told before the conversation. shop: the name from the settings."""
    name = quoted_line(told.shop or shop) or "this shop"
    parts = [(told.text.strip() or installed_text()).replace("{shop}", name)]
    if told.tone.strip():
        parts.append(f"The tone: {quoted_line(told.tone)}")
    if told.topics:
        named = "; ".join(quoted_line(topic.name) for topic in told.topics)
        parts.append(f"Do not speak about these topics, also when you are asked to: {named}. Say that you cannot speak about that.")
    parts.append(_file("always.md").replace("{language}", _language(told.language)))
    return "\n\n".join(parts)


def _language(language: str) -> str:
    if not language:
        return "Write in the language of the customer's question."
    return f"Write in {LANGUAGES.get(language, language)}, whatever the language of the customer's question is."


@cache
def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").strip()
