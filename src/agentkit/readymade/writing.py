"""Having an agent write about what was found out: its text counts only if every number in it is one of the figures.

Rules: the figures come from the data and never from the writer. A text that names another number is handed back with
what is wrong with it; a writer that does not mend it is not used, and the sentences by template stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from agentkit.agents import Agent, ask_agent
from agentkit.data import Insights, check_text
from agentkit.errors import FigureUnknown, InputError, OutputInvalid

from .handing import AnyTask

__all__ = ["Writer", "write_text"]

# A writer takes and gives what it declares: that it can take this and gives a text is found out when it is asked.
Writer: TypeAlias = Agent[Any, Any]
"""An agent that is given statements, and gives a text."""

_INSTRUCTION: Final = (
    "Write a short text about these statements for people who decide. Use only numbers that stand in the statements,"
    " written as they stand there."
)
_MOST: Final = 20_000
"""Letters of a text."""


async def write_text(task: AnyTask, writer: Writer, found: Insights, *, repairs: int) -> str | None:
    """A text about insights in which every number is one of their figures; None if the writer gave none.

    Args:
        task: Whose work it is a part of.
        writer: Who writes. It is given `{"statements": [...]}`, and with a text that was refused also
            `{"refused": {"text": ..., "why": ...}}`.
        found: The insights.
        repairs: How often a refused text is handed back.

    Raises:
        InputError: The writer gave something else than a text.
        AgentError: Whatever the writer raised.
    """
    statements: Sequence[str] = [statement.text for statement in found.statements]
    given: Mapping[str, object] = {"statements": statements}
    for turn in range(repairs + 1):
        try:
            text: object = await ask_agent(writer, task, given, instruction=_INSTRUCTION)
        except OutputInvalid as invalid:
            await task.log(f"{writer.name} writes no text: {invalid}")
            return None
        if not isinstance(text, str):
            raise InputError(
                f"{writer.name} writes about insights, so it has to give a text, not {type(text).__name__}"
            )
        if not (why := _wrong_with(text, found)):
            return text
        await task.log(f"the text of {writer.name} is refused, {repairs - turn} tries left: {why}")
        given = {"statements": statements, "refused": {"text": text[:_MOST], "why": why}}
    return None


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
