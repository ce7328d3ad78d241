"""What the tests of the orchestrator are played on: agents that follow scripts, a store in memory, virtual time."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agentkit.agents import Agent
from agentkit.kernel import Event, Stage, Workflow
from agentkit.orchestrator import Limits, Operation, Orchestrator, Result
from agentkit.stores import MemoryStore, Store
from agentkit.testing.agents import ScriptedAgent
from agentkit.testing.clock import VirtualClock

ONE: Workflow[object] = Workflow("one", [Stage("only", agent="ada")])
CHAIN: Workflow[object] = Workflow(
    "chain", [Stage("first", agent="ada"), Stage("second", agent="bob", after=["first"])]
)


def opened(*agents: Agent[Any, object], store: Store | None = None, **settings: Any) -> Orchestrator:
    """An orchestrator in virtual time; what is not said about limits is as by default."""
    names = ("adopt", "resources", "ids")
    rest = {name: settings.pop(name) for name in names if name in settings}
    return Orchestrator(
        agents,
        store=store or MemoryStore(),
        clock=VirtualClock(),
        limits=Limits(**settings) if settings else None,
        **rest,
    )


def scripted(name: str, *script: object) -> ScriptedAgent:
    return ScriptedAgent(name, script or (name,))


async def journal_of(operation: Operation[Any]) -> Sequence[Event]:
    return [entry.event async for entry in operation.events()]


def words(journal: Sequence[Event]) -> list[str]:
    """What happened, without times: `AttemptStarted first` and the like."""
    return [" ".join(filter(None, [type(event).__name__, getattr(event, "stage", None)])) for event in journal]


def now() -> float:
    return asyncio.get_running_loop().time()


async def ended(operation: Operation[Any]) -> Result[Any] | Exception:
    """How an operation ended: its result or its error."""
    try:
        return await operation
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
