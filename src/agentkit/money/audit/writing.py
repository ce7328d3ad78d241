"""Write values as canonical JSON: one value has one text.

Rules: keys are texts and sorted by code point; numbers are texts; a float is refused, and so is what would not say the
same to its reader. An amount and whatever else has a wire form (`to_dict`) is written by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from json.encoder import encode_basestring as quoted
from typing import Final, Protocol, TypeAlias, cast

from agentkit.errors import AuditError, FloatNotAllowed, NonFinite, UnstorableValue
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_a

__all__ = [
    "AuditValue",
    "Commit",
    "HasWireForm",
    "Personal",
    "canonical_json",
    "moment_text",
    "quoted",
    "write_mapping",
]

AuditValue: TypeAlias = "bool | str | list[AuditValue] | dict[str, AuditValue] | None"
"""What an entry holds once it is written: numbers are texts."""

Commit: TypeAlias = "Callable[[Personal], str]"
"""What writes a personal value: as the commitment to it."""

COMMITMENT: Final = "commitment"
"""The key under which an entry holds what stands in place of a personal value."""

_DEEPEST: Final = 100
_MOST_DIGITS: Final = 4_000
_MOST: Final = 10**_MOST_DIGITS


class HasWireForm(Protocol):
    """Something that says by itself how it is written, such as `Money`."""

    def to_dict(self) -> Mapping[str, object]:
        """Write the wire form."""
        ...


class Personal:
    """A value that may have to be erased one day: the entry holds a salted commitment to it in its place.

    Attributes:
        value: What it is.

    Example:
        >>> Personal("Ada Lovelace")
        Personal(...)
    """

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value: object = value

    def __repr__(self) -> str:
        # Whoever logs an entry's inputs must not log what they are meant to hide.
        return "Personal(...)"


def canonical_json(value: object) -> str:
    """Write a value as canonical JSON: sorted keys, no spaces, numbers as text, times in UTC.

    Texts, bools, None, ints, `Decimal`, `Fraction`, dates, datetimes with a time zone, enums, lists, tuples, mappings
    with texts as keys, and whatever has a wire form (`to_dict`). Two values that mean the same number are told apart
    by their decimals only: 1 and "1" are one text, 1.50 and 1.5 are two.

    Raises:
        FloatNotAllowed: There is a float in it.
        NonFinite: There is a NaN or an infinity in it.
        UnstorableValue: There is something else in it that has no such text.
        AuditError: There is a `Personal` value in it.

    Example:
        >>> canonical_json({"total": Decimal("19.90"), "count": 3, "paid": None})
        '{"count":"3","paid":null,"total":"19.90"}'
    """
    text = write(value, _refuse_personal, 0)
    encoded(text)
    return text


def encoded(text: str) -> bytes:
    """Return a text as UTF-8.

    Raises:
        UnstorableValue: It has half of a character (a lone surrogate) in it.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UnstorableValue(
            f"a text has half of a character in it (a lone surrogate) at {error.start}: decode it anew with"
            " errors='replace' where it comes from"
        ) from error


def write(value: object, commit: Commit, depth: int) -> str:
    """Write a value; personal ones as `commit` says."""
    kind = type(value)
    if kind is str:
        return quoted(cast("str", value))
    if kind is dict:
        return write_mapping(cast("dict[str, object]", value), commit, depth)
    if value is None or value is True or value is False:
        return "null" if value is None else "true" if value else "false"
    if kind is Decimal:
        return f'"{_decimal_text(cast("Decimal", value))}"'
    return _write_other(value, commit, depth)


