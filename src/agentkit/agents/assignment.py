"""What an attempt is given: the half of its task that is only read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from agentkit.errors import NotFound

from .asking import ApprovalAnswer, answer_to
from .reports import SILENCE, Reports
from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import RunAttempt

__all__ = ["ALONE", "OUT_OF_TIME", "RELEASED", "Assignment"]

In = TypeVar("In")
T = TypeVar("T")

ALONE: Final = "standalone"
"""The operation of a task that belongs to none; it is known by being this very text."""

RELEASED: Final = "released"
"""What a cancellation says that only ends an attempt here: it is wanted still, and is run again elsewhere."""

OUT_OF_TIME: Final = "out of time"
"""What a cancellation says that ends an attempt since its time is up."""


class _Outputs(Mapping[str, object]):
    """The dependencies' values, read when they are asked for; each asking gives a value of its own."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, stage: str) -> object:
        return json.loads(self._texts[stage])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class Assignment(Generic[In]):
    """What an attempt is given, to be read: its input, what belongs to it, and how long it may take.

    What `input` is follows from the stage's place: without dependencies it is the operation's input; with one, that
    stage's value; with several, a mapping of their names to their values, without those that are missing. An item of a
    list is the item, and an undoing gets the value that is to be undone.

    Raises:
        InputError: The input is not of the agent's declared type.
    """

    __slots__ = ("_command", "_deadline", "_input", "_number", "_reports", "_type", "_within", "_workers")

    def __init__(self, command: RunAttempt, *, value_type: ValueType = ANY, reports: Reports | None = None) -> None:
        self._command = command
        self._number: int | None = None
        self._within = ""
        self._workers = ""
        self._reports: Reports = reports or SILENCE
        self._type = value_type
        self._deadline = None if command.timeout is None else self._reports.now() + command.timeout
        # Declared input is checked before the agent's body runs; plain JSON is read when it is asked for.
        if not value_type.is_plain:
            self._input = cast("In", value_type.decode(command.given))

    @property
    def input(self) -> In:
        """What to work on, of the agent's declared type."""
        try:
            return self._input
        except AttributeError:
            self._input = cast("In", json.loads(self._command.given))
            return self._input

    @property
    def instruction(self) -> str:
        """What to do."""
        return self._command.instruction

    @property
    def template(self) -> str:
        """The instruction as its author wrote it, with its placeholders; empty if it has none.

        They ask for fields of `operation_input`. It is for whoever must not mistake a value for an instruction.
        """
        return self._command.template

    @property
    def outputs(self) -> Mapping[str, object]:
        """The values of the dependencies that have one, by stage name, as plain JSON data."""
        return _Outputs(self._command.outputs)

    def output(self, stage: str, declared: type[T]) -> T:
        """One dependency's value, read as the given type.

        Raises:
            NotFound: The stage is no dependency, or has no value.
            InputError: The value is not of that type.
        """
        text = self._command.outputs.get(stage)
        if text is None:
            known = ", ".join(self._command.outputs) or "none"
            raise NotFound(f"stage {self.stage!r} has no value of {stage!r}; it has those of: {known}")
        return cast("T", ValueType(declared).decode(text))

    @property
    def operation_input(self) -> object:
        """What the operation was given, as plain JSON data."""
        return json.loads(self._command.input)

    @property
    def missing(self) -> tuple[str, ...]:
        """Dependencies without a value."""
        return self._command.missing

    @property
    def failures(self) -> Mapping[str, str]:
        """Why dependencies have no value, by stage name: the type and the message of the error.

        A dependency that was skipped did not fail, and is not in it.
        """
        told = zip(self._command.missing, self._command.failures, strict=False)
        return {stage: failure for stage, failure in told if failure}

    @property
    def operation_id(self) -> str:
        """The operation."""
        return self._command.operation_id

    @property
    def stage(self) -> str:
        """The stage."""
        return self._command.stage

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._command.attempt if self._number is None else self._number

    @property
    def within(self) -> str:
        """Which part of the attempt this is, for whoever does one within another; empty is the attempt itself.

        It is the same if the attempt is done again after a crash or a pause.
        """
        return self._within

    @property
    def workers(self) -> str:
        """Who was asked to do this part, one by the other, as `/clerk/mailer`; empty is the stage's own agent."""
        return self._workers

    @property
    def attempt_key(self) -> str:
        """The name of this very attempt: the same if it is run again after a crash, and another one for a retry.

        Each try of a fallback chain has one of its own.
        """
        number = "" if self._number is None else f":{self._number}"
        return f"{self.operation_id}:{self.stage}:{self._command.attempt}{number}{self._within}"

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this stage, over retries and restarts: give it to systems outside."""
        return self._command.idempotency_key

    @property
    def deadline(self) -> float | None:
        """When this attempt's time is up, in seconds since 1970; None if it is not limited."""
        return self._deadline

    @property
    def remaining_seconds(self) -> float | None:
        """How long this attempt may still take; None if it is not limited."""
        return None if self._deadline is None else max(0.0, self._deadline - self._reports.now())

    @property
    def now(self) -> float:
        """What time it is, in seconds since 1970; of a task that stands alone, always the beginning."""
        return self._reports.now()

    @property
    def index(self) -> int | None:
        """The position of this item in its list, from 0, or the turn of the loop, from 1; None outside of both."""
        situation = self._command.situation
        return None if situation is None else situation.index

    @property
    def previous(self) -> object:
        """The value of the loop's turn before, as plain JSON data; None in the first turn and outside of loops."""
        situation = self._command.situation
        return None if situation is None or situation.previous is None else json.loads(situation.previous)

    @property
    def is_undo(self) -> bool:
        """Whether the work is to be undone; then `input` is the value that it gave."""
        situation = self._command.situation
        return situation is not None and situation.undo

    @property
    def approval_given(self) -> ApprovalAnswer | None:
        """What people decided before the work began (`Stage(approval=...)`); None if nobody was asked."""
        return answer_to(self._command, "")

    @property
    def complexity(self) -> str | None:
        """How hard the work is, as its stage says (`Stage(complexity=...)`); None if it says nothing."""
        situation = self._command.situation
        return None if situation is None else situation.complexity

    @staticmethod
    def is_released(cancelled: BaseException) -> bool:
        """Whether a cancellation only ends this attempt here, such as when its orchestrator closes.

        Its work is wanted still, and the attempt is run again under the same `attempt_key`: what goes on outside under
        that key need not be stopped. In tasks of asyncio that an agent makes itself this is not heard of.
        """
        return RELEASED in cancelled.args

    @staticmethod
    def is_out_of_time(cancelled: BaseException) -> bool:
        """Whether a cancellation ends this attempt since its time is up; heard of as `is_released` is."""
        return OUT_OF_TIME in cancelled.args

    @property
    def is_standalone(self) -> bool:
        """Whether it belongs to no operation."""
        return self._command.operation_id is ALONE
