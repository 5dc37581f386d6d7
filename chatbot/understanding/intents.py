"""Words that tell what a customer wants. Pure: one clause in, intents out.

The patterns are kept wide where a wrong hit is harmless (an order is looked up that is not shown) and narrow where it is not.
"""

import re

from chatbot.turn import Intent

_THING = (
    r"(?:orders?|parcels?|packages?|pakages?|packets?|deliver(?:y|ies)|shipments?|purchases?|stuff|items?|things?|goods|boxe?s?)"
)
_NOT = r"(?:n['’]?t| not|nt)"


def _words(*patterns: str) -> re.Pattern[str]:
    """One pattern of several; a word between others may have a hyphen or an apostrophe ("when do the tri-clamps come")."""
    joined = "|".join(patterns).replace(r"(?: \w+)", r"(?: [\w'’-]+)").replace(r"(?:\w+ )", r"(?:[\w'’-]+ )")
    return re.compile(rf"\b(?:{joined})\b", re.IGNORECASE)


PATTERNS: dict[Intent, re.Pattern[str]] = {
    Intent.HUMAN: _words(
        r"(?:talk|speak|chat|write|connect|transfer|put|get|pass)(?: \w+){0,3} (?:to|with|through to|me)(?: \w+){0,3} "
        r"(?:human|person|people|agent|someone|somebody|representative|rep|staff|colleague|employee|operator|manager|support|team)",
        r"(?:real|actual|live|human) (?:human|person|people|agent|being|support|operator)",
        r"(?:want|need|prefer|get me|give me) an? (?:human|person|agent|representative|operator|manager)",
        r"human,? please|customer service (?:agent|rep\w*)|complain to",
    ),
    Intent.ABOUT_BOT: _words(
        r"(?:who|what) are you",
        r"are you (?:a |an |really |even )*(?:bot|robot|human|person|ai|machine|real)",
        r"what (?:can|do) you (?:do|help|know)\b.*",
        r"how can you help",
    ),
    Intent.ORDER_LIST: _words(
        r"(?:list|show|see|view|all|which|what)(?: me)?(?: all)?(?: of)?(?: my| the| your)? (?:\w+ )?(?:orders|purchases)",
        r"how many orders|(?:do|did|have) i have (?:any |an )?(?:\w+ ){0,2}orders?",
        r"(?:my|our) (?:open |past |previous |old |recent |current )?orders",
        r"order history|orders (?:do|did|have) i",
        r"(?:which|what)(?: of)?(?: my)? (?:orders?|purchases?)(?: of mine)? (?:was|were|is|are|got|has|have)",
        r"what (?:do|have) i (?:still )?(?:have )?(?:got )?(?:open|outstanding|pending)|what(?:['’]?s| is| are) (?:still )?(?:open|outstanding)",
    ),
    Intent.TRACKING: _words(
        r"track(?:ing)?(?: \w+){0,2}",
        r"(?:follow|trace) (?:my|the|this|that|it)",
        r"(?:which|what) carrier|who (?:is )?(?:deliver|carr)\w*",
    ),
    Intent.STATUS: _words(
        rf"(?:where|were|wher|whers|wheres)(?:['’]?s| is| are)? (?:\w+ ){{0,2}}?(?:my|our|the|this|that|it|they|them|#?\w*\d\w*|{_THING})(?: \w+)?",
        r"where(?:abouts)? (?:has|did|have) (?:my|the|it)",
        rf"status (?:of|on|for|update)|(?:order|delivery|shipping|{_THING}) status|status(?=\W*$)|what(?:['’]?s| is) (?:the )?status",
        r"when (?:will|is|are|does|do|can|should|would|did|was|were)(?: \w+){0,8} "
        r"(?:arriv\w*|com(?:e|ing)|deliver\w*|get here|be here|expect\w*|ship\w*|sent|here|due|land|get (?:it|them|my)|receive\w*|reach\w*|dispatch\w*)",
        rf"when (?:will|do|can) i (?:get|receive|have|expect) (?:my|the|it|them) ?{_THING}?",
        rf"(?:has|have|is|are|was|were|did|does)(?:{_NOT})? (?:my|the|it|they|this|that|our)(?: \w+){{0,4}} "
        r"(?:ship\w*|sent|arriv\w*|left|deliver\w*|dispatch\w*|go(?:ne)? out|on (?:its|the|their) way|late|delayed|lost|stuck|here|there|coming|processed|ready|on hold|held up|done|finished|packed|prepared|completed?)",
        r"(?:is|are) (?:there )?(?:anything|something)(?: \w+)? (?:on (?:its|the|their) way|coming|arriving|open|outstanding)|(?:which|what) of my (?:orders|parcels|packages|things|items)",
        r"how (?:long|much longer)(?: \w+){0,3} (?:until|till|before|for) (?:my|it|the)",
        r"how long (?:will|is|does) (?:my|it)(?: \w+){0,3} (?:take|be)",
        r"(?:still )?waiting (?:for|on) (?:my|the|it|an?|delivery)|been waiting",
        r"where(?:['’]?s| is| are| was) (?:what|everything|something|the (?:thing|one|stuff)s?) (?:that )?(?:i|we)",
        r"(?:any|what(?:['’]?s| is) the|give me an?) (?:news|updates?|progress|eta)",
        r"(?:check|look up|find|look into|about|update on|news on|happen(?:ed|ing)? (?:to|with)|what about|going on with) (?:on )?(?:my|the|this|that|order)(?: \w+){0,3}",
        r"(?:is|are|was|were|still|running|seems|be|been) (?:so |very |really |already |a bit )?(?:late|delayed|overdue|stuck)",
        r"\beta\b|arrival date|delivery (?:date|estimate)|estimated delivery|expected (?:date|delivery)|out for delivery",
        rf"(?:has|have|is|was|did)(?:{_NOT}) (?:arrived|come|shipped|been (?:sent|shipped|delivered))",
        r"(?:has|have)(?: \w+){1,5} (?:shipped|arrived|left|gone out|been (?:sent|shipped|delivered|dispatched|despatched))",
        r"supposed to (?:be|arrive|come|have|get)|should(?:['’]?ve| have) (?:been|arrived|come)|(?:was|were|is|are) due",
        r"what(?:['’]?s| is) (?:going on|happening|up with)|where(?:['’]?s| is| are) (?:everything|all)",
        r"(?:will|do|can|should|might) i (?:get|receive|have) (?:my|it|them|the)(?: \w+){0,3}",
        r"(?:did|have) you (?:\w+ )?(?:ship|send|sent|deliver|dispatch)\w*|how many (?:parcels|packages|boxes|shipments)",
        r"is it (?:here|there) yet|when(?:['’]?s| is) (?:it|my)",
        r"will (?:my|the|it|they|this|that|everything)(?: \w+){0,4} (?:arrive|come|ship|get here|make it|be (?:here|delivered|sent|shipped|late))",
        r"(?:is|are) (?:my|the)(?: \w+){1,4} (?:coming|here|arriving|delayed|lost|on (?:its|the|their) way)",
        r"how (?:late|overdue|far away)|(?:still|yet) to (?:come|arrive|follow|be (?:sent|shipped|delivered))|(?:which|what) (?:parcel|package|box)",
        r"when did i (?:\w+ )?(?:order|buy|purchase|place)|when was (?:it|my|the)(?: \w+){0,3} (?:ordered|placed|bought|sent|shipped|dispatched)",
        r"what (?:has|have|was|is)(?: \w+){0,2} (?:been )?(?:sent|shipped|delivered|left)",
    ),
    Intent.ITEMS: _words(
        r"what(?:['’]?s| is| was| were| are|)(?: \w+){0,3} (?:in|inside|part of) (?:it|my|the|that|this|order)(?: \w+){0,3}",
        r"what (?:all )?(?:did|have|had|do) i (?:\w+ )?(?:order|buy|bought|purchase|get)\w*",
        r"(?:which|what) (?:items?|products?|things?|articles?|size|colou?r|model)(?: \w+){0,3} (?:i|in|are|did|is|was|of|my|the)",
        r"contents?(?: of)?|list (?:of )?(?:the )?items|items? (?:in|of) (?:my|the|that|this|order|it)",
        r"(?<!when )(?:did|have) i (?:ever |already )?(?:order|ordered|buy|bought) (?:the|an?|any|my|\d)",
        r"(?<!is )(?<!has )(?<!['’]s )(?<!will )(?:everything|all(?: that)?) (?:that )?i(?:['’]ve| have)? (?:ordered|bought|purchased)",
        r"how many (?:\w+ ){0,2}?(?:items|things|pieces|products|articles|units)",
        r"how many (?:\w+ ){1,5}?(?:did|have|had|do) i (?:\w+ )?(?:order|buy|bought|purchase|get|have)\w*",
        r"(?:is|was|are|were) (?:the|my|an?) (?:\w+ ){1,4}?(?:in|part of|included in) (?:my|the|that|this|it)(?: \w+)?",
    ),
    Intent.COST: _words(
        r"how much (?:was|is|were|did|does|do|have)(?: \w+){0,4}",
        r"(?:what|how much) (?:did|was|is|were|does)(?: \w+){0,4} (?:cost|price|total|pay|paid|spend|spent|amount|come to|worth)",
        r"(?:total|price|cost|amount|value|sum) (?:of|for|on) (?:my|the|that|this|it|order)",
        r"(?:the|order|my) total|grand total",
    ),
    Intent.PAYMENT: _words(
        r"how (?:did|was|were|have|had)(?: \w+){0,4} (?:pay|paid|charged|billed)",
        r"(?:what|which) (?:payment|card|credit card|account)(?: \w+){0,5}",
        r"payment (?:method|type|history|details)s?(?: \w+){0,3}",
        r"(?:did|have) you (?:get|got|gotten|receive|received|see) (?:my|the|our) (?:payment|money|transfer)|payment (?:gone|go|went|come|came) through",
        r"(?:is|was|has|are|were) (?:it|that|they|(?:my|the|this) \w+)(?: already)?(?: been)? paid(?! back)",
        r"(?:pay|paid) (?:with|by|using|for)|(?:was|were|been|am|got) (?:i )?(?:double |over)?charged|charge on my|billed",
    ),
    Intent.DESTINATION: _words(
        r"where(?:['’]?s| is| was| will| does| are| did)(?: \w+){0,5} (?:going|go|(?:sent|ship\w*|deliver\w*|headed|head) to|being (?:sent|shipped|delivered))",
        r"(?:which|what)(?: \w+){0,3} address(?: \w+){0,6}",
        r"(?:does|do|is|are|will|did|was|were) (?:my|the|this|that|it|they|our)(?: \w+){0,4}? "
        r"(?:go|going|come|being (?:sent|shipped|delivered)|sent|ship|shipped|be (?:sent|shipped|delivered)|deliver|delivered) (?:there|to (?!me\b|the (?:right|same)\b))",
        r"(?:delivery|shipping|ship[- ]to|destination) address (?:of|for|on)|(?:sent|going|ship\w*|deliver\w*) to (?:which|what|the right|my)",
        r"(?:what|which|whose) (?:city|country|name|person|recipient)(?: \w+){0,4} (?:sent|going|ship\w*|deliver\w*|on)",
    ),
    Intent.REFUND: _words(
        r"re-?fund\w*",
        r"where(?:['’]?s| is) my money",
        r"money back|credited|credit note|(?:paid|pay|given|gave|transferred)(?: \w+){0,2} back|money(?: \w+){0,4} back",
        r"(?:how much|what|did|when)(?: \w+){0,4} (?:get|got|gotten|receive|received)(?: \w+){0,2} back",
        r"reimburs\w*",
        r"(?:get|give|got)(?: \w+){0,3} back (?:my|the) money",
    ),
    Intent.RETURN: _words(
        r"return(?:s|ing|able)?|(?:be|been|being|gets?) returned",
        r"send(?:ing)? (?:\w+ ){0,4}back|sent (?:it|them) back|bring (?:it|them|this|these) back|give (?:it|them) back",
        r"take (?:it|them|this|these) back",
        r"keep (?:it|them) any ?more|(?:does|do|did)(?:n['’]?t| not) fit|too (?:small|big|large|tight|short|long|wide|narrow)",
    ),
    Intent.EXCHANGE: _words(
        r"exchang\w*|swap\w*|trade (?:it|them|in)",
        r"(?:different|another|bigger|smaller|larger|new) (?:size|colou?r|one)|other (?:size|colou?r)",
        r"(?:chang|switch|modif)\w* (?:the |its |their )?(?:sizes?|colou?rs?|options?|items?|quantity|model)",
    ),
    Intent.CANCEL: _words(
        r"cancel\w*",
        r"(?:do|don['’]?t|no longer)(?: not)? (?:want|need) (?:it|them|this|the order|my order)(?: \w+)?",
        r"(?:stop|call off|undo|revoke|withdraw) (?:my|the|this|that|it)(?: \w+)?",
        r"ordered (?:it |this |them )?by (?:mistake|accident)",
    ),
    Intent.CHANGE_ADDRESS: _words(
        r"(?:chang|updat|correct|edit|fix|modif|redirect|rerout|alter|switch)\w*(?: \w+){0,6} (?:address|destination|street|zip|postcode)",
        r"(?:wrong|incorrect|old|different|another|new|mistyped|incomplete)(?: \w+){0,3} (?:address|street|house number|zip|postcode)",
        r"address(?: \w+){0,4} (?:wrong|incorrect|changed?|mistake|typo|outdated)",
        r"(?:redirect|reroute|divert|forward) (?:my|the|it|this|that|an?)(?: \w+)?|(?:have|has|just|i) (?:just )?moved|i(?:['’]m| am) moving",
        r"(?:send|ship|deliver) (?:it|them|my \w+|the \w+)(?: instead)? to (?:a|an|my) (?:different|new|other|another|work|office|neighbou?r)\w*(?: \w+)?",
    ),
    Intent.PARCEL_PROBLEM: _words(
        r"(?:lost|missing|stolen|vanished|disappeared|damaged|broken|torn|cracked|smashed|dented|soaked|ripped|defective|faulty)",
        r"(?:does|did|do)(?:n['’]?t| not) work|stopped working|fell apart|came apart|has a (?:hole|tear|crack|defect)",
        r"(?:wrong|incorrect|different) (?:item|product|size|colou?r|thing|one)s?(?: \w+){0,3} (?:arrived|came|sent|delivered|received|in)",
        r"(?:received|got|sent me|delivered)(?: \w+){0,2} (?:wrong|incorrect) \w+",
        r"never (?:arrived|came|got|received|showed up|turned up|delivered)",
        rf"(?:did|have|has|had|was|is|does)(?:{_NOT}) (?:\w+ ){{0,3}}?(?:arrived?|received?|got|gotten|shown? up|turned up|come|here|get)",
        r"(?:says|say|shows?|marked|claims?|states?|listed)(?: \w+){0,4} delivered",
        r"(?:is|are|was|were|running|seems|be|been) (?:so |very |really |already |a bit )?(?:late|overdue|stuck)",
        r"empty (?:box|parcel|package)|(?:item|part|piece|something) (?:is |was |are )?missing",
    ),
}

