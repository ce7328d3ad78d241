"""What the agents talk about.

Rules: what a model says is in `Triage` and in the text of an `Answer`, and nowhere else. Amounts are `Money`, and those
of a `Refund` come out of `rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

from agentkit.money import Money

HERE = Path(__file__).parent
LIMIT = Money(100, "EUR")

Kind: TypeAlias = Literal["question", "refund", "complaint", "spam", "person"]
Language: TypeAlias = Literal["en", "de", "fr", "es"]
Reason: TypeAlias = Literal["none", "returned", "damaged", "lost", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What an operation is given.

    Attributes:
        mails: The mails, one JSON object a line.
        orders: The orders of the shop.
        desk: The ledger of the payments desk.
        today: The day on which the mails are read.
        limit: Above it, people of finance agree to a refund.
    """

    mails: Path = HERE / "mails.jsonl"
    orders: Path = HERE / "orders.csv"
    desk: Path = Path("out/support/desk.db")
    today: date = date(2026, 11, 20)
    limit: Money = LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as it came."""

    id: str
    sender: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody bought; `delivered` is None if it never came."""

    id: str
    customer: str
    item: str
    paid: Money
    ordered: date
    delivered: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What a model makes of a mail.

    Attributes:
        kind: What it is; `person` is for what people have to answer themselves.
        language: In which language.
        angry: Whether its sender is.
        order: The order that it is about, as the mail writes it.
        reason: Why money is asked for.
        asked: How much is asked for, as the mail writes it.
    """

    kind: Kind
    language: Language = "en"
    angry: bool = False
    order: str | None = None
    reason: Reason = "none"
    asked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What the rules say about money: an amount, or None, and why."""

    order: str
    amount: Money | None
    why: str
    needs_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mail with what is known of it."""

    mail: Mail
    triage: Triage
    refund: Refund | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The mails by what is to be done with them; one may be in several."""

    answer: tuple[Case, ...]
    refund: tuple[Case, ...]
    people: tuple[Case, ...]
    spam: tuple[Mail, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent to a customer.

    Attributes:
        mail: The mail that it answers.
        to: Its sender.
        text: What it says.
        drafts: With which draft the critic was content; None if with none.
        is_standard: Whether it is the answer that needs no model.
    """

    mail: str
    to: str
    text: str
    drafts: int | None = None
    is_standard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a refund: the number of the desk's receipt, or None if people refused."""

    order: str
    amount: Money
    number: int | None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of all mails.

    Attributes:
        answered: How many were answered.
        at_once: With how many of them the critic was content at the first draft.
        standard: How many of them got the standard answer.
        for_people: The mails that people have to look at; some of them were answered too.
        spam: How many were spam.
        refunds: How many refunds were paid.
        refused: The orders for which people refused one.
        refunded: What was paid.
    """

    answered: int
    at_once: int
    standard: int
    for_people: tuple[str, ...]
    spam: int
    refunds: int
    refused: tuple[str, ...]
    refunded: Money
