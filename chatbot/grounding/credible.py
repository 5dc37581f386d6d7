"""Whether any statement with a value can be the one that a sentence tells. Pure.

"You can return a jacket within 14 days" is made of right words, where the shop says 14 days of outlet items, and of the time that is left
to hand a parcel to the carrier. No statement with that value tells what the sentence tells: one has a subject that the sentence does not
speak of, of the other a rule with another value tells more of it.
"""

from collections.abc import Sequence
from typing import Protocol

from chatbot.grounding.vocabulary import known_of


class Told(Protocol):
    """own: the stems of what a statement speaks of; subject: those of them that stand before its verb."""

    @property
    def own(self) -> frozenset[str]: ...
    @property
    def subject(self) -> frozenset[str]: ...


def none_is_told(said: frozenset[str], known: Sequence[Told], rivals: Sequence[Told], holding: Sequence[Told]) -> bool:
    """Whether each statement with the value is about something else than what is spoken of, and another one is about that.

    said: the stems of what the sentence speaks of. known: all statements; rivals: those with a value of that kind; holding: with the very value.
    """
    held = set(map(id, holding))
    others = [one for one in rivals if id(one) not in held]
    outdone = False
    for one in holding:
        if one.subject and not known_of(said, one.subject):
            continue
        told = known_of(said, one.own)
        if not any(told < known_of(said, other.own) for other in others):
            return False
        outdone = True
    return outdone or any(one.subject and id(one) not in held and known_of(one.subject, said) for one in known)
