"""Checks of single values, as lines that say what is wrong.

Rules: a check returns problems, it raises nothing; `definition` and `graph` collect them and raise once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard, cast

__all__ = [
    "MAX_INSTRUCTION",
    "MAX_NAME",
    "choice_problems",
    "count_problems",
    "instruction_problems",
    "is_number",
    "kind_problems",
    "listed",
    "name_problems",
    "seconds_problems",
    "shortened",
    "texts_problems",
]

MAX_NAME = 100
MAX_SHOWN = 100
MAX_INSTRUCTION = 65_536
_NAME = re.compile(r"[^\W\d_][\w.-]*")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a finite number that a float can hold; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def name_problems(what: str, name: object) -> Iterator[str]:
    """A name begins with a letter and has letters, digits, `_`, `-` and `.`."""
    if not isinstance(name, str) or not name:
        yield f"{what}: a name must be a text that is not empty, not {shortened(name)}"
    elif len(name) > MAX_NAME:
        yield f"{what}: the name {name[:30]!r}... has {len(name)} characters; at most {MAX_NAME} are allowed"
    elif not _NAME.fullmatch(name):
        yield f"{what}: the name {name!r} must begin with a letter and go on with letters, digits, '_', '-' or '.'"


def seconds_problems(what: str, value: object, *, optional: bool = True, zero: bool = False) -> Iterator[str]:
    """A span is a finite number of seconds above zero (or from zero on)."""
    if value is None and optional:
        return
    if not is_number(value):
        yield f"{what} must be a finite number of seconds, not {shortened(value)}"
    elif value < 0 or (value == 0 and not zero):
        yield f"{what} must be {'at least' if zero else 'more than'} 0 seconds, not {shortened(value)}"


def count_problems(what: str, value: object, *, least: int = 1, most: int = 1_000_000) -> Iterator[str]:
    """A count is a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield f"{what} must be a whole number from {least} to {most}, not {shortened(value)}"


def kind_problems(what: str, value: object, kind: type, said: str) -> Iterator[str]:
    """A value is of a kind, whatever its annotation promises."""
    if not isinstance(value, kind):
        yield f"{what} must be {said}, not {shortened(value)}"


def choice_problems(what: str, value: object, choices: Sequence[str]) -> Iterator[str]:
    """A value is one of a few words."""
    if not isinstance(value, str) or value not in choices:
        yield f"{what} must be {' or '.join(map(repr, choices))}, not {shortened(value)}"


def texts_problems(what: str, texts: object) -> Iterator[str]:
    """Several texts."""
    if not _are_texts(texts):
        yield f"{what} must be a list of texts, not {shortened(texts)}"


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) for text in cast("tuple[object, ...]", value))


def shortened(value: object) -> str:
    """The value as a message shows it."""
    try:
        shown = repr(value)
    except ValueError:
        # Python refuses to write out an integer of more than 4,300 digits.
        return "so large a number"
    return shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "..."


def whole_text(text: str) -> str:
    """A text that can be sent: what stands for half of a letter, as where a text was cut in its middle, becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in order, as a message shows them."""
    ordered = sorted(names)
    shown = ", ".join(repr(name) for name in ordered[:most])
    return (shown + (f" and {len(ordered) - most} more" if len(ordered) > most else "")) or "none"


def instruction_problems(what: str, text: object, *, said: str = "the instruction") -> Iterator[str]:
    """In an instruction, and in any other template, braces only ever enclose one identifier, or are doubled."""
    if not isinstance(text, str):
        yield f"{what}: {said} must be a text, not {type(text).__name__}"
        return
    if len(text) > MAX_INSTRUCTION:
        yield f"{what}: {said} has {len(text)} characters; at most {MAX_INSTRUCTION} are allowed"
        return
    for match in _PLACEHOLDER.finditer(text):
        found, inner = match.group(0), match.group(1)
        if found in ("{{", "}}") or (inner is not None and inner.isidentifier()):
            continue
        yield (
            f"{what}: {found!r} at character {match.start() + 1} of {said} is not a placeholder;"
            " write {name} for an input, and '{{' or '}}' for a brace"
        )
