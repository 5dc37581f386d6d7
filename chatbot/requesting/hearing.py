"""A message as the flow of requests reads it: yes or no, a wish, a question about something else. Pure, by rules.

A wish says that something shall be done ("please cancel it", "I want to return the boots"); "can I return it?" asks about a rule,
and "I don't want to cancel it" wishes nothing. A yes counts only where nothing in the message takes it back.
"""

import re

from chatbot.requesting.values import Heard, Reply
from chatbot.turn import Intent
from chatbot.understanding.intents import of_clause
from chatbot.understanding.plainly import readable
from orders.requests_values import Kind

_ADDRESS = r"(?:\w+ ){0,4}?(?:address|destination)"
_THING = r"(?:orders?|parcels?|packages?|deliver(?:y|ies)|shipments?)"
_IT = rf"(?:it|them|this|that|these|those|(?:my|the|our|this|that) (?:[\w'’#-]+ ){{0,5}}?{_THING}|(?:my|the|our|this|that|these|those|both|all|everything|something|one|an?|some|order|#?\w*\d\w*)\b)"
_VERBS: dict[Kind, str] = {
    Kind.CANCEL: rf"(?:cancel(?! that$)|call off|stop|withdraw|revoke|undo) (?:my |the |this |that )?{_IT}",
    Kind.RETURN: rf"(?:return|give back|bring back) {_IT}|(?:send|give|bring) (?:[\w'’-]+ ){{1,5}}back\b",
    Kind.EXCHANGE: rf"(?:exchange|swap|switch|trade(?: in)?|replace) {_IT}|(?:change|switch) (?:the |its |my )?(?:size|colou?r)\b",
    Kind.CHANGE_ADDRESS: (
        rf"(?:change|update|correct|edit|fix|modify|alter|switch) {_ADDRESS}\b|(?:redirect|reroute|divert|forward) {_IT}"
        rf"|(?:send|ship|deliver) {_IT}(?: [\w#-]+){{0,4}}? to (?:a |an |my |our |this |the )?(?:different|new|other|another|work|office|neighbou?r|following|parents?)\b"
    ),
    Kind.MISSING: rf"report {_IT}(?: [\w#-]+){{0,4}}? (?:as )?(?:missing|lost|stolen)|report (?:a |my |the )?(?:missing|lost|stolen) {_THING}"
    rf"|(?:look|search) for {_IT}|(?:find|trace|investigate) (?:my|the|this|that) (?:\w+ )?{_THING}|open (?:a |an )?(?:\w+ )?investigation",
}
_NOUNS: dict[Kind, str] = {
    Kind.CANCEL: r"cancell?ation",
    Kind.RETURN: r"return",
    Kind.EXCHANGE: r"exchange|replacement",
    Kind.CHANGE_ADDRESS: r"(?:address change|change of address)",
    Kind.MISSING: r"(?:missing|lost)[ -](?:parcel|package) (?:report|claim)|investigation",
}
_NOW = r"(?:please |kindly |also |now |just |really |actually |then |rather |like |only ){0,4}"
_WISHING = (
    rf"(?:\bi(?:['’]?d| would| do|['’]?ll)? ?{_NOW}(?:want|need|like|love|wish|prefer|have|decided)(?: to| you to| for you to)? {_NOW}"
    rf"|\b(?:can|could|would|will) you {_NOW}(?:help me (?:to )?)?|\bplease {_NOW}(?:help me (?:to )?)?|\bhelp me {_NOW}(?:to )?|\bi(?:['’]m| am) (?:looking|trying|going) to {_NOW}"
    rf"|\blet(?:['’]s| us|s) {_NOW}|\bgo ahead and {_NOW}|\b(?:want|need|like|would like) to {_NOW})"
)
# what begins a clause may be an order: "return the boots, please"
_BEGINNING = rf"(?:^|[.!;:,\n]\s*|\b(?:and|but|so|then|therefore) ){_NOW}"
_START = r"(?:start|make|open|request|initiate|arrange|ask for|file|begin|set up|submit|place) (?:a|an|the|my) (?:\w+ )?"
_ALONE = {
    Kind.CANCEL: r"cancel",
    Kind.RETURN: r"return|send (?:it|them) back",
    Kind.EXCHANGE: r"exchange|swap",
    Kind.CHANGE_ADDRESS: r"change (?:the |my )?address",
    Kind.MISSING: r"report (?:it )?(?:as )?(?:missing|lost)",
}
_WISHES = {
    kind: re.compile(
        rf"{_WISHING}(?P<verb>{verb}|(?:{_START}|an? |the |my )(?:{_NOUNS[kind]})\b(?! (?:label|policy|window|form))|(?:{_ALONE[kind]})(?: please)?(?=\W*$))"
        rf"|{_BEGINNING}(?P<order>{verb}|{_START}(?:{_NOUNS[kind]})\b)",
        re.IGNORECASE,
    )
    for kind, verb in _VERBS.items()
}
_BARE = {
    Kind.CANCEL: re.compile(
        r"\b(?:do not|don['’]?t|no longer) (?:want|need) (?:it|them|this|that|my order|the order)\b(?! to\b)", re.IGNORECASE
    ),
    Kind.MISSING: re.compile(
        rf"\b(?:never|not|(?:has|have|did|was|were|is)n['’]?t) (?:yet |even |actually |been )?(?:arrived?|come|came|received?|delivered|got(?:ten)?|get|turned up|shown? up|here)\b"
        rf"|\b{_THING}\b (?:is|was|are|seems|went|has gone|must be|got)(?: \w+){{0,2}} (?:missing|lost|stolen|gone)\b|\b(?:missing|lost|stolen) {_THING}\b"
        r"|\b(?:says?|shows?|marked|claims?|states?|listed|shown)\b.{0,30}\bdelivered\b.{0,40}\b(?:but|yet|though|not|never|nothing|nowhere|n['’]t)\b"
        rf"|\b(?:can(?:not|['’]?t)|could(?: not|n['’]?t)) find (?:my|the) {_THING}\b",
        re.IGNORECASE,
    ),
}
_VERB = {
    kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for kind, words in {
        Kind.CANCEL: r"cancel\w*",
        Kind.RETURN: r"returns?|send\w* .{0,20}back",
        Kind.EXCHANGE: r"exchang\w*|swap\w*|replace\w*",
        Kind.CHANGE_ADDRESS: r"address(?:es)?|redirect|reroute",
        Kind.MISSING: r"look for|missing|lost|investigat\w*",
    }.items()
}
# what makes a wish none: it is denied or asked about in the same breath, or only imagined
_NO_WISH = re.compile(
    r"\b(?:do not|don['’]?t|didn['’]?t|did not|wouldn['’]?t|would not|won['’]?t|never|not|whether|how|why|what|where|which|who"
    r"|(?:can|could|may|might|must|should|do|did|shall|am|was|were) i|is it possible|possible to|able to|allowed to|wanted to|was going to|already|someone|people)\b"
    r"(?:(?!\b(?:but|so|please)\b|(?:,| and) i\b)[^.!?;\n]){0,60}$"
    r"|\b(?:if|unless|before|after|when|until)\b(?:(?!\b(?:but|please)\b)[^.!?;\n]){0,60}$",
    re.IGNORECASE,
)

