"""What happened to an operation: the vocabulary of the journal.

Rules: an event is a fact in the past tense; it carries what was decided, so that nobody decides it again; `at` is
seconds since 1970 (UTC) and comes in as a value. Values of agents are JSON texts here: the kernel never looks into
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.facts import Failure, TierUsed, Usage
from agentkit.kernel.making import quickly_made

from .context import ContextEvent
from .control import ControlEvent

__all__ = [
    "AgentUnavailable",
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptStarted",
    "AttemptSucceeded",
    "CancelRequested",
    "DeadlinePassed",
    "Event",
    "OfAttempt",
    "OfOperation",
    "OperationAccepted",
    "OperationAdopted",
    "OperationCancelled",
    "OperationCompleted",
    "OperationFailed",
    "OperationQuarantined",
    "OperationReleased",
    "Priority",
    "ResultCarried",
    "Then",
]

Priority: TypeAlias = Literal["low", "normal", "high"]
"""How soon an operation is begun, where others wait for the same room."""

Then: TypeAlias = Literal["retry", "fall_back", "minimal", "keep", "fail", "stop"]
"""What follows a failed attempt: the same agent again, the next agent, the stage's minimal answer, the others of a map
go on without it, the stage has failed, or all stops anyway."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAccepted:
    """The first event: the request, with the whole definition as data.

    Attributes:
        at: When.
        operation_id: Which operation this journal is.
        workflow: What to do.
        input: What it was given, as JSON.
        key: The caller's name for the request, if there is one.
        origin: The operation that this one continues or was forked from, if it was.
        forked_at: For a fork, the stage that runs again; empty if only what changed does. None is no fork.
        parent: The operation whose stage this one is, if it is.
        requester: Who asked for it.
        tenant: Whose it is.
        priority: How soon it is begun, where others wait for the same room.
        metadata: What its caller wants to find with it again, as a JSON object of texts; empty is none.
        trace: The trace that it belongs to, as the header `traceparent` writes it; empty is none but its own.
    """

    at: float
    operation_id: str
    workflow: Workflow[object]
    input: str
    key: str | None = None
    origin: str | None = None
    forked_at: str | None = None
    parent: str | None = None
    requester: str | None = None
    tenant: str | None = None
    priority: Priority = "normal"
    metadata: str = ""
    trace: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCarried:
    """A stage's value was taken over from the operation that this one continues.

    Attributes:
        at: When.
        stage: Which stage.
        value: The value as JSON.
        level: Which agent of the chain gave it, from 0.
        confidence: How sure the agent was.
        degraded: Whether it was less than was asked for.
        context: What was written to the operation's context with it, as a JSON list of texts of JSON objects.
        tier: The capability tier that it was worked on with, if one was chosen.
        artifacts: Files that were given with it, as a JSON list of `Artifact`; empty is none.
    """

    at: float
    stage: str
    value: str
    level: int = 0
    confidence: float | None = None
    degraded: bool = False
    context: str = ""
    tier: TierUsed | None = None
    artifacts: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """An attempt is about to run: this is on the journal before the agent's body begins.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Counted from 1 over the whole stage, fallbacks included.
        agent: Who works on it.
        timeout: Seconds this attempt may take, all limits considered; None is no limit.
    """

    at: float
    stage: str
    attempt: int
    agent: str
    timeout: float | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSucceeded:
    """An attempt gave its value, and with it the stage is complete.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        value: The value as JSON.
        confidence: How sure the agent is, 0 to 1; None is as sure as one is.
        context: What it writes to the operation's context, as a JSON object.
        effects: Messages for the outside that are committed with the value, as a JSON list of `[kind, content]`.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
        degraded: Whether the value is less than was asked for, as the agent says.
        tier: The capability tier that it was worked on with, if one was chosen.
        artifacts: Files that it gives besides the value, as a JSON list of `Artifact`; empty is none.
    """

    at: float
    stage: str
    attempt: int
    value: str
    confidence: float | None = None
    context: str = ""
    effects: str = ""
    usage: Usage | None = None
    counted: Usage | None = None
    degraded: bool = False
    tier: TierUsed | None = None
    artifacts: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """An attempt failed, and this is what follows.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        failure: Why.
        then: What follows.
        retry_at: When the next attempt may start, if there is one.
        level: Which agent of the chain is next, if it is not the one behind this one.
        value: The work that was done all the same, as JSON; such as a value with too little confidence.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    at: float
    stage: str
    attempt: int
    failure: Failure
    then: Then
    retry_at: float | None = None
    level: int | None = None
    value: str | None = None
    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCancelled:
    """An attempt was no longer wanted and has stopped.

    Attributes:
        at: When.
        stage: Which stage.
        attempt: Which attempt.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    at: float
    stage: str
    attempt: int
    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentUnavailable:
    """This process has no agent of that name: the attempt waits and is tried again, uncounted."""

    at: float
    stage: str
    attempt: int
    agent: str
    retry_at: float


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested:
    """Somebody wants the operation to stop."""

    at: float
    reason: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """The operation took longer than its workflow allows, so it stops."""

    at: float


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAdopted:
    """Another driver took the operation over; what was running is run again under the same attempt.

    Attributes:
        at: When.
        owner: Who drives it now.
        after_death: Whether the driver before died, rather than handed it over.
    """

    at: float
    owner: str
    after_death: bool


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationQuarantined:
    """Too many processes died while they ran it: nothing runs until a person releases it."""

    at: float
    deaths: int


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReleased:
    """A person let a quarantined operation go on; its deaths are forgotten."""

    at: float


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCompleted:
    """The end: every stage has ended, and no required one failed."""

    at: float


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFailed:
    """The end: a required stage failed, or the time was up.

    Attributes:
        at: When.
        failure: Why.
        stage: The stage that failed, if one did.
    """

    at: float
    failure: Failure
    stage: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCancelled:
    """The end: somebody cancelled it."""

    at: float
    reason: str = ""


Event: TypeAlias = (
    OperationAccepted
    | ResultCarried
    | AttemptStarted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptCancelled
    | AgentUnavailable
    | CancelRequested
    | DeadlinePassed
    | OperationAdopted
    | OperationQuarantined
    | OperationReleased
    | OperationCompleted
    | OperationFailed
    | OperationCancelled
    | ControlEvent
    | ContextEvent
)

OfOperation: TypeAlias = (
    OperationAccepted
    | OperationAdopted
    | CancelRequested
    | DeadlinePassed
    | OperationQuarantined
    | OperationReleased
    | OperationCompleted
    | OperationFailed
    | OperationCancelled
)
"""Events that name no stage."""

OfAttempt: TypeAlias = AttemptSucceeded | AttemptFailed | AttemptCancelled | AgentUnavailable
"""Events that end an attempt."""
