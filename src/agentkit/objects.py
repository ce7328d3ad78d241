"""Objects of JSON: one in which a key stands twice is refused, since of its values two readers may take another one."""

from __future__ import annotations

from collections import Counter

__all__ = ["each_once"]


def each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these pairs, as the `object_pairs_hook` of `json`.

    Raises:
        ValueError: A key stands there twice.

    Example:
        >>> import json
        >>> json.loads('{"a": 1, "a": 2}', object_pairs_hook=each_once)
        Traceback (most recent call last):
        ...
        ValueError: the key 'a' stands twice in one object
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {key!r:.60} stands twice in one object")
    return found
