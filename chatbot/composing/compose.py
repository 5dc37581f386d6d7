"""Evidence → an answer without a model. Pure: orders in plain sentences, policies in their own words, one draft out."""

from collections.abc import Callable, Sequence
from datetime import date

from chatbot.composing import order_wording, phrases
from chatbot.composing.choosing import Choice, choose
from chatbot.composing.deadlines import deadline
from chatbot.composing.quoting import Quoted, prefer, quote, unmentioned
from chatbot.composing.wording import count, day, distance, join, method, plain, upper_first
from chatbot.turn import Draft, Evidence, Intent, Outcome, Sentence, Understanding
from chatbot.understanding.clauses import BOTH
from orders.records import OrderRecord

_TALK = frozenset({Intent.GREETING, Intent.THANKS, Intent.GOODBYE, Intent.ABOUT_BOT, Intent.HUMAN})
_Words = Callable[[OrderRecord, date], list[str]]
_DETAILS: tuple[tuple[Intent, _Words], ...] = (
    (Intent.TRACKING, lambda order, today: order_wording.tracking(order)),
    (Intent.ITEMS, lambda order, today: order_wording.items(order)),
    (Intent.COST, lambda order, today: order_wording.cost(order)),
    (Intent.PAYMENT, lambda order, today: order_wording.payment(order, today=today)),
    (Intent.DESTINATION, lambda order, today: order_wording.destination(order)),
    (Intent.REFUND, lambda order, today: order_wording.refund(order, today=today)),
)


def compose(meaning: Understanding, evidence: Evidence, *, today: date, minimum_strength: float, shop: str) -> Draft:
    """Return the whole answer as sentences with their citations; never without a sentence."""
    if meaning.intents & {Intent.HUMAN}:
        return _said(phrases.HANDED_OFF, Outcome.HANDED_OFF)
    if meaning.wanted is None and not meaning.query:
        return _small_talk(meaning, shop)
    choice = choose(meaning, evidence.orders) if evidence.orders else Choice()
    quotes, unanswered = _quotes(meaning, evidence, choice, minimum_strength)
    told, outcome = _about_orders(meaning, evidence, choice, quotes, today)
    cited = tuple(c for q in quotes for c in q.citations)
    policy = [Sentence(q.markdown, tuple(c.n for c in q.citations), "quoted") for q in quotes]
    if policy and (names := unmentioned(meaning.query, quotes)) and meaning.signals.get("general"):
        named = join([f"“{plain(name)}”" for name in names[:3]], last="or")
        policy.append(Sentence(phrases.NOT_MENTIONED.format(names=named), support="stated"))
    if evidence.search_failed:
        policy.append(Sentence(phrases.POLICIES_UNAVAILABLE, support="stated"))
        outcome = outcome or Outcome.FAILED
    elif unanswered and (meaning.signals.get("general") or outcome is None):
        about = f"“{plain(unanswered[0][:120])}”: " if quotes or told else ""
        policy.append(Sentence(about + phrases.NOT_IN_POLICIES, support="stated"))
        outcome = outcome or (Outcome.NO_ANSWER if not quotes else None)
    conclusion = [] if choice.ask else _conclusions(meaning, choice, quotes, today)
    sentences = (*told, *conclusion, *policy)  # what follows for the order first, then the words it follows from
    return Draft(sentences, outcome or Outcome.ANSWERED, cited, _suggestions(meaning, choice, outcome))


def _said(text: str, outcome: Outcome, suggestions: tuple[str, ...] = ()) -> Draft:
    return Draft((Sentence(text, support="stated"),), outcome, suggestions=suggestions)


def _small_talk(meaning: Understanding, shop: str) -> Draft:
    for intent, text in (
        (Intent.ABOUT_BOT, phrases.ABOUT_BOT),
        (Intent.GREETING, phrases.GREETING),
        (Intent.GOODBYE, phrases.GOODBYE),
        (Intent.THANKS, phrases.WELCOME),
    ):
        if intent in meaning.intents:
            offers = phrases.SUGGESTIONS if intent in (Intent.GREETING, Intent.ABOUT_BOT) else ()
            return _said(text.format(shop=plain(shop)), Outcome.ANSWERED, offers)
    return _said(phrases.ASK_AGAIN, Outcome.ASKED_BACK, phrases.SUGGESTIONS)


