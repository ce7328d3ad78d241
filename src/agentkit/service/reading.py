"""Operations as pages: read from the journal once, then kept up to date by what is new.

Rules: a page is what the journal says; a reading costs what happened since the reading before.
"""

from __future__ import annotations

from collections import OrderedDict

from agentkit.errors import IllegalEvent, NotFound
from agentkit.orchestrator import Orchestrator
from agentkit.views import ProgressFold
from agentkit.wire import OperationPage

from .translate import page_of

__all__ = ["Reader"]

_KEPT = 1_000


class Reader:
    """Reads operations; the newest read are kept in mind.

    Args:
        orchestrator: Where they are.
        kept: How many are kept in mind.
    """

    def __init__(self, orchestrator: Orchestrator, *, kept: int = _KEPT) -> None:
        self._orchestrator = orchestrator
        self._kept = kept
        self._folds: OrderedDict[str, ProgressFold] = OrderedDict()

    async def fold(self, operation_id: str) -> ProgressFold:
        """The operation as it stands.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or the journal is damaged.
        """
        fold = self._folds.get(operation_id)
        if fold is None:
            journal = await self._orchestrator.history(operation_id)
            try:
                fold = ProgressFold.of(journal)
            except IllegalEvent as error:
                # A shared context, say: it lies in the same store and is no operation.
                raise NotFound(f"there is no operation {operation_id!r} in this store") from error
        elif not fold.state.ended:
            after = fold.state.version
            news = await self._orchestrator.history(operation_id, after=after)
            # Somebody else may have read some of it meanwhile.
            for event in news[fold.state.version - after :]:
                fold.apply(event)
        self._folds[operation_id] = fold
        self._folds.move_to_end(operation_id)
        while len(self._folds) > self._kept:
            self._folds.popitem(last=False)
        return fold

    async def page(self, operation_id: str) -> OperationPage:
        """The operation as it stands, as a page.

        Raises:
            NotFound: There is none of that id.
            StoreError: The store failed, or a journal is damaged.
        """
        fold = await self.fold(operation_id)
        state, orchestrator = fold.state, self._orchestrator
        said = await orchestrator.said(state) if state.running else None
        progress = fold.progress(orchestrator.now(), said)
        return page_of(state, progress, now=orchestrator.now(), position=orchestrator.position(operation_id))
