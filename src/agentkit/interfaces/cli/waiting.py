"""What an operation waits for, and the command that answers it: nobody shall look at a run that stands still.

Rules: a command is complete but for what only its user knows, which is in capitals; what users wrote is quoted for the
shell. Many waits are told by the first few of them.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterator, Sequence

from rich.text import Text

from agentkit.engines import Recorded
from agentkit.errors import NotFound
from agentkit.kernel import OperationAccepted, State, child_id, evolve
from agentkit.orchestrator import Operation, Orchestrator
from agentkit.views import Waiting, one_line, waiting_of

__all__ = ["Rests", "answer_command", "id_below", "waits_below", "ways_on"]

_MOST = 3
_MOST_BELOW = 20
_SECONDS = 1.0
_YELLOW = "yellow"
_QUIET = "bright_black"


class Rests:
    """Notices when an operation comes to wait for somebody, event by event.

    Args:
        operation: Which operation.
        store: The address of its store.
        stays: Whether to go on watching while it waits.

    Attributes:
        left: Whether it is watched no further, since it waits.
        below: What is said of the operations that run as stages of it.
    """

    def __init__(self, operation: Operation, *, store: str, stays: bool = True) -> None:
        self._operation = operation
        self._store = store
        self._stays = stays
        self._state: State | None = None
        self.left: bool = False
        self.below: list[Text] = []

    async def hear(self, entry: Recorded) -> list[Text]:
        """What to say after this event: what is waited for, and how to go on; nothing while there is work to do."""
        if isinstance(entry.event, OperationAccepted):
            self._state = State(entry.event)
        elif self._state is not None:
            evolve(self._state, entry.event)
        if self._state is None or not _waits(self._state):
            return []
        # It is so only if nothing has happened since; most events that are read are old.
        newest = await self._operation.state()
        if newest.version != self._state.version:
            return []
        self.left = not self._stays
        return [*ways_on(self._operation.id, waiting_of(newest), self._store)]

    async def look_below(self, orchestrator: Orchestrator, say: Callable[[Text], None]) -> None:
        """Notice what the operations wait for that run as stages of it, until it is left.

        Args:
            orchestrator: Where they are.
            say: Is given each line as soon as there is one.
        """
        if all(stage.workflow is None for stage in self._operation.workflow.stages):
            return
        while True:
            await asyncio.sleep(_SECONDS)
            said = await waits_below(orchestrator, self._operation, self._store)
            if said == self.below:
                continue
            self.below[:] = said
            for line in said:
                say(line)
            if said and not self._stays:
                self.left = True
                return


def _waits(state: State) -> bool:
    return state.is_resting and any(waiting.kind != "timer" for waiting in waiting_of(state))


def ways_on(
    operation_id: str, waiting: Sequence[Waiting], store: str, *, commands_only: bool = False
) -> Iterator[Text]:
    """Lines that say what is waited for, and the commands that answer.

    Args:
        operation_id: Whose waits.
        waiting: What it waits for.
        store: The address of its store.
        commands_only: Whether what is waited for is said already.
    """
    for one in waiting[:_MOST]:
        about = f": {one_line(one.about, 200)}" if one.about and one.kind == "approval" else ""
        if not commands_only:
            yield Text(f"{one_line(one.stage, 60)} waits for {one.words}{about}", _YELLOW)
        if store.startswith("memory:") and one.kind != "timer":
            yield Text("  its store is this process's memory, so nobody can answer; name a file with --store", _YELLOW)
        elif one.kind != "timer":
            yield Text(f"  {answer_command(operation_id, one, store)}", _QUIET)
    if len(waiting) > _MOST:
        listed = shlex.join(["agentkit", "approvals", "--store", store])
        yield Text(f"and {len(waiting) - _MOST} more; see: {listed}", _YELLOW)


async def waits_below(orchestrator: Orchestrator, operation: Operation, store: str) -> list[Text]:
    """What the operations wait for that run as stages of this one, as far as they can be found."""
    state = await operation.state()
    said: list[Text] = []
    below = [number for number in state.running if state.spec(number).workflow is not None]
    for number in below[:_MOST_BELOW]:
        try:
            child = await orchestrator.get(state.child_of(number))
        except NotFound:
            # It is about to begin.
            continue
        found = await child.state()
        if found.is_resting:
            said += ways_on(child.id, [one for one in waiting_of(found) if one.kind != "timer"], store)
        said += await waits_below(orchestrator, child, store)
    return said


def id_below(operation_id: str, stage: str, attempt: int) -> str:
    """The id of the operation that an attempt of a stage runs, if it runs one."""
    return child_id(operation_id, stage, attempt)


def answer_command(operation_id: str, waiting: Waiting, store: str) -> str:
    """The command that answers."""
    match waiting.kind:
        case "approval":
            words = ["agentkit", "approve", operation_id, waiting.stage]
            words += ["--name", one_line(waiting.name, 200)] if waiting.name else []
            words += ["--by", "NAME", *(["--role", one_line(waiting.of[0], 80)] if waiting.of else [])]
        case "doubt":
            words = ["agentkit", "settle", operation_id, waiting.stage, "DECISION", "--by", "NAME"]
        case _:
            words = ["agentkit", "signal", operation_id, waiting.about, "--value", "JSON"]
    return shlex.join([*words, "--store", store])
