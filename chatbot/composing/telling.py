"""What is said of a customer's orders: one of them, a list, or the question which is meant. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from chatbot.composing import order_wording, phrases, traits
from chatbot.composing.choosing import Choice, listed_states
from chatbot.composing.item_wording import asked_items, item_cost, named_lines
from chatbot.composing.verdicts import verdict
from chatbot.composing.wording import count, day, join, money, plain, upper_first
from chatbot.turn import Evidence, Intent, Outcome, Sentence, Understanding
from chatbot.understanding.clauses import ABOUT_AN_ORDER, BOTH
from orders.records import OrderRecord, Status
from orders.wanted import OrdersFound

_A_SHARE = re.compile(r"\b(?:shipping|postage|delivery (?:fee|cost|charge)|tax|vat)\b", re.IGNORECASE)
_TO_CANCEL = re.compile(r"\bcancel(?:ling|ing)?\b|\bstorniere\w*|\bannuler\b|\bcancelar\b", re.IGNORECASE)
_DETAILS = (Intent.TRACKING, Intent.ITEMS, Intent.COST, Intent.PAYMENT, Intent.DESTINATION, Intent.REFUND)


def about_orders(meaning: Understanding, evidence: Evidence, choice: Choice, today: date) -> tuple[list[Sentence], Outcome | None]:
    """Return what is said of orders, and the outcome if it is decided by that."""
    said, outcome = _about_orders(meaning, evidence, choice, today)
    if evidence.orders_age and any(sentence.support != "stated" for sentence in said):
        said.append(Sentence(phrases.NOT_OF_NOW.format(age=evidence.orders_age), support="stated"))
    return said, outcome


def _about_orders(meaning: Understanding, evidence: Evidence, choice: Choice, today: date) -> tuple[list[Sentence], Outcome | None]:
    if meaning.wanted is None:
        return [], None
    if evidence.orders_error:
        return [Sentence(evidence.orders_error, support="stated")], Outcome.FAILED
    if evidence.needs_sign_in:
        return [Sentence(phrases.SIGN_IN, support="stated")], Outcome.ASKED_BACK
    found = evidence.orders
    if meaning.signals.get("perhaps") and not choice.orders:
        return [], None
    if found is not None and found.records and not choice.orders and not found.missing:
        return [Sentence(_none_of_them(meaning, found), support="orders")], Outcome.ANSWERED
    if found is None or (not choice.orders and not found.missing and not found.suggested):
        return [Sentence(phrases.NO_ORDERS, support="stated")], Outcome.NOT_FOUND
    said = _not_found(found, today)
    if not choice.orders:
        return said, Outcome.ASKED_BACK if found.suggested else Outcome.NOT_FOUND
    if choice.ask:
        return [*said, *_which(choice, today)], Outcome.ASKED_BACK
    unnamed = _unnamed(meaning, found.narrowed)
    if unnamed:
        said.append(Sentence(phrases.NOT_AMONG.format(words=plain(" ".join(meaning.wanted.words[:6]))), support="stated"))
    elif note := _nothing_like_it(meaning, choice, found):
        said.append(Sentence(note, support="orders"))
        unnamed = True
    brief = len(choice.orders) > 1 and not meaning.intents.intersection(_DETAILS)
    details = meaning.intents & {Intent.COST, Intent.PAYMENT, Intent.TRACKING, Intent.REFUND}
    if brief or (Intent.ORDER_LIST in meaning.intents and not details):
        return [*said, *_list(choice, today)], Outcome.ANSWERED
    said += _each(meaning, choice, today, named=not unnamed)
    if Intent.COST in meaning.intents:
        said += _together(choice)
    return said, Outcome.ANSWERED


def _not_found(found: OrdersFound, today: date) -> list[Sentence]:
    """That numbers are none of the customer's, each with those of their own that it may have been meant for."""
    near = dict.fromkeys(one.asked for one in found.suggested)
    said = [Sentence(_did_you_mean(number, found, today), support="orders") for number in near]
    if plainly := [number for number in found.missing if number not in near]:
        numbers = join([f"**{plain(number)}**" for number in plainly[:5]], last="or")
        said.insert(0, Sentence(phrases.NOT_YOURS.format(numbers=numbers), support="stated"))
    return said


def _did_you_mean(asked: str, found: OrdersFound, today: date) -> str:
    """ "I cannot find order **#W2378157** among your orders. Did you mean **#W2378156** of Tuesday 3 March?" """
    offered = [one for one in found.suggested if one.asked == asked]
    named = [f"**{plain(one.number)}**{f' of {day(one.placed_on, today=today)}' if one.placed_on else ''}" for one in offered]
    return f"{phrases.NEARLY_YOURS.format(number=f'**{plain(asked)}**')} {phrases.DID_YOU_MEAN} {join(named, last='or')}?"


def _none_of_them(meaning: Understanding, found: OrdersFound) -> str:
    """That no order is in the state asked for, or at the place ("the order before that"), or that this cannot be told."""
    if meaning.signals.get("by_total"):
        return phrases.TOO_MANY_ORDERS if found.is_partial else phrases.NOT_COMPARABLE
    if found.is_partial and (meaning.signals.get("place") or {}).get("at") is not None:
        return phrases.TOO_MANY_ORDERS
    if not (states := listed_states(meaning)):
        return phrases.NO_OTHER
    if found.is_partial:
        return phrases.NONE_OF_THE_NEWEST.format(count=len(found.records), state=states[0])
    return phrases.NONE_IN_STATE.format(state=states[0])


