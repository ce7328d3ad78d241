"""Where the progress and the log lines of attempts go: the port, and the silence where nobody listens."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from agentkit.kernel import RunAttempt

__all__ = ["REPORTED", "SILENCE", "Reported", "Reports", "Silence"]


class Reports(Protocol):
    """Where the progress and the log lines of attempts go; safe from any thread, never slow, never raises."""

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        """An attempt says how far it is."""
        ...

    def log(self, command: RunAttempt, message: str) -> None:
        """An attempt says something."""
        ...

    def now(self) -> float:
        """What time it is, in seconds since 1970; it never goes back."""
        ...


class Reported:
    """What `progress` and `log` give back: already done; awaiting it lets others run, and lets a cancel through."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


REPORTED: Final = Reported()


class Silence:
    """Nobody listens."""

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        """Nobody hears it."""

    def log(self, command: RunAttempt, message: str) -> None:
        """Nobody hears it."""

    def now(self) -> float:
        """It is always the beginning."""
        return 0.0


SILENCE: Final[Reports] = Silence()