def write_mapping(mapping: Mapping[str, object], commit: Commit, depth: int = 0) -> str:
    """Write a mapping whose keys are texts.

    Raises:
        UnstorableValue: It is no mapping, a key is no text, it is nested too deep, or looks like what stands in place
            of a personal value.
    """
    kind: object = type(mapping)
    if kind is not dict and not is_a(mapping, Mapping):
        raise UnstorableValue(f"a {type(mapping).__name__} is no mapping: give one with texts as keys")
    if depth > _DEEPEST:
        raise UnstorableValue(f"a value is nested more than {_DEEPEST} deep, or holds itself: write it flatter")
    if len(mapping) == 1 and isinstance(mapping.get(COMMITMENT), str):
        raise UnstorableValue("a mapping with 'commitment' alone says that a value was personal: take another name")
    below = depth + 1
    parts: list[str] = []
    try:
        for name, value in sorted(mapping.items()) if len(mapping) > 1 else mapping.items():
            # Most values are texts, and a call for each would cost more than its writing.
            text = quoted(value) if isinstance(value, str) else write(value, commit, below)
            parts.append(f"{quoted(name)}:{text}")
    except TypeError:
        wrong = next((name for name in cast("Mapping[object, object]", mapping) if not isinstance(name, str)), None)
        if wrong is None:
            raise
        raise UnstorableValue(
            f"a key is a {type(wrong).__name__}: {str(wrong)[:60]!r}; keys of an entry are texts"
        ) from None
    return "{" + ",".join(parts) + "}"


def _write_other(value: object, commit: Commit, depth: int) -> str:
    """Write what is neither text nor dict: the rarer kinds, and subclasses."""
    if isinstance(value, Personal):
        return commit(value)
    if isinstance(value, Enum):
        return write(cast("object", value.value), commit, depth)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        raise FloatNotAllowed(f"{value!r} is a float, which is never exact: give a text, an int or a Decimal")
    if isinstance(value, int | Decimal | Fraction | date):
        return f'"{_plain_text(value)}"'
    if isinstance(value, Mapping):
        return write_mapping(cast("Mapping[str, object]", value), commit, depth)
    if isinstance(value, list | tuple):
        return _write_items(cast("Sequence[object]", value), commit, depth)
    form: object = getattr(value, "to_dict", None)
    if callable(form) and not isinstance(value, type):
        return write_mapping(cast("HasWireForm", value).to_dict(), commit, depth + 1)
    raise UnstorableValue(
        f"a {type(value).__name__} has no canonical text: give texts, numbers that are no floats, dates, lists,"
        " mappings or something with to_dict()"
    )


def _write_items(items: Sequence[object], commit: Commit, depth: int) -> str:
    if depth > _DEEPEST:
        raise UnstorableValue(f"a value is nested more than {_DEEPEST} deep, or holds itself: write it flatter")
    return "[" + ",".join([write(item, commit, depth + 1) for item in items]) + "]"


def _plain_text(value: int | Decimal | Fraction | date) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if not (-_MOST < value.numerator < _MOST and value.denominator < _MOST):
        raise UnstorableValue(f"a number has more than {_MOST_DIGITS} digits: round it first")
    return int.__repr__(value) if isinstance(value, int) else f"{value.numerator}/{value.denominator}"


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise NonFinite(f"{value} is no finite number, so it cannot be in an entry")
    _, digits, exponent = value.as_tuple()
    if abs(cast("int", exponent)) + len(digits) > _MOST_DIGITS:
        raise UnstorableValue(f"a number has more than {_MOST_DIGITS} digits: round it first")
    return format(value if value else value.copy_abs(), "f")


def moment_text(at: datetime) -> str:
    """Write a moment in UTC, to the microsecond.

    Raises:
        UnstorableValue: It is no `datetime`, has no time zone, or lies outside of the years that can be written.

    Example:
        >>> moment_text(datetime(2025, 11, 3, 12, 30, tzinfo=UTC))
        '2025-11-03T12:30:00.000000Z'
    """
    if not is_a(at, datetime) or at.utcoffset() is None:
        raise UnstorableValue(
            f"{shortened(at)} has no time zone, so nobody knows when it is: give a datetime with tzinfo=UTC"
        )
    try:
        return at.astimezone(UTC).isoformat("T", "microseconds")[:26] + "Z"
    except OverflowError as error:
        raise UnstorableValue(f"{at!r} lies outside of the years 1 to 9999 in UTC") from error


def _refuse_personal(_: Personal) -> str:
    raise AuditError(
        "there is no place for personal values: give the trail one, such as"
        " AuditTrail(..., disclosures=FileDisclosures('personal.jsonl'))"
    )
