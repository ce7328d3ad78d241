"""What kind of thing a value is, whatever its annotation promises: callers without a type checker are told, too.

Rules: a check answers or reads, and says nothing of money; who asks raises the error that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

__all__ = ["elements", "int_of", "is_a", "is_filled", "is_unicode", "object_of"]


def int_of(value: object) -> int | None:
    """Return the int that a value is, also as a member of an `IntEnum`; None for a bool and for what is none.

    Example:
        >>> int_of(5), int_of(True), int_of(5.0)
        (5, None, None)
    """
    if type(value) is int:
        return value
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def is_a(value: object, *kinds: type) -> bool:
    """Tell whether a value is of one of these kinds.

    Example:
        >>> is_a("1", int, str)
        True
    """
    return isinstance(value, kinds)


def is_filled(value: object) -> bool:
    """Tell whether a value is a text that is more than white space.

    Example:
        >>> is_filled(" "), is_filled(5), is_filled("bank")
        (False, False, True)
    """
    return isinstance(value, str) and bool(value.strip())


def is_unicode(text: str) -> bool:
    r"""Tell whether a text is Unicode throughout: half of a surrogate pair is not, and nobody could keep it.

    Example:
        >>> is_unicode("5 €"), is_unicode("\ud83d")
        (True, False)
    """
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def object_of(value: object) -> dict[str, object] | None:
    """Return a mapping whose keys are texts, such as a JSON object, or None.

    Example:
        >>> object_of({"base": "EUR"}), object_of({1: 2})
        ({'base': 'EUR'}, None)
    """
    if not isinstance(value, Mapping):
        return None
    fields = dict(cast("Mapping[object, object]", value))
    return cast("dict[str, object]", fields) if all(isinstance(name, str) for name in fields) else None


def elements(value: object) -> list[object] | None:
    """Return what an iterable holds, or None for what is none; a text and a mapping are none here.

    Example:
        >>> elements(iter([1, 2])), elements("12")
        ([1, 2], None)
    """
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return None
    return list(cast("Iterable[object]", value))
