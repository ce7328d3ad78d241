"""A team without an orchestrator: the same steps, turn by turn, in memory.

Rules: what is decided is decided by the same functions as in a workflow. A turn is a fallback chain of one strategy, so
retries, limits of time and plain functions are as they are there. Nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from agentkit.agents.budget import AttemptBudget, Budget
from agentkit.agents.chains.chain import FallbackChain
from agentkit.agents.chains.limiting import shorter
from agentkit.agents.registration import Registration
from agentkit.agents.task import Task
from agentkit.agents.values import ANY, ValueType
from agentkit.errors import (
    AttemptError,
    BudgetExhausted,
    ChainFailed,
    DefinitionError,
    InputError,
    MergeConflict,
    NoAgreement,
    UnstorableValue,
)
from agentkit.kernel import ABSENT, merged

from .flow import MESSAGES, Settings
from .moderation import Plan, Said, Step, contributions, next_turn, outcome_of, steps_of
from .values import Contribution, TeamOutcome, Turn

__all__ = ["Alone"]

_TURN = ValueType(Turn)
_BOARD = ValueType(list[Contribution])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a member gave, and what it wrote to the context."""

    content: object
    written: Mapping[str, object]


class Alone:
    """One run of a team in memory.

    Args:
        plan: What stays the same from turn to turn.
        settings: What may be said besides.
        members: Its members, by name.
    """

    __slots__ = ("_board", "_budget", "_failures", "_members", "_plan", "_settings", "_shared")

    def __init__(self, plan: Plan, settings: Settings, members: Mapping[str, Registration]) -> None:
        self._plan = plan
        self._settings = settings
        self._members = members
        self._budget = Budget(settings.budget, name=f"team {plan.team}")
        self._shared: dict[str, object] = {}
        self._board: tuple[Contribution, ...] = ()
        self._failures: dict[str, str] = {}

    async def run(self, given: object) -> TeamOutcome:
        """Go through the rounds until the team ends.

        Raises:
            NoAgreement: It ends without being complete, and should fail then.
            DefinitionError: A member needs a process of its own, which only an orchestrator has.
            UnstorableValue: The task is no plain JSON data.
        """
        given = ANY.decode(ANY.encode(given))
        isolated = [name for name, entry in self._members.items() if entry.agent.isolation == "process"]
        if isolated:
            raise DefinitionError(
                f"team {self._plan.team!r}: {', '.join(isolated)} has isolation='process' and needs an orchestrator;"
                " run team.workflow on one"
            )
        turn: Turn | None = None
        newest: tuple[Contribution, ...] = ()
        for step in steps_of(self._plan):
            turn = next_turn(self._plan, step, self._said(turn, newest), given)
            self._board = (*self._board, *newest)
            newest = ()
            if not turn.going:
                break
            newest = contributions(turn, await self._ask(turn, step))
        said = replace(self._said(turn, newest), board=self._board)
        outcome = outcome_of(self._plan, said)
        if not outcome.is_complete and self._settings.otherwise == "fail":
            raise NoAgreement(outcome.team, outcome.how, f"{outcome}", outcome.value)
        return outcome

    def _said(self, turn: Turn | None, newest: tuple[Contribution, ...]) -> Said:
        # What a workflow's own stages count for, too: a call each.
        book = AttemptBudget(name="moderator", parent=self._budget)
        try:
            book.begin()
        except BudgetExhausted:
            is_broke = True
        else:
            is_broke = self._budget.is_exhausted
            book.end(0.0)
        return Said(
            turn=turn,
            newest=newest,
            board=self._board,
            failures=self._failures,
            is_tight=self._budget.is_tight,
            is_broke=is_broke,
        )

    async def _ask(self, turn: Turn, step: Step) -> dict[str, object]:
        asked = turn.speakers
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(self._answer(name, turn)) for name in asked}
        answers: dict[str, object] = {}
        self._failures = {}
        fresh: set[str] = set()
        for name, task in tasks.items():
            answer = task.result()
            failure = answer if isinstance(answer, str) else self._refused(answer, fresh)
            if failure:
                self._failures[name] = failure
            else:
                answers[name] = cast("_Answer", answer).content
        return answers

    def _refused(self, answer: _Answer, fresh: set[str]) -> str:
        """Merge what a member wrote with what others have written; why that cannot be, if it cannot.

        Args:
            answer: What the member gave and wrote.
            fresh: What was written at the same time, so that nobody has seen it.
        """
        for key in answer.written:
            if key in fresh and self._settings.shared[key] == "conflict":
                return f"MergeConflict: {key!r} was written at the same time"
        try:
            new = {
                key: merged(self._settings.shared[key], key, self._shared.get(key, ABSENT), value)
                for key, value in answer.written.items()
            }
        except MergeConflict as error:
            return f"MergeConflict: {error}"
        self._shared.update(new)
        fresh.update(new)
        return ""

    async def _answer(self, name: str, turn: Turn) -> _Answer | str:
        """What a member says, or why it fails."""
        entry = self._members[name]
        book = AttemptBudget(name=name, parent=self._budget)
        try:
            book.begin()
        except BudgetExhausted as error:
            return f"BudgetExhausted: {error}"
        now = asyncio.get_running_loop().time
        began = now()
        try:
            task = self._task(entry, turn, book)
            chain = FallbackChain(
                cast("Any", entry.agent),
                retry=self._settings.retry,
                timeout=shorter(self._settings.timeout, book.left_seconds),
            )
            result = await chain.run(task)
            content = ANY.decode(entry.output_type.encode(result.value))
        except ChainFailed as error:
            return _failure(cast("AttemptError", error.attempts.exceptions[-1]))
        except (InputError, UnstorableValue) as error:
            # It does not take what it was given, or what it gives cannot be written.
            return f"{type(error).__name__}: {error}"
        finally:
            book.end(now() - began)
        return _Answer(content=content, written=dict(task.context.written))

    def _task(self, entry: Registration, turn: Turn, book: AttemptBudget) -> Task[object]:
        board: Sequence[object] = cast("Sequence[object]", ANY.decode(_BOARD.encode(list(self._board))))
        return Task.standalone(
            entry.input_type.decode(_TURN.encode(turn)),
            context={MESSAGES: board, **self._shared},
            reads=self._settings.shared,
            writes=self._settings.shared,
            budget=book,
        )


def _failure(error: AttemptError) -> str:
    """Why a member failed, in the words in which a workflow tells it."""
    kind = "TimeoutError" if error.error_code == "timeout" else error.error_type or error.error_code
    return f"{kind}: {error}" if f"{error}" else kind
