"""What must be true of every journal, computed from its events alone: a second opinion on the kernel."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agentkit.kernel import (
    AgentUnavailable,
    ApprovalDecided,
    ApprovalRequested,
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    CancelRequested,
    ConditionDecided,
    DeadlinePassed,
    DoubtRaised,
    DoubtSettled,
    Event,
    ItemsMapped,
    LoopEnded,
    OperationAccepted,
    OperationAdopted,
    OperationCancelled,
    OperationCompleted,
    OperationFailed,
    ResultCarried,
    SignalAwaited,
    SignalReceived,
    StageFailed,
    TimerFired,
    TurnBegan,
    UndoBegan,
    VoteCast,
    Workflow,
)

ENDS = OperationCompleted | OperationFailed | OperationCancelled
STEP = re.compile(r"(?P<stage>[^\[:]+)(\[(?P<place>\d+)\])?(?P<undo>:undo)?")


def broken_rules(journal: Sequence[Event]) -> list[str]:
    first = journal[0]
    assert isinstance(first, OperationAccepted)
    return [
        *_broken_at_the_end(journal),
        *_Watch(first.workflow, is_fork=first.forked_at is not None).broken(journal[1:]),
    ]


def _broken_at_the_end(journal: Sequence[Event]) -> Iterator[str]:
    ends = [number for number, event in enumerate(journal) if isinstance(event, ENDS)]
    if ends and ends != [len(journal) - 1]:
        yield f"events {ends} end a journal of {len(journal)}"
    if any(later.at < sooner.at for sooner, later in pairwise(journal)):
        yield "time runs backwards"


class _Watch:
    def __init__(self, workflow: Workflow[object], *, is_fork: bool) -> None:
        self.workflow = workflow
        self.is_fork = is_fork
        self.groups: dict[str, set[str]] = {}
        for stage in workflow.stages:
            self.groups.setdefault(stage.group or "", set()).add(stage.name)
        self.ended: set[str] = set()
        self.running: set[str] = set()
        self.newest: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        self.due: dict[str, float] = {}
        self.items: dict[str, int] = {}
        self.turns: Counter[str] = Counter()
        self.parts_ended: Counter[str] = Counter()
        self.signals: Counter[str] = Counter()
        self.awaiting: dict[str, list[str]] = {}
        self.voters: set[tuple[str, str, str]] = set()
        self.undone: list[str] = []
        self.undoable: list[str] = []
        self.given_up: set[str] = set()
        self.effects_in_doubt: set[str] = set()
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
                    if self.workflow[event.stage].undo is not None and not self.is_fork:
                        self.undoable.append(event.stage)
                case CancelRequested() | DeadlinePassed():
                    self.stopped = True
                case OperationAdopted():
                    self._doubt_what_is_done_once()
                case OperationCompleted():
                    if len(self.ended) != len(self.workflow.stages) or self.stopped or self.running:
                        yield "completed before every stage was"
                case _:
                    yield from self._broken_by_control(event)

    def _broken_by_start(self, event: AttemptStarted) -> Iterator[str]:
        found = STEP.fullmatch(event.stage)
        assert found is not None
        stage = self.workflow[found["stage"]]
        needed = {name for needed in stage.after for name in self.groups.get(needed, {needed})}
        if not needed <= self.ended:
            yield f"{event.stage} starts before {needed - self.ended}"
        if found["undo"]:
            if event.stage.removesuffix(":undo") not in self.undone or not self.stopped:
                yield f"{event.stage} starts although nothing is to be undone"
        elif self.stopped:
            yield f"{event.stage} starts after the stop"
        elif found["place"] is not None and not self._is_part(stage.name, int(found["place"])):
            yield f"{event.stage} is no item and no turn"
        over = event.stage in self.ended or (stage.name in self.given_up and not found["undo"])
        if event.stage in self.running or over:
            yield f"{event.stage} starts twice"
        if event.at < self.due.get(event.stage, 0.0):
            yield f"{event.stage} does not wait for its retry"
        self.newest[event.stage] += 1
        self.counted[event.stage] += 1
        self.running.add(event.stage)
        agents = [stage.undo] if found["undo"] else stage.agents
        if isinstance(stage.workflow, Workflow) and not found["undo"]:
            agents = (stage.workflow.name,)
        if event.attempt != self.newest[event.stage]:
            yield f"{event.stage} has attempt {event.attempt} after {self.newest[event.stage] - 1}"
        if event.agent not in agents:
            yield f"{event.stage} runs by {event.agent}"
        if self.counted[event.stage] > sum(stage.retry_at(level).attempts for level in range(len(agents))):
            yield f"{event.stage} has {self.counted[event.stage]} attempts"
        if (
            self.workflow.max_parallel is not None
            and not found["undo"]
            and len(self.running) > self.workflow.max_parallel
        ):
            yield f"{len(self.running)} run at once"

    def _is_part(self, stage: str, place: int) -> bool:
        return place < self.items[stage] if stage in self.items else place == self.turns[stage]

    def _broken_by_end(
        self, event: AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable
    ) -> Iterator[str]:
        if event.stage not in self.running or event.attempt != self.newest[event.stage]:
            yield f"{event.stage} ends attempt {event.attempt}, which does not run"
        self.running.discard(event.stage)
        name = event.stage.removesuffix(":undo").partition("[")[0]
        stage = self.workflow[name]
        is_undo = event.stage.endswith(":undo")
        match event:
            case AttemptSucceeded():
                if stage.undo is not None and not is_undo:
                    self.undoable.append(event.stage)
                self._end(event.stage)
            case AttemptFailed(then="minimal" | "keep"):
                self._end(event.stage)
            case AttemptFailed(then="fail"):
                self._fail(name)
            case AttemptFailed(then="retry" | "fall_back") | AgentUnavailable():
                self.due[event.stage] = event.retry_at or 0.0
                self.counted[event.stage] -= isinstance(event, AgentUnavailable)
                if self.stopped and not is_undo:
                    yield f"{event.stage} is to run again after the stop"
            case _:
                if not self.stopped and name not in self.given_up:
                    yield f"{event.stage} was stopped for nothing"

    def _end(self, step: str) -> None:
        """A stage has ended, or a step of it; with its last item the stage of a map has."""
        name, bracket, _ = step.partition("[")
        if step.endswith(":undo"):
            return
        if not bracket:
            self.ended.add(step)
        elif name in self.items and name not in self.given_up:
            self.parts_ended[name] += 1
            if self.parts_ended[name] == self.items[name]:
                self.ended.add(name)

    def _fail(self, name: str) -> None:
        self.given_up.add(name)
        self.stopped = self.stopped or self.workflow[name].required
        if not self.workflow[name].required:
            self.ended.add(name)

    def _doubt_what_is_done_once(self) -> None:
        self.running -= {name for name in self.running if self.workflow_effect(name) == "at_most_once"}

    def workflow_effect(self, step: str) -> str:
        return "repeatable" if step.endswith(":undo") else self.workflow[step.partition("[")[0]].effect

    def _broken_by_control(self, event: Event) -> Iterator[str]:  # noqa: PLR0912 - one case for each event
        match event:
            case ItemsMapped():
                self.items[event.stage] = event.count
                if not event.count:
                    self.ended.add(event.stage)
            case TurnBegan():
                self.turns[event.stage] += 1
                if event.turn != self.turns[event.stage]:
                    yield f"{event.stage} has turn {event.turn} after {self.turns[event.stage] - 1}"
            case LoopEnded() | TimerFired():
                self.ended.add(event.stage)
            case ConditionDecided(met=False):
                self.ended.add(event.stage)
            case SignalAwaited():
                self.awaiting.setdefault(self.workflow[event.stage].signal or "", []).append(event.stage)
                self._pair_signals()
            case SignalReceived():
                self.signals[event.name] += 1
                self._pair_signals()
            case VoteCast():
                if (event.stage, event.name, event.by) in self.voters:
                    yield f"{event.by} votes twice on {event.stage}"
                self.voters.add((event.stage, event.name, event.by))
            case ApprovalRequested() if event.attempt:
                self.running.discard(event.stage)
                self.counted[event.stage] -= 1
            case ApprovalDecided() if not event.name:
                stage = self.workflow[event.stage]
                if not (stage.agent or stage.workflow or stage.signal) and stage.wait is None:
                    self.ended.add(event.stage)
            case DoubtRaised():
                self.running.discard(event.stage)
                if event.name:
                    # An effect is in doubt, and the attempt that asked is none that counts.
                    self.effects_in_doubt.add(event.stage)
                    self.counted[event.stage] -= 1
            case DoubtSettled():
                self._settle(event)
            case StageFailed():
                for waiting in self.awaiting.values():
                    if event.stage in waiting:
                        waiting.remove(event.stage)
                self._fail(event.stage)
            case UndoBegan():
                if not self.undoable or self.undoable.pop() != event.stage or not self.stopped or self.running:
                    yield f"it is not the turn of {event.stage} to be undone"
                if event.stage in self.undone:
                    yield f"{event.stage} is undone twice"
                self.undone.append(event.stage)
            case _:
                pass

    def _settle(self, event: DoubtSettled) -> None:
        name = event.stage.removesuffix(":undo").partition("[")[0]
        of_effect = event.stage in self.effects_in_doubt
        self.effects_in_doubt.discard(event.stage)
        if event.decision == "abort" and not event.stage.endswith(":undo"):
            self._fail(name)
        elif of_effect:
            return
        match event.decision:
            case "done":
                if self.workflow[name].undo is not None:
                    self.undoable.append(event.stage)
                self._end(event.stage)
            case "redo":
                self.counted[event.stage] -= 1
            case "abort":
                pass

    def _pair_signals(self) -> None:
        for name, waiting in self.awaiting.items():
            while waiting and self.signals[name]:
                self.signals[name] -= 1
                self.ended.add(waiting.pop(0))
