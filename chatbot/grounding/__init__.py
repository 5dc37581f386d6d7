"""Whether a sentence of an answer may be shown: everything in it that can be checked is in the evidence. Pure.

    grounds = Grounds.of(question, evidence, order_facts, orders, cited=prompt.cited, shop=shop)
    sentence = cleaned(sentence, grounds)
    verdict = check(sentence, grounds)
    if verdict.supported:
        show(with_citations(sentence, verdict.citations))

`checking` is the judgement from top to bottom; read it first. What it checks and what it cannot see is told in docs/grounding.md.
"""

from chatbot.grounding.checking import Verdict, check
from chatbot.grounding.grounds import Grounds, OrderGrounds
from chatbot.grounding.markup import cleaned, strip_unknown_citations, with_citations

__all__ = ["Grounds", "OrderGrounds", "Verdict", "check", "cleaned", "strip_unknown_citations", "with_citations"]
