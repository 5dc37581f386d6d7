"""Whether a question asks for steps that depend on each other: "if I send one back, do I still get …, and by when?" Pure."""

import re

_STEPS = re.compile(
    r"\bif\b.{3,80}\b(?:then|do i|will i|can i|would|what|how)\b|\b(?:step by step|first\b.{3,80}\bthen|after that|once i have|before i)\b"
    r"|\bwenn\b.{3,80}\b(?:dann|bekomme|kann ich|was|wie)\b|\bschritt für schritt\b|\b(?:zuerst|erst)\b.{3,80}\bdann\b"
    r"|\bsi\b.{3,80}\b(?:alors|est-ce que|puis-je|entonces|puedo|qué|cómo)\b|\bétape par étape\b|\bpaso a paso\b"
    r"|\bse\b.{3,80}\b(?:allora|posso|cosa)\b|\bpasso dopo passo\b|\bals\b.{3,80}\b(?:dan|kan ik|krijg ik)\b|\bstap voor stap\b",
    re.IGNORECASE | re.DOTALL,
)


def asks_for_steps(text: str) -> bool:
    return bool(_STEPS.search(text[:2000]))
