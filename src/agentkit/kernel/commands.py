"""What the kernel wants of the world, and what the world answers.

Rules: a command is a value, and its key is its identity: `(operation, stage, attempt)`; it carries all that a distant
executor needs, as data; an outcome is a value, never an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .definition.approval import Approval
from .definition.workflow import Workflow
from .facts import Failure, TierUsed, Usage
from .making import quickly_made

__all__ = [
    "Asked",
    "Doubtful",
    "Failed",
    "KnownEffect",
    "Outcome",
    "RunAttempt",
    "Situation",
    "Stopped",
    "Succeeded",
    "Unavailable",
    "child_id",
    "join_texts",
]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEffect:
    """What the journal knows of an effect.

    Attributes:
        outcome: `intended` until it is settled.
        result: What came of it, as JSON.
        under: The name under which the world outside knows it, if that is not made of this stage's name.
        is_strange: Whether it happened for an item of another list: nobody can know whether it is the same effect.
    """

    outcome: Literal["intended", "confirmed", "failed"]
    result: str = "null"
    under: str = ""
    is_strange: bool = False


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What only some attempts are given.

    Attributes:
        item: The item of a list that this attempt works on, as JSON.
        index: The item's position, from 0, or the turn of a loop, from 1.
        previous: The value of the loop's turn before, as JSON.
        context: The keys of the operation's context that the stage may read and that are there, as JSON.
        context_version: The version that the context has.
        reads: The keys that the stage may read.
        writes: The keys that the stage may write, and how each is merged.
        effects: What is known of the stage's effects, by name and key.
        approvals: What people decided on the agent's own questions, by name, as JSON; the stage's own is `""`.
        workflow: The workflow to run as an operation of its own.
        is_heard: Whether the operation that this attempt runs is about to end, or the attempt's time is up.
        undo: Whether the work is to be undone; `outputs` has its value.
        requester: Who asked for the operation; told to attempts that run a workflow.
        tenant: Whose the operation is; told to attempts that run a workflow.
        trace: The trace that the operation was told to belong to; told to attempts that run a workflow.
        continues: The operation that this one continues or was forked from; told to attempts that run a workflow.
        complexity: How hard the work is, as the stage says.
    """

    item: str | None = None
    index: int | None = None
    previous: str | None = None
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    context_version: int = 0
    reads: Sequence[str] = ()
    writes: Mapping[str, str] = field(default_factory=dict[str, str])
    effects: Mapping[tuple[str, str], KnownEffect] = field(default_factory=dict[tuple[str, str], KnownEffect])
    approvals: Mapping[str, str] = field(default_factory=dict[str, str])
    workflow: Workflow[object] | None = None
    is_heard: bool = False
    undo: bool = False
    requester: str | None = None
    tenant: str | None = None
    trace: str = ""
    continues: str | None = None
    complexity: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RunAttempt:
    """Run one attempt of one stage.

    Attributes:
        operation_id: Whose stage.
        stage: Which stage.
        attempt: Which attempt, from 1.
        agent: Who is to work.
        instruction: What the agent is told, placeholders replaced.
        input: The operation's input, as JSON.
        outputs: The value of each dependency that has one, as JSON, by stage name.
        missing: The dependencies that have none, since they are optional and failed.
        timeout: Seconds it may take; None is no limit.
        expertise: What the agent must be good at.
        situation: What only some attempts are given.
        template: The instruction with its placeholders, to be filled in another way; empty if it has none.
        failures: Why each of `missing` has no value, in that order: the type and the message of its error; empty where
            it was skipped.
    """

    operation_id: str
    stage: str
    attempt: int
    agent: str = field(compare=False)
    instruction: str = field(compare=False)
    input: str = field(compare=False)
    outputs: Mapping[str, str] = field(compare=False)
    missing: tuple[str, ...] = field(compare=False)
    timeout: float | None = field(compare=False)
    expertise: Sequence[str] = field(default=(), compare=False)
    situation: Situation | None = field(default=None, compare=False)
    template: str = field(default="", compare=False)
    failures: tuple[str, ...] = field(default=(), compare=False)

    @property
    def given(self) -> str:
        """What the agent works on, as JSON: an item, a value to undo, what its dependencies gave, or the input."""
        situation, outputs = self.situation, self.outputs
        if situation is not None and situation.item is not None:
            return situation.item
        if not outputs and not self.missing:
            return self.input
        if len(outputs) + len(self.missing) == 1:
            return next(iter(outputs.values()), "null")
        return join_texts(outputs)

    @property
    def child_id(self) -> str:
        """The id of the operation that this attempt runs as a child: the same again after a crash."""
        return child_id(self.operation_id, self.stage, self.attempt)

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of the stage, over retries and restarts: give it to systems outside."""
        return f"agentkit:{self.operation_id}:{self.stage}"


def child_id(operation_id: str, stage: str, attempt: int) -> str:
    """The id of the operation that an attempt of a stage or step runs as a child."""
    part = stage.replace("[", "~").replace("]", "")
    return f"{operation_id}~{part}~{attempt}"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The attempt gave a value.

    Attributes:
        value: The value as JSON.
        confidence: How sure the agent is, 0 to 1; None is as sure as one is.
        context: What it writes to the operation's context, as a JSON object; empty is nothing.
        effects: Messages for the outside, as a JSON list of `[kind, content]`; empty is none.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
        degraded: Whether the value is less than was asked for.
        tier: The capability tier that it was worked on with, if one was chosen.
        artifacts: Files that it gives besides the value, as a JSON list of `Artifact`; empty is none.
    """

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
class Failed:
    """The attempt failed.

    Attributes:
        failure: Why.
        kinds: The names of the error's class and its parents, nearest first, for `RetryPolicy.retry_on`.
        retryable: Whether the same agent may be tried again; None leaves it to the policy.
        retry_after: Seconds the error asks to wait, over what the policy says.
        value: The work that was done all the same, as JSON.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    failure: Failure
    kinds: tuple[str, ...] = ()
    retryable: bool | None = None
    retry_after: float | None = None
    value: str | None = None
    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The attempt was no longer wanted and has ended without a value.

    Attributes:
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """There is no agent of that name here.

    Attributes:
        retry_after: Seconds after which to look again.
    """

    retry_after: float = 5.0


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The agent asks people something and cannot go on without an answer; it is run again when there is one.

    Attributes:
        name: What the agent calls the question, once per stage.
        approval: Who has to agree.
        question: What they are asked.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    name: str
    approval: Approval
    question: str = ""
    usage: Usage | None = None
    counted: Usage | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Nobody knows whether something happened outside, so nothing may go on by itself.

    Attributes:
        reason: Why.
        name: The effect in doubt, if it is one.
        key: What it was done to.
        usage: What it used, if it said so.
        counted: What its budget counts for it, where that differs: of what is unknown, what was reserved.
    """

    reason: str
    name: str = ""
    key: str = ""
    usage: Usage | None = None
    counted: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRests:
    """The operation that the attempt runs rests; the attempt goes on when that is about to end.

    Attributes:
        left: Seconds that are left of the attempt's time; None is no limit.
    """

    left: float | None = None


Outcome: TypeAlias = Succeeded | Failed | Stopped | Unavailable | Asked | Doubtful | ChildRests


def join_texts(texts: Mapping[str, str | None]) -> str:
    """JSON texts by name as one JSON object, without those that are None; nobody looks into them.

    Example:
        >>> join_texts({"a": "[1]", "b": None})
        '{"a":[1]}'
    """
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts.items() if text is not None) + "}"
