"""What people say in one box: a text as it stands, or JSON where they say that it is."""

from __future__ import annotations

import json
from typing import Never

from pydantic import JsonValue

from agentkit.errors import InputError

__all__ = ["said_value"]


def said_value(text: str, *, is_json: bool) -> JsonValue:
    """The value that somebody typed: for a signal, or for what came of work in doubt.

    Args:
        text: What was typed; nothing is None.
        is_json: Whether it is JSON: a number, a list, an object. If not, it is told as it stands.

    Raises:
        InputError: It is to be JSON, and is none.

    Example:
        >>> said_value("[1, 2]", is_json=True), said_value("[1, 2]", is_json=False), said_value("", is_json=True)
        ([1, 2], '[1, 2]', None)
    """
    if not is_json:
        return text or None
    if not text.strip():
        return None
    try:
        found: JsonValue = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        why = "it has too many levels" if isinstance(error, RecursionError) else str(error)
        remedy = "a text is told as it stands, without saying that it is JSON"
        raise InputError(f"this is no JSON: {why}; {remedy}") from error
    return found


def _refused(word: str) -> Never:
    raise ValueError(f"{word} is none of its numbers")