_YES = re.compile(
    r"\W*(?:(?:oh|ok(?:ay)?|well|all right|alright|great|perfect),? )?(?:yes|yeah|yep|yup|yea|sure|ok(?:ay)?|absolutely|definitely|certainly|of course|please do|go ahead|go for it|do (?:it|that|so)"
    r"|confirm(?:ed)?|i confirm|i agree|agreed|correct|exactly|that(?:['’]s| is) (?:right|correct|fine|ok(?:ay)?)|sounds good|right|ja|jawohl|oui|s[ií]|sim)(?![\w'’])",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"[?]|\b(?:but|wait|not|no|nope|never|instead|unless|if|when|once|until|later|first|also|except|only|without|what|how|why|which|maybe|perhaps|however|actually|other|another|different"
    r"|and(?! thank)|or|hold on)\b|n['’]t\b",
    re.IGNORECASE,
)
_NAY = (
    r"(?:no|nope|nah|never ?mind|forget (?:it|that|about it)|leave it(?: as it is| alone| be)?|stop|don['’]?t|do not|not now|rather not|better not|i changed my mind|changed my mind"
    r"|keep it(?: as it is)?|thanks?(?: you)?|abort|quit|nein|non)(?![\w'’])"
)
_NO = re.compile(rf"\W*(?:(?:oh|ok(?:ay)?|well|hm+|sorry|actually),? )?(?!thank){_NAY}(?:\W+{_NAY})*", re.IGNORECASE)
_STOPS = re.compile(
    r"\W*(?:please )?(?:cancel|abort|stop|quit|exit|drop)(?: (?:that|this|it|the request|my request|everything|asking))?(?: please)?\W*",
    re.IGNORECASE,
)
_WITHDRAWS = re.compile(
    r"\b(?:withdraw|take back|cancel|revoke|retract|undo|drop|stop)\b(?:(?! \w*order\b)[^.?!]){0,20}\b(?:requests?|(?:my|the|that) (?:cancell?ation|return|exchange|address change|report))\b"
    r"|\b(?:do not|don['’]?t|no longer)(?: \w+){0,2} (?:want|need) (?:you |them )?to (?:cancel|return|exchange|swap|send (?:it|them) back|change the address)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"[?]\s*$|^\W*(?:what|where|when|who|why|how|which|can i|could i|may i|do i|do you|is there|are there|will i|is it|does)\b",
    re.IGNORECASE,
)
_OF_REQUEST = re.compile(
    r"\b(?:my|our|the|any) (?:(?:open|last|cancell?ation|return|exchange|address change|missing parcel|missing package) ){0,3}(?:requests?|report)\b(?! (?:a|an|to)\b)"
    r"|\b(?:what|how|where|any|is|was|has|did|when|status|update|news|about)\b.{0,40}\bmy (?:cancell?ation|return|exchange|address change|change of address)\b(?! (?:window|period|policy|label))"
    r"|\b(?:have|has|did) (?:you|they|the shop|someone|somebody|anyone|a colleague)(?: \w+)? (?:cancel\w*|exchang\w*|chang\w* (?:the|my) (?:\w+ )?address|accept\w*|decid\w*)\b",
    re.IGNORECASE,
)
_NEAR = 80  # characters before a wish in which something may take it back
_SHORT = 4  # words after a no that still only say no
_LONGEST_YES = 16  # words


