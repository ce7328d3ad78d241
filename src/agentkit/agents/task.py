"""What an agent is given: its task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from .asking import ApprovalAnswer, ApprovalSettings, answers_of, ask
from .assignment import ALONE
from .budget import AttemptBudget, Budget, BudgetSource
from .context import ContextView, texts_of, view_of
from .effect_book import EffectBook, about_text, checked_text
from .effects import Effect, Find
from .filing import Filing
from .handing import Elsewhere, Passing, handed, notes_of, success_of, used_by
from .notes import Notes, Recorder
from .parts import command_of_part, name_of_part
from .reports import REPORTED, SILENCE, Reported, Reports
from .tiers import TierChoice
from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import RunAttempt, Usage

__all__ = ["Task"]

In = TypeVar("In")
T = TypeVar("T")


class Task(Filing[In]):
    """One attempt's work: what it is given, and what it may say and do besides giving its value.

    What it is given is told in `Assignment`.

    Raises:
        InputError: The input is not of the agent's declared type.

    Example:
        >>> task = Task.standalone({"month": "2025-11"}, instruction="Extract the sales")
        >>> task.input["month"]
        '2025-11'
    """

    __slots__ = (
        "_budget",
        "_budgets",
        "_context",
        "_effects",
        "_tier",
        "_whole",
    )

    def __init__(
        self,
        command: RunAttempt,
        *,
        value_type: ValueType = ANY,
        reports: Reports | None = None,
        recorder: Recorder | None = None,
        budgets: BudgetSource | None = None,
    ) -> None:
        super().__init__(command, value_type=value_type, reports=reports, recorder=recorder)
        self._budget: Budget | None = None
        self._budgets = budgets
        self._tier: TierChoice | None = None
        self._whole: Task[Any] | None = None
        self._context: ContextView | None = None
        self._effects: EffectBook | None = None

    @staticmethod
    def standalone(
        value: T,
        *,
        instruction: str = "",
        approvals: Mapping[str, ApprovalAnswer | bool] | None = None,
        context: Mapping[str, object] | None = None,
        reads: Iterable[str] = (),
        writes: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> Task[T]:
        """A task outside of any operation: to try an agent by hand, or to test it.

        Args:
            value: What to work on.
            instruction: What to do.
            approvals: What people decide on each question that the agent asks; `""` is the stage's own approval.
            context: The keys of the context that it may read, with their values, as plain JSON data.
            reads: Keys of the context that it may read as well, and that nobody has written yet.
            writes: The keys of the context that it may write, each with how it is merged.
            budget: What it may spend.

        Raises:
            InputError: An approval is neither True or False nor an `ApprovalAnswer`.
            UnstorableValue: What was filled in, or a value of the context, is no plain JSON data.
        """
        from agentkit.kernel import RunAttempt, Situation

        command = RunAttempt(
            operation_id=ALONE,
            stage="standalone",
            attempt=1,
            agent="standalone",
            instruction=instruction,
            input="null",
            outputs={},
            missing=(),
            timeout=None,
            situation=Situation(
                approvals=answers_of(approvals or {}),
                context=texts_of(context or {}),
                reads=tuple(dict.fromkeys([*(context or ()), *reads])),
                writes=writes or {},
            ),
        )
        task: Task[T] = Task(command)
        task._input = value
        task._budget = budget
        return task

    @property
    def context(self) -> ContextView:
        """What it shares with the other stages: the keys that its stage declares with `reads` and `writes`.

        It is as it was when the attempt began, and has its own writes on top. They are committed with the success, and
        not at all if the attempt fails.
        """
        if self._context is None:
            situation = self._command.situation
            is_writer = situation is not None and situation.writes
            self._context = view_of(self._command, self._noted().writes if is_writer else {})
        return self._context

    def approval(self, name: str, **settings: Unpack[ApprovalSettings]) -> ApprovalAnswer:
        """Ask people, and go on with what they decided.

        As long as nobody has decided, this ends the attempt, and nothing waits but a row in the store. Then the agent
        is run again from its beginning, and gets the answer here. Coroutines may await it; plain functions call it.

        Args:
            name: What this question is called, once per stage: `refund`.
            settings: Who has to agree, by when, what they are asked and what they fill in; see `Approval`.

        Raises:
            InputError: The name is empty or too long.
            DefinitionError: A setting is not valid.
            UsageError: The task stands alone, and `Task.standalone` was given no answer.
        """
        alone = self._recorder is None and self._reports is SILENCE
        return ask(self._command, name, settings, is_alone=alone)

    @property
    def tier(self) -> TierChoice | None:
        """The capability tier to work with, if a `TierPolicy` chose one."""
        return self._tier

    def work_on(self, choice: TierChoice) -> None:
        """Say which tier this attempt works with; the result says so, too."""
        self._tier = choice
        self._noted().tier = choice.used

    def confidence(self, share: float) -> None:
        """Say how sure the value is, 0 to 1; without a word it is as sure as one can be.

        Raises:
            InputError: It is no share from 0 to 1.
        """
        self._noted().be_confident(share)

    @property
    def budget(self) -> Budget:
        """What this attempt may spend: `reserve` before a call, `settle` after it; `is_tight` asks for the cheaper way.

        It counts for the budgets of its stage, its group, its agent, its operation and its tenant. Where there are none
        it only counts. With `isolation="process"` their limits are out of reach: then it only counts, too.
        """
        if self._budget is None:
            self._budget = AttemptBudget(name=self.stage) if self._budgets is None else self._budgets.of(self._command)
        return self._budget

    def use(self, usage: Usage) -> None:
        """Say what was used: calls, tokens, money. It is counted even if the attempt fails.

        What was reserved with `budget` and settled there is counted already.

        Raises:
            DefinitionError: Its currency is another one than before.
        """
        self.budget.spend(usage)
        self._noted().use(usage)

    @property
    def usage(self) -> Usage | None:
        """What was used so far, as far as it was said; None if nothing was."""
        return None if self._budget is None else self._budget.spent

    def emit(self, kind: str, content: object) -> None:
        """Have a message leave with this attempt's success.

        It is committed with the value, exactly once, and not at all if the attempt fails. `Operation.messages` reads
        it.

        Args:
            kind: What kind of message it is, such as `invoice.paid`.
            content: Plain JSON data.
        """
        self._noted().messages.append((kind, content))

    @overload
    def effect(
        self, name: str, *, key: str, returns: type[T], reconcile: Find[T] | None = None, **about: object
    ) -> Effect[T]: ...

    @overload
    def effect(
        self, name: str, *, key: str, returns: None = None, reconcile: Find[object] | None = None, **about: object
    ) -> Effect[object]: ...

    def effect(
        self,
        name: str,
        *,
        key: str,
        returns: type[T] | None = None,
        reconcile: Find[T] | None = None,
        **about: object,
    ) -> Effect[T]:
        """Do something to the world outside, once, whatever breaks on the way.

        What is intended is on the journal before the world is touched, and what became of it after. In a task that
        stands alone this is kept in memory only.

        Args:
            name: What is done, such as `pay`.
            key: What it is done to, such as the invoice's number. Name and key are one effect of the stage.
            returns: The type of what comes of it; without, plain JSON.
            reconcile: Looks outside what was done under a key, when nobody knows: what came of it, or None if nothing
                was done. If it raises, or where there is none, the stage is in doubt until a person decides;
                `TryAgain` has it looked for again in the next attempt.
            about: What else belongs to it, such as its amount; it is kept with the intention.

        Raises:
            InputError: The name or the key is not a text of 1 to 200 letters.
            UnstorableValue: Something of `about` cannot be written exactly.

        Example:
            >>> import asyncio
            >>> from agentkit import Task
            >>> task = Task.standalone("INV-1")
            >>> asyncio.run(task.effect("pay", key=task.input, amount="10.00").run(lambda key: "receipt 7"))
            'receipt 7'
        """
        return Effect(
            self._book(),
            checked_text("name", name),
            checked_text("key", key),
            content=about_text(about),
            find=reconcile,
            returns=ANY if returns is None else ValueType(returns),
        )

    def part(self, number: int, value_type: ValueType = ANY) -> Task[object]:
        """This task as one of several tries inside of the attempt, as a fallback chain makes them.

        What the try says besides its value is its own, until `take` makes it the attempt's.

        Args:
            number: Which try, from 1.
            value_type: What the agent of this try takes.

        Raises:
            InputError: The input is not of that type.
        """
        part: Task[object] = Task(self._command, reports=self._reports, recorder=self._recorder)
        part._budget, part._budgets = self._budget, self._budgets
        part._number, part._deadline, part._whole = number, self._deadline, self
        part._tier = self._tier
        part._within = self._within if self._number is None else f"{self._within}.{self._number}"
        part._workers = self._workers
        if self._command.operation_id is ALONE:
            value_type.check(self._input)
            part._input = self._input
        elif not value_type.is_plain:
            part._input = value_type.decode(self._command.given)
        return part

    def inner(
        self, given: str, *, by: str, value_type: ValueType = ANY, instruction: str = "", call: str = ""
    ) -> Task[object]:
        """A task for somebody who does a part of this one's work, on something else: an agent that a model calls.

        It spends from the same budgets, and its effects and questions are those of this attempt.

        Args:
            given: What to work on, as JSON.
            by: Who works on it.
            value_type: What who works on it takes.
            instruction: What to do.
            call: What tells this part from every other of the attempt, also if the attempt is done again; by default
                who it is, what is given, and how often that was given before.

        Raises:
            InputError: What is given is not of that type.
        """
        command = command_of_part(self._command, given, instruction)
        inner: Task[object] = Task(command, value_type=value_type, reports=self._reports, recorder=self._recorder)
        inner._budget, inner._budgets = self.budget, self._budgets
        inner._deadline, inner._whole, inner._tier = self._deadline, self, self._tier
        inner._within = f"{self._within}/{name_of_part((by, instruction, given), call, self.numbered)}"
        inner._workers = f"{self._workers}/{by}"
        return inner

    def numbered(self, name: str, *, after: int = 0, count: int = 1) -> int:
        """Take so many numbers of a name, above `after`, that nobody else of this attempt gets; the first of them."""
        return self._book().number(name, after=after, count=count)

    def take(self, notes: Notes, *, succeeded: bool, degraded: bool) -> None:
        """What a try has said becomes what this attempt says; of one that failed, only what it used.

        Raises:
            DefinitionError: Its currency is another one than before.
        """
        self._noted().join(notes, succeeded=succeeded, degraded=degraded)

    async def hand_over(self, run: Elsewhere, value_type: ValueType = ANY) -> str:
        """Have somebody else work on it, such as a process of its own; the value as JSON. What they say is said here.

        Args:
            run: Works on the attempt.
            value_type: What the agent over there takes.

        Raises:
            AttemptError: It failed over there, as a `FailedElsewhere`. What waits for people there is paused here.
        """
        book, given = self._book(), value_type.encode(self._input) if self.is_standalone else None
        command = handed(self._command, book, seconds=self.remaining_seconds, given=given)
        outcome = await run(command, self._reports, Passing(book, self._recorder, self._own))
        if (usage := used_by(outcome)) is not None:
            self.use(usage)
        outcome = success_of(outcome, command)
        self.take(notes_of(outcome), succeeded=True, degraded=outcome.degraded)
        return outcome.value

    def absorb(self, notes: Notes) -> None:
        """What an inner task said counts as said here: what it used, wrote and emitted, its files, and if it is less.

        Raises:
            DefinitionError: Its currency is another one than before.
        """
        own = self._noted()
        notes.confidence, notes.tier = own.confidence, None
        own.join(notes, succeeded=True, degraded=own.degraded)

    def _book(self) -> EffectBook:
        if self._whole is not None:
            # All tries of an attempt know of each other's effects.
            return self._whole._book()  # noqa: SLF001 - a task too
        if self._effects is None:
            self._effects = EffectBook(self._command, self._recorder, self._loop)
        return self._effects

    def done_effects(self, name: str) -> Mapping[str, str]:
        """What came of the effects of that name that are known to have happened: JSON, by key, the oldest first."""
        known = self._book().known
        return {key: one.result for (kind, key), one in known.items() if kind == name and one.outcome == "confirmed"}

    @property
    def open_effect(self) -> tuple[str, str] | None:
        """An effect of this attempt, by name and key, of which nobody knows what became; None if there is none."""
        from agentkit.kernel import open_effect

        return None if self._effects is None else open_effect(self._effects.known)

    def degrade(self, confidence: float | None = None) -> None:
        """Say that the value is less than was asked for: it is shown as degraded wherever it is shown.

        Args:
            confidence: How sure it is, 0 to 1; None leaves that as it was.

        Raises:
            InputError: The confidence is no share from 0 to 1.
        """
        notes = self._noted()
        notes.degraded = True
        if confidence is not None:
            notes.be_confident(confidence)

    def progress(self, fraction: float, message: str = "") -> Reported:
        """Say how far the work is; 0 is nothing and 1 is all, and what is outside is cut off.

        It takes effect at once, from any thread, and never fails. Awaiting the answer, as coroutines should, lets
        others run.
        """
        self._reports.progress(self._command, fraction, message)
        return REPORTED

    def log(self, message: str) -> Reported:
        """Say something to those who watch; it is live only and not kept."""
        self._reports.log(self._command, message)
        return REPORTED
