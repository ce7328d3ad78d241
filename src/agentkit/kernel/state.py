"""Where an operation stands: what `evolve` keeps, and the small moves that its parts share.

Rules: only the evolution of events changes a state (`evolution.py` and its parts); everybody else reads. A state is
changed in place, so an event costs what it touches, never what exists: a copy per event would make a workflow of n
stages cost n * n. Steps that come about at run time (an item, a turn, an undoing) get the numbers behind the stages.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from agentkit.errors import IllegalEvent

from .commands import KnownEffect
from .control_events import ApprovalDecided, VoteCast
from .controls import Approval
from .definition import Workflow
from .events import Event, OperationAccepted
from .facts import NO_USAGE, Failure, TierUsed, Usage
from .stage import Stage
from .status import OPERATION_ENDS, OPERATION_TABLE, STAGE_ENDS, OperationStatus, StageStatus

__all__ = [
    "UNTOUCHED",
    "WITHOUT_SLOT",
    "ContextEntry",
    "Gate",
    "More",
    "Parts",
    "Question",
    "Queue",
    "StageState",
    "State",
    "Step",
    "Stop",
    "add_step",
    "cease",
    "effects_known",
    "end_stage",
    "fail_stage",
    "make_ready",
    "next_gate",
    "next_status",
    "open_effect",
    "refuse",
    "stop_waiting",
    "unready",
    "wait",
]

WITHOUT_SLOT = ""
"""The resource of steps that occupy no slot: an operation that waits for its child does no work."""

Queue: TypeAlias = dict[int, None]

Gate: TypeAlias = Literal["when", "approval", "map", "loop", "wait", "signal"]
"""What comes before a stage's first attempt, or instead of it."""


class Stop(NamedTuple):
    """Why an operation is being stopped."""

    cause: Literal["failed", "timed_out", "cancelled"]
    reason: str = ""
    stage: str | None = None
    failure: Failure | None = None


class Step(NamedTuple):
    """Something to work on that came about at run time.

    Attributes:
        name: What it is called: `pay[3]` is the item at position 3, or the third turn, and `pay:undo` the undoing.
        kind: What it is.
        parent: The number of the stage, or step, that it belongs to.
        place: The position of an item, from 0, or the number of a turn, from 1.
        stage: What is to be done.
    """

    name: str
    kind: Literal["item", "turn", "undo"]
    parent: int
    place: int
    stage: Stage


class ContextEntry(NamedTuple):
    """A key of the operation's context: its value, and which event and stage wrote it last."""

    value: object
    version: int
    stage: str


class Question:
    """Something that people are asked.

    Attributes:
        approval: Who has to agree.
        question: What they are asked.
        asked_at: When.
        expires_at: When the deadline decides.
        remind_at: When those who may vote are reminded next.
        escalate_at: When others may vote too.
        is_escalated: Whether they may.
        votes: Who voted, and how.
        decided: What was decided.
    """

    __slots__ = (
        "approval",
        "asked_at",
        "decided",
        "escalate_at",
        "expires_at",
        "is_escalated",
        "question",
        "remind_at",
        "votes",
    )

    def __init__(self, approval: Approval, question: str, asked_at: float, expires_at: float | None) -> None:
        self.approval = approval
        self.question = question
        self.asked_at = asked_at
        self.expires_at = expires_at
        remind, escalate = approval.remind_seconds, approval.escalate_seconds
        self.remind_at = None if remind is None else asked_at + remind
        self.escalate_at = None if escalate is None else asked_at + escalate
        self.is_escalated = False
        self.votes: dict[str, VoteCast] = {}
        self.decided: ApprovalDecided | None = None

    @property
    def verdict(self) -> bool | None:
        """What the votes say: enough agree, or somebody refuses; None if they do not say yet."""
        if not all(vote.approve for vote in self.votes.values()):
            return False
        return True if len(self.votes) >= self.approval.quorum else None

    @property
    def wake_at(self) -> float | None:
        """When something is due next."""
        times = [time for time in (self.expires_at, self.remind_at, self.escalate_at) if time is not None]
        return min(times, default=None)


class Parts:
    """The items or turns of a stage.

    Attributes:
        count: How many items there are; 0 for a loop, which knows its end when it comes.
        begun: How many were made steps.
        ended: How many have ended.
        failed: How many of these failed.
        numbers: The steps.
        values: Each item's value as JSON, or the newest turn's; null where one failed.
        texts: The items as JSON, once they are needed.
    """

    __slots__ = ("begun", "count", "ended", "failed", "numbers", "texts", "values")

    def __init__(self, count: int) -> None:
        self.count = count
        self.begun = 0
        self.ended = 0
        self.failed = 0
        self.numbers: list[int] = []
        self.values: list[str] = ["null"] * count
        self.texts: list[str] | None = None


