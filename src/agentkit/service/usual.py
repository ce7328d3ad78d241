"""How long runs of a workflow usually take, for those who ask when one will be done.

Rules: what is usual is kept in mind for a while, since looking it up may cost as much as all that is kept; and for so
many only.
"""

from __future__ import annotations

from collections import OrderedDict
from statistics import median
from typing import Final

from agentkit.orchestrator import Orchestrator

__all__ = ["UsualTimes"]

_RUNS: Final = 9
_FRESH_SECONDS: Final = 10.0
_KEPT: Final = 1_000


class UsualTimes:
    """What the newest runs of workflows took, with all their waits.

    Args:
        orchestrator: Where they are.
        kept: For how many workflows, of one tenant each, it is kept in mind.
    """

    __slots__ = ("_kept", "_known", "_orchestrator")

    def __init__(self, orchestrator: Orchestrator, *, kept: int = _KEPT) -> None:
        self._orchestrator = orchestrator
        self._kept = kept
        self._known: OrderedDict[tuple[str, str | None], tuple[float, float | None]] = OrderedDict()

    async def seconds(self, workflow: str, tenant: str | None) -> float | None:
        """How long completed runs of a workflow took, in the middle; None if there are none; ten seconds old at most.

        Raises:
            Closed: The orchestrator is not open.
            StoreError: The store failed.
        """
        now, key = self._orchestrator.now(), (workflow, tenant)
        known_at, known = self._known.get(key, (None, None))
        if known_at is not None and now - known_at < _FRESH_SECONDS:
            return known
        # Whoever asks meanwhile is told what was known before, rather than to look as well.
        self._keep(key, now, known)
        runs = await self._orchestrator.list(workflow=workflow, status=["completed"], tenant=tenant, limit=_RUNS)
        found = median(run.updated_at - run.created_at for run in runs) if runs else None
        self._keep(key, now, found)
        return found

    def _keep(self, key: tuple[str, str | None], at: float, seconds: float | None) -> None:
        self._known[key] = at, seconds
        self._known.move_to_end(key)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
