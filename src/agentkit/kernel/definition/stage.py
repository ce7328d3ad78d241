"""One step of a workflow, as a frozen value that is checked when it is made.

Rules: a stage knows of agents nothing but their names; exactly one setting says what its work is; what is left as it is
by default costs nothing, neither to check nor to write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, Protocol, cast

from agentkit.errors import DefinitionError
from agentkit.kernel.checks import (
    choice_problems,
    instruction_problems,
    is_number,
    kind_problems,
    name_problems,
    seconds_problems,
    shortened,
    texts_problems,
)

from .approval import Approval
from .controls import Allowance, Loop, Map, Seconds, When, as_seconds, as_tuple
from .merging import merge_problems
from .retry import NO_RETRY, Fallback, RetryPolicy

__all__ = ["Flow", "Stage"]

_LISTS = ("after", "expertise", "reads")
_INSTEAD = ("workflow", "wait", "signal", "approval")
_WEIGHT = 1.0
_NAMES: Mapping[str, str] = {}


class Flow(Protocol):
    """What a stage needs to know of the workflow that it runs as a child: a `Workflow`."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def stages(self) -> Sequence[Stage]:
        """Its steps."""
        ...

    @property
    def currency(self) -> str | None:
        """The currency of its budgets, if one of them limits money."""
        ...


