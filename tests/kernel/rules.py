"""What must be true of every journal, computed from its events alone: a second opinion on the kernel."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agentkit.kernel import (
    AgentUnavailable,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    DeadlinePassed,
    Event,
    OperationAccepted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    ResultCarried,
    Workflow,
)

ENDS = OperationCompleted | OperationFailed | OperationCancelled


def broken_rules(journal: Sequence[Event]) -> list[str]:
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    return [*_broken_at_the_end(journal), *_Watch(first.workflow).broken(journal[1:])]


def _broken_at_the_end(journal: Sequence[Event]) -> Iterator[str]:
    ends = [number for number, event in enumerate(journal) if isinstance(event, ENDS)]
    if ends and ends != [len(journal) - 1]:
        yield f"events {ends} end a journal of {len(journal)}"
    if any(later.at < sooner.at for sooner, later in pairwise(journal)):
        yield "time runs backwards"


class _Watch:
    def __init__(self, workflow: Workflow[object]) -> None:
        self.workflow = workflow
        self.groups: dict[str, set[str]] = {}
        for stage in workflow.stages:
            self.groups.setdefault(stage.group or "", set()).add(stage.name)
        self.ended: set[str] = set()
        self.running: set[str] = set()
        self.newest: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        self.due: dict[str, float] = {}
        self.stopped = False

    def broken(self, events: Sequence[Event]) -> Iterator[str]:
        for event in events:
            match event:
                case AttemptStarted():
                    yield from self._broken_by_start(event)
                case AttemptSucceeded() | AttemptFailed() | AttemptCancelled() | AgentUnavailable():
                    yield from self._broken_by_end(event)
                case ResultCarried():
                    self.ended.add(event.stage)
                case CancelRequested() | DeadlinePassed():
                    self.stopped = True
                case OperationCompleted():
                    if len(self.ended) != len(self.workflow.stages) or self.stopped:
                        yield "completed before every stage was"
                case _:
                    pass

    def _broken_by_start(self, event: AttemptStarted) -> Iterator[str]:
        stage = self.workflow[event.stage]
        needed = {name for needed in stage.after for name in self.groups.get(needed, {needed})}
        if not needed <= self.ended:
            yield f"{event.stage} starts before {needed - self.ended}"
        if self.stopped:
            yield f"{event.stage} starts after the stop"
        if event.stage in self.running or event.stage in self.ended:
            yield f"{event.stage} starts twice"
        if event.at < self.due.get(event.stage, 0.0):
            yield f"{event.stage} does not wait for its retry"
        self.newest[event.stage] += 1
        self.counted[event.stage] += 1
        self.running.add(event.stage)
        if event.attempt != self.newest[event.stage]:
            yield f"{event.stage} has attempt {event.attempt} after {self.newest[event.stage] - 1}"
        if event.agent not in stage.agents:
            yield f"{event.stage} runs by {event.agent}"
        if self.counted[event.stage] > stage.retry.attempts * len(stage.agents):
            yield f"{event.stage} has {self.counted[event.stage]} attempts"
        if self.workflow.max_parallel is not None and len(self.running) > self.workflow.max_parallel:
            yield f"{len(self.running)} run at once"

    def _broken_by_end(
        self, event: AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable
    ) -> Iterator[str]:
        if event.stage not in self.running or event.attempt != self.newest[event.stage]:
            yield f"{event.stage} ends attempt {event.attempt}, which does not run"
        self.running.discard(event.stage)
        match event:
            case AttemptSucceeded():
                self.ended.add(event.stage)
            case AttemptFailed(then="fail"):
                self.stopped = self.stopped or self.workflow[event.stage].required
                if not self.workflow[event.stage].required:
                    self.ended.add(event.stage)
            case AttemptFailed(then="retry" | "fall_back") | AgentUnavailable():
                self.due[event.stage] = event.retry_at or 0.0
                self.counted[event.stage] -= isinstance(event, AgentUnavailable)
                if self.stopped:
                    yield f"{event.stage} is to run again after the stop"
            case _:
                if not self.stopped:
                    yield f"{event.stage} was stopped for nothing"
