"""Two operations side by side: what differs in values, status, attempts, time and usage: `compare`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentkit.kernel import Event, OperationStatus, StageStatus, State, Usage, Workflow, replay

from .differences import Difference, differences
from .folding import operating_seconds
from .plain import one_line
from .records import StageRecord, records_of
from .table import rows_html, rows_text, seconds_text, usage_text

__all__ = ["Comparison", "StageComparison", "compare"]

_MOST_SHOWN = 20
_SIDES = ("first", "second")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageComparison:
    """One stage in two operations; a pair has what is so in the first and in the second one.

    Attributes:
        stage: Which stage.
        status: Where it stands; None where the workflow has no such stage.
        attempts: How many attempts began.
        seconds: How long it worked; None if it did not, or not to an end.
        usage: What it used; None if nobody said.
        kept: Whether the value was taken over from another operation.
        same_definition: Whether both workflows say the same of it.
        differences: Where the values differ, the first hundred places.
        more: How many more places there are.
    """

    stage: str
    status: tuple[StageStatus | None, StageStatus | None]
    attempts: tuple[int, int]
    seconds: tuple[float | None, float | None]
    usage: tuple[Usage | None, Usage | None]
    kept: tuple[bool, bool]
    same_definition: bool
    differences: tuple[Difference, ...]
    more: int

    @property
    def is_same(self) -> bool:
        """Whether it stands in the same place with the same value, by the same definition."""
        return self.status[0] == self.status[1] and not self.differences and self.same_definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two operations side by side; a pair has what is so in the first and in the second one.

    Attributes:
        operations: Their ids.
        workflows: The names of their workflows.
        status: Where they stand.
        seconds: Operating time.
        usage: What all attempts together used, as far as they said so.
        input: Where the inputs differ, the first hundred places.
        more_input: How many more places there are.
        stages: Every stage of both, in the order of the second workflow.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> @agent
        ... async def double(task: Task[int]) -> int:
        ...     return 2 * task.input
        >>> flow = Workflow("double", [Stage("double", agent="double")])
        >>> async def main() -> None:
        ...     async with Orchestrator([double]) as orchestrator:
        ...         operations = [await orchestrator.submit(flow, number) for number in (1, 2)]
        ...         for operation in operations:
        ...             await operation
        ...         comparison = await orchestrator.compare(*operations)
        ...         print(comparison.is_same, comparison.stages[0].differences)
        >>> asyncio.run(main())
        False (Difference(path='', first='2', second='4'),)
    """

    operations: tuple[str, str]
    workflows: tuple[str, str]
    status: tuple[OperationStatus, OperationStatus]
    seconds: tuple[float, float]
    usage: tuple[Usage, Usage]
    input: tuple[Difference, ...]
    more_input: int
    stages: tuple[StageComparison, ...]

    @property
    def is_same(self) -> bool:
        """Whether both stand in the same place with the same values; time and usage may differ."""
        return self.status[0] == self.status[1] and not self.input and all(stage.is_same for stage in self.stages)

    def __str__(self) -> str:
        lines = [f"{self.operations[0]} and {self.operations[1]}: {'the same' if self.is_same else 'they differ'}", ""]
        return "\n".join([*lines, *rows_text(self._rows()), "", *self._places()]).rstrip()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        title = "The same" if self.is_same else "They differ"
        return {"text/plain": str(self), "text/html": rows_html(self._rows(), title=title, below=[*self._places()])}

    def _rows(self) -> list[Sequence[str]]:
        rows: list[Sequence[str]] = [("", "status", "attempts", "time", "usage", "value")]
        rows.append(
            (
                "all",
                _pair(*self.status),
                _pair(*(str(sum(stage.attempts[side] for stage in self.stages)) for side in (0, 1))),
                _pair(*map(seconds_text, self.seconds)),
                _pair(*map(usage_text, self.usage)),
                "",
            )
        )
        rows.extend(_row(stage) for stage in self.stages)
        return rows

    def _places(self) -> Iterator[str]:
        """Every place at which something differs, one line each."""
        yield from _lines("input", self.input, self.more_input)
        for stage in self.stages:
            yield from _lines(stage.stage, stage.differences, stage.more)


def compare(first: Sequence[Event], second: Sequence[Event]) -> Comparison:
    """Two journals side by side.

    Raises:
        IllegalEvent: A journal does not begin with its acceptance, or something in it cannot have happened.
    """
    one, other = replay(first), replay(second)
    records = records_of(first), records_of(second)
    names = dict.fromkeys(stage.name for workflow in (other.workflow, one.workflow) for stage in workflow.stages)
    found, more = differences(one.input, other.input)
    return Comparison(
        operations=(one.operation_id, other.operation_id),
        workflows=(one.workflow.name, other.workflow.name),
        status=(one.status, other.status),
        seconds=(operating_seconds(one), operating_seconds(other)),
        usage=(one.usage, other.usage),
        input=found,
        more_input=more,
        stages=tuple(_compared(name, (one, records[0].get(name)), (other, records[1].get(name))) for name in names),
    )


def _compared(
    name: str, first: tuple[State, StageRecord | None], second: tuple[State, StageRecord | None]
) -> StageComparison:
    (one, mine), (other, theirs) = first, second
    found, more = differences(one.stage(name).value, other.stage(name).value)
    return StageComparison(
        stage=name,
        status=(mine.status if mine else None, theirs.status if theirs else None),
        attempts=(mine.attempts if mine else 0, theirs.attempts if theirs else 0),
        seconds=(mine.seconds if mine else None, theirs.seconds if theirs else None),
        usage=(mine.usage if mine else None, theirs.usage if theirs else None),
        kept=(mine is not None and mine.kept, theirs is not None and theirs.kept),
        same_definition=mine is not None and theirs is not None and _same(name, one.workflow, other.workflow),
        differences=found,
        more=more,
    )


def _same(name: str, one: Workflow[object], other: Workflow[object]) -> bool:
    return one[name] == other[name]


def _row(stage: StageComparison) -> Sequence[str]:
    places = len(stage.differences) + stage.more
    words = [f"{places} place{'' if places == 1 else 's'}"] if places else ["same"]
    if None in stage.status:
        words = ["only in the " + ("second" if stage.status[0] is None else "first")]
    elif not stage.same_definition:
        words.append("another definition")
    words.extend(
        f"taken over in the {side}" for side, kept in zip(("first", "second"), stage.kept, strict=True) if kept
    )
    return (
        stage.stage,
        _pair(*(status or "" for status in stage.status)),
        _pair(*map(str, stage.attempts)),
        _pair(*map(seconds_text, stage.seconds)),
        _pair(*map(usage_text, stage.usage)),
        ", ".join(words),
    )


def _pair(one: str, other: str) -> str:
    return one if one == other else f"{one or '-'} / {other or '-'}"


def _lines(what: str, found: Sequence[Difference], more: int) -> Iterator[str]:
    for difference in found[:_MOST_SHOWN]:
        place = one_line(f"{what}.{difference.path}" if difference.path else what, 120)
        yield f"{place}: {_shown(difference.first)} / {_shown(difference.second)}"
    rest = more + max(0, len(found) - _MOST_SHOWN)
    if rest:
        yield f"{what}: {rest} more"


def _shown(text: str | None) -> str:
    return "nothing" if text is None else one_line(text, 80)
