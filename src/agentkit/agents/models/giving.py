"""What tools give: what no model can read is refused, and what came of an effect is kept as the model reads it.

Rules: an effect has happened by the time it gives something, so nothing that a model could read is lost after it, be it
of the declared type or not. What the declared type alone shows to be unreadable is refused before anything happens.
"""

from __future__ import annotations

import inspect
import json
from contextlib import suppress

from pydantic_core import to_jsonable_python

from agentkit.agents.failures import whole_text
from agentkit.errors import UnstorableValue

__all__ = ["check_given", "kept", "note_tool", "unreadable"]


def check_given(tool: str, value: object) -> None:
    """Check that a tool gave a value, and not something that would give one.

    Raises:
        UnstorableValue: It did not.
    """
    if inspect.isawaitable(value):
        if inspect.iscoroutine(value):
            # Nobody else will: without, a warning would follow that does not name the tool.
            value.close()
        raise UnstorableValue(f"tool {tool!r} gave a {type(value).__name__}; await it")
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        raise UnstorableValue(f"tool {tool!r} gave a generator, which can be read only once; have it return a list")


def kept(tool: str, value: object) -> object:
    """What a tool gave as plain data, the same that a model reads of it: bytes are Base64, fields go by their aliases.

    Raises:
        UnstorableValue: Nobody could read it.
    """
    try:
        plain = json.dumps(to_jsonable_python(value, bytes_mode="base64"), ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise unreadable(tool, value, error) from error
    # Halves of letters, and numbers that are none, cannot be kept as they are; they are no reason to lose the rest.
    return json.loads(whole_text(plain), parse_constant=str)


def unreadable(tool: str, value: object, error: Exception) -> UnstorableValue:
    """That nobody can read what a tool gave."""
    return UnstorableValue(
        f"tool {tool!r} gave what no model can read, of type {type(value).__name__} ({error}); have it return"
        " text, numbers, dates, lists, dicts, dataclasses or pydantic models"
    )


def note_tool(error: Exception, tool: str) -> None:
    """Note which tool an error comes from; what it is, and so who tries again after it, stays the same."""
    note = f"in tool {tool!r}"
    # An error of somebody else may be frozen, or fail to say what it is.
    with suppress(Exception):
        if note not in getattr(error, "__notes__", ()) and f"tool {tool!r}" not in str(error):
            error.add_note(note)
