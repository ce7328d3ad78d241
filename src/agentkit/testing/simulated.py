"""What a simulation tells: how it ended, what is on its journals, what happened outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from typing_extensions import TypeVar

from agentkit.errors import AgentKitError, UsageError
from agentkit.kernel import AttemptSucceeded, Event, OperationStatus, replay
from agentkit.orchestrator import Result

from .faults import Fault
from .outside import Happening
from .people import Line

__all__ = ["Refusal", "Simulated"]

Output = TypeVar("Output", default=object, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What somebody wanted and was not allowed, or not any more.

    Attributes:
        line: What they did.
        stage: The stage, item or turn.
        error: Why it was refused.
    """

    line: Line
    stage: str
    error: AgentKitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated(Generic[Output]):
    """A run of a workflow in virtual time, when nothing more could happen.

    Attributes:
        operation_id: Which operation.
        status: Where it stood in the end.
        error: What awaiting it raised, if it did not complete; None for one that still waits.
        events: Its journal.
        journals: The journals of all operations, those of children included, by id.
        seconds: How long it took, in virtual seconds.
        calls: How often each agent's body was begun, by name.
        happened: What happened outside, in order; see `happened`.
        refused: What people wanted and was refused.
        deaths: How often the process was killed.
        writes: How often something was written.
        waiting: What it waits for, if it has not ended: `approval`, `doubt`, `signal`, `timer`, with blanks between.
        seed: The seed.
        faults: The faults that it was run with.
    """

    operation_id: str
    status: OperationStatus
    error: AgentKitError | None
    events: Sequence[Event]
    journals: Mapping[str, Sequence[Event]]
    seconds: float
    calls: Mapping[str, int]
    happened: Sequence[Happening]
    refused: Sequence[Refusal]
    deaths: int
    writes: int
    waiting: str
    seed: int
    faults: Sequence[Fault]
    ended: Result[Output] | None = field(repr=False)

    @property
    def result(self) -> Result[Output]:
        """The result of the operation.

        Raises:
            OperationError: It did not complete.
            UsageError: It has not ended, and nothing will ever happen again.
        """
        if self.ended is not None:
            return self.ended
        if self.error is not None:
            raise self.error
        reasons = "".join(f"; refused was: {one.error}" for one in self.refused)
        raise UsageError(
            f"the operation is {self.status} and waits for: {self.waiting or 'nothing'}; say in `people` who does"
            f" something about it, and when{reasons}"
        )

    @property
    def output(self) -> Output:
        """The output of the operation.

        Raises:
            OperationError: It did not complete.
            UsageError: It has not ended, and nothing will ever happen again.
        """
        return self.result.output

    @property
    def messages(self) -> Sequence[str]:
        """What left with the successes of its attempts (`Task.emit`), children included, as JSON texts, sorted."""
        return sorted(event.effects for event in self._all() if isinstance(event, AttemptSucceeded) and event.effects)

    @property
    def effects(self) -> Mapping[tuple[str, str, str], str]:
        """What the journals know of effects: by stage, name and key, `intended`, `confirmed` or `failed`."""
        states = [replay(journal) for journal in self.journals.values()]
        return {
            (state.name(number), *effect): known.outcome
            for state in states
            for number, stage in state.touched.items()
            if stage.more is not None
            for effect, known in stage.more.effects.items()
        }

    @property
    def end(self) -> Mapping[str, object]:
        """What has to be the same however often the process died: status, output, messages, effects, context.

        It is made of what is kept for ever, so a failure counts by the stage that failed, not by its words.
        """
        state = replay(self.events)
        return {
            "status": self.status,
            "output": None if self.ended is None else self.ended.output_json,
            "failed": state.stop.stage if state.stop else None,
            "waiting": self.waiting,
            "messages": self.messages,
            "effects": sorted(one for one, outcome in self.effects.items() if outcome == "confirmed"),
            "context": {key: entry.value for key, entry in sorted(state.context.items())},
        }

    @property
    def repeat(self) -> str:
        """What to write to see this very run again."""
        faults = "".join(
            f"Fault(kind={fault.kind!r}, number={fault.number}, call={fault.call!r}), " for fault in self.faults
        ).removesuffix(", ")
        return f"simulate(..., seed={self.seed}, faults=[{faults}])"

    def _all(self) -> list[Event]:
        return [event for journal in self.journals.values() for event in journal]
