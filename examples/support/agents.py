"""The agents of `support.yaml`. Those here are code: they read, check, pay and report."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from agentkit import Agent, GiveUp, Task, Team, agent
from agentkit.agents import TeamOutcome
from agentkit.money import Money, parse_money

from .answering import answering, learner_at, sorting
from .desk import Desk
from .model import Answer, Case, Cases, Inbox, Mail, Order, Receipt, Report, Triage
from .phrases import MONEY, STANDARD
from .rules import decide
from .settings import STORE

_INBOX = TypeAdapter(Inbox)
_ORDERS = TypeAdapter(tuple[Order, ...])
_MAIL = TypeAdapter(Mail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The mails, and what was made of each."""

    read: tuple[Mail, ...]
    triage: tuple[Triage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """All that was done."""

    check: Cases
    answer: tuple[TeamOutcome | None, ...] = ()
    refund: tuple[Receipt, ...] = ()


@agent
def read_mails(task: Task[Inbox]) -> tuple[Mail, ...]:
    """Read the mails; the same one twice is a mistake."""
    with task.input.mails.open(encoding="utf-8") as lines:
        mails = tuple(_MAIL.validate_json(line) for line in lines)
    if len({mail.id for mail in mails}) < len(mails):
        raise GiveUp("a mail is in the file twice")
    return mails


@agent
def leave_to_people(task: Task[Mail]) -> Triage:
    """Sort without a model: whatever it is, people look at it."""
    task.degrade()
    return Triage(kind="person")


@agent
def check(task: Task[Sorted]) -> Cases:
    """Hold what models said against the orders; from here on an amount is what the rules say."""
    inbox = _INBOX.validate_python(task.operation_input)
    orders = _orders(inbox)
    refunded = {*Desk(inbox.desk).paid()}
    cases: list[Case] = []
    for mail, triage in zip(task.input.read, task.input.triage, strict=True):
        refund = decide(Case(mail=mail, triage=triage), orders, refunded, inbox)
        cases.append(Case(mail=mail, triage=triage, refund=refund))
        if refund is not None and refund.amount is not None:
            refunded.add(refund.order)
    return Cases(
        answer=tuple(case for case in cases if case.triage.kind not in ("spam", "person")),
        refund=tuple(case for case in cases if case.refund is not None and case.refund.amount is not None),
        people=tuple(case for case in cases if _is_for_people(case)),
        spam=tuple(case.mail for case in cases if case.triage.kind == "spam"),
    )


@agent(permissions={"payments"})
def refund(task: Task[Case]) -> Receipt:
    """Refund an order, once; if it is much, after people of finance agreed."""
    inbox, due = _INBOX.validate_python(task.operation_input), task.input.refund
    if due is None or due.amount is None:
        raise GiveUp("nothing is due")
    by: tuple[str, ...] = ()
    if due.needs_people:
        question = f"Refund {due.amount} for {due.order} ({due.why}), asked for in {task.input.mail.id}?"
        answer = task.approval("release", by={"finance"}, question=question)
        by = answer.by
        if not answer:
            return Receipt(order=due.order, amount=due.amount, number=None, by=by)
    desk, order, amount = Desk(inbox.desk), due.order, due.amount
    payment = task.effect("refund", key=order, amount=str(amount), reconcile=lambda _: desk.find(order), returns=int)
    number = payment.run_sync(lambda _: desk.refund(order, amount))
    task.emit("order.refunded", {"order": order, "amount": str(amount), "receipt": number})
    return Receipt(order=order, amount=amount, number=number, by=by)


@agent
def report(task: Task[Done]) -> Report:
    """Count, and give the files: what is sent to customers, and what people have to look at."""
    done = task.input
    answers = [_answer(case, said) for case, said in zip(done.check.answer, done.answer, strict=True)]
    paid = [receipt for receipt in done.refund if receipt.number is not None]
    if any(answer.is_standard for answer in answers):
        task.degrade()
    task.attach_sync("answers.jsonl", _lines(asdict(answer) for answer in answers))
    task.attach_sync("for-people.jsonl", _lines(_notice(case) for case in done.check.people))
    return Report(
        answered=len(answers),
        at_once=sum(answer.drafts == 1 for answer in answers),
        standard=sum(answer.is_standard for answer in answers),
        for_people=tuple(case.mail.id for case in done.check.people),
        spam=len(done.check.spam),
        refunds=len(paid),
        refused=tuple(receipt.order for receipt in done.refund if receipt.number is None),
        refunded=Money.sum((receipt.amount for receipt in paid), "EUR"),
    )


def crew(team: Team) -> list[Agent[Any, Any]]:
    """All agents that the workflow needs."""
    return [read_mails, sorting(), leave_to_people, check, *team.agents, refund, report]


TEAM = answering(learner_at(STORE))
CREW = crew(TEAM)


def _orders(inbox: Inbox) -> dict[str, Order]:
    with inbox.orders.open(encoding="utf-8", newline="") as file:
        rows = [
            {**row, "paid": parse_money(row["paid"]), "delivered": row["delivered"] or None}
            for row in csv.DictReader(file)
        ]
    return {order.id: order for order in _ORDERS.validate_python(rows)}


def _is_for_people(case: Case) -> bool:
    return case.triage.kind == "person" or (case.refund is not None and case.refund.amount is None)


def _notice(case: Case) -> dict[str, str]:
    why = case.refund.why if case.refund is not None else "people have to answer it"
    return {"mail": case.mail.id, "from": case.mail.sender, "subject": case.mail.subject, "why": why}


def _answer(case: Case, said: TeamOutcome | None) -> Answer:
    """The team's draft, or the standard answer if there is none, with the sentence about money, which is code's."""
    language, refund = case.triage.language, case.refund
    draft = None if said is None else said.value
    text = STANDARD[language] if draft is None else f"{draft}"
    if refund is not None:
        what = "none" if refund.amount is None else "people" if refund.needs_people else "paid"
        text += " " + MONEY[what, language].format(amount=refund.amount, order=refund.order)
    rounds = said.rounds if said is not None and said.is_complete else None
    return Answer(mail=case.mail.id, to=case.mail.sender, text=text, drafts=rounds, is_standard=draft is None)


def _lines(objects: Iterable[object]) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()
