"""The payments desk, outside of the program: a ledger that pays one refund under one key, and can be asked for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentkit.money import Money


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk, as the shop sees it.

    Attributes:
        path: Its ledger.
    """

    path: Path

    def refund(self, order: str, amount: Money) -> int:
        """Pay, and return the number of the receipt; who asks again for an order gets the receipt that there is."""
        with self._ledger() as ledger:
            row = (order, str(amount.amount), amount.currency.code)
            ledger.execute("INSERT OR IGNORE INTO paid (order_id, amount, currency) VALUES (?, ?, ?)", row)
            ledger.execute("INSERT INTO asked (order_id) VALUES (?)", (order,))
            (receipt,) = ledger.execute("SELECT receipt FROM paid WHERE order_id = ?", (order,)).fetchone()
        return int(receipt)

    def find(self, order: str) -> int | None:
        """The receipt of an order's refund; None if there is none."""
        with self._ledger() as ledger:
            row = ledger.execute("SELECT receipt FROM paid WHERE order_id = ?", (order,)).fetchone()
        return None if row is None else int(row[0])

    def paid(self) -> dict[str, Money]:
        """Every refund that was paid, by order."""
        with self._ledger() as ledger:
            rows = ledger.execute("SELECT order_id, amount, currency FROM paid ORDER BY receipt").fetchall()
        return {order: Money(amount, currency) for order, amount, currency in rows}

    def asked(self) -> list[str]:
        """The orders for which the desk was asked to pay, each as often as it was."""
        with self._ledger() as ledger:
            return [row[0] for row in ledger.execute("SELECT order_id FROM asked ORDER BY rowid")]

    @contextmanager
    def _ledger(self) -> Generator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as ledger:
            ledger.execute("BEGIN IMMEDIATE")
            columns = "receipt INTEGER PRIMARY KEY, order_id UNIQUE, amount, currency"
            ledger.execute(f"CREATE TABLE IF NOT EXISTS paid ({columns})")
            ledger.execute("CREATE TABLE IF NOT EXISTS asked (order_id)")
            yield ledger
            ledger.execute("COMMIT")
