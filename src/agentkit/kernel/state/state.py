"""Where an operation stands: what `evolve` keeps, and the small moves that its parts share.

Rules: only the evolution of events changes a state (`evolution.py` and its parts); everybody else reads. A state is
changed in place, so an event costs what it touches, never what exists: a copy per event would make a workflow of n
stages cost n * n. Steps that come about at run time (an item, a turn, an undoing) get the numbers behind the stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from agentkit.kernel.commands import KnownEffect, child_id
from agentkit.kernel.definition.controls import Allowance
from agentkit.kernel.definition.marks import WITHOUT_SLOT, resource_of
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.events.operation import OperationAccepted, Priority
from agentkit.kernel.facts import NO_USAGE, Usage

from .standing import UNTOUCHED, ContextEntry, More, StageState, Step, Stop
from .status import OPERATION_ENDS, STAGE_ENDS, OperationStatus

__all__ = [
    "Gate",
    "Queue",
    "State",
    "make_ready",
    "next_gate",
]

Queue: TypeAlias = dict[int, None]


Gate: TypeAlias = Literal["when", "approval", "map", "loop", "wait", "signal"]
"""What comes before a stage's first attempt, or instead of it."""


class State:
    """Where an operation stands; made by `replay`, changed by `evolve` alone, read by everybody.

    Attributes:
        version: How many events it has seen; the number of the newest one.
        at: When the newest event happened.
        downtime: Seconds in which no process drove the operation although there was something to do. Limits are in
            operating time, `at - downtime`, so that a night without a process times nothing out.
        touched: What is known of each stage or step that any event named; the others are pending.
        open: For each stage or step, how many of its dependencies have not ended.
        steps: What came about at run time; the first one has the number behind the last stage.
        ready: Stages and steps that can start, by the resource they need, in order.
        opening: Stages and steps about which something is to be decided that takes no attempt: what comes before the
            work, whether a loop goes round again, what follows from votes.
        running: Stages and steps with a running attempt, in the order of their start.
        unwanted: Those of them that are to stop although the operation goes on.
        asleep: Those of them that rest with the operation that they run.
        waiting: Stages and steps for which something is due at a time, as sorted pairs of time and number.
        held: Stages and steps that wait for a time, a signal or for people.
        unfinished: How many stages have not ended.
        undoing: The newest step that undoes something.
        undoable: Stages and steps whose work can be undone, in the order in which it was done.
        context: What stages share, by key.
        usage: What all attempts together used, as far as they said so.
        counted: The same as budgets count it: of what is unknown, what was reserved.
        counted_by: The same of each stage, group and agent that has a budget of its own, by the name of the budget.
        carried: What is known of effects from the operation that this one continues, by stage;
            there by step and list, and there by name and key.
        stop: Why the operation is being stopped, if it is.
        deaths: How many processes died while they drove it, since it was last released.
    """

    __slots__ = (
        "accepted_at",
        "asleep",
        "at",
        "awaiting",
        "base",
        "carried",
        "context",
        "context_version",
        "counted",
        "counted_by",
        "deaths",
        "downtime",
        "forked_at",
        "held",
        "input",
        "key",
        "metadata",
        "numbers",
        "open",
        "opening",
        "operation_id",
        "origin",
        "parent",
        "priority",
        "ready",
        "requester",
        "running",
        "signal_ids",
        "signals",
        "status",
        "steps",
        "stop",
        "tenant",
        "touched",
        "trace",
        "undoable",
        "undoing",
        "unfinished",
        "unwanted",
        "usage",
        "version",
        "waiting",
        "workflow",
    )

    def __init__(self, accepted: OperationAccepted) -> None:
        graph = accepted.workflow.graph
        self.operation_id: str = accepted.operation_id
        self.workflow: Workflow[object] = accepted.workflow
        self.input: str = accepted.input
        self.key: str | None = accepted.key
        self.origin: str | None = accepted.origin
        self.forked_at: str | None = accepted.forked_at
        self.parent: str | None = accepted.parent
        self.requester: str | None = accepted.requester
        self.tenant: str | None = accepted.tenant
        self.priority: Priority = accepted.priority
        self.metadata: str = accepted.metadata
        self.trace: str = accepted.trace
        self.status: OperationStatus = "pending"
        self.version: int = 1
        self.accepted_at: float = accepted.at
        self.at: float = accepted.at
        self.downtime: float = 0.0
        self.deaths: int = 0
        self.stop: Stop | None = None
        self.touched: dict[int, StageState] = {}
        self.open: list[int] = list(graph.open_counts)
        self.base: int = len(self.open)
        self.steps: list[Step] = []
        self.numbers: dict[str, int] = {}
        self.ready: dict[str | None, Queue] = {}
        self.opening: Queue = {}
        self.running: Queue = {}
        self.unwanted: Queue = {}
        self.asleep: Queue = {}
        self.waiting: list[tuple[float, int]] = []
        self.held: Queue = {}
        self.unfinished: int = self.base
        self.undoable: list[int] = []
        self.undoing: int | None = None
        self.context: dict[str, ContextEntry] = {}
        self.context_version: int = 0
        self.usage: Usage = NO_USAGE
        self.counted: Usage = NO_USAGE
        self.counted_by: dict[str, Usage] = {}
        self.awaiting: dict[str, list[int]] = {}
        self.carried: dict[str, dict[tuple[str, str], dict[tuple[str, str], KnownEffect]]] = {}
        self.signals: dict[str, list[str]] = {}
        self.signal_ids: set[str] = set()
        for number, count in enumerate(self.open):
            if not count:
                make_ready(self, number)

    @property
    def ended(self) -> bool:
        """Whether the last event has happened."""
        return self.status in OPERATION_ENDS

    @property
    def is_resting(self) -> bool:
        """Whether there is nothing to do before a time comes, somebody says something, or a child ends."""
        if len(self.running) > len(self.asleep) or self.unwanted:
            return False
        if self.ready or self.opening or not self.unfinished:
            return False
        return self.status in ("pending", "running") or (self.status == "compensating" and bool(self.steps_open()))

    @property
    def only_awaits_children(self) -> bool:
        """Whether all that runs are operations of their own; whoever dies then does not die of this one."""
        return bool(self.running) and all(self.resource(number) == WITHOUT_SLOT for number in self.running)

    @property
    def wake_at(self) -> float | None:
        """When something is due even if nobody says anything; None is never."""
        due = self.waiting[0][0] if self.waiting else None
        limit = self.workflow.timeout
        if limit is None or self.status == "compensating":
            return due
        end = self.accepted_at + limit + self.downtime
        return end if due is None else min(due, end)

    def number(self, name: str) -> int:
        """The number of a stage or step; -1 if there is none of that name."""
        found = self.workflow.graph.index.get(name)
        return self.numbers.get(name, -1) if found is None else found

    def stage_of(self, number: int) -> int:
        """The stage that a step belongs to in the end; a stage is its own."""
        while number >= self.base:
            number = self.steps[number - self.base].parent
        return number

    def name(self, number: int) -> str:
        """The name of a stage or step."""
        return self.workflow.stages[number].name if number < self.base else self.steps[number - self.base].name

    def spec(self, number: int) -> Stage:
        """What a stage or step is to do."""
        return self.workflow.stages[number] if number < self.base else self.steps[number - self.base].stage

    def budgets(self, number: int) -> Sequence[tuple[str, Allowance]]:
        """The budgets within the operation that the newest attempt of a stage or step is counted in, by name.

        These are the budgets of its stage, its group and the agent that works, as far as there are any.
        """
        workflow = self.workflow
        found = workflow.marks.budgets.get(self.stage_of(number), ())
        if not workflow.agent_budgets:
            return found
        agents, level = self.spec(number).agents, self.touched.get(number, UNTOUCHED).level
        allowance = workflow.agent_budgets.get(agents[level]) if agents else None
        return found if allowance is None else (*found, (f"agent {agents[level]}", allowance))

    def resource(self, number: int) -> str | None:
        """What an attempt of a stage or step needs a slot of."""
        if number < self.base:
            return self.workflow.marks.resources[number]
        return resource_of(self.steps[number - self.base].stage)

    def step(self, number: int) -> Step | None:
        """The step of that number; None if it is a stage."""
        return None if number < self.base else self.steps[number - self.base]

    def child_of(self, number: int) -> str:
        """The id of the operation that the newest attempt of a stage or step runs, if it runs one."""
        return child_id(self.operation_id, self.name(number), self.touched[number].attempt)

    def stage(self, name: str) -> StageState:
        """Where a stage or step stands, by its name."""
        return self.touched.get(self.number(name), UNTOUCHED)

    def steps_open(self) -> list[str]:
        """The undoing that has begun and not ended, if there is one; there are never two."""
        number = self.undoing
        if number is None or self.touched.get(number, UNTOUCHED).status in STAGE_ENDS:
            return []
        return [self.name(number)]


def next_gate(stage: Stage, more: More | None) -> Gate | None:
    """What comes next before a stage's first attempt, or instead of it; None if its work comes next."""
    if stage.when is not None and (more is None or not more.met):
        return "when"
    if stage.approval is not None and (more is None or not more.approved):
        return "approval"
    if stage.map is not None:
        return "map"
    if stage.loop is not None:
        return "loop"
    if stage.wait is not None:
        return "wait"
    return None if stage.signal is None else "signal"


def make_ready(state: State, number: int) -> None:
    """Let a stage or step start, or what comes before it."""
    if number in state.workflow.marks.gated:
        known = state.touched.get(number)
        if next_gate(state.workflow.stages[number], known.more if known else None) is not None:
            state.opening[number] = None
            return
    resource = state.resource(number)
    queue = state.ready.get(resource)
    if queue is None:
        queue = state.ready[resource] = {}
    queue[number] = None
