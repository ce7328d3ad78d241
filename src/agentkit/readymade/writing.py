"""Having an agent write about what was found out: its text counts only if every number in it is one of the figures.

Rules: the figures come from the data and never from the writer. A text that names another number is handed back with
what is wrong with it; a writer that does not mend it, or that fails, is not used, and the sentences by template stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from agentkit.agents import Agent, ask_agent, failed_by
from agentkit.data import Insights, check_text
from agentkit.errors import DefinitionError, FigureUnknown, InputError, MissingExtra, StoreError, UsageError

from .handing import AnyTask

__all__ = ["Writer", "Written", "write_text"]

# A writer takes and gives what it declares: that it can take this and gives a text is found out when it is asked.
Writer: TypeAlias = Agent[Any, Any]
"""An agent that is given statements, and gives a text."""

_INSTRUCTION: Final = (
    "Write a short text about these statements for people who decide. Use only numbers that stand in the statements,"
    " written as they stand there."
)
_MOST: Final = 20_000
"""Letters of a text."""
_MOST_OF_ERROR: Final = 500
_MISTAKES: Final = (DefinitionError, InputError, MissingExtra, UsageError)
"""What is wrong with how things are put together, so that no run of it will be better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a text.

    Attributes:
        text: The text; empty if none can be used.
        why_not: Why none can be used.
    """

    text: str = ""
    why_not: str = ""


async def write_text(task: AnyTask, writer: Writer, found: Insights, *, repairs: int) -> Written:
    """A text about insights in which every number is one of their figures, or why there is none.

    Args:
        task: Whose work it is a part of.
        writer: Who writes. It is given `{"statements": [...]}`, and with a text that was refused also
            `{"refused": {"text": ..., "why": ...}}`.
        found: The insights.
        repairs: How often a refused text is handed back.

    Raises:
        InputError: The writer gave something else than a text, or does not take what it is given.
        DefinitionError, MissingExtra, UsageError: The writer is not put together rightly.
        StoreError: What the writer said could not be kept. Whatever else it raises counts as no text.
    """
    statements: Sequence[str] = [statement.text for statement in found.statements]
    given: Mapping[str, object] = {"statements": statements}
    why = ""
    for turn in range(repairs + 1):
        try:
            text: object = await ask_agent(writer, task, given, instruction=_INSTRUCTION)
        except Exception as error:  # the border: a writer may raise anything, and the figures are there all the same
            if _is_ours(error):
                raise
            failure = failed_by(error).failure
            why = f"{failure.type}: {failure.message}"
            await task.log(f"{writer.name} writes no text: {why[:_MOST_OF_ERROR]}")
            break
        if not isinstance(text, str):
            raise InputError(
                f"{writer.name} writes about insights, so it has to give a text, not {type(text).__name__}"
            )
        if not (why := _wrong_with(text, found)):
            return Written(text=text)
        await task.log(f"the text of {writer.name} is refused, {repairs - turn} tries left: {why}")
        given = {"statements": statements, "refused": {"text": text[:_MOST], "why": why}}
    return Written(why_not=f"{writer.name}: {why}"[:_MOST_OF_ERROR])


def _is_ours(error: Exception) -> bool:
    """Whether an error is none of the writer's work: a mistake of the program, or a store that fails."""
    if isinstance(error, ExceptionGroup):
        return any(map(_is_ours, cast("ExceptionGroup[Exception]", error).exceptions))
    return isinstance(error, (*_MISTAKES, StoreError))


def _wrong_with(text: str, found: Insights) -> str:
    """Why a text cannot be used; empty if it can."""
    if not text.strip():
        return "the text is empty"
    if len(text) > _MOST:
        return f"it has more than {_MOST} letters"
    try:
        check_text(text, found)
    except FigureUnknown as refused:
        return str(refused)
    return ""
