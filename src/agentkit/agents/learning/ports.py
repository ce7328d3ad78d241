"""What an agent that adapts asks: `Chooser`, and the `Choice` it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .outcomes import Outcome

__all__ = ["Choice", "Chooser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which arm is used for a piece of work, and why.

    Attributes:
        arm: What is used.
        kind: The kind of task.
        key: The name of the work.
        would: What would be used if learning were in force (shadow mode); otherwise the arm itself.
        why: Why, for people.
        is_kept: Whether it is kept, and its outcome will be; it is not while learning is off.
    """

    arm: str
    kind: str
    key: str
    would: str
    why: str
    is_kept: bool = True

    def __str__(self) -> str:
        return f"{self.arm}: {self.why}"


class Chooser(Protocol):
    """Chooses among arms, and is told what became of it; `agentkit.orchestrator.Learner` is one."""

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms; the first is used without learning."""
        ...

    async def choose(self, *, kind: str = "", key: str | None = None) -> Choice:
        """Choose an arm; when this returns the choice is kept.

        Args:
            kind: The kind of task.
            key: The name of the work: whoever asks again gets the same arm. Without one it gets a new name.

        Raises:
            InputError: The kind or the key is no short text.
            StoreError: The store failed.
        """
        ...

    async def tell(self, choice: Choice, outcome: Outcome) -> None:
        """Say what became of it; when this returns that is kept. What is told again changes nothing.

        Raises:
            StoreError: The store failed; it may have happened.
        """
        ...

    async def drop(self, choice: Choice, *, why: str) -> None:
        """Say that nothing can be told of a choice: its arm is not to blame, and nobody learns from it.

        Args:
            choice: Which choice.
            why: Why, for people.

        Raises:
            StoreError: The store failed; it may have happened.
        """
        ...
