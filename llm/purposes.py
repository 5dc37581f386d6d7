"""What a call of a model is for, as it stands in its row and on the costs page."""

from enum import StrEnum


class Purpose(StrEnum):
    ANSWER = "answer"
    REPAIR = "repair"
    ESCALATION = "escalation"
    REPHRASE = "rephrase"
    TRIAL = "trial"  # instructions that staff try before they publish them
    TEST = "test"  # of an endpoint, by an administrator
    UNKNOWN = "unknown"  # the process died before it could be told


OF_THE_SHOP = frozenset({Purpose.TRIAL, Purpose.TEST})  # no customer asked: these cost money, but no question and no conversation
