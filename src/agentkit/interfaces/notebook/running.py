"""Live pictures of an orchestrator's work for code that does not await: `run_sync`."""

from __future__ import annotations

from contextlib import aclosing
from typing import TypeVar

from agentkit.agents import run_blocking
from agentkit.errors import UsageError
from agentkit.kernel import Workflow
from agentkit.orchestrator import Orchestrator, Result

from .drawing import drawn
from .near import NearSource
from .pacing import SECONDS
from .sheets import Sheet

__all__ = ["run_sync"]

Output = TypeVar("Output")


def run_sync(
    orchestrator: Orchestrator,
    workflow: Workflow[Output],
    input: object = None,
    *,
    key: str | None = None,
    by: str | None = None,
    tenant: str | None = None,
    seconds: float = SECONDS,
) -> Result[Output]:
    """Run a workflow as `Orchestrator.run_sync` does, with a live picture below this cell.

    Args:
        orchestrator: Who runs it; it must not be open.
        workflow: What to do.
        input: What it is given.
        key: The caller's name for this request.
        by: Who asks for it.
        tenant: Whose it is.
        seconds: The shortest time between two pictures.

    Raises:
        UsageError: The orchestrator is open; await `watch` instead.
        OperationError: It did not end well.
        AgentKitError: It could not be started; see `Orchestrator.submit`.

    Example:
        >>> def see(orchestrator: Orchestrator, flow: Workflow[int]) -> int:
        ...     return run_sync(orchestrator, flow, 21).output
    """
    if orchestrator.is_open:
        raise UsageError("this orchestrator is open on a loop: write `await watch(await orchestrator.submit(...))`")
    sheet = Sheet()

    async def once() -> Result[Output]:
        async with orchestrator:
            operation = await orchestrator.submit(workflow, input, key=key, by=by, tenant=tenant)
            async with aclosing(NearSource(operation).sights(seconds)) as sights:
                async for sight in sights:
                    sheet.draw(drawn(sight))
            return await operation.result()

    return run_blocking(once)
