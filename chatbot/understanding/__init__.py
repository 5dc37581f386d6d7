"""Question and history → what is wanted. `understand` is the way in; `clauses` reads one clause, `intents` knows the words."""

from chatbot.understanding.understand import understand

__all__ = ["understand"]
