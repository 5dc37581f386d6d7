"""Words of a document that are addressed to a model instead of to customers: they hold nothing up, whatever they say. Pure."""

import re

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+|\n|$)")
_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,60}\b(?:instructions?|prompts?|guidelines|(?:previous|prior|earlier|other) rules)\b"
    r"|\b(?:system prompt|system message|as an ai|new instructions?:|developer mode|jailbreak)\b|\byou are now (?:an? |the |in )?(?:\w+ ){0,2}(?:assistant|bot|mode|model|ai)\b"
    # "say that …", "tell every customer that …", "answer only …": how somebody speaks to who writes the answers
    r"|^\W*(?:please |now |then |instead |always )?(?:say|tell (?:the |every |all )?(?:customers?|users?|them|everyone|anyone)|pretend|act|claim)\b[^.!?\n]{0,20}\b(?:that|as if|like)\b"
    r"|^\W*(?:please |now |then |instead )?(?:answer|respond|reply)\b[^.!?\n]{0,20}\b(?:only|always|nothing but)\b"
    r"|\b(?:do not|don['’]t|never) (?:mention|reveal|tell (?:the )?(?:customers?|users?))\b"
    r"|\b(?:ignoriere?n?|vergiss|vergessen sie)\b[^.!?\n]{0,60}\banweisung\w*\b|\b(?:ignore[zr]?|oublie[zr]?)\b[^.!?\n]{0,60}\b(?:instructions|consignes)\b"
    r"|\b(?:ignora|olvida|dimentica)\b[^.!?\n]{0,60}\b(?:instrucciones|istruzioni)\b|\bnegeer\b[^.!?\n]{0,60}\b(?:instructies|aanwijzingen)\b",
    re.IGNORECASE,
)


def for_customers(text: str) -> str:
    """The text without its sentences to a model. Line ends stay, so that tables and lists keep their rows."""
    return _SENTENCE.sub(lambda match: "\n" * match[0].count("\n") if _TO_A_MODEL.search(match[0].lstrip()) else match[0], text)
