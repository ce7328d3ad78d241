"""The people of a simulation: they hear what is written, and say their lines when their time has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from agentkit.errors import AgentKitError
from agentkit.kernel import ApprovalRequested, DoubtRaised, Event, OperationAccepted, OperationAdopted, replay

from .people import Approve, Cancel, Line, Refuse, Settle, Signal, seconds_of
from .simulated import Refusal

__all__ = ["Crowd"]

Speak: TypeAlias = Callable[[Line, str, str], Awaitable[None]]


class Crowd:
    """Everybody with a line.

    Args:
        lines: What they say, and when.
        speak: Says a line to an operation about a stage; raises what refuses it.

    Attributes:
        refused: What was refused.
    """

    def __init__(self, lines: Sequence[Line], speak: Speak) -> None:
        self.refused: list[Refusal] = []
        self._lines = lines
        self._speak = speak
        self._said: set[object] = set()
        self._thinking: set[asyncio.Task[None]] = set()

    @property
    def is_waiting(self) -> bool:
        """Whether somebody is about to say something."""
        return bool(self._thinking)

    def hear(self, stream: str, journal: Sequence[Event], events: Sequence[Event]) -> None:
        """Something was written.

        Args:
            stream: Where.
            journal: All that was written there.
            events: What is new.
        """
        for event in events:
            match event:
                case OperationAccepted():
                    self._begin(stream, event)
                case ApprovalRequested():
                    for line in self._lines:
                        if isinstance(line, Approve | Refuse) and line.name == event.name:
                            self._answer(line, stream, event.stage, (event.name,))
                case DoubtRaised():
                    self._doubt(stream, event.stage, event.attempt)
                case OperationAdopted():
                    # What was running and must not be done twice is in doubt since.
                    state = replay(journal)
                    for number in state.held:
                        known = state.touched[number]
                        if known.status == "in_doubt":
                            self._doubt(stream, state.name(number), known.attempt)
                case _:
                    pass

    async def leave(self) -> None:
        """Nobody says anything any more."""
        for task in self._thinking:
            task.cancel()
        if self._thinking:
            await asyncio.wait(tuple(self._thinking))

    def _begin(self, stream: str, accepted: OperationAccepted) -> None:
        signals = {stage.signal for stage in accepted.workflow.stages}
        for number, line in enumerate(self._lines):
            is_here = line.name in signals if isinstance(line, Signal) else isinstance(line, Cancel)
            is_root = accepted.parent is None or isinstance(line, Signal)
            if is_here and is_root and number not in self._said:
                self._said.add(number)
                self._think(line, stream, f"{number + 1}")

    def _answer(self, line: Line, stream: str, stage: str, what: tuple[object, ...]) -> None:
        wanted = line.stage if isinstance(line, Approve | Refuse | Settle) else stage
        said = (id(line), stream, stage, *what)
        if (stage == wanted or stage.startswith(f"{wanted}[")) and said not in self._said:
            self._said.add(said)
            self._think(line, stream, stage)

    def _doubt(self, stream: str, stage: str, attempt: int) -> None:
        for line in self._lines:
            if isinstance(line, Settle):
                self._answer(line, stream, stage, (attempt,))

    def _think(self, line: Line, stream: str, stage: str) -> None:
        task = asyncio.get_running_loop().create_task(self._say(line, stream, stage))
        self._thinking.add(task)
        task.add_done_callback(self._thinking.discard)

    async def _say(self, line: Line, stream: str, stage: str) -> None:
        await asyncio.sleep(seconds_of(line.after))
        try:
            await self._speak(line, stream, stage)
        except AgentKitError as error:
            self.refused.append(Refusal(line=line, stage=stage, error=error))