# Without slots: what is left as it is by default then lies in the class, so that a stage read back from the journal
# costs what differs, and no more.
@dataclass(frozen=True)
class Stage:
    """One step of a workflow: which agent does what, after what.

    Its work is an agent's, or one of `workflow`, `wait` and `signal`. Before it begins, `when` and `approval` may hold
    it back; `map` and `loop` have it done many times.

    Attributes:
        name: Unique in its workflow; a letter, then letters, digits, `_`, `-` or `.`.
        agent: The name of the agent that works on it.
        instruction: What the agent is told. `{month}` is replaced by the operation's input `month`, and nothing else
            is.
        after: Stages, or groups of stages, that must have ended before this one starts.
        group: A name for several stages that others can wait for at once.
        required: Whether the operation fails when this stage does. After a failed optional stage its dependents run
            and see it as missing.
        timeout: Seconds for the whole stage, with all attempts and the waits between them; for each item of a map, and
            each turn of a loop, by itself. While people are asked it stands still.
        retry: How often each agent of the chain is tried.
        fallback: Agents that take over, in order, when the one before has used up its attempts.
        weight: This stage's share of the operation's progress, against the other stages.
        resource: The name of a limited resource that an attempt occupies.
        expertise: What every agent of the chain must be good at, in its own words (`AgentPersonality.expertise`).
        workflow: A workflow to run as an operation of its own; its output is the stage's value.
        wait: The stage is done after so many seconds.
        signal: The stage is done when somebody sends this signal; what is sent is its value.
        when: The condition under which it is done at all; the name of a stage is short for "if its value is true".
        approval: Who has to agree before the work begins. Alone, the decision is the stage's value.
        map: Work on every item of a list; the name of a stage is short for "the items of its value".
        loop: Do the work again until its value is good enough.
        undo: The agent that undoes the work, if it was done and the operation does not complete.
        effect: What a crash in the middle means: `repeatable` work is done again, `at_most_once` work is in doubt
            until a person decides.
        reads: Keys of the operation's context that its agent may read.
        writes: Keys of the operation's context that its agent may write, each with how it is merged.
        min_confidence: A value with less confidence than this goes on to the next agent of the chain.
        minimal: The plain answer that the stage gives, marked as degraded, when every agent of the chain has failed.
        budget: What its attempts may spend.
        complexity: How hard the work is, in the words of the `TierPolicy` of its agent.

    Raises:
        DefinitionError: A name, number or instruction is not valid.

    Example:
        >>> Stage("share", agent="share", after=["extract"], fallback=["share_simple"]).after
        ('extract',)
    """

    name: str
    _: KW_ONLY
    agent: str = ""
    instruction: str = ""
    after: Sequence[str] = ()
    group: str | None = None
    required: bool = True
    timeout: float | None = None
    retry: RetryPolicy = NO_RETRY
    fallback: Sequence[str | Fallback] = ()
    weight: float = _WEIGHT
    resource: str | None = None
    expertise: Sequence[str] = ()
    workflow: Flow | None = None
    wait: Seconds | None = None
    signal: str | None = None
    when: When | str | None = None
    approval: Approval | None = None
    map: Map | str | None = None
    loop: Loop | None = None
    undo: str | None = None
    effect: Literal["repeatable", "at_most_once"] = "repeatable"
    reads: Sequence[str] = ()
    writes: Mapping[str, str] = field(default_factory=lambda: _NAMES)
    min_confidence: float | None = None
    minimal: object = None
    budget: Allowance | None = None
    complexity: str | None = None

    def __post_init__(self) -> None:
        for setting in _LISTS:
            given = getattr(self, setting)
            if type(given) is not tuple:
                object.__setattr__(self, setting, as_tuple(given))
        if self.fallback != ():
            given = (self.fallback,) if isinstance(self.fallback, Fallback) else as_tuple(self.fallback)
            object.__setattr__(self, "fallback", given)
        if self.wait is not None:
            object.__setattr__(self, "wait", as_seconds(self.wait))
        problems = [*self._problems()]
        if not problems:
            self._spell_out()
            problems = [*self._clashes()]
        if problems:
            raise DefinitionError(*problems)

    def __hash__(self) -> int:
        # Some settings are mappings, which have no hash; equal stages have equal names.
        return hash((self.name, self.agent))

    def _spell_out(self) -> None:
        """Make of the short forms what they stand for."""
        if isinstance(self.when, str):
            object.__setattr__(self, "when", When(self.when))
        if isinstance(self.map, str):
            object.__setattr__(self, "map", Map(self.map))

    def _problems(self) -> Iterator[str]:
        """What is wrong; a setting that was left as it is by default costs nothing, as most are."""
        yield from name_problems("stage", self.name)
        what = f"stage {shortened(self.name)}"
        for setting in _LISTS:
            if getattr(self, setting) != ():
                yield from texts_problems(f"{what}: {setting}", getattr(self, setting))
        if self.agent != "":
            yield from name_problems(f"{what}: agent", self.agent)
        elif all(getattr(self, setting) is None for setting in _INSTEAD):
            yield f"{what}: agent is missing"
        for setting in ("group", "resource", "signal", "undo", "complexity"):
            if getattr(self, setting) is not None:
                yield from name_problems(f"{what}: {setting}", getattr(self, setting))
        if self.fallback != ():
            yield from self._fallback_problems(what)
        if self.instruction != "":
            yield from instruction_problems(what, self.instruction)
        if self.timeout is not None:
            yield from seconds_problems(f"{what}: timeout", self.timeout)
        if self.weight is not _WEIGHT and not (is_number(self.weight) and 0 < self.weight <= 1e9):
            yield f"{what}: weight must be a number above 0, at most 1e9, not {shortened(self.weight)}"
        if self.required is not True:
            yield from kind_problems(f"{what}: required", self.required, bool, "True or False")
        if self.retry is not NO_RETRY:
            yield from kind_problems(f"{what}: retry", self.retry, RetryPolicy, "a RetryPolicy")
        for setting in _CONTROLS:
            if getattr(self, setting) is not None:
                yield from self._control_problems(what, setting)
        if self.effect != "repeatable":
            yield from choice_problems(f"{what}: effect", self.effect, ("repeatable", "at_most_once"))
        if self.writes is not _NAMES:
            yield from _writes_problems(f"{what}: writes", self.writes)

    def _fallback_problems(self, what: str) -> Iterator[str]:
        if not isinstance(cast("object", self.fallback), tuple):
            yield f"{what}: fallback must be a list of agents, not {shortened(self.fallback)}"
            return
        for item in self.fallback:
            if not isinstance(item, Fallback):
                yield from name_problems(f"{what}: fallback", item)

    def _control_problems(self, what: str, setting: str) -> Iterator[str]:
        value = getattr(self, setting)
        where = f"{what}: {setting}"
        if setting in _KINDS and not (isinstance(value, str) and setting in ("when", "map")):
            yield from kind_problems(where, value, _KINDS[setting], f"a value of {_KINDS[setting].__name__}")
            if isinstance(value, Approval):
                for name, text in value.templates:
                    if name != "question":
                        yield from instruction_problems(where, text, said=name)
        elif setting == "wait":
            yield from seconds_problems(where, value, zero=True)
        elif setting == "min_confidence" and not (is_number(value) and 0 <= value <= 1):
            yield f"{where} must be a share from 0 to 1, not {shortened(value)}"
        elif setting == "minimal":
            try:
                if json.loads(json.dumps(value, allow_nan=False)) != value:
                    yield f"{where} must be plain JSON data that comes back equal, not {shortened(value)}"
            except (TypeError, ValueError, RecursionError):
                yield f"{where} must be plain JSON data, not {shortened(value)}"

    def _clashes(self) -> Iterator[str]:
        """Settings that contradict each other."""
        what = f"stage {self.name!r}"
        works = [name for name in ("agent", "workflow", "wait", "signal") if getattr(self, name) not in ("", None)]
        if len(works) > 1:
            yield f"{what}: has {' and '.join(works)}; a stage does one thing, so make several stages of it"
        if works not in (["agent"], ["workflow"]):
            yield from self._without_work(what, works)
        elif self.map is not None and self.loop is not None:
            yield f"{what}: has both map and loop; give one of them to a workflow of its own, and run that here"
        if works not in (["agent"], ["workflow"]):
            needless = [self.retry is not NO_RETRY and "retry", self.instruction and "instruction"]
            needless.append(self.timeout is not None and works != ["signal"] and "timeout")
            for setting in filter(None, needless):
                yield f"{what}: {setting} has no effect without an agent or a workflow; leave it out"
        if works != ["agent"]:
            for setting in ("fallback", "reads", "writes", "min_confidence", "resource", "expertise", "complexity"):
                if getattr(self, setting) not in ((), None, _NAMES):
                    yield f"{what}: {setting} needs an agent"
        if self.effect == "at_most_once" and (works != ["agent"] or self.retry.attempts > 1 or self.fallback):
            yield f"{what}: effect='at_most_once' is for one agent without retry and fallback: nothing is done twice"

    def _without_work(self, what: str, works: list[str]) -> Iterator[str]:
        for setting in ("map", "loop", "undo", "minimal", "budget"):
            if getattr(self, setting) is not None:
                given = " and ".join(works) or "an approval alone"
                yield f"{what}: {setting} needs an agent or a workflow, not {given}"

    @property
    def agents(self) -> tuple[str, ...]:
        """The chain: the agent, then its fallbacks in order; empty if no agent works on it."""
        if not self.fallback:
            return (self.agent,) if self.agent else ()
        return (self.agent, *(item.agent if isinstance(item, Fallback) else item for item in self.fallback))

    @property
    def condition(self) -> When | None:
        """The condition under which it is done at all."""
        return cast("When | None", self.when)

    @property
    def items(self) -> Map | None:
        """The list on whose items it works."""
        return cast("Map | None", self.map)

    @property
    def wait_seconds(self) -> float | None:
        """After how many seconds it is done, if it only waits."""
        return cast("float | None", self.wait)

    @property
    def is_gated(self) -> bool:
        """Whether something comes before its first attempt, or instead of it."""
        return (
            self.when is not None
            or self.approval is not None
            or self.map is not None
            or self.loop is not None
            or self.wait is not None
            or self.signal is not None
        )

    def retry_at(self, level: int) -> RetryPolicy:
        """How often the agent of that level of the chain is tried."""
        item = self.fallback[level - 1] if level else self.agent
        return item.retry if isinstance(item, Fallback) and item.retry is not None else self.retry

    def confidence_at(self, level: int) -> float | None:
        """How sure the value of that level's agent has to be; None is not at all."""
        item = self.fallback[level - 1] if level else self.agent
        return (
            item.min_confidence
            if isinstance(item, Fallback) and item.min_confidence is not None
            else self.min_confidence
        )


_KINDS: Mapping[str, type] = {
    "when": When,
    "map": Map,
    "loop": Loop,
    "approval": Approval,
    "budget": Allowance,
}
_CONTROLS = (*_KINDS, "wait", "min_confidence", "minimal")


def _writes_problems(what: str, writes: object) -> Iterator[str]:
    if not isinstance(writes, Mapping):
        yield f"{what} must be a mapping of keys to how they are merged, not {shortened(writes)}"
        return
    for key, merge in cast("Mapping[object, object]", writes).items():
        if not isinstance(key, str) or not key:
            yield f"{what}: a key must be a text that is not empty, not {shortened(key)}"
        yield from merge_problems(f"{what}: {shortened(key)}", merge)
