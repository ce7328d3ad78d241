"""What a stage may ask for besides its work: conditions, maps, loops, budgets; what it asks people is in `approval.py`.

Rules: every one is a frozen value that can be written to JSON and read back (`data.py`); a condition is data, never
code; whatever could go on for ever has a bound. Times are seconds, or a `timedelta`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from agentkit.errors import DefinitionError
from agentkit.kernel.checks import (
    choice_problems,
    count_problems,
    is_number,
    kind_problems,
    name_problems,
    seconds_problems,
    shortened,
)
from agentkit.kernel.facts import as_money

__all__ = [
    "Allowance",
    "Loop",
    "Map",
    "Seconds",
    "When",
    "as_seconds",
    "as_tuple",
    "raise_problems",
]

Seconds: TypeAlias = "float | timedelta"
"""A span of time: a number of seconds, or a `timedelta`."""


def as_seconds(value: object) -> object:
    """A span as seconds; what is no span stays as it is, for the checks to tell."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def as_tuple(names: object) -> object:
    """The names as a tuple, those of a set in order; what are no names stays as it is, for the checks to tell."""
    # A lone name is a common slip for a list of one; as a sequence of letters it could only be wrong.
    if isinstance(names, str | type):
        return (names,)
    if isinstance(names, set | frozenset):
        return tuple(sorted(cast("Iterable[str]", names), key=str))
    return tuple(cast("Iterable[object]", names)) if isinstance(names, Iterable) else names


def raise_problems(problems: Iterable[str]) -> None:
    """All that is wrong with a value, as one error; nothing if nothing is.

    Raises:
        DefinitionError: Something is wrong.
    """
    found = tuple(problems)
    if found:
        raise DefinitionError(*found)


@dataclass(frozen=True, slots=True)
class When:
    """A condition on a value that is on the journal.

    Without a comparison it asks whether the value is true: not null, false, zero or empty. Several comparisons must
    all hold. A text with digits, as exact decimals are written, is compared as the number that it is.

    Attributes:
        stage: The dependency whose value is looked at; None is the operation's input or, in a loop, the turn's value.
        path: Where in the value, by keys and positions with dots between: `rows.0.amount`.
        equals: What it must equal.
        differs: What it must not equal.
        above: A number that it must exceed.
        below: A number that it must stay under.
        at_least: A number that it must reach.
        at_most: A number that it must not exceed.
        present: Whether there must be something, or must not.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> When("extract", path="rows", at_least=1).path
        'rows'
    """

    stage: str | None = None
    _: KW_ONLY
    path: str = ""
    equals: str | float | bool | None = None
    differs: str | float | bool | None = None
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    present: bool | None = None

    def __post_init__(self) -> None:
        raise_problems(self._problems())

    def _problems(self) -> Iterator[str]:
        if self.stage is not None:
            yield from name_problems("when: stage", self.stage)
        yield from kind_problems("when: path", self.path, str, "a text such as rows.0.amount")
        for name in ("above", "below", "at_least", "at_most"):
            bound = getattr(self, name)
            if bound is not None and not is_number(bound):
                yield f"when: {name} must be a number, not {shortened(bound)}"
        for name in ("equals", "differs"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str | bool) and not is_number(value):
                yield f"when: {name} must be a text, a number, true or false, not {shortened(value)}"
        if self.present is not None:
            yield from kind_problems("when: present", self.present, bool, "True or False")


