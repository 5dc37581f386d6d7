"""What the bot says first, and the questions it offers before anything was asked."""

from django.conf import settings

from chatbot.composing.phrases import SUGGESTIONS

__all__ = ["SUGGESTIONS", "greeting"]


def greeting() -> str:
    return (
        f"Hello, and welcome to {settings.SHOP_NAME}. I can tell you where your order is, whether it can still go back, "
        "and what our policies say."
    )