def _quotes(meaning: Understanding, evidence: Evidence, choice: Choice, minimum: float) -> tuple[list[Quoted], list[str]]:
    """The policies' words, query by query, and the queries they are not likely to answer.

    For a wish about one order a weaker match with the rule behind it is still worth quoting, since the order's own dates stand
    beside it; a match with the customer's own words must be a strong one, since they are mostly about the order.
    """
    if meaning.signals.get("perhaps") and choice.orders and not meaning.intents & BOTH:
        return [], []  # it was about their order after all
    about_order = meaning.wanted is not None and bool(meaning.intents & BOTH) and not meaning.signals.get("general")
    hints = _hints(choice) if about_order and not choice.ask else ""
    quotes: list[Quoted] = []
    unanswered = []
    alone = len(meaning.queries) == 1
    most = 1 + alone if about_order else 2 + alone
    for query, found in zip(meaning.queries, evidence.searches, strict=False):
        rule = about_order and query not in meaning.signals.get("said", ())
        needed = minimum * 0.6 if rule else min(minimum + 0.3, 0.9) if about_order else minimum
        fresh = [p for p in found.passages if all(p.chunk_id != q.passage.chunk_id for q in quotes)]
        if hints:
            fresh = list(prefer(fresh, " ".join(str(o.status) for o in choice.orders)))
        words = quote(fresh, f"{query} {hints}", first=len(quotes) + 1, most=most) if found.strength >= needed else []
        quotes += words
        if not words:
            unanswered.append(query)
    return quotes, unanswered


def _hints(choice: Choice) -> str:
    """What the orders meant are like, to prefer the sentence or row that is about such orders."""
    states = [str(order.status) for order in choice.orders]
    ways = [method(t.method) for order in choice.orders for t in order.transactions]
    return " ".join(dict.fromkeys((*states, *ways)))


def _about_orders(
    meaning: Understanding, evidence: Evidence, choice: Choice, quotes: Sequence[Quoted], today: date
) -> tuple[list[Sentence], Outcome | None]:
    """Return what is said of orders, and the outcome if it is decided by that."""
    if meaning.wanted is None:
        return [], None
    if evidence.orders_error:
        return [Sentence(evidence.orders_error, support="stated")], Outcome.FAILED if not quotes else Outcome.ANSWERED
    if evidence.needs_sign_in:
        return [Sentence(phrases.SIGN_IN, support="stated")], Outcome.ASKED_BACK
    found = evidence.orders
    if meaning.signals.get("perhaps") and not choice.orders:
        return [], None
    if found is None or (not choice.orders and not found.missing):
        return [Sentence(phrases.NO_ORDERS, support="stated")], Outcome.NOT_FOUND
    said = []
    if found.missing:
        numbers = join([f"**{plain(m)}**" for m in found.missing[:5]], last="or")
        said.append(Sentence(phrases.NOT_YOURS.format(numbers=numbers), support="stated"))
    if not choice.orders:
        return said, Outcome.NOT_FOUND
    if choice.ask:
        return [*said, *_which(choice, today)], Outcome.ASKED_BACK
    if _unnamed(meaning, found.narrowed):
        said.append(Sentence(phrases.NOT_AMONG.format(words=plain(" ".join(meaning.wanted.words[:6]))), support="stated"))
    said += _list(choice, today) if len(choice.orders) > 1 and not _details(meaning) else _each(meaning, choice, today)
    return said, Outcome.ANSWERED


def _unnamed(meaning: Understanding, narrowed: bool) -> bool:
    """Whether the customer named an item of theirs that no order has: better said than passed over."""
    return bool(meaning.wanted and meaning.wanted.words and not narrowed and meaning.signals.get("names_item"))


def _details(meaning: Understanding) -> list[Intent]:
    return [intent for intent, _ in _DETAILS if intent in meaning.intents]


