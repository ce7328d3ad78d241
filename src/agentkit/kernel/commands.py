"""What the kernel wants of the world, and what the world answers.

Rules: a command is a value, and its key is its identity: `(operation, stage, attempt)`; it carries all that a distant
executor needs, as data; an outcome is a value, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .events import Failure

__all__ = ["Failed", "Outcome", "RunAttempt", "Stopped", "Succeeded", "Unavailable"]


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

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of the stage, over retries and restarts: give it to systems outside."""
        return f"agentkit:{self.operation_id}:{self.stage}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The attempt gave a value.

    Attributes:
        value: The value as JSON.
    """

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The attempt failed.

    Attributes:
        failure: Why.
        kinds: The names of the error's class and its parents, nearest first, for `RetryPolicy.retry_on`.
        retryable: Whether the same agent may be tried again; None leaves it to the policy.
        retry_after: Seconds the error asks to wait, over what the policy says.
    """

    failure: Failure
    kinds: tuple[str, ...] = ()
    retryable: bool | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The attempt was no longer wanted and has ended without a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """There is no agent of that name here.

    Attributes:
        retry_after: Seconds after which to look again.
    """

    retry_after: float = 5.0


Outcome: TypeAlias = Succeeded | Failed | Stopped | Unavailable
