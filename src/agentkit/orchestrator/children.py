"""How far the operations are that stages run as their children, for whoever looks at the parent.

Rules: only who looks pays, and reads of each child what is new; more than fifty at once are not looked at, and count as
soon as they have ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from agentkit.kernel import OperationAccepted, State
from agentkit.views import ProgressFold

from .running.runtime import Runtime

__all__ = ["Children"]

_MOST = 50


class Children:
    """Looks after the children of an operation, and after theirs."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._folds: dict[str, ProgressFold] = {}

    async def said(self, state: State) -> Mapping[str, tuple[float, str]]:
        """How far the attempts of an operation are: what they said, and how far its children are.

        Raises:
            StoreError: The store failed, or a child's journal is damaged.
            Closed: The store is closed.
        """
        said: dict[str, tuple[float, str]] = dict(self._runtime.live.said(state.operation_id))
        running = (number for number in tuple(state.running) if state.spec(number).workflow is not None)
        for number in islice(running, _MOST):
            name = state.name(number)
            fraction = await self._fraction(state.child_of(number))
            if fraction is not None:
                said[name] = (fraction, "")
        return said

    async def _fraction(self, child: str) -> float | None:
        fold = self._folds.get(child)
        events = await self._runtime.store.read(child, after=0 if fold is None else fold.state.version)
        if fold is None:
            first = events[0] if events else None
            if not isinstance(first, OperationAccepted):
                # It is about to begin.
                return None
            fold = self._folds[child] = ProgressFold(first)
            events = events[1:]
        for event in events:
            fold.apply(event)
        if fold.state.ended:
            self._folds.pop(child)
            return fold.progress(stages=False).fraction
        return fold.progress(said=await self.said(fold.state), stages=False).fraction
