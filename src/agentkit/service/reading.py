"""Operations as pages: read from the journal once, then kept up to date by what is new.

Rules: a page is what the journal says; a reading costs what happened since the reading before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.errors import IllegalEvent, NotFound
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.views import ArtifactLine, ArtifactsFold, ProgressFold
from agentkit.wire import OperationPage

from .translate import page_of

__all__ = ["Reader"]

_KEPT = 1_000
_EVENTS = 100_000


@dataclass(slots=True)
class _Known:
    """An operation that is kept in mind."""

    fold: ProgressFold
    artifacts: ArtifactsFold
    events: int = 0
    page: OperationPage | None = None
    """How it is shown once it has ended, since then nothing of it changes any more."""


class Reader:
    """Reads operations; the newest read are kept in mind.

    Args:
        orchestrator: Where they are.
        kept: How many are kept in mind.
        events: How many events those have together, at most; only one may have more by itself.
    """

    def __init__(self, orchestrator: Orchestrator, *, kept: int = _KEPT, events: int = _EVENTS) -> None:
        self._orchestrator = orchestrator
        self._kept = kept
        self._most_events = events
        self._events = 0
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def fold(self, operation_id: str) -> ProgressFold:
        """The operation as it stands.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        return (await self._read(operation_id)).fold

    async def artifacts(self, operation_id: str) -> Sequence[ArtifactLine]:
        """The files that an operation has given so far, in the order in which they came.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        return (await self._read(operation_id)).artifacts.lines()

    async def _read(self, operation_id: str) -> _Known:
        known = self._known.get(operation_id)
        if known is None:
            journal = await self._orchestrator.history(operation_id)
            try:
                known = _Known(ProgressFold.of(journal), ArtifactsFold.of(journal))
            except IllegalEvent as error:
                # A shared context, say: it lies in the same store and is no operation.
                raise NotFound(f"there is no operation {operation_id!r} in this store") from error
        elif not (fold := known.fold).state.ended:
            after = fold.state.version
            news = await self._orchestrator.history(operation_id, after=after)
            # Somebody else may have read some of it meanwhile.
            for event in news[fold.state.version - after :]:
                fold.apply(event)
                known.artifacts.apply(event)
        self._keep(operation_id, known)
        return known

    def _keep(self, operation_id: str, known: _Known) -> None:
        """Keep it in mind as the newest, and forget the oldest beyond the bounds."""
        before = self._known.get(operation_id)
        self._events -= 0 if before is None else before.events
        known.events = known.fold.state.version
        self._events += known.events
        self._known[operation_id] = known
        self._known.move_to_end(operation_id)
        while len(self._known) > self._kept or (self._events > self._most_events and len(self._known) > 1):
            _, oldest = self._known.popitem(last=False)
            self._events -= oldest.events

    async def begun(self, operation: Operation[object]) -> OperationPage:
        """An operation as a page, by what was written when it began; it is read if it did not begin just now.

        Raises:
            StoreError: The store failed, or a journal is damaged.
        """
        journal = operation.begun
        if not journal or operation.id in self._known:
            return await self.page(operation.id)
        known = _Known(ProgressFold.of(journal), ArtifactsFold.of(journal))
        self._keep(operation.id, known)
        return await self.shown(known.fold)

    async def page(self, operation_id: str) -> OperationPage:
        """The operation as it stands, as a page.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or a journal is damaged.
        """
        return await self.shown(await self.fold(operation_id))

    async def shown(self, fold: ProgressFold) -> OperationPage:
        """An operation that was just read, as a page.

        Raises:
            StoreError: The store failed, or the journal of a child is damaged.
        """
        state, orchestrator = fold.state, self._orchestrator
        known = self._known.get(state.operation_id)
        if known is not None and known.page is not None:
            return known.page
        said = await orchestrator.said(state) if state.running else None
        lines = () if state.ended else orchestrator.lines(state.operation_id)
        progress = fold.progress(orchestrator.now(), said, lines=lines)
        # How much of others' work waits is no business of a tenant.
        position = orchestrator.position(state.operation_id, own=True)
        page = page_of(state, progress, now=orchestrator.now(), position=position)
        if known is not None and page.ended:
            known.page = page
        return page
