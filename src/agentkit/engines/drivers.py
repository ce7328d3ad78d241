"""What all drivers of an orchestrator share.

Rules: it is given once, when the orchestrator opens, and no driver changes it; only slots, budgets and the count of
abandoned attempts have a life of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agentkit.kernel import State
from agentkit.stores import Store

from .attempts import Abandoned
from .budgets import Budgets
from .ports import Clock, Executor
from .slots import Slots
from .summaries import REST_SECONDS

__all__ = ["Drivers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What all drivers of an orchestrator share.

    Attributes:
        store: Where the journal is.
        executor: Where attempts run.
        children: Where the operations run that stages are made of.
        clock: What time it is.
        slots: How many attempts may run at once.
        abandoned: Where attempts are counted that did not end when told to.
        budgets: What attempts may spend.
        grace_seconds: How long an attempt may take to end after its time is up.
        cancel_seconds: How long an attempt may take to end after the operation was stopped.
        patience_seconds: How long a driver tries again when the store does not answer.
        rest_seconds: An operation for which nothing is due for longer than this is not driven meanwhile.
        stop_child: Told of an operation whose parent stops without knowing it in its own process.
        tell_parent: Told of a child that is about to end and whose parent may rest.
    """

    store: Store
    executor: Executor
    children: Executor
    clock: Clock
    slots: Slots
    abandoned: Abandoned
    budgets: Budgets
    grace_seconds: float = 2.0
    cancel_seconds: float = 2.0
    patience_seconds: float = 30.0
    rest_seconds: float = REST_SECONDS
    stop_child: Callable[[str], None] | None = None
    tell_parent: Callable[[State], Awaitable[None]] | None = None