def _each(meaning: Understanding, choice: Choice, today: date) -> list[Sentence]:
    said: list[Sentence] = []
    for order in choice.orders:
        parts = order_wording.status(order, today=today) if Intent.TRACKING in meaning.intents and order.is_open else []
        for intent, words in _DETAILS:
            if intent in meaning.intents:
                parts += words(order, today)
        if Intent.COST in meaning.intents and meaning.wanted and meaning.wanted.words:
            parts += order_wording.items(order)  # "how much was the jacket": a price of its own
        # where it is, when nothing else was asked, or when that was asked too
        if not parts or Intent.STATUS in meaning.intents or meaning.intents & (BOTH - {Intent.REFUND}):
            parts = order_wording.status(order, today=today) + [
                p for p in parts if p not in order_wording.status(order, today=today)
            ]
        said += [Sentence(block, support=f"order {order.number}") for block in blocks(parts)]
    return said


def _list(choice: Choice, today: date) -> list[Sentence]:
    open_ones = [o for o in choice.orders if o.is_open]
    kind = "open order" if len(open_ones) == len(choice.orders) else "order"
    total = len(choice.orders) + choice.more
    lines = [f"You have {count(total, kind)}{f'; these are the newest {len(choice.orders)}' if choice.more else ''}:"]
    lines += [f"- {_line(o, today)}" for o in choice.orders]
    return [Sentence(block, support="orders") for block in blocks(lines)]


def _line(order: OrderRecord, today: date) -> str:
    inside = order_wording.contents(order, limit=2)
    return (
        f"**{plain(order.number)}**{f' ({inside})' if inside else ''} {order_wording.headline(order, today=today, sentence=True)}."
    )


def _which(choice: Choice, today: date) -> list[Sentence]:
    lines = ["Which order do you mean?", *(f"- {_line(o, today)}" for o in choice.orders)]
    if choice.more:
        lines.append(f"- … or one of {choice.more} more: tell me its number.")
    return [Sentence(block, support="orders") for block in blocks(lines)]


def _conclusions(meaning: Understanding, choice: Choice, quotes: Sequence[Quoted], today: date) -> list[Sentence]:
    """What the quoted period means for the order's own dates, said as following from that sentence and nothing more."""
    if not meaning.intents & {Intent.RETURN, Intent.EXCHANGE} or not quotes or len(choice.orders) != 1:
        return []
    order = choice.orders[0]
    word = "return" if Intent.RETURN in meaning.intents else "exchang"
    best = next((q for q in quotes if word in q.text.lower() and deadline(q.text, order)), None)
    limit = deadline(best.text, order) if best else None
    if best is None or limit is None:
        return []
    n = best.citations[0].n
    start = "delivery" if limit.after_delivery else "order"
    said = f"Counting {limit.days} days from the {start} on {day(limit.counted_from, today=today)}, the last day"
    if limit.last_day >= today:
        said += f" is {day(limit.last_day, today=today)} ({distance(limit.last_day, today=today)}), as far as that rule applies to your items. [{n}]"
    else:
        said += f" was {day(limit.last_day, today=today)} ({distance(limit.last_day, today=today)}), so by that rule the time has passed. [{n}]"
    return [Sentence(said, (n,), f"derived from order {order.number} and citation {n}")]


def _suggestions(meaning: Understanding, choice: Choice, outcome: Outcome | None) -> tuple[str, ...]:
    if choice.ask:
        return tuple(order.number for order in choice.orders)
    if outcome is Outcome.NO_ANSWER:
        return (phrases.TALK_TO_A_PERSON,)
    if outcome is Outcome.ANSWERED and len(choice.orders) == 1 and not meaning.signals.get("general"):
        order = choice.orders[0]
        offers = [
            phrases.TRACK if order.is_open and order.shipments else "",
            phrases.WHAT_IS_IN_IT if Intent.ITEMS not in meaning.intents else "",
        ]
        offers.append(
            phrases.RETURN_IT if order.delivered_at and not order.is_open and Intent.RETURN not in meaning.intents else ""
        )
        return tuple(o for o in offers if o and not (o == phrases.TRACK and Intent.TRACKING in meaning.intents))
    return ()


def blocks(sentences: Sequence[str]) -> list[str]:
    """Join sentences to paragraphs; list lines stay with the sentence that leads them in."""
    made: list[str] = []
    for sentence in sentences:
        if sentence.startswith("- "):
            made[-1:] = [f"{made[-1]}\n{sentence}"] if made else [sentence]
        elif made and "\n- " not in made[-1] and not made[-1].endswith(":") and not sentence.endswith(":"):
            made[-1] = f"{made[-1]} {sentence}"
        else:
            made.append(upper_first(sentence))
    return made
