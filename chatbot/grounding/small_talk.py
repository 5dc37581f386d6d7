"""Sentences that say nothing about orders or policies: greetings, sympathy, questions back, honest not-knowing. Pure."""

import re
from collections.abc import Set

from chatbot.grounding.vocabulary import content_words, without_talk

_NOT_KNOWING = re.compile(
    r"\b(?:could(?: not|n['’]t)|can(?:not|['’]t| not)|do(?: not|n['’]t)|did(?: not|n['’]t)|was(?: not|n['’]t) able to|am(?: not)? (?:un)?able to)\s+"
    r"(?:find|see|tell|say|know|locate|answer|have (?:any |that |this |more )?(?:information|details)|guess|check|access|look up)\b"
    r"|\b(?:does|do) not (?:say|mention|state|cover)\b|\b(?:doesn|don)['’]t (?:say|mention|state|cover)\b"
    r"|\b(?:nothing|no information) (?:is |was )?(?:in|about|on)\b.*\b(?:polic|evidence|document|records?)"
    r"|\bich (?:konnte|kann)\b.*\bnicht\b.*\bfinden\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\?\s*[)\"”*_]*\s*$")
LONGEST_QUESTION = 30  # words


def is_small_talk(sentence: str, has_claims: bool, *, called: Set[str] = frozenset()) -> bool:
    """Whether a sentence may be said without any evidence. One that holds a value never is. called: the customer's own name."""
    if has_claims:
        return False
    if _NOT_KNOWING.search(sentence):
        return True
    if (
        _ASKS.search(sentence)
        and len(sentence.split()) <= LONGEST_QUESTION
        and not re.search(r"\bdid you know\b", sentence, re.IGNORECASE)
    ):
        return True
    return _is_kindness(sentence, called)


_KIND = re.compile(
    r"\b(?:hello|hi|hey|thank|thanks|welcome|sorry|apologi[sz]e|apologies|glad|happy to help|help you|let me know|feel free|please ask|"
    r"i understand|i hope|hope (?:this|that)|have a (?:nice|good|great|lovely)|of course|certainly|sure|great question|good question|no problem|"
    r"here (?:is|are|['’]s) what|here['’]s what|here are the details|please sign in|anything else|any other questions?|further questions?)\b",
    re.IGNORECASE,
)
_KIND_WORDS = "wait delay late order parcel question ask policy item package delivery return refund experience trouble detail frustration frustrating concern worry find found see sign answer status"


def _is_kindness(sentence: str, called: Set[str]) -> bool:
    """A kind phrase with hardly a word beyond it: "I'm sorry about the delay with your order." """
    return bool(_KIND.search(sentence)) and not without_talk(content_words(sentence)) - _KIND_STEMS - content_words(
        " ".join(called)
    )


_KIND_STEMS = content_words(_KIND_WORDS)
