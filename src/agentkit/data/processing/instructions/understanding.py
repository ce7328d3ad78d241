"""Understands an instruction in words: which operations it stands for, and which words stand for none.

Rules: nothing is guessed; what was understood is shown; what was not is never left out without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentkit.data.processing.operations import Operation
from agentkit.data.processing.running import carry_out
from agentkit.data.processing.steps import Work
from agentkit.data.tables.kinds import Column
from agentkit.data.tables.table import Table
from agentkit.errors import InstructionUnclear, TableError

from .forms import FORMS
from .naming import Names, spoken
from .reading import Clause, clauses_of

__all__ = ["Phrase", "Understood", "understand"]

MOST_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words, and the operation that they stand for.

    Attributes:
        text: The words.
        operation: The operation.
    """

    text: str
    operation: Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What an instruction stands for.

    Attributes:
        phrases: The clauses that were understood, each with its operation, in order.
        not_understood: The clauses that stand for no operation.
    """

    phrases: tuple[Phrase, ...]
    not_understood: tuple[str, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations, in the order in which they were said."""
        return tuple(phrase.operation for phrase in self.phrases)

    def __str__(self) -> str:
        understood = [f"{phrase.text} -> {phrase.operation.kind}" for phrase in self.phrases]
        return "; ".join([*understood, *(f"{text} -> not understood" for text in self.not_understood)])


def understand(instruction: str, columns: Sequence[Column], *, partly: bool = False) -> Understood:
    """Find the operations that an instruction stands for, by the table of the how-to page.

    Columns that one clause adds or renames are known to the clauses after it.

    Args:
        instruction: The words, in English; clauses are parted by commas, `and`, `then`, full stops or lines.
        columns: The columns of the table that the operations are for.
        partly: Whether clauses that stand for no operation are listed and not refused.

    Raises:
        InstructionUnclear: A clause stands for no operation, or for several; a column is not there or not named. The
            message has the candidates, and what was understood before.

    Example:
        >>> found = understand("Remove duplicates by id, then keep the top 10 by sold", [
        ...     Column(name="id"), Column(name="sold", kind="integer")])
        >>> print(found)
        Remove duplicates by id -> dedupe; keep top 10 by sold -> top
        >>> found.operations[1]
        Top(count=10, by=('sold',), descending=True, kind='top')
    """
    if len(instruction) > MOST_CHARACTERS:
        raise InstructionUnclear(f"an instruction has at most {MOST_CHARACTERS:,} characters, not {len(instruction):,}")
    named = frozenset(word for column in columns for word in spoken(column.name).split())
    phrases: list[Phrase] = []
    lost: list[str] = []
    known = tuple(columns)
    for clause in clauses_of(instruction, named):
        try:
            operation = _operation(clause, known)
            if operation is None:
                lost.append(clause.said)
                continue
            known = _after(operation, known)
        except TableError as wrong:
            raise InstructionUnclear(f"{wrong}{_before(phrases)}") from wrong
        phrases.append(Phrase(text=clause.said, operation=operation))
    if lost and not (partly and phrases):
        raise InstructionUnclear(
            f"{lost[0]!r} stands for no operation; what can be said is for example: "
            + "; ".join(form.example for form in FORMS)
            + _before(phrases)
        )
    return Understood(phrases=tuple(phrases), not_understood=tuple(lost))


def _operation(clause: Clause, columns: Sequence[Column]) -> Operation | None:
    names = Names(columns, clause)
    for form in FORMS:
        if found := form.pattern.fullmatch(clause.text):
            return form.build({slot: text or "" for slot, text in found.groupdict().items()}, names)
    return None


def _after(operation: Operation, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that there are after an operation."""
    if operation.kind == "convert":
        # The rates come later, as an input; the amounts are of the wanted currency then.
        converted = Column(name=operation.column, kind="money", currency=operation.to)
        return tuple(converted if column.name == operation.column else column for column in columns)
    work = Work(inputs={}, processor=None, tell=lambda _: None)
    return carry_out(operation, Table.of(columns, []), work).table.columns


def _before(phrases: Sequence[Phrase]) -> str:
    return f" (understood before: {'; '.join(phrase.text for phrase in phrases)})" if phrases else ""