GREETING = re.compile(
    r"^\W*(?:hi+|hello+|hey+|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|hallo|hola|bonjour|salut|ciao|moin)"
    r"(?: there| again| all| everyone| team| bot| fernhill)?\b[\s,.!:;)-]*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\b(?:thanks?(?: you)?|thx|ty|cheers|much appreciated|merci|danke|gracias)\b(?: (?:so|very) much| a lot| again| for .{0,60})?[\s,.!:;)-]*",
    re.IGNORECASE,
)
_GOODBYE = re.compile(
    r"\b(?:(?:good ?)?bye+(?: bye)?|see (?:you|ya)|that(?:['’]s| is| was) all|nothing else|have a (?:nice|good|great) \w+)\b[\s,.!]*",
    re.IGNORECASE,
)
_NODS = re.compile(
    r"^\W*(?:ok(?:ay)?|great|perfect|cool|nice|awesome|super|good|wonderful|brilliant|got it|i see|alright|all right|sure)\b[\s,.!]*",
    re.IGNORECASE,
)


def small_talk(text: str) -> tuple[frozenset[Intent], str]:
    """Return greeting, thanks and goodbye, and what is left of the text without them."""
    intents: set[Intent] = set()
    left = text
    for pattern, intent in (
        (GREETING, Intent.GREETING),
        (_THANKS, Intent.THANKS),
        (_GOODBYE, Intent.GOODBYE),
        (_NODS, Intent.THANKS),
    ):
        shorter = pattern.sub(" ", left, count=1)
        if shorter != left:
            left = shorter
            intents.add(intent)
    return frozenset(intents), left.strip(" \t\n,.!;:-")


