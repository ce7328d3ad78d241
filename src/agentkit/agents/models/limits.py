"""How much one run of a model-backed agent may ask, spend and answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from agentkit.errors import DefinitionError
from agentkit.kernel import NO_USAGE, Allowance, Amounts, Usage, count_problems, seconds_problems

__all__ = ["CURRENCY", "ModelLimits", "Used"]

CURRENCY: Final = "USD"
"""Prices of models are in this currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLimits:
    """How much one run of a model-backed agent may ask, spend and answer; None is no limit.

    These hold beside the budgets of the stage, the operation and the tenant. Who reaches one of `calls`, `tool_calls`,
    `tokens` or `money` ends with `BudgetExhausted`, so that a fallback with the trigger `budget` takes over. A run that
    waited for people, or goes on where an attempt broke off, has used what it used before.

    Attributes:
        calls: Calls of a model.
        tool_calls: Calls of tools.
        tokens: Tokens, in and out.
        money: US dollars, exact: a text, a whole number or a `Decimal`.
        call_tokens: Tokens that are reserved in every budget before each call. Of a call whose usage nobody learns,
            these count.
        call_money: The same in US dollars.
        seconds: Seconds that an attempt may take; what follows a question to people is another attempt. A stage's own
            timeout holds for all of them.
        characters: Characters that one answer may have, tool calls and thoughts included, and what one call of a tool
            may give back: the model is told of what is longer, and does not read it.
        repairs: How often a model is told what is wrong, with its answer or with a call of a tool, and asked again.

    Raises:
        DefinitionError: A limit is not valid.

    Example:
        >>> ModelLimits(calls=5, money="0.50").money
        '0.50'
    """

    calls: int | None = 20
    tool_calls: int | None = 50
    tokens: int | None = None
    money: Decimal | int | str | None = None
    call_tokens: int = 0
    call_money: Decimal | int | str = "0"
    seconds: float | None = None
    characters: int | None = 200_000
    repairs: int = 2

    def __post_init__(self) -> None:
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)
        _ = self.allowance
        Amounts.of(1, 0.0, self.call_tokens, self.call_money)

    def _problems(self) -> Iterator[str]:
        for name in ("tool_calls", "characters"):
            if getattr(self, name) is not None:
                yield from count_problems(f"model limits: {name}", getattr(self, name), least=0, most=10**9)
        yield from count_problems("model limits: repairs", self.repairs, least=0, most=100)
        yield from seconds_problems("model limits: seconds", self.seconds)

    @property
    def allowance(self) -> Allowance:
        """What of it a budget counts."""
        currency = None if self.money is None else CURRENCY
        return Allowance(calls=self.calls, tokens=self.tokens, money=self.money, currency=currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a run has used of its limits.

    Attributes:
        counted: Calls of models, tokens and money, as a budget counts them.
        tool_calls: Calls of tools.
        model: The name of the model that was asked last.
        unpriced: The names of models of whose last call nobody knows what it cost.
    """

    counted: Usage = NO_USAGE
    tool_calls: int = 0
    model: str = ""
    unpriced: frozenset[str] = frozenset()
