"""How the purposes and endings of calls are called in the console."""

from llm.purposes import Purpose

PURPOSES: dict[str, str] = {
    Purpose.ANSWER: "Answers",
    Purpose.REPAIR: "Repairs of answers",
    Purpose.ESCALATION: "Help of the large model",
    Purpose.REPHRASE: "Follow-ups put into words",
    Purpose.TRIAL: "Instructions that staff tried",
    Purpose.TEST: "Tests of endpoints",
    Purpose.UNKNOWN: "Not known",
}
ENDINGS: dict[str, str] = {
    "finished": "Finished",
    "cut": "Not whole: cut, or ended for another reason",
    "cancelled": "The customer left",
    "left": "Left at a sentence that was held back",
    "lost": "Lost: our process ended",
    "over_budget": "Not made: over a budget",
    "busy": "The server was busy",
    "unavailable": "The server could not be reached",
    "timeout": "No word in time",
    "server_error": "The server failed",
    "unauthorized": "The key was refused",
    "unknown_model": "The model is not known there",
    "redirected": "Sent on to another address",
    "refused": "The request was refused",
    "context_overflow": "The prompt was too long",
    "queue_full": "No free place in time",
    "breaker_open": "Not made: failures before",
    "empty": "Empty reply",
    "malformed": "Unreadable reply",
    "not_a_stream": "A page instead of a reply",
    "thinking_aloud": "Thought aloud",
    "tool_call": "Asked for a tool",
    "cut_off": "Broken off",
    "stalled": "Fell silent",
    "repeating": "Repeated itself",
}


def purpose_in_words(purpose: str) -> str:
    return PURPOSES.get(purpose, purpose.replace("_", " ").capitalize())


def ending_in_words(ending: str) -> str:
    return ENDINGS.get(ending, ending.replace("_", " ").capitalize())