class More:
    """What is known of a stage with controls, effects or questions.

    Attributes:
        met: Whether its condition is met.
        approved: Whether its own approval was given.
        questions: What people are asked, by name; the stage's own is `""`.
        open_question: The name of the one that is not decided.
        parts: Its items or turns.
        effects: What is known of its effects, by name and key.
        doubt: The effect that is in doubt, by name and key; of two empty texts, the attempt itself.
        confidence: How sure its value is, 0 to 1.
        degraded: Whether its value is less than was asked for.
        tier: The capability tier that its value was worked on with, if one was chosen.
        is_spent: Whether its budget is exhausted, so that the agent that took over begins without asking it.
    """

    __slots__ = (
        "approved",
        "confidence",
        "degraded",
        "doubt",
        "effects",
        "is_spent",
        "met",
        "open_question",
        "parts",
        "questions",
        "tier",
    )

    def __init__(self) -> None:
        self.is_spent = False
        self.met = False
        self.approved = False
        self.questions: dict[str, Question] = {}
        self.open_question: str | None = None
        self.parts: Parts | None = None
        self.effects: dict[tuple[str, str], KnownEffect] = {}
        self.doubt: tuple[str, str] | None = None
        self.confidence: float | None = None
        self.degraded = False
        self.tier: TierUsed | None = None


class StageState:
    """Where one stage, or step, stands.

    Attributes:
        status: The word for it.
        attempt: The number of the newest attempt; 0 before the first.
        level: Which agent of the chain works, from 0.
        tries: How many attempts of that agent were begun.
        started_at: When the first attempt began, in operating time (see `State.downtime`).
        value: The value as JSON, once there is one.
        failure: Why the newest attempt failed.
        wake_at: When something is due, while it waits: the next attempt, or the end of a wait.
        timeout: Seconds that the newest attempt may take; None is no limit.
        parked_at: When it was parked for want of its agent, in operating time; that wait is none of the stage's own.
        more: What only some stages have.
    """

    __slots__ = (
        "attempt",
        "failure",
        "level",
        "more",
        "parked_at",
        "started_at",
        "status",
        "timeout",
        "tries",
        "value",
        "wake_at",
    )

    def __init__(self) -> None:
        self.status: StageStatus = "pending"
        self.attempt: int = 0
        self.level: int = 0
        self.tries: int = 0
        self.started_at: float | None = None
        self.value: str | None = None
        self.failure: Failure | None = None
        self.wake_at: float | None = None
        self.timeout: float | None = None
        self.parked_at: float | None = None
        self.more: More | None = None

    def furnished(self) -> More:
        """What only some stages have, made when it is first needed."""
        if self.more is None:
            self.more = More()
        return self.more

    @property
    def is_minimal(self) -> bool:
        """Whether its value is the minimal answer, which no agent gave."""
        return self.failure is not None and self.status == "completed"

    @property
    def is_degraded(self) -> bool:
        """Whether its value is less than was asked for."""
        return self.level > 0 or (self.more is not None and self.more.degraded)