_BARE = re.compile(
    r"(?:my )?(?:orders?|parcels?|packages?|delivery|shipment)(?: status| info(?:rmation)?| details| update)?(?: please)?",
    re.IGNORECASE,
)


_CANCELLED_ONE = re.compile(r"\b(?:the|my|that) (?:\w+ )?cancell?ed (?:ones?|orders?|purchases?)\b", re.IGNORECASE)
_WHERE_IS = re.compile(r"\bwhere(?:['’]?s| is| are)\b", re.IGNORECASE)
_ASKS_PAYMENT = re.compile(r"\b(?:how|which|what|did|have|was|were|double)\b", re.IGNORECASE)


def of_clause(clause: str) -> frozenset[Intent]:
    """Return what one clause asks for; nothing when no pattern fits. Narrower wishes replace the wider one they contain."""
    found = {intent for intent, pattern in PATTERNS.items() if pattern.search(clause)}
    if not found and _BARE.fullmatch(clause.strip(" ?!.,")):
        return frozenset({Intent.STATUS})
    if Intent.CANCEL in found and not PATTERNS[Intent.CANCEL].search(_CANCELLED_ONE.sub(" ", clause)):
        found.discard(Intent.CANCEL)  # "the cancelled one" names an order, and wishes nothing
    specific = found - {Intent.STATUS, Intent.PARCEL_PROBLEM}
    if specific & {
        Intent.REFUND,
        Intent.DESTINATION,
        Intent.CHANGE_ADDRESS,
        Intent.ITEMS,
        Intent.PAYMENT,
        Intent.ORDER_LIST,
        Intent.TRACKING,
    }:
        found.discard(Intent.STATUS)
    if Intent.ORDER_LIST in found:
        found.discard(Intent.PARCEL_PROBLEM)  # "show my delivered orders"
    if Intent.CHANGE_ADDRESS in found:
        found.discard(Intent.DESTINATION)
    if Intent.PAYMENT in found and _WHERE_IS.search(clause) and not _ASKS_PAYMENT.search(clause):
        found = (found - {Intent.PAYMENT}) | {Intent.STATUS}  # "I paid with my card, where is it?"
    if (
        Intent.PAYMENT in found
        and Intent.COST in found
        and not re.search(r"\b(?:how much|total|cost|price)\b", clause, re.IGNORECASE)
    ):
        found.discard(Intent.COST)
    if found & {Intent.REFUND, Intent.RETURN, Intent.EXCHANGE, Intent.CANCEL}:
        # "how much do I get back", "what can be returned": not questions about the order's total or items
        found -= {Intent.COST, Intent.ITEMS}
    return frozenset(found)
