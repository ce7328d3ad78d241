"""What tools give: what no model can read is refused, and what came of an effect is kept as the model reads it.

Rules: an effect has happened by the time it gives something, so nothing that a model could read is lost after it, be it
of the declared type or not. What the declared type alone shows to be unreadable is refused before anything happens.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

from pydantic import ConfigDict, TypeAdapter
from pydantic_ai.messages import ToolReturn, is_multi_modal_content
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from agentkit.agents.failures import whole_text
from agentkit.errors import UnstorableValue

__all__ = ["check_given", "json_of", "kept", "note_tool", "readable", "unreadable"]

_ADAPTED: Final = 256


def check_given(tool: str, value: object, *, once: bool = False) -> None:
    """Check that a tool gave a value, and not something that would give one.

    Args:
        tool: The tool's name.
        value: What it gave.
        once: Whether it is read only once, so that an iterator will do.

    Raises:
        UnstorableValue: It did not.
    """
    if inspect.isawaitable(value):
        if inspect.iscoroutine(value):
            # Nobody else will: without, a warning would follow that does not name the tool.
            value.close()
        raise UnstorableValue(f"tool {tool!r} gave a {type(value).__name__}; await it")
    if isinstance(value, AsyncIterator) or (isinstance(value, Iterator) and not once):
        what = type(cast("object", value)).__name__.replace("async_", "")
        raise UnstorableValue(f"tool {tool!r} gave a {what}, which can be read only once; have it return a list")


def json_of(value: object, fallback: Callable[[object], object] | None = None) -> bytes:
    """What a tool gave as JSON, as a model reads it; a `ValueError` says that it cannot be written.

    Args:
        value: What it gave.
        fallback: What stands for a value that cannot be written; without, values are written as their own type says.
    """
    return to_json(value, bytes_mode="base64", fallback=fallback or _by_its_type)


def readable(value: object, text: bytes) -> object:
    """What a model is given of a value: itself where the model would read the same, and else what was written of it.

    Args:
        value: What a tool gave.
        text: Its JSON, as it was written before.
    """
    # What can be read only once, such as an iterator in a list, was used up when the text was written.
    with suppress(ValueError):
        if to_json(value, bytes_mode="base64") == text:
            return value
    plain = json.loads(text, parse_constant=str)
    if isinstance(value, list):
        # Images beside it stay what they are.
        pairs = zip(cast("list[object]", value), plain, strict=True)
        return [one if is_multi_modal_content(one) else written for one, written in pairs]
    return plain


def kept(tool: str, value: object) -> object:
    """What a tool gave as plain data, the same that a model reads of it: bytes are Base64, fields go by their aliases.

    Raises:
        UnstorableValue: Nobody could read it.
    """
    try:
        plain = json.dumps(
            to_jsonable_python(_sent(value), bytes_mode="base64", fallback=_by_its_type), ensure_ascii=False
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise unreadable(tool, value, error) from error
    # Halves of letters, and numbers that are none, cannot be kept as they are; they are no reason to lose the rest.
    return json.loads(whole_text(plain), parse_constant=str)


def _sent(value: object) -> object:
    """What a tool gave without what is for the program alone, of which no model is told."""
    return replace(cast("ToolReturn[object]", value), metadata=None) if isinstance(value, ToolReturn) else value


def _by_its_type(value: object) -> object:
    """A value as plain data, as its own type says: such as `Money`, which only says how it is written as a type."""
    try:
        return _adapter(cast("Hashable", type(value))).dump_python(value, mode="json", by_alias=True, warnings=False)
    except Exception as error:  # whatever somebody's type has against it: what it gave cannot be written
        why = str(error).partition("\n")[0] if isinstance(error, PydanticSerializationError) else ""
        raise PydanticSerializationError(why or f"Unable to serialize unknown type: {type(value)}") from error


@lru_cache(maxsize=_ADAPTED)
def _adapter(kind: Hashable) -> TypeAdapter[object]:
    return TypeAdapter(cast("type[object]", kind), config=ConfigDict(ser_json_bytes="base64"))


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
