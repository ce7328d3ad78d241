"""What an open orchestrator is told about what it does already: to stop an operation, or to do more or less at once."""

from __future__ import annotations

from .inquiries import Inquiries

__all__ = ["Steering"]


class Steering(Inquiries):
    """What an open orchestrator is told besides new work."""

    async def cancel(self, operation_id: str, reason: str = "") -> None:
        """Have an operation stop, wherever it is driven; see `Operation.cancel`.

        Raises:
            NotFound: There is none of that id.
            Closed: The orchestrator is not open.
            StoreError: The store failed, or the journal is damaged.
        """
        await self._open().cancel(operation_id, reason)

    def resize(self, resource: str | None, count: int) -> None:
        """Let so many attempts run at once from now on, until it is closed; `load` tells how many may.

        More begin at once. Fewer take effect as attempts end: none is stopped.

        Args:
            resource: Which limited resource; None is all attempts together, `Limits.max_parallel`.
            count: How many.

        Raises:
            DefinitionError: The number is not a whole one from 1 on.
            NotFound: There is no such resource.
            Closed: The orchestrator is not open.
        """
        self._open().resize(resource, count)
