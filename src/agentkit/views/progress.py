"""How far an operation is: `ProgressFold` and `progress_of`.

Rules: progress never goes back, whatever happens: a retry does not lower it, nor does undoing; a failed or cancelled
operation keeps what it had; a skipped stage and a failed optional one count as done, since nothing more will come of
them. Items and turns are parts of their stage's weight. A hundred percent is told with `completed` and never before.
Time is operating time: a night without a process is none. What attempts say while they work is not on the journal and
may be missing; it only refines the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from agentkit.kernel import (
    Event,
    OperationAccepted,
    Stage,
    StageState,
    State,
)

from .folding import opened, operating_seconds
from .pictures import LogLine, PartsProgress, Progress, StageProgress
from .plain import failure_line, one_line
from .shares import Shares
from .waits import Waiting, waiting_of

__all__ = ["ProgressFold", "progress_of"]

_MOST_WAITING = 100
Said = Mapping[str, tuple[float, str]]


class ProgressFold:
    """Follows the progress of one operation, event by event, at the same cost for every size of workflow.

    Attributes:
        state: Where the operation stands.

    Example:
        >>> from agentkit.kernel import AttemptStarted, AttemptSucceeded, OperationAccepted, Stage, Workflow
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk"), Stage("answer", agent="clerk", after=["ask"])])
        >>> fold = ProgressFold(OperationAccepted(at=0.0, operation_id="op-1", workflow=flow, input="null"))
        >>> fold.apply(AttemptStarted(at=0.0, stage="ask", attempt=1, agent="clerk"))
        >>> fold.progress(now=2.0, said={"ask": (0.5, "thinking")}).percent
        25
        >>> fold.apply(AttemptSucceeded(at=4.0, stage="ask", attempt=1, value="1"))
        >>> picture = fold.progress(now=5.0)
        >>> picture.percent, picture.elapsed_seconds, picture.remaining_seconds
        (50, 5.0, 3.0)
    """

    __slots__ = ("_shares", "state")

    def __init__(self, accepted: OperationAccepted) -> None:
        self.state: State = State(accepted)
        self._shares = Shares(self.state)

    @classmethod
    def of(cls, events: Iterable[Event]) -> ProgressFold:
        """The fold of a journal so far.

        Raises:
            IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
        """
        accepted, others = opened(events)
        fold = cls(accepted)
        for event in others:
            fold.apply(event)
        return fold

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            IllegalEvent: It cannot follow what came before.
        """
        self._shares.apply(event)

    def progress(
        self,
        now: float | None = None,
        said: Said | None = None,
        *,
        lines: Sequence[LogLine] = (),
        stages: bool = True,
    ) -> Progress:
        """The picture at a time.

        Args:
            now: The time; without it, that of the newest event.
            said: What attempts said last, by stage: a fraction from 0 to 1 and a message. What makes no sense is
                ignored, and so is whoever says less than before.
            lines: What attempts said besides, shown as it is.
            stages: Whether to list the stages, which costs as much as there are stages.
        """
        state, shares, said = self.state, self._shares, said or {}
        elapsed = operating_seconds(state, now)
        for name, (fraction, _) in said.items():
            shares.hear(name, fraction, elapsed)
        return Progress(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            status=state.status,
            fraction=shares.shown,
            elapsed_seconds=elapsed,
            remaining_seconds=shares.remaining(elapsed),
            done=shares.ended,
            total=len(state.workflow.stages),
            stages=tuple(self._stages(now, said)) if stages else (),
            number=state.version,
            waiting=tuple(islice(waiting_of(state), _MOST_WAITING)),
            lines=tuple(lines),
        )

    def _stages(self, now: float | None, said: Said) -> Iterator[StageProgress]:
        state = self.state
        until = state.at if now is None else max(now, state.at)
        messages = {**_part_messages(state, said), **{name: message for name, (_, message) in said.items()}}
        waits: dict[str, Waiting] = {}
        for waiting in waiting_of(state):
            waits.setdefault(_stage_name(state, waiting.stage), waiting)
        undoing = {_stage_name(state, name) for name in state.steps_open()} if not state.ended else set[str]()
        for number, stage in enumerate(state.workflow.stages):
            known, name = state.touched.get(number, _UNTOUCHED), stage.name
            working = known.status in ("running", "expanded")
            failure = known.failure or state.stage(f"{name}:undo").failure
            yield StageProgress(
                name=name,
                status=known.status,
                fraction=self._shares.fraction(number),
                message=one_line(messages.get(name, "")) if working else "",
                agent=_worker(stage, known),
                attempt=known.attempt,
                seconds=self._shares.seconds(number, until),
                failure=None if failure is None else failure_line(failure),
                required=stage.required,
                parts=_parts(stage, known),
                waits_for=waits.get(name),
                undoing=name in undoing,
            )


def _part_messages(state: State, said: Said) -> dict[str, str]:
    """What a running item or turn said, by its stage; of several, the last one that was heard of."""
    messages: dict[str, str] = {}
    for name, (_, message) in said.items():
        if message and state.number(name) >= state.base and state.stage(name).status == "running":
            messages[_stage_name(state, name)] = f"{name}: {message}"
    return messages


def _stage_name(state: State, name: str) -> str:
    """The stage that a step belongs to."""
    number = state.number(name)
    while (step := state.step(number)) is not None:
        number = step.parent
    return state.name(number)


def _worker(stage: Stage, known: StageState) -> str:
    if stage.workflow is not None:
        return stage.workflow.name
    return stage.agents[known.level] if stage.agents else ""


def _parts(stage: Stage, known: StageState) -> PartsProgress | None:
    parts = known.more.parts if known.more is not None else None
    if parts is None:
        return None
    if stage.loop is not None:
        return PartsProgress(kind="turns", done=parts.ended, failed=parts.failed, total=stage.loop.most)
    return PartsProgress(kind="items", done=parts.ended, failed=parts.failed, total=parts.count)


_UNTOUCHED = StageState()


def progress_of(
    events: Iterable[Event], now: float | None = None, said: Said | None = None, *, lines: Sequence[LogLine] = ()
) -> Progress:
    """The progress that a journal shows, with what is known beside it, as `ProgressFold.progress` takes it.

    Raises:
        IllegalEvent: The journal does not begin with its acceptance, or something in it cannot have happened.
    """
    return ProgressFold.of(events).progress(now, said, lines=lines)