def _unnamed(meaning: Understanding, narrowed: bool) -> bool:
    """Whether the customer named an item of theirs that no order has: better said than passed over."""
    named = bool(meaning.wanted and meaning.wanted.words and not narrowed and meaning.signals.get("names_item"))
    return named and Intent.ORDER_LIST not in meaning.intents


def _nothing_like_it(meaning: Understanding, choice: Choice, found: OrdersFound) -> str:
    """That no order is from the day, of the sum or paid as was said, when others are shown instead; "" if none was said."""
    wanted, how = meaning.wanted, str(meaning.signals.get("paid_with", ""))
    if how and wanted is not None and not wanted.names_numbers and not traits.paid_with(choice.orders, how):
        if not traits.knows_payments(found.records):
            return phrases.NO_PAYMENTS
        some = found.narrowed or found.is_partial  # others of theirs, which were not asked for, may have been paid so
        return (phrases.NONE_OF_THESE_PAID_WITH if some else phrases.NOT_PAID_WITH).format(how=plain(how))
    if found.narrowed or wanted is None or not (wanted.on_or_after or wanted.before or wanted.amount is not None):
        return ""
    if wanted.amount is not None:
        return phrases.NOT_AT_THAT_PRICE
    return phrases.NOT_THEN if any(order.placed_at for order in choice.orders) else phrases.NO_DAYS


def _each(meaning: Understanding, choice: Choice, today: date, *, named: bool) -> list[Sentence]:
    """named: the orders are those the customer spoke of, so that a yes or no to the question can be theirs."""
    said: list[Sentence] = []
    for order in choice.orders:
        parts = _of_one(meaning, order, today)
        sure = len(choice.orders) == 1 and named and Intent.DESTINATION not in meaning.intents
        answer = verdict(str(meaning.signals.get("about_order", "")), order) if sure else ""
        if answer and parts:
            parts[0] = f"{answer}: {parts[0][:1].lower()}{parts[0][1:]}"
        said += [Sentence(block, support=f"order {order.number}") for block in blocks(parts)]
    return said


def _together(choice: Choice) -> list[Sentence]:
    """The sum of several orders' totals, if all that are meant are known, and in one currency."""
    orders = (*choice.orders, *choice.others)
    totals = [order.total for order in orders if order.total is not None]
    if len(orders) < 2 or len(totals) < len(orders) or len({order.currency for order in orders}) > 1 or not choice.is_all:
        return []
    beside = f" with {count(len(choice.others), 'further order')}" if choice.others else ""
    return [Sentence(f"Together{beside} that is {money(sum(totals, Decimal(0)), orders[0].currency)}.", support="orders")]


def _of_one(meaning: Understanding, order: OrderRecord, today: date) -> list[str]:
    """The sentences about one order, what was asked first."""
    intents = meaning.intents
    words = meaning.wanted.words if meaning.wanted else ()
    asked = str(meaning.signals.get("about_order", ""))
    wishes = intents & (BOTH - {Intent.REFUND})
    already = order.status is Status.CANCELLED and Intent.CANCEL in intents and bool(_TO_CANCEL.search(asked))
    state = order_wording.status(order, today=today, already=already)
    parts: list[str] = []
    if Intent.TRACKING in intents:
        parts += [*(state if order.is_open else []), *order_wording.tracking(order)]
    if Intent.ITEMS in intents or (not intents & (ABOUT_AN_ORDER | BOTH) and named_lines(order, words)):
        parts += asked_items(order, words, asked)
    if Intent.COST in intents:
        parts += [*item_cost(order, words), *order_wording.cost(order), *([phrases.TOTAL_ONLY] if _A_SHARE.search(asked) else [])]
    if Intent.PAYMENT in intents:
        parts += order_wording.payment(order, today=today)
    if Intent.DESTINATION in intents:
        parts += order_wording.destination(order)
    if Intent.REFUND in intents:
        parts += order_wording.refund(order, today=today)
    # where it is, when nothing else was asked, or when that was asked too
    if not parts or Intent.STATUS in intents or wishes:
        parts = [*state, *order_wording.milestones(order, asked, today=today), *(p for p in parts if p not in state)]
    return parts


def _list(choice: Choice, today: date) -> list[Sentence]:
    known = (*choice.orders, *choice.others)
    counted = choice.more == len(choice.others)  # otherwise the others are counted, and nothing else is known of them
    kind = "open order" if counted and all(o.is_open for o in known) else "order"
    total = len(choice.orders) + choice.more
    least = "at least " if choice.unread and counted else ""
    newest = f"; these are the newest {len(choice.orders)}" if choice.more else ""
    lines = [f"You have {least}{count(total, kind)}{newest}:"]
    if choice.among and (newest or least):
        lines = [f"{upper_first(least)}{count(total, 'order')} of yours fit{newest}:"]
    elif choice.among:
        lines = [f"These {count(total, 'order')} of yours fit:"] if total > 1 else ["This order of yours fits:"]
    lines += [f"- {_line(o, today)}" for o in choice.orders]
    return [Sentence(block, support="orders") for block in blocks(lines)]


def _line(order: OrderRecord, today: date) -> str:
    inside = order_wording.contents(order, limit=2)
    return (
        f"**{plain(order.number)}**{f' ({inside})' if inside else ''} {order_wording.headline(order, today=today, sentence=True)}."
    )


def _which(choice: Choice, today: date) -> list[Sentence]:
    lines = ["Which order do you mean?", *(f"- {_line(o, today)}" for o in choice.orders)]
    if choice.unread:
        lines.append("- … or another one: tell me its number.")
    elif choice.more:
        lines.append(f"- … or one of {choice.more} more: tell me its number.")
    return [Sentence(block, support="orders") for block in blocks(lines)]


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