def hear(text: str) -> Heard:
    """Read a message; what no pattern fits is a text that says neither yes nor no and wishes nothing."""
    plain = readable(text).strip()
    withdraws = bool(_WITHDRAWS.search(plain))
    wish = None if withdraws else _wish(plain)
    return Heard(
        text=text.strip(),
        reply=_reply(plain),
        wish=wish,
        verbs=frozenset(kind for kind, verb in _VERB.items() if verb.search(plain)),
        withdraws=withdraws,
        of_request=not withdraws and wish is None and bool(_OF_REQUEST.search(plain)),
        asks=bool(_QUESTION.search(plain)) and not wish,
        stops=bool(_STOPS.fullmatch(plain)),
    )


def wish_of(text: str) -> Kind | None:
    """What a message asks to be done; None if it asks for nothing, or for several things at once."""
    plain = readable(text).strip()
    return None if _WITHDRAWS.search(plain) else _wish(plain)


def is_said_to_be_missing(text: str) -> bool:
    """Whether a parcel is told to have not come, without a word that anything shall be done about it."""
    plain = readable(text)
    return bool(_BARE[Kind.MISSING].search(plain)) and not _WISHES[Kind.MISSING].search(plain)


def other_intents(text: str, own: Intent) -> frozenset[Intent]:
    """What else a message asks about, beside what the request is for."""
    return of_clause(readable(text)) - {own}


def _wish(plain: str) -> Kind | None:
    wishes = {kind for kind, pattern in _WISHES.items() if any(_is_meant(plain, found) for found in pattern.finditer(plain))}
    if not wishes:
        wishes = {kind for kind, pattern in _BARE.items() if pattern.search(plain) and not plain.endswith("?")}
    if wishes == {Kind.RETURN, Kind.EXCHANGE}:
        return Kind.EXCHANGE  # "send them back for a bigger size"
    return wishes.pop() if len(wishes) == 1 else None


def _is_meant(text: str, found: re.Match[str]) -> bool:
    """Whether nothing before the words of a wish takes it back."""
    start = found.start("verb") if found["verb"] else found.start("order")
    return not _NO_WISH.search(text[max(start - _NEAR, 0) : start])


def _reply(text: str) -> Reply:
    if found := _YES.match(text):
        rest = text[found.end() :]
        return Reply.YES if not _HOLDS.search(rest) and len(text.split()) <= _LONGEST_YES else Reply.NEITHER
    if found := _NO.match(text):
        return Reply.NO if len(text[found.end() :].split()) <= _SHORT else Reply.NEITHER
    return Reply.NEITHER
