"""A bank outside of the program, with a bad line: it drops some of its replies, before it has paid or after.

It stands for any system outside that is worth a worry: it pays as often as it is asked, whatever key comes with it. So
whoever asks twice has paid twice, and the ledger shows it. The ledger is a file of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random


class LineDropped(ConnectionError):
    """The bank does not answer; whether it has paid is its secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the bank's ledger."""

    receipt: int
    key: str
    to: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The bank, as its customers see it.

    Attributes:
        path: Its ledger.
        drops: The share of its replies that get lost.
        seed: The same seed loses the same replies.
    """

    path: str
    drops: float = 0.3
    seed: int = 1

    def pay(self, key: str, to: str, amount: Decimal) -> int:
        """Pay, and return the number of the receipt.

        Raises:
            LineDropped: No answer came.
        """
        with self._transaction() as ledger:
            fate, receipt = self._fate(ledger), None
            if fate != "before":
                entry = (key, to, str(amount))
                receipt = ledger.execute("INSERT INTO paid (key, payee, amount) VALUES (?, ?, ?)", entry).lastrowid
        if fate or receipt is None:
            raise LineDropped("the bank does not answer")
        return receipt

    def find(self, key: str) -> int | None:
        """The receipt of what was paid under a key; None if nothing was.

        Raises:
            LineDropped: No answer came.
        """
        with self._transaction() as ledger:
            fate = self._fate(ledger)
            row = ledger.execute("SELECT receipt FROM paid WHERE key = ?", (key,)).fetchone()
        if fate:
            raise LineDropped("the bank does not answer")
        return None if row is None else int(row[0])

    def entries(self) -> list[Entry]:
        """Everything that was paid, as the bank itself sees it."""
        with self._transaction() as ledger:
            rows = ledger.execute("SELECT receipt, key, payee, amount FROM paid ORDER BY receipt").fetchall()
        return [Entry(receipt=row[0], key=row[1], to=row[2], amount=Decimal(row[3])) for row in rows]

    def lost(self) -> int:
        """How many of its replies the line has dropped."""
        with self._transaction() as ledger:
            return int(ledger.execute("SELECT count(*) FROM calls WHERE fate <> ''").fetchone()[0])

    def _fate(self, ledger: sqlite3.Connection) -> str:
        """What becomes of this call: nothing, or the line drops before it is carried out, or after."""
        (calls,) = ledger.execute("SELECT count(*) FROM calls").fetchone()
        die = Random(f"{self.seed}:{calls}").random()
        fate = "" if die >= self.drops else "before" if die < self.drops / 2 else "after"
        ledger.execute("INSERT INTO calls (fate) VALUES (?)", (fate,))
        return fate

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as ledger:
            ledger.execute("BEGIN IMMEDIATE")
            ledger.execute("CREATE TABLE IF NOT EXISTS paid (receipt INTEGER PRIMARY KEY, key, payee, amount)")
            ledger.execute("CREATE TABLE IF NOT EXISTS calls (fate)")
            yield ledger
            ledger.execute("COMMIT")
