"""How two values of one key become one: the merge strategies of shared contexts.

Rules: a merge is a pure function of plain JSON values; it changes neither of them; what cannot be merged is refused by
`MergeConflict` and never guessed, the first value of a key too. `conflict` merges nothing: whoever writes it must have
seen the newest value. A strategy is a name, so it can stand in a file and on the journal; `max:amount` is `max` by what
lies at a path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias, cast

from agentkit.errors import MergeConflict
from agentkit.kernel.checks import shortened

from .conditions import ABSENT, at_path, is_decimal

__all__ = ["MERGES", "Merge", "merge_problems", "merged"]

Merge: TypeAlias = "Callable[[object, object], object]"
"""From the value that is there and the one that is written to the one that stays."""

_DEEPEST = 100
_BY = "max:"


def merged(strategy: str, key: str, old: object, new: object) -> object:
    """The value that stays when `new` is written over `old`; without an old one that is `ABSENT`.

    Raises:
        MergeConflict: The two cannot be merged this way, or nothing of this kind can ever be.

    Example:
        >>> merged("union", "tags", ["a", "b"], ["b", "c"])
        ['a', 'b', 'c']
        >>> merged("max:amount", "best", {"by": "ada", "amount": 5}, {"by": "bob", "amount": 7})
        {'by': 'bob', 'amount': 7}
    """
    try:
        if strategy.startswith(_BY) and len(strategy) > len(_BY):
            return _larger(old, new, strategy.removeprefix(_BY))
        return MERGES[strategy](old, new)
    except KeyError as error:
        raise MergeConflict(f"key {key!r}: {'; '.join(merge_problems('it', strategy))}") from error
    except RecursionError as error:
        raise MergeConflict(f"key {key!r}: {strategy} merges at most {_DEEPEST} mappings in each other") from error
    except TypeError as error:
        what = _kind(new) if old is ABSENT else f"{_kind(new)} into {_kind(old)}"
        raise MergeConflict(f"key {key!r}: {strategy} cannot merge {what}{_needs(strategy)}") from error


def merge_problems(what: str, merge: object) -> Iterator[str]:
    """A merge is the name of a strategy, or `max:` and a path."""
    if isinstance(merge, str) and (merge in MERGES or (merge.startswith(_BY) and len(merge) > len(_BY))):
        return
    known = ", ".join(MERGES)
    yield f"{what} is merged by {shortened(merge)}, which is unknown; known are {known} and max:path"


def _replace(_: object, new: object) -> object:
    return new


def _keep(old: object, new: object) -> object:
    return new if old is ABSENT else old


def _append(old: object, new: object) -> object:
    """The old list, and what is new behind it: the items of a list, or one value."""
    more = cast("list[object]", new) if isinstance(new, list) else [new]
    return [*_list(old), *more]


def _union(old: object, new: object) -> object:
    """The items of both lists, each once, in the order in which they came."""
    if not isinstance(new, list):
        raise TypeError
    both = [*_list(old), *cast("list[object]", new)]
    if all(type(item) is str for item in both):
        return list(dict.fromkeys(both))
    each: dict[str, object] = {}
    for item in both:
        # As texts, since 1, 1.0 and true are equal as values.
        each.setdefault(json.dumps(item, sort_keys=True), item)
    return list(each.values())


def _list(old: object) -> list[object]:
    if old is ABSENT:
        return []
    if not isinstance(old, list):
        raise TypeError
    return cast("list[object]", old)


def _deep_merge(old: object, new: object, depth: int = 0) -> object:
    """Mappings key by key, all the way down; whatever is no pair of mappings is replaced."""
    if not _is_mapping(new) or not (old is ABSENT or _is_mapping(old)):
        raise TypeError
    both, more = _mappings(old, new, depth)
    for key, value in more.items():
        there = both.get(key)
        is_pair = _is_mapping(there) and _is_mapping(value)
        both[key] = _deep_merge(there, value, depth + 1) if is_pair else value
    return both


def _smart(old: object, new: object, depth: int = 0) -> object:
    """By type: mappings are merged key by key in the same way, lists are united, anything else is replaced by its like.

    Where nothing is, or null, anything may come, and null may come anywhere.
    """
    if old is ABSENT or old is None or new is None:
        return new
    if (kind := _kind(new)) != _kind(old):
        raise TypeError
    if kind == "a list":
        return _union(old, new)
    if kind != "a mapping":
        return new
    both, more = _mappings(old, new, depth)
    for key, value in more.items():
        both[key] = _smart(both.get(key, ABSENT), value, depth + 1)
    return both


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict)


def _mappings(old: object, new: object, depth: int) -> tuple[dict[str, object], dict[str, object]]:
    """A copy of the old mapping, to be changed, and the new one."""
    # A bound of its own: Python's depends on who calls, and the journal must always say the same.
    if depth >= _DEEPEST:
        raise RecursionError
    both = {} if old is ABSENT else dict(cast("dict[str, object]", old))
    return both, cast("dict[str, object]", new)


def _max(old: object, new: object) -> object:
    """The larger of two numbers or two texts; the one that is there if they are equal.

    A text with digits, as exact decimals are written, is the number that it shows.
    """
    return _larger(old, new, "")


def _larger(old: object, new: object, path: str) -> object:
    mine = at_path(new, path)
    there = mine if old is ABSENT else at_path(old, path)
    numbers = _number(there), _number(mine)
    if numbers[0] is not None and numbers[1] is not None:
        is_larger = numbers[1] > numbers[0]
    elif isinstance(there, str) and isinstance(mine, str):
        is_larger = mine > there
    else:
        raise TypeError
    return new if old is ABSENT or is_larger else old


def _number(value: object) -> Decimal | None:
    match value:
        case bool():
            return None
        case float():
            return Decimal(repr(value))
        case int():
            return Decimal(value)
        case str() if is_decimal(value):
            return Decimal(value)
        case _:
            return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _needs(strategy: str) -> str:
    needs = _NEEDS.get(strategy)
    if needs is None and strategy.startswith(_BY):
        needs = f"mappings with numbers, or texts, at {strategy.removeprefix(_BY)!r}"
    return "" if needs is None else f"; it needs {needs}"


_NEEDS: Mapping[str, str] = {
    "append": "a list to append to",
    "union": "lists",
    "deep_merge": "mappings",
    "max": "numbers, or texts",
    "smart": "values of the same kind",
}

MERGES: Final[Mapping[str, Merge]] = {
    "replace": _replace,
    "keep": _keep,
    "append": _append,
    "union": _union,
    "deep_merge": _deep_merge,
    "max": _max,
    "smart": _smart,
    "conflict": _replace,
}
"""The strategies by name; `max:` and a path is one more for every path."""
