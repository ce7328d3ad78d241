"""What people do in a simulation: lines that say who approves, refuses, signals, settles or cancels what, and when.

Rules: a line about a question or a doubt holds for every one of its stage, items and turns included, in child
operations too; its time counts from the moment at which the question or doubt came up. A signal or a cancel happens
once, and its time counts from the start of the operation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from typing import TypeAlias

from agentkit.kernel import Decision
from agentkit.orchestrator import Operation

__all__ = ["Approve", "Cancel", "Line", "Refuse", "Settle", "Signal", "seconds_of"]


@dataclass(frozen=True, slots=True)
class _Vote:
    """What somebody answers; `Approve` tells what each of it is."""

    stage: str
    _: KW_ONLY
    by: str
    after: float | timedelta = 0.0
    roles: Iterable[str] = ()
    comment: str = ""
    form: Mapping[str, object] | None = field(default=None, hash=False)
    name: str = ""

    async def _answer(self, say: Callable[..., Awaitable[None]], stage: str) -> None:
        await say(stage, by=self.by, roles=self.roles, comment=self.comment, form=self.form, name=self.name)


@dataclass(frozen=True, slots=True)
class Approve(_Vote):
    """Somebody agrees.

    Attributes:
        stage: To what: a stage, with all its items and turns, or one of these, such as `pay[3]`.
        by: Who.
        after: How long they take: seconds, or a `timedelta`.
        roles: The roles they have.
        comment: Why.
        form: What they fill in.
        name: Which question, if an agent asks.

    Example:
        >>> Approve("pay", by="ann", roles={"finance"}, after=timedelta(days=3)).by
        'ann'
    """

    async def say(self, operation: Operation, stage: str) -> None:
        """Say it of that very stage, item or turn.

        Raises:
            AgentKitError: It was refused.
        """
        await self._answer(operation.approve, stage)


@dataclass(frozen=True, slots=True)
class Refuse(_Vote):
    """Somebody refuses; the attributes are those of `Approve`."""

    async def say(self, operation: Operation, stage: str) -> None:
        """Say it of that very stage, item or turn.

        Raises:
            AgentKitError: It was refused.
        """
        await self._answer(operation.refuse, stage)


@dataclass(frozen=True, slots=True)
class Settle:
    """Somebody decides about work in doubt.

    Attributes:
        stage: What is in doubt: a stage, with all its items and turns, or one of these.
        decision: `done`, `redo` or `abort`.
        by: Who.
        after: How long they take.
        value: For `done`: the stage's value, or the effect's result.
        comment: Why.
    """

    stage: str
    decision: Decision
    _: KW_ONLY
    by: str = ""
    after: float | timedelta = 0.0
    value: object = field(default=None, hash=False)
    comment: str = ""

    async def say(self, operation: Operation, stage: str) -> None:
        """Say it of that very stage, item or turn.

        Raises:
            AgentKitError: It was refused.
        """
        await operation.settle(stage, self.decision, by=self.by, value=self.value, comment=self.comment)


@dataclass(frozen=True, slots=True)
class Signal:
    """Somebody sends a signal, once; it goes to the first operation that has a stage for it.

    Attributes:
        name: Which signal.
        value: What comes with it.
        after: How long after the start.
    """

    name: str
    value: object = field(default=None, hash=False)
    _: KW_ONLY
    after: float | timedelta = 0.0

    async def say(self, operation: Operation, stage: str) -> None:
        """Send it; who had to send it again after a death sends the same one, which is taken once.

        Raises:
            AgentKitError: It was refused.
        """
        await operation.signal(self.name, self.value, id=stage)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody cancels the operation.

    Attributes:
        reason: Why.
        after: How long after the start.
    """

    reason: str = ""
    _: KW_ONLY
    after: float | timedelta = 0.0

    async def say(self, operation: Operation, stage: str) -> None:
        """Have it stop.

        Raises:
            AgentKitError: It was refused.
        """
        await operation.cancel(self.reason)


Line: TypeAlias = Approve | Refuse | Settle | Signal | Cancel
"""What somebody does."""


def seconds_of(span: float | timedelta) -> float:
    """A span of time in seconds."""
    return span.total_seconds() if isinstance(span, timedelta) else span
