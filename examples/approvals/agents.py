"""The agents that pay invoices: one for each stage of `invoices.yaml`."""

from __future__ import annotations

import csv
from decimal import Decimal

from pydantic import TypeAdapter

from agentkit import GiveUp, Task, TryAgain, agent

from .bank import LineDropped
from .model import Invoice, Order, Payment, Report

_INVOICES = TypeAdapter(tuple[Invoice, ...])
_ORDER = TypeAdapter(Order)


@agent
def read_invoices(task: Task[Order]) -> tuple[Invoice, ...]:
    """Read the file; the same invoice twice is a mistake, and nobody pays for it."""
    with task.input.invoices.open(encoding="utf-8", newline="") as file:
        invoices = _INVOICES.validate_python(list(csv.DictReader(file)))
    if len({invoice.id for invoice in invoices}) < len(invoices):
        raise GiveUp("an invoice is in the file twice")
    return invoices


@agent
def pay_invoice(task: Task[Invoice]) -> Payment:
    """Pay one invoice, once; if it is large, after people of finance agreed."""
    invoice, order = task.input, _ORDER.validate_python(task.operation_input)
    by: tuple[str, ...] = ()
    if invoice.amount > order.limit:
        question = f"Pay {invoice.amount} to {invoice.to} for {invoice.id}?"
        answer = task.approval("release", by={"finance"}, quorum=2, question=question)
        if not answer:
            return Payment(invoice=invoice.id, amount=invoice.amount, receipt=None, by=answer.by)
        by = answer.by
    bank = order.line()

    def find(key: str) -> int | None:
        try:
            return bank.find(key)
        except LineDropped as error:
            raise TryAgain("nobody knows yet whether it was paid") from error

    payment = task.effect("pay", key=invoice.id, amount=invoice.amount, to=invoice.to, reconcile=find, returns=int)
    receipt = payment.run_sync(lambda key: bank.pay(key, invoice.to, invoice.amount))
    task.emit("invoice.paid", {"invoice": invoice.id, "receipt": receipt})
    return Payment(invoice=invoice.id, amount=invoice.amount, receipt=receipt, by=by)


@agent
def report(task: Task[tuple[Payment, ...]]) -> Report:
    """Add up."""
    paid = [payment for payment in task.input if payment.receipt is not None]
    refused = tuple(payment.invoice for payment in task.input if payment.receipt is None)
    return Report(paid=len(paid), refused=refused, total=sum((payment.amount for payment in paid), Decimal()))
