"""What an operation used, event by event.

Rules: amounts are exact and kept apart by currency; what was not told is not nothing, so it is said that something is
not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from agentkit.errors import MoneyError
from agentkit.money import parse_canonical
from agentkit.screens.amounts import amount_text
from agentkit.screens.words import count_text
from agentkit.wire import EventLine

from .plans import StagePlans

__all__ = ["CostFold", "Costs"]

_ENDS: Final = frozenset({"attempt.succeeded", "attempt.failed", "attempt.cancelled"})
_ASKS: Final = frozenset({"approval.requested", "doubt.raised"})
"""These end an attempt if one runs."""
_SILENT: Final[Mapping[str, JsonValue]] = {"calls": 1, "tokens": 0, "money": "0"}
"""An attempt that says nothing is one call, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What was used so far.

    Attributes:
        amounts: Money by currency, each as an exact text.
        calls: Calls of models or of anything that is counted.
        tokens: Tokens.
        is_whole: Whether each attempt said all that it used.
    """

    amounts: tuple[tuple[str, str], ...]
    calls: int
    tokens: int
    is_whole: bool

    @property
    def words(self) -> str:
        """All of it on one line; empty if nothing was used."""
        told = [amount_text({"amount": amount, "currency": code}) for code, amount in self.amounts]
        told += [count_text(self.tokens, "token")] if self.tokens else []
        told += [count_text(self.calls, "call")] if self.calls else []
        told += ["and what was not told"] if told and not self.is_whole else []
        return " · ".join(told)


class CostFold:
    """Keeps what one operation used, event by event."""

    __slots__ = ("_amounts", "_begun", "_calls", "_is_whole", "_plans", "_tokens")

    def __init__(self) -> None:
        self._plans = StagePlans()
        self._begun: dict[str, bool] = {}
        self._amounts: dict[str, Decimal] = {}
        self._calls = 0
        self._tokens = 0
        self._is_whole = True

    @property
    def costs(self) -> Costs:
        """What was used so far."""
        amounts = tuple((code, f"{amount:f}") for code, amount in sorted(self._amounts.items()))
        return Costs(amounts=amounts, calls=self._calls, tokens=self._tokens, is_whole=self._is_whole)

    def hear(self, event: EventLine) -> None:
        """Take the next event."""
        stage = event.stage or ""
        if event.type == "operation.accepted":
            self._plans = StagePlans(event)
        elif event.type == "operation.adopted":
            self._cut_off()
        elif event.type == "attempt.started":
            self._begun[stage] = False
        elif event.type == "agent.unavailable":
            self._begun.pop(stage, None)
        elif event.type in _ENDS or (event.type in _ASKS and event.data.get("attempt") and stage in self._begun):
            self._is_whole = self._is_whole and not self._begun.pop(stage, False)
            usage = event.data.get("usage")
            self._add(usage if isinstance(usage, dict) else _SILENT)

    def _cut_off(self) -> None:
        """What runs is begun again, and what it used before is not known; children go on by themselves."""
        for stage in self._begun:
            if not self._plans.is_child(stage) and not self._plans.is_done_once(stage):
                self._begun[stage] = True

    def _add(self, usage: Mapping[str, JsonValue]) -> None:
        calls, tokens, money, code = (usage.get(name) for name in ("calls", "tokens", "money", "currency"))
        self._calls += calls if isinstance(calls, int) else 0
        self._tokens += tokens if isinstance(tokens, int) else 0
        self._is_whole = self._is_whole and None not in (calls, tokens, money)
        try:
            amount = parse_canonical(money) if isinstance(money, str) else Decimal(0)
        except MoneyError:
            self._is_whole = False
            return
        if amount and isinstance(code, str):
            self._amounts[code] = self._amounts.get(code, Decimal(0)) + amount