@dataclass(frozen=True, slots=True)
class Map:
    """The stage's agent works on every item of a list, which may be known only at run time.

    The stage's value is the list of the items' values, in order.

    Attributes:
        stage: The dependency whose value is the list; None is the operation's input.
        path: Where in the value the list is, by keys and positions with dots between.
        parallel: How many items may be worked on at once; None leaves it to the workflow and the orchestrator.
        on_failure: `fail`: one failed item fails the stage, and the others are stopped. `keep`: the others go on, and
            the failed item's value is null.
        quorum: With `keep`, how many items must succeed; fewer fail the stage.
        most: The longest list that is accepted.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Map("read", path="rows", on_failure="keep", quorum=3).most
        10000
    """

    stage: str | None = None
    _: KW_ONLY
    path: str = ""
    parallel: int | None = None
    on_failure: Literal["fail", "keep"] = "fail"
    quorum: int | None = None
    most: int = 10_000

    def __post_init__(self) -> None:
        raise_problems(self._problems())

    def _problems(self) -> Iterator[str]:
        if self.stage is not None:
            yield from name_problems("map: stage", self.stage)
        yield from kind_problems("map: path", self.path, str, "a text such as rows.0.amount")
        yield from choice_problems("map: on_failure", self.on_failure, ("fail", "keep"))
        yield from count_problems("map: most", self.most, most=100_000)
        if self.parallel is not None:
            yield from count_problems("map: parallel", self.parallel)
        if self.quorum is not None:
            yield from count_problems("map: quorum", self.quorum, least=0)
            if self.on_failure != "keep":
                yield "map: a quorum needs on_failure='keep', since otherwise one failed item fails the stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The stage's work is done again until its value is good enough, or a bound is reached.

    Attributes:
        until: The condition on a turn's value that ends the loop.
        most: The largest number of turns.
        otherwise: What follows when the bound is reached: `fail` fails the stage, `keep` takes the last turn's value.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Loop(until=When(path="score", at_least=0.9), most=5).otherwise
        'fail'
    """

    until: When
    most: int
    otherwise: Literal["fail", "keep"] = "fail"

    def __post_init__(self) -> None:
        raise_problems(self._problems())

    def _problems(self) -> Iterator[str]:
        yield from kind_problems("loop: until", self.until, When, "a When")
        if isinstance(cast("object", self.until), When) and self.until.stage is not None:
            yield "loop: until looks at the turn's own value, so its condition must name no stage"
        yield from count_problems("loop: most", self.most, most=10_000)
        yield from choice_problems("loop: otherwise", self.otherwise, ("fail", "keep"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be spent; what is not limited may be spent without end.

    Attributes:
        calls: Calls, of models or of anything that is counted.
        seconds: Seconds of work, summed over all that work at once.
        tokens: Tokens.
        money: An amount of money, exact: a `Decimal`, a whole number or a text such as `"12.50"`.
        currency: The currency of the money, such as `USD`.
        soft: The share from which on those who spend are asked to take the cheaper way, 0 to 1.
        repeats: When an agent makes the same call for this many times, it is refused as a repetition; None looks for
            none.

    Raises:
        DefinitionError: A limit is not valid.

    Example:
        >>> Allowance(calls=100, money="12.50", currency="USD").money
        Decimal('12.50')
    """

    calls: int | None = None
    seconds: Seconds | None = None
    tokens: int | None = None
    money: Decimal | int | str | None = None
    currency: str | None = None
    soft: float = 0.8
    repeats: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", as_seconds(self.seconds))
        exact = as_money(self.money)
        if exact is not None:
            object.__setattr__(self, "money", exact)
        raise_problems(self._problems())

    def _problems(self) -> Iterator[str]:
        for name in ("calls", "tokens"):
            if getattr(self, name) is not None:
                yield from count_problems(f"budget: {name}", getattr(self, name), least=0, most=10**15)
        yield from seconds_problems("budget: seconds", self.seconds, zero=True)
        if self.money is not None and as_money(self.money) is None:
            yield (
                "budget: money must be an exact amount from 0 on, such as Decimal('12.50'),"
                f" not {shortened(self.money)}"
            )
        if (self.money is None) != (self.currency is None):
            yield "budget: money needs its currency, and a currency its money"
        if self.currency is not None:
            yield from name_problems("budget: currency", self.currency)
        if not is_number(self.soft) or not 0 <= self.soft <= 1:
            yield f"budget: soft must be a share from 0 to 1, not {shortened(self.soft)}"
        if self.repeats is not None:
            yield from count_problems("budget: repeats", self.repeats, least=2, most=100)