UNTOUCHED = StageState()
_HELD = ("waiting", "in_doubt")


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
        waiting: Stages and steps for which something is due at a time, as sorted pairs of time and number.
        held: Stages and steps that wait for a time, a signal or for people.
        unfinished: How many stages have not ended.
        undoable: Stages and steps whose work can be undone, in the order in which it was done.
        context: What stages share, by key.
        usage: What all attempts together used, as far as they said so.
        counted: The same as budgets count it: of what is unknown, what was reserved.
        counted_by: The same of each stage that has a budget of its own, by its number.
        carried: What is known of effects from the operation that this one continues, by stage, name and key.
        stop: Why the operation is being stopped, if it is.
        deaths: How many processes died while they drove it, since it was last released.
    """

    __slots__ = (
        "accepted_at",
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
        "numbers",
        "open",
        "opening",
        "operation_id",
        "origin",
        "parent",
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
        "undoable",
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
        self.waiting: list[tuple[float, int]] = []
        self.held: Queue = {}
        self.unfinished: int = self.base
        self.undoable: list[int] = []
        self.context: dict[str, ContextEntry] = {}
        self.context_version: int = 0
        self.usage: Usage = NO_USAGE
        self.counted: Usage = NO_USAGE
        self.counted_by: dict[int, Usage] = {}
        self.awaiting: dict[str, list[int]] = {}
        self.carried: dict[str, dict[tuple[str, str], KnownEffect]] = {}
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
        """Whether there is nothing to do before a time comes, or somebody says something."""
        if self.running or self.ready or self.opening or not self.unfinished:
            return False
        return self.status in ("pending", "running") or (self.status == "compensating" and bool(self.steps_open()))

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

    def step(self, number: int) -> Step | None:
        """The step of that number; None if it is a stage."""
        return None if number < self.base else self.steps[number - self.base]

    def stage(self, name: str) -> StageState:
        """Where a stage or step stands, by its name."""
        return self.touched.get(self.number(name), UNTOUCHED)

    def steps_open(self) -> list[str]:
        """The undoings that have begun and not ended."""
        return [
            step.name
            for number, step in enumerate(self.steps, start=self.base)
            if step.kind == "undo" and self.touched.get(number, UNTOUCHED).status not in STAGE_ENDS
        ]


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
    stage = state.workflow.stages[number] if number < state.base else state.steps[number - state.base].stage
    if number < state.base and stage.is_gated:
        known = state.touched.get(number)
        if next_gate(stage, known.more if known else None) is not None:
            state.opening[number] = None
            return
    resource = WITHOUT_SLOT if stage.workflow is not None else stage.resource
    state.ready.setdefault(resource, {})[number] = None


def unready(state: State, number: int) -> bool:
    """Take a stage or step out of those that can start; whether it was there."""
    stage = state.spec(number)
    resource = WITHOUT_SLOT if stage.workflow is not None else stage.resource
    queue = state.ready.get(resource)
    if queue is None or number not in queue:
        return False
    del queue[number]
    if not queue:
        del state.ready[resource]
    return True


def add_step(state: State, step: Step) -> int:
    """Take a new step in, which can start at once; its number."""
    number = state.base + len(state.steps)
    state.steps.append(step)
    state.open.append(0)
    state.numbers[step.name] = number
    make_ready(state, number)
    return number


def wait(state: State, number: int, stage: StageState, wake_at: float | None) -> None:
    """Have something due for it at that time, or never."""
    state.running.pop(number, None)
    stage.wake_at = wake_at
    if stage.status in _HELD:
        state.held[number] = None
    if wake_at is not None:
        insort(state.waiting, (wake_at, number))


def stop_waiting(state: State, number: int, stage: StageState) -> None:
    """Nothing is due for it any more."""
    state.held.pop(number, None)
    if stage.wake_at is not None:
        del state.waiting[bisect_left(state.waiting, (stage.wake_at, number))]
        stage.wake_at = None


def end_stage(state: State, number: int) -> None:
    """Count a stage as ended, and free what waited for it alone."""
    state.unfinished -= 1
    open_counts = state.open
    for dependent in state.workflow.graph.dependents[number]:
        open_counts[dependent] -= 1
        # A stage whose value was carried over is never run again, whatever it waited for.
        if not open_counts[dependent] and dependent not in state.touched:
            make_ready(state, dependent)


def fail_stage(state: State, number: int, failure: Failure) -> None:
    """A stage has failed for good: without it the operation stops, or goes on with it missing."""
    stage = state.touched[number]
    stage.status = "failed"
    stage.failure = failure
    if stage.more is not None and stage.more.parts is not None:
        _give_up_parts(state, stage.more.parts)
    spec = state.spec(number)
    if spec.required:
        state.status = OPERATION_TABLE["RequiredStageFailed"][state.status]
        state.stop = state.stop or Stop("failed", failure.message, spec.name, failure)
        state.unfinished -= 1
    else:
        end_stage(state, number)


def _give_up_parts(state: State, parts: Parts) -> None:
    for number in parts.numbers:
        cease(state, number)


def cease(state: State, number: int) -> None:
    """Want a step no more: what runs is to stop, and what waits is over."""
    if number in state.running:
        state.unwanted[number] = None
        return
    stage = state.touched.get(number)
    if stage is None:
        unready(state, number)
        stage = state.touched[number] = StageState()
    if stage.status not in STAGE_ENDS:
        stop_waiting(state, number, stage)
        stage.status = "cancelled"


def effects_known(state: State, number: int) -> Mapping[tuple[str, str], KnownEffect]:
    """What is known of the effects of a stage or step, by name and key."""
    stage = state.touched.get(number)
    own = stage.more.effects if stage is not None and stage.more is not None else {}
    if not state.carried:
        return own
    step = state.step(number)
    owner = step.parent if step is not None and step.kind == "item" else number
    carried = state.carried.get(state.name(owner), {})
    return {**carried, **own} if own else carried


def open_effect(effects: Mapping[tuple[str, str], KnownEffect]) -> tuple[str, str] | None:
    """The first effect of which nobody knows what became."""
    return next((effect for effect, known in effects.items() if known.outcome == "intended"), None)


def next_status(state: State, event: Event, row: str = "") -> OperationStatus:
    """The operation's status after an event, by its row of the table or the given one.

    Raises:
        IllegalEvent: The table has no such row.
    """
    after = OPERATION_TABLE[row or type(event).__name__].get(state.status)
    if after is None:
        refuse(state, event, f"the operation is {state.status}")
    return after


def refuse(state: State, event: Event, why: str) -> NoReturn:
    """Refuse an event.

    Raises:
        IllegalEvent: Always.
    """
    raise IllegalEvent(
        f"operation {state.operation_id}: event {state.version + 1} cannot be {type(event).__name__}, since {why}"
    )
