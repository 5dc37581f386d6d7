"""What the bot says first, and the questions it offers before anything was asked."""

from django.conf import settings

SUGGESTIONS = ("Where’s my order?", "Can I still return it?", "How long does delivery take?", "When do I get my refund?")


def greeting() -> str:
    return (
        f"Hello, and welcome to {settings.SHOP_NAME}. I can tell you where your order is, whether it can still go back, "
        "and what our policies say."
    )
