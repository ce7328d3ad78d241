"""Where two JSON values differ, by path.

Rules: mappings are compared key by key and lists by position; nothing is guessed, such as which item moved; 1, 1.0 and
true are three values; however large the values are, only so many differences are kept, and the others are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two values differ.

    Attributes:
        path: Keys and positions with dots between; empty is the value itself.
        first: What is there in the first one, as JSON; None if nothing is.
        second: What is there in the second one, as JSON; None if nothing is.
    """

    path: str
    first: str | None
    second: str | None


def differences(first: str | None, second: str | None, *, most: int = 100) -> tuple[tuple[Difference, ...], int]:
    """The first places at which two values differ, and how many more there are.

    Args:
        first: A value as JSON; None if there is none.
        second: Another one.
        most: How many places are given.

    Example:
        >>> differences('{"a": [1, 2]}', '{"a": [1, 3]}')
        ((Difference(path='a.1', first='2', second='3'),), 0)
    """
    if first is None or second is None:
        return ((), 0) if first is second else ((Difference("", first, second),), 0)
    if first == second:
        return (), 0
    found: list[Difference] = []
    more = 0
    for difference in _walk(json.loads(first), json.loads(second)):
        if len(found) < most:
            found.append(difference)
        else:
            more += 1
    return tuple(found), more


def _walk(first: object, second: object) -> Iterator[Difference]:
    """Every place at which they differ, in order; without recursion, since a value may be nested deeply."""
    left: list[tuple[str, object, object]] = [("", first, second)]
    while left:
        path, one, other = left.pop()
        inner = _inner(path, one, other)
        if inner is not None:
            left.extend(reversed(inner))
            continue
        before, after = _text(one), _text(other)
        if before != after:
            yield Difference(path, before, after)


_Mapping = dict[str, object]
_NOTHING = object()


def _pairs(path: str, one: _Mapping, other: _Mapping) -> Iterator[tuple[str, object, object]]:
    for key in {**one, **other}:
        yield f"{path}.{key}" if path else key, one.get(key, _NOTHING), other.get(key, _NOTHING)


def _inner(path: str, one: object, other: object) -> list[tuple[str, object, object]] | None:
    """What lies in two mappings or two lists, side by side; None if they are none of both."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [*_pairs(path, cast("_Mapping", one), cast("_Mapping", other))]
    if isinstance(one, list) and isinstance(other, list):
        return [*_pairs(path, _by_place(cast("list[object]", one)), _by_place(cast("list[object]", other)))]
    return None


def _by_place(items: list[object]) -> _Mapping:
    return {str(place): item for place, item in enumerate(items)}


def _text(value: object) -> str | None:
    return None if value is _NOTHING else json.dumps(value, sort_keys=True)
