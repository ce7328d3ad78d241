"""What a notebook sees of an operation, near or far: `Sight`, and who gives it.

Rules: a sight holds values and nothing that could change; whatever comes from users or agents is text until it is
drawn. `outcome` and `costs` alone are HTML already, made where the values are that they show.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

__all__ = ["LARGEST_FILE", "MOST_HEARD", "File", "Row", "Sight", "Source", "Trouble", "Wanted", "is_at_rest"]

Outcome = TypeVar("Outcome", covariant=True)

LARGEST_FILE: Final = 100_000
"""A file of more bytes is named, and not put into the notebook."""
MOST_HEARD: Final = 8
"""So many lines of what agents say are shown while they work."""
_WORKING: Final = frozenset({"running", "retrying"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How far one stage is.

    Attributes:
        name: Which stage.
        status: Where it stands.
        fraction: How much of it is done, from 0 to 1.
        agent: Who works on it, or did last, or will.
        attempt: The number of its newest attempt; 0 before the first.
        seconds: How long it has been worked on.
        said: What it says, waits for or failed of, on one line.
    """

    name: str
    status: str
    fraction: float
    agent: str
    attempt: int
    seconds: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody has to say before it goes on, and how that is said in code.

    Attributes:
        question: What is asked.
        facts: Who is asked, and until when.
        code: Lines of code, each an answer.
    """

    question: str
    facts: str
    code: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why it did not end well, and what can be done.

    Attributes:
        code: For programs: stable.
        message: For people.
        remedy: What to do.
        call: The line of code that does it.
    """

    code: str
    message: str
    remedy: str
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that a stage has given.

    Attributes:
        name: What it is called.
        stage: Which stage gave it.
        size: How many bytes it has.
        content: The bytes, if there are few.
    """

    name: str
    stage: str
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How an operation stands.

    Attributes:
        operation_id: Which operation.
        workflow: The workflow's name.
        status: Where it stands.
        is_over: Whether nothing more happens by itself: it has ended, or is in quarantine.
        percent: How much is done, from 0 to 100; 100 is completed.
        seconds: How long it has taken.
        seconds_left: How long it is likely to take still, if known.
        rows: Its stages, in order.
        graph: Its stages as a drawing, as SVG.
        wanted: What people and other systems have to say.
        waits: Whether something is waited for.
        trouble: Why it did not end well.
        outcome: What came out of it, as HTML; empty before its end.
        costs: What it used, as HTML; empty where nobody says so.
        files: The files that its stages have given.
        heard: What its agents said last while they work: which stage, and what.
    """

    operation_id: str
    workflow: str
    status: str
    is_over: bool
    percent: int
    seconds: float
    seconds_left: float | None
    rows: tuple[Row, ...]
    graph: str = ""
    wanted: tuple[Wanted, ...] = ()
    waits: bool = False
    trouble: Trouble | None = None
    outcome: str = ""
    costs: str = ""
    files: tuple[File, ...] = ()
    heard: tuple[tuple[str, str], ...] = ()

    @property
    def rests(self) -> bool:
        """Whether it waits, and nothing of it is worked on meanwhile."""
        return self.waits and is_at_rest(row.status for row in self.rows)


def is_at_rest(statuses: Iterable[str], *, parts_work: bool = True) -> bool:
    """Whether nothing is worked on, where stages stand so.

    Args:
        statuses: Where each of them stands.
        parts_work: Whether an item or a turn of a stage is worked on; where that is not known, it may be.
    """
    return not any(status in _WORKING or (parts_work and status == "expanded") for status in statuses)


class Source(Protocol[Outcome]):
    """Gives sights of one operation."""

    async def sight(self) -> Sight:
        """How it stands now."""
        ...

    def sights(self, seconds: float) -> AsyncGenerator[Sight, None]:
        """How it stands, again and again until it is over.

        Args:
            seconds: The shortest time between two sights.
        """
        ...

    async def result(self) -> Outcome:
        """What came out of it.

        Raises:
            OperationError: It did not end well.
        """
        ...

    async def at_rest(self) -> None:
        """Return once nothing more happens by itself."""
        ...
