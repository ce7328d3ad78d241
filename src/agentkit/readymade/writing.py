"""A text about insights by an agent, such as one that asks a model, held against the figures.

Rules: figures come from the data and are computed before anybody writes; a text with a number that is none of them is
refused, told to the writer, and never shown. Whoever writes has no tables, and only what the statements say.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

from anyio import to_thread

from agentkit.agents import Agent, ValueType, registration_of
from agentkit.data import Insights, check_text
from agentkit.errors import FigureUnknown

from .handing import AnyTask

__all__ = ["Writer", "write_about"]

# Whatever it takes: it is given statements as plain JSON.
Writer = Agent[Any, str]
"""Who writes a text about statements."""

_INSTRUCTION: Final = (
    "Write a short text for people about the statements in the data: what matters most, in a few sentences. Use only"
    " numbers of the statements, each written as it is there, with its unit; compute none. If the data says what was"
    " wrong with an earlier text, mend it."
)


async def write_about(task: AnyTask, writer: Writer, found: Insights, *, tries: int) -> str | None:
    """A text about insights; None if every one named a number that nobody computed.

    Raises:
        InputError: What the writer gives is no text.
    """
    entry = registration_of(writer)
    given: dict[str, object] = {
        "statements": [
            {"text": one.text, "figures": {name: figure.shown for name, figure in one.figures.items()}}
            for one in found.statements
        ]
    }
    for _ in range(tries):
        inner = task.inner(json.dumps(given), value_type=entry.input_type, instruction=_INSTRUCTION)
        text = cast("object", await (to_thread.run_sync(entry.body, inner) if entry.blocking else entry.body(inner)))
        ValueType(str).check(text)
        if inner.notes is not None:
            task.absorb(inner.notes)
        try:
            check_text(cast("str", text), found)
        except FigureUnknown as refused:
            await task.log(f"{writer.name} is told: {refused}")
            given |= {"earlier": text, "wrong": str(refused)}
        else:
            return cast("str", text)
    return None
