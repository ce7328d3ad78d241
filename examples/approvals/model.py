"""What the agents talk about."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from .bank import Bank

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the operation is given.

    Attributes:
        invoices: The file of invoices.
        limit: Two people agree to whatever costs more.
        bank: The bank's ledger.
        drops: The share of its replies that the bank loses.
        seed: Which of them.
    """

    invoices: Path = HERE / "invoices.csv"
    limit: Decimal = Decimal(1000)
    bank: str = "out/approvals/bank.db"
    drops: float = 0.3
    seed: int = 1

    def line(self) -> Bank:
        """The line to the bank."""
        return Bank(path=self.bank, drops=self.drops, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Something that is to be paid."""

    id: str
    to: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What became of an invoice: a receipt, or none if people refused."""

    invoice: str
    amount: Decimal
    receipt: int | None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of all of them."""

    paid: int
    refused: tuple[str, ...]
    total: Decimal
