"""What the shop gives back, in plain code: a model says what a mail wants, and never how much it gets.

Rules: money goes back for an order of the sender only, once for each order, in the currency that was paid, and never
more than was paid. Who asks for less gets that. What does not add up is for people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from agentkit.errors import MoneyError
from agentkit.money import Money, parse_money

from .model import Case, Inbox, Order, Refund, Triage

RETURN = timedelta(days=30)
WARRANTY = timedelta(days=180)
PATIENCE = timedelta(days=14)
LATE = timedelta(days=10)


def decide(case: Case, orders: Mapping[str, Order], refunded: Collection[str], inbox: Inbox) -> Refund | None:
    """What the sender gets back; None if nobody asked for money.

    Args:
        case: The mail, and what a model made of it.
        orders: The orders of the shop, by name.
        refunded: The orders that are done.
        inbox: The day, and from which amount on people are asked.
    """
    triage = case.triage
    if triage.reason == "none" or triage.kind in ("spam", "person"):
        return None
    order = orders.get(triage.order or "")
    if order is None or order.customer != case.mail.sender:
        return Refund(order=triage.order or "-", amount=None, why="no order of this sender")
    if order.id in refunded:
        return Refund(order=order.id, amount=None, why="refunded before")
    due, why = _due(triage, order, inbox.today)
    amount = None if due is None else _at_most(due, triage.asked)
    if due is not None and amount is None:
        why = f"people look at {triage.asked!r}"
    return Refund(order=order.id, amount=amount, why=why, needs_people=amount is not None and amount > inbox.limit)


def _due(triage: Triage, order: Order, today: date) -> tuple[Money | None, str]:
    """What the rules give for a reason, and the rule."""
    came = order.delivered
    match triage.reason:
        case "returned" if came is not None and today - came <= RETURN:
            return order.paid, "returned within 30 days"
        case "damaged" if came is not None and today - came <= WARRANTY:
            return order.paid, "damaged"
        case "lost" if came is None and today - order.ordered >= PATIENCE:
            return order.paid, "never arrived"
        case "late" if came is not None and came - order.ordered > LATE:
            return order.paid.percentage(10, rounding="ROUND_HALF_UP"), "10 % since it was late"
        case reason:
            return None, f"the order does not fit: {reason}"


def _at_most(due: Money, asked: str | None) -> Money | None:
    """What is due, or less if less is asked for; None if nobody can compare them."""
    if asked is None:
        return due
    try:
        wish = parse_money(asked)
    except MoneyError:
        return None
    return min(due, wish) if wish.currency == due.currency and wish.minor > 0 else None
