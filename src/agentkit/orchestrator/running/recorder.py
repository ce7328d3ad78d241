"""What attempts say while they work, put where it is kept: on their journal, or among the artifacts."""

from __future__ import annotations

from collections.abc import Callable

from agentkit.engines import Driver
from agentkit.errors import LeaseLost
from agentkit.kernel import RunAttempt, Wish
from agentkit.stores import Artifacts

__all__ = ["JournalRecorder"]


class JournalRecorder:
    """Records for the operations that are driven here.

    Args:
        artifacts: Where the bytes of files are kept.
        find: The driver of an operation, if it is driven here.
    """

    __slots__ = ("_artifacts", "_find")

    def __init__(self, artifacts: Artifacts, find: Callable[[str], Driver | None]) -> None:
        self._artifacts = artifacts
        self._find = find

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        """Put what an attempt says on the journal of its operation.

        Raises:
            LeaseLost: It is not driven here, or not any more.
            AgentKitError: The wish was refused.
        """
        driver = self._find(command.operation_id)
        if driver is None or not await driver.ask(wish):
            raise _lost(command)

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        """Keep the bytes of a file.

        Raises:
            LeaseLost: The operation is not driven here, or not any more.
            StoreUnavailable: They could not be kept.
        """
        if self._find(command.operation_id) is None:
            raise _lost(command)
        return await self._artifacts.keep(content)

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        """The bytes of a file that was kept.

        Raises:
            NotFound: None are kept under that hash.
            StoreError: The store failed, or they are damaged.
        """
        return await self._artifacts.artifact(sha256)


def _lost(command: RunAttempt) -> LeaseLost:
    return LeaseLost(f"operation {command.operation_id} is not driven here any more")
