"""Words: which of them bear meaning, and their stems. Pure.

STOPWORDS say nothing about which item or order is meant; those of them that a policy may be about are also in SUBJECTS.
"""

import re
from functools import lru_cache

_WORDS = """
    january february march april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    ending ends digit digits news comes ever everything
    quick question questions supposed due wondering hoping guess seem seems gotten hmm honestly basically really know help weird strange
    delays delay mine yours order's history overview rest remainder remaining pls plz u ur im ive dont doesnt didnt isnt hasnt havent cant wont wasnt whats hows whens whos thats wanna
    colour color capacity material type model tuesday wednesday tonight guys folks credited credit called named mail mails showing says
    spend spent cost wedding birthday saturday sunday monday tuesday wednesday thursday friday worth piece pieces window still asap urgent urgently hi thanks
    a about above actually address after again ago all almost already also always am amount an and another any anybody
    anyone anything anyway are aren't around arrival arrive arrived arrives arriving as ask asked asking at away back be
    because been before being below best better between big both bought box broken but buy buying by bye call came can can't
    cancel canceled cancellation cancelled cancelling cannot card carrier change changed charge charged check come coming
    contain contained contains content contents cost costs could couldn't current customer damaged date day days defective
    deliver delivered deliveries delivering delivery destination detail details did didn't different dispatch dispatched do
    does doesn't doing don't done down during each either else email enough estimate estimated eta even ever every
    everything exactly exchange exchanged exchanging expect expected far faulty few find first fit fits follow for found
    from fully further gave get gets getting gift give given go goes going gone gonna good got had happen happened happening
    has hasn't have haven't having he headed hello help her here hers hey hi him his hoping how however i i'd i'll i'm i've
    if in info information inside instead into is isn't it it's item items its itself just keep kind kindly know large last
    late later latest least let like link list little ll located location long longer look looking lost lot made make makes
    many may maybe me mean might mine minute missing moment money month months more most much must my myself need needed
    needs never new newest next no nobody none nor not nothing now number of off often ok okay old on once one ones only
    onto open or order order's ordered ordering orders other others our ours out over own package packages paid parcel
    parcels past pay paying payment pending place placed please possible previous price probably product products purchase
    purchased purchases put quite rather re reach really reason receive received receiving recent recently recipient refund
    refunded refunds return returned returning returns right s said same say says see seem send sending sent several she
    ship shipment shipments shipped shipping ships shop should show since sir size small so some somebody someone something
    soon sorry status still store stuck stuff such sure swap t take taken tell than thank thanks that that's the their them
    themselves then there there's these they thing things think this those though through till time to today together told
    tomorrow too took total toward track tracking transit tried try two under until up update upon us use used usually ve
    very via wait waiting want wanted wanting wants was wasn't way we week weeks well went were what what's whatever when
    when's where where's whereabouts wheres whether which while who whole whom whose why will wish with within without won't
    wonder wondering would wouldn't wrong year years yes yesterday yet you you'd you'll you're your yours yourself
"""

STOPWORDS = frozenset(_WORDS.split())

_SUBJECTS = """
    january february march april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    colour color capacity material type model credit transit delayed pending hold open ready pack packed hours morning free late small big large price
    address arrival arrive arrived broken buy cancel cancellation cancelled card carrier change charge cost costs customer
    damaged day days defective deliver delivered delivery dispatch estimated exchange exchanged fee gift items lost missing
    money month months order orders package packages parcel parcels pay payment pickup price product products purchase
    receive received refund refunded refunds return returned returns send sent ship shipped shipping shop size stock store
    track tracking week weeks wrong year years
"""

SUBJECTS = frozenset(_SUBJECTS.split())
_FUNCTION_WORDS = STOPWORDS - SUBJECTS
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|\d+%?")


@lru_cache(maxsize=4096)  # the sentences of the same few passages are compared with every question
def terms(text: str) -> frozenset[str]:
    """The words of a text that bear meaning, cut to stems."""
    return frozenset(stem(w) for w in (m[0].lower() for m in _WORD.finditer(text)) if w not in _FUNCTION_WORDS and len(w) > 1)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without the commonest English endings; close enough to match "returned" with "returns"."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            cut = word[: -len(ending)]
            return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "ls" else cut
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
