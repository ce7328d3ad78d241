"""How two values of one key become one: the merge strategies of shared contexts.

Rules: a merge is a pure function of plain JSON values; it changes neither of them; what cannot be merged is refused by
`MergeConflict` and never guessed. `conflict` merges nothing: whoever writes it must have seen the newest value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, cast

from agentkit.errors import MergeConflict

__all__ = ["MERGES", "Merge", "merged"]

Merge: TypeAlias = "Callable[[object, object], object]"
"""From the value that is there and the one that is written to the one that stays."""


def merged(strategy: str, key: str, old: object, new: object) -> object:
    """The value that stays when `new` is written over `old`, both of them there.

    Raises:
        MergeConflict: The two cannot be merged this way.

    Example:
        >>> merged("union", "tags", ["a", "b"], ["b", "c"])
        ['a', 'b', 'c']
    """
    merge = MERGES.get(strategy)
    if merge is None:
        raise MergeConflict(f"key {key!r}: there is no merge {strategy!r}; known are {', '.join(MERGES)}")
    try:
        return merge(old, new)
    except TypeError as error:
        raise MergeConflict(f"key {key!r}: {strategy} cannot merge {_kind(new)} into {_kind(old)}") from error


def _replace(_: object, new: object) -> object:
    return new


def _keep(old: object, _: object) -> object:
    return old


def _append(old: object, new: object) -> object:
    """The old list, and what is new behind it: the items of a list, or one value."""
    if not isinstance(old, list):
        raise TypeError
    return [*cast("list[object]", old), *(cast("list[object]", new) if isinstance(new, list) else [new])]


def _union(old: object, new: object) -> object:
    """The items of both lists, each once, in the order in which they came."""
    if not isinstance(old, list) or not isinstance(new, list):
        raise TypeError
    both = cast("list[object]", [*cast("list[object]", old), *cast("list[object]", new)])
    # As texts, since 1, 1.0 and true are equal as values.
    return list({json.dumps(item, sort_keys=True): item for item in reversed(both)}.values())[::-1]


def _deep_merge(old: object, new: object) -> object:
    """Mappings key by key, all the way down; whatever is no pair of mappings is replaced."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise TypeError
    both = dict(cast("dict[str, object]", old))
    for key, value in cast("dict[str, object]", new).items():
        there = both.get(key)
        both[key] = _deep_merge(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return both


def _max(old: object, new: object) -> object:
    """The larger of two numbers or two texts; the one that is there if they are equal."""
    for kind in (str, int | float):
        if isinstance(old, kind) and isinstance(new, kind) and not isinstance(old, bool) and not isinstance(new, bool):
            return new if cast("float", new) > cast("float", old) else old
    raise TypeError


def _smart(old: object, new: object) -> object:
    """By type: mappings are merged deeply, lists are united, and anything else is replaced by its like."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _deep_merge(cast("dict[str, object]", old), cast("dict[str, object]", new))
    if isinstance(old, list) and isinstance(new, list):
        return _union(cast("list[object]", old), cast("list[object]", new))
    if _kind(old) == _kind(new) or old is None or new is None:
        return new
    raise TypeError


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
"""The strategies by name."""
