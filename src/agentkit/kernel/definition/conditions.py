"""Looking into values: what lies at a path, and whether a condition holds.

Rules: nothing is executed; numbers are compared exactly, and a text with digits, as exact decimals are written, is the
number that it shows; what cannot be compared is refused and never guessed.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Final, cast

from agentkit.errors import InputError

from .controls import When

__all__ = ["ABSENT", "at_path", "holds", "is_decimal", "items_of"]

ABSENT: Final = object()
"""What lies where nothing is."""

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def at_path(value: object, path: str) -> object:
    """What lies at a path of keys and positions with dots between; `ABSENT` if nothing does.

    Example:
        >>> at_path({"rows": [{"amount": 5}]}, "rows.0.amount")
        5
    """
    for part in path.split(".") if path else ():
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get(part, ABSENT)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 10:
            items = cast("list[object]", value)
            value = items[int(part)] if int(part) < len(items) else ABSENT
        else:
            return ABSENT
    return value


def holds(condition: When, text: str | None) -> bool:
    """Whether a condition holds for a value, as JSON; a value that is missing is absent.

    Raises:
        InputError: What lies there cannot be compared with what the condition says.

    Example:
        >>> holds(When(path="rows", at_least=2), '{"rows": 2}')
        True
    """
    found = ABSENT if text is None else at_path(json.loads(text), condition.path)
    if condition.present is not None and (found is not ABSENT and found is not None) != condition.present:
        return False
    bounds = condition.above, condition.below, condition.at_least, condition.at_most
    compares = any(bound is not None for bound in (*bounds, condition.equals, condition.differs))
    if not compares:
        return condition.present is not None or (found is not ABSENT and bool(found))
    if condition.equals is not None and not _same(found, condition.equals):
        return False
    if condition.differs is not None and _same(found, condition.differs):
        return False
    if bounds == (None, None, None, None):
        return True
    number = _number(condition, found)
    return not (
        (condition.above is not None and not number > _exact(condition.above))
        or (condition.below is not None and not number < _exact(condition.below))
        or (condition.at_least is not None and not number >= _exact(condition.at_least))
        or (condition.at_most is not None and not number <= _exact(condition.at_most))
    )


def items_of(text: str | None, path: str) -> list[object]:
    """The list that lies at a path of a value.

    Raises:
        InputError: There is no list.
    """
    found = ABSENT if text is None else at_path(json.loads(text), path)
    if not isinstance(found, list):
        kind = "nothing" if found is ABSENT else type(found).__name__
        raise InputError(f"a map needs a list, and at {path or 'the value itself'!r} is {kind}")
    return cast("list[object]", found)


def _same(found: object, wanted: str | float) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, str):
        return found == wanted
    return _is_number(found) and _exact(cast("float | str", found)) == _exact(wanted)


def _number(condition: When, found: object) -> Decimal:
    if not _is_number(found):
        where = f"{condition.stage or 'the value'}{'.' if condition.path else ''}{condition.path}"
        kind = "absent" if found is ABSENT else f"{type(found).__name__} {str(found)[:40]!r}"
        raise InputError(f"a condition compares {where} with a number, but it is {kind}")
    return _exact(cast("float | str", found))


def is_decimal(text: str) -> bool:
    """Whether a text is an exact number, as decimals are written: `-12.50`."""
    return _NUMBER.fullmatch(text) is not None


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return is_decimal(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exact(value: float | str) -> Decimal:
    return Decimal(value) if isinstance(value, str | int) else Decimal(repr(value))
