"""What people do at a door, whichever it is: the words that one suite is written in.

Rules: a door is opened for one person, shows what it shows and does what it does by its own means, such as a command
or a click; what it is asked here is read from there and never from the service behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from tests.interfaces.doors.house import House

Person = Literal["ada", "bob"]
"""Ada starts and looks; bob, of finance, decides."""


@dataclass(frozen=True)
class Seen:
    """One event as a door shows it."""

    number: int
    type: str


class Door(Protocol):
    """One door, open for one person."""

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        """Start a workflow; the operation's id."""

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        """Look on until the operation ends; its events after that number."""

    def status(self, operation: str) -> str:
        """The word for where it stands."""

    def outcome(self, operation: str) -> str:
        """What came of it, as people read it: the result, or what went wrong."""

    def overhear(self, operation: str) -> str:
        """What can be read of it while it runs, with what its agents say."""

    def inbox(self) -> Sequence[str]:
        """The operations that wait for people."""

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        """Agree to what the stage `pay` asks."""

    def refuse(self, operation: str, comment: str) -> None:
        """Refuse what the stage `pay` asks."""

    def cancel(self, operation: str, reason: str) -> None:
        """Cancel it."""

    def retry(self, operation: str) -> str:
        """Try again what failed; the operation that goes on."""


Opening = Callable[[House, Person], AbstractContextManager[Door]]
"""Opens a door of a house for a person."""
