"""What an optimiser may change: `Lever`, and the limits of an orchestrator as levers.

Rules: a lever takes effect at once and in this process; it never leaves its bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agentkit.errors import DefinitionError
from agentkit.orchestrator.orchestrator import Orchestrator

__all__ = ["KnownLever", "Lever", "LimitLever", "limit_levers"]

_ALL: Final = "max_parallel"
_RESOURCE: Final = "resource:"
_FURTHER: Final = 4


class Lever(Protocol):
    """A whole number that says how much is done at once, and that may be changed while work goes on."""

    @property
    def name(self) -> str:
        """What it is called: `max_parallel`, `resource:printer`, `pool:clerks`, ..."""
        ...

    @property
    def value(self) -> int:
        """How it stands."""
        ...

    @property
    def least(self) -> int:
        """The least that it may be."""
        ...

    @property
    def most(self) -> int:
        """The most that it may be."""
        ...

    def set(self, value: int) -> None:
        """Have it stand so, at once."""
        ...


class LimitLever:
    """A limit of an open orchestrator.

    Args:
        orchestrator: Whose limit.
        resource: Which limited resource; None is all attempts together.
        least: The least that it may be.
        most: The most that it may be.

    Attributes:
        name: What it is called: `max_parallel`, or `resource:` and the resource's name.
        least: The least that it may be.
        most: The most that it may be.
        made: How the orchestrator was made.
    """

    __slots__ = ("_orchestrator", "_resource", "least", "made", "most", "name")

    def __init__(self, orchestrator: Orchestrator, resource: str | None, *, least: int, most: int) -> None:
        self._orchestrator = orchestrator
        self._resource = resource
        self.name: str = _ALL if resource is None else _RESOURCE + resource
        self.least: int = least
        self.most: int = most
        self.made: int = _made(orchestrator, resource)

    @property
    def value(self) -> int:
        """How it stands."""
        load = self._orchestrator.load
        return load.most_attempts if self._resource is None else load.resources[self._resource][1]

    def set(self, value: int) -> None:
        """Have it stand so, at once."""
        self._orchestrator.resize(self._resource, value)


@dataclass(slots=True, kw_only=True)
class KnownLever:
    """A lever of another process, as that one has told of it; setting it changes nothing there.

    Attributes:
        name: What it is called.
        value: How it stood.
        least: The least that it may be.
        most: The most that it may be.
    """

    name: str
    value: int
    least: int
    most: int

    def set(self, value: int) -> None:
        """Take note of what it is to be."""
        self.value = value


def limit_levers(
    orchestrator: Orchestrator, bounds: Mapping[str, tuple[int, int]] | None = None
) -> Sequence[LimitLever]:
    """The limits of an open orchestrator: `max_parallel`, and `resource:NAME` for each limited resource.

    Without a word each may be between 1 and four times what the orchestrator was made with, whatever was changed since;
    `max_parallel` never more than `Limits.threads`, behind which plain functions would wait while their time runs,
    unless its bounds say so.

    Args:
        orchestrator: Whose limits.
        bounds: The least and the most that one may be, by its name.

    Raises:
        DefinitionError: There is no such limit, or bounds are not two whole numbers from 1 on, the least first.
        Closed: The orchestrator is not open.
    """
    bounds = bounds or {}
    known: dict[str, str | None] = {_ALL: None} | {_RESOURCE + name: name for name in orchestrator.load.resources}
    problems = [f"bounds: there is no limit {name!r}; there are {', '.join(known)}" for name in {*bounds} - {*known}]
    for name, (least, most) in bounds.items():
        if not 1 <= least <= most:
            problems.append(f"bounds: {name} must be two numbers from 1 on, the least first, not {(least, most)!r}")
    if problems:
        raise DefinitionError(*problems)
    levers: list[LimitLever] = []
    for name, resource in known.items():
        # As it was made and not as it stands, so that whoever asks later finds the same bounds.
        value = _made(orchestrator, resource)
        most = (
            _FURTHER * value if resource is not None else max(value, min(_FURTHER * value, orchestrator.limits.threads))
        )
        least, most = bounds.get(name, (1, most))
        levers.append(LimitLever(orchestrator, resource, least=least, most=most))
    return levers


def _made(orchestrator: Orchestrator, resource: str | None) -> int:
    return orchestrator.limits.max_parallel if resource is None else orchestrator.resources[resource]
