"""The budgets of the operations that are driven here: a tree for each, with the attempts as its leaves.

    tenant -> operation -> stage, group, agent -> attempt -> (a child operation -> ...)

Rules: all attempts of this process meet in one tree, so they never overspend together. An attempt is in the books of
its stage, its group and its agent at once, as far as these have budgets. It is one call, unless its agent says more of
calls, or it only waits for people; and takes the time that it takes, unless its agent says more of seconds. The call is
reserved before the attempt starts; what it used goes on the journal with its outcome. What a journal knows and a tree
does not is caught up with before an attempt starts, so a crash gives nothing back. An agent that takes over since a
budget is exhausted begins without asking, unless it has a budget of its own; one that undoes never asks. What they use
counts all the same. A tree is kept while its operation is driven, or rests with a child that spends from it; of one
that is let go of otherwise only the sum stays, where something above has counted it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from agentkit.agents import AttemptBudget, Budget, failed_by
from agentkit.errors import BudgetExhausted, DefinitionError
from agentkit.kernel import (
    NO_USAGE,
    Allowance,
    Asked,
    ChildRests,
    Doubtful,
    Failed,
    OperationAccepted,
    Outcome,
    RunAttempt,
    State,
    Unavailable,
    Usage,
)

from .inputs import command_or_refusal, instruction_values
from .ports import Clock, Executor

__all__ = ["Budgets"]

_Place: TypeAlias = tuple[Budget, Sequence[Budget]]
"""Where in a tree an attempt is counted: the budget of its operation, and those beside it."""


class _Tree:
    """The budgets of one operation."""

    __slots__ = ("budget", "inner")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.inner: dict[str, Budget] = {}

    def inner_budget(self, state: State, name: str, allowance: Allowance) -> Budget:
        """The budget of a stage, a group or an agent, told of what the journal knows."""
        found = self.inner.get(name)
        if found is None:
            found = self.inner[name] = self.budget.child(name, allowance)
        counted = state.counted_by.get(name)
        if counted is not None:
            found.catch_up(counted, counted, alone=True)
        return found


class _Begun:
    """An attempt that runs, with what is to be counted when it ends."""

    __slots__ = ("budget", "is_child", "is_cut", "is_refused", "started_at", "timeout")

    def __init__(self, budget: AttemptBudget, started_at: float | None = None, *, is_child: bool = False) -> None:
        self.budget = budget
        self.started_at = started_at
        self.is_child = is_child
        self.is_cut = False
        self.is_refused = False
        self.timeout: float | None = None


class _Refusal:
    """An executor that does not run an attempt, since there is nothing left for it."""

    __slots__ = ("_outcome",)

    def __init__(self, outcome: Failed) -> None:
        self._outcome = outcome

    async def execute(self, command: RunAttempt) -> Outcome:
        """Tell why it is not run."""
        return self._outcome

    async def close(self) -> None:
        """Nothing is held."""


class Budgets:
    """What the attempts of this process may spend.

    Args:
        clock: What time it is.
        tenants: What each tenant may spend, by name.

    Attributes:
        tenants: Their budgets.
    """

    def __init__(self, clock: Clock, tenants: Mapping[str, Allowance] | None = None) -> None:
        self._clock = clock
        self.tenants: Mapping[str, Budget] = {
            name: Budget(allowance, name=f"tenant {name}") for name, allowance in (tenants or {}).items()
        }
        self._trees: dict[str, _Tree] = {}
        self._begun: dict[RunAttempt, _Begun] = {}
        # What is driven, each with its attempts that nothing limits and that said something of budgets.
        self._driven: dict[str, list[RunAttempt]] = {}
        # What was counted above for operations that were let go of.
        self._known: dict[str, tuple[Usage, Usage]] = {}
        # Children that stop and whose attempts may still use something.
        self._ending: set[str] = set()
        self._homes: dict[str, AttemptBudget] = {}

    def check(self, state: State) -> None:
        """Check that an operation can be counted by the budgets that it belongs to.

        Raises:
            DefinitionError: Its money is of another currency.
        """
        above = self._above(state)
        if above is not None:
            workflow = state.workflow
            stages = (stage.budget for stage in workflow.stages if stage.budget is not None)
            for allowance in (
                workflow.budget,
                *stages,
                *workflow.group_budgets.values(),
                *workflow.agent_budgets.values(),
            ):
                Budget(allowance, parent=above)

    def begin(self, state: State, number: int, command: RunAttempt, executor: Executor) -> tuple[RunAttempt, Executor]:
        """Reserve what an attempt is, before it starts.

        Returns:
            The command, with no more time than is left, and what runs it: the executor, or a refusal.
        """
        workflow = state.workflow
        if state.operation_id not in self._driven:
            self._driven[state.operation_id] = []
        if not (self.tenants or self._homes or workflow.budget is not None or workflow.marks.has_budget):
            return command, executor
        known = self._begun.get(command)
        if known is not None and known.is_child:
            # It rested with its child, and its books stayed open.
            return replace(command, timeout=known.timeout or command.timeout), executor
        try:
            place = self._place(state, number)
            if place is None:
                return command, executor
            begun = self._begin(state, command, place)
            more, step = state.touched[number].more, state.step(number)
            is_spent = more is not None and more.is_spent and command.agent not in workflow.agent_budgets
            if is_spent or (step is not None and step.kind == "undo"):
                return command, executor
            begun.is_refused = True
            begun.budget.begin(calls=0 if begun.is_child else 1)
            begun.is_refused = False
        except (BudgetExhausted, DefinitionError) as error:
            return command, _Refusal(failed_by(error))
        left = begun.budget.left_seconds
        if left is None or (command.timeout is not None and command.timeout <= left):
            return command, executor
        # Work in doubt stays in doubt, whatever it was that ended it.
        begun.is_cut = state.spec(number).effect == "repeatable"
        begun.timeout = left
        return replace(command, timeout=left), executor

    def open_books(self, state: State, child: str) -> None:
        """Have a child spend from the budget of its parent's stage, although nobody here drives the parent: it rests.

        Raises:
            DefinitionError: Its money is of another currency.
        """
        for number in state.asleep:
            if state.child_of(number) == child and (place := self._place(state, number)) is not None:
                command, _ = command_or_refusal(state, number, instruction_values(state.input))
                self._begin(state, command, place)

    def knows(self, child: str) -> bool:
        """Whether a child has books to spend from."""
        return child in self._homes

    def limits(self, accepted: OperationAccepted) -> bool:
        """Whether the children of an operation have budgets above them."""
        workflow = accepted.workflow
        if workflow.budget is not None or workflow.marks.has_budget or self.knows(accepted.operation_id):
            return True
        # The tenant's counts too: a child that stood right below it would be counted there a second time.
        return (accepted.tenant or "") in self.tenants

    def of(self, command: RunAttempt) -> AttemptBudget:
        """The budget of an attempt that runs here; where nothing limits it, one that only counts."""
        begun = self._begun.get(command)
        if begun is None:
            begun = _Begun(AttemptBudget(name=f"stage {command.stage}"))
            said = self._driven.get(command.operation_id)
            if said is not None:
                said.append(command)
                self._begun[command] = begun
        return begun.budget

    def settle(self, command: RunAttempt, outcome: Outcome) -> Outcome:
        """Count what an attempt used that is over; the outcome, with that."""
        if isinstance(outcome, ChildRests):
            # It is not over: its child spends on.
            return outcome
        begun = self._begun.pop(command, None) if self._begun else None
        if begun is None:
            return outcome
        if begun.is_child:
            self._leave_home(command.child_id)
        if begun.is_refused:
            # Nothing was begun.
            return outcome if isinstance(outcome, Unavailable) else replace(outcome, usage=NO_USAGE)
        budget = begun.budget
        if isinstance(outcome, Unavailable):
            budget.cancel()
            return outcome
        if outcome.usage is not None and (begun.is_child or not budget.was_told):
            # It ran where this budget is out of reach; a child may have done so in part.
            try:
                budget.catch_up(outcome.usage, outcome.counted or outcome.usage)
            except DefinitionError:
                # It is in another currency, which is refused where outcomes are decided.
                budget.end(0.0)
                return outcome
        if begun.is_child:
            usage, counted = budget.spent, budget.counted
        else:
            waits = isinstance(outcome, Asked | Doubtful)
            usage, counted = budget.end(self._seconds(begun), waits_for_people=waits)
        if begun.is_cut and isinstance(outcome, Failed) and outcome.failure.code == "timeout":
            refusal = budget.refusal()
            outcome = outcome if refusal is None else failed_by(refusal)
        return replace(outcome, usage=usage, counted=None if counted == usage else counted)

    def _seconds(self, begun: _Begun) -> float:
        return 0.0 if begun.started_at is None else self._clock.now() - begun.started_at

    def forget(self, state: State) -> None:
        """An operation is no longer driven here: what it used stays counted above it."""
        identity = state.operation_id
        for command in self._driven.pop(identity, ()):
            self._begun.pop(command, None)
        if state.asleep and not state.ended:
            # Its children spend from it while it rests; its task and its lease go, its books stay.
            return
        tree = self._trees.pop(identity, None)
        if identity in self._ending:
            self._leave_home(identity)
        elif state.ended:
            self._known.pop(identity, None)
        elif tree is not None and tree.budget.parent is not None:
            self._known[identity] = tree.budget.spent, tree.budget.counted

    def _leave_home(self, child: str) -> None:
        """The attempt that ran a child is over; while the child is still driven, what it uses counts there."""
        if child in self._driven:
            self._ending.add(child)
            return
        self._ending.discard(child)
        self._homes.pop(child, None)
        self._known.pop(child, None)

    def _above(self, state: State) -> Budget | None:
        """What an operation is a part of: the attempt that runs it as a child, or its tenant."""
        home = self._homes.get(state.operation_id)
        return self.tenants.get(state.tenant or "") if home is None else home

    def _place(self, state: State, number: int) -> _Place | None:
        """Where an attempt is counted; None if nothing limits it."""
        above = self._above(state)
        inner = state.budgets(number) if state.workflow.marks.has_budget else ()
        if above is None and state.workflow.budget is None and not inner:
            return None
        identity = state.operation_id
        tree = self._trees.get(identity)
        if tree is None:
            budget = Budget(state.workflow.budget, name=f"operation {identity}", parent=above)
            tree = self._trees[identity] = _Tree(budget)
            if identity in self._known:
                budget.catch_up(*self._known.pop(identity), alone=True)
        tree.budget.catch_up(state.usage, state.counted)
        if not inner:
            return tree.budget, ()
        return tree.budget, [tree.inner_budget(state, *each) for each in inner]

    def _begin(self, state: State, command: RunAttempt, place: _Place) -> _Begun:
        parent, beside = place
        situation = command.situation
        is_child = situation is not None and situation.workflow is not None
        name = f"stage {command.stage}"
        if is_child:
            self._ending.discard(command.child_id)
            home = self._homes.get(command.child_id)
            if home is None or home.parent is not parent:
                home = AttemptBudget(name=name, parent=parent, beside=beside)
            # A child counts for itself.
            begun = _Begun(home, self._clock.now(), is_child=True)
            self._homes[command.child_id] = home
        else:
            begun = _Begun(AttemptBudget(name=name, parent=parent, beside=beside), self._clock.now())
        self._begun[command] = begun
        return begun
