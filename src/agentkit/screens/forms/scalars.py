"""Single values out of what widgets hold: texts, numbers, days, amounts, files.

Rules: each function gives the value as JSON holds it, or raises `Unfit` with words that say what to do. No digit is
lost: exact numbers stay text, and a number that JSON cannot hold is refused.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Final, cast

from pydantic import JsonValue
from pydantic_core import SchemaError, SchemaValidator, core_schema

from agentkit.errors import MoneyError
from agentkit.money import Money, parse_canonical
from agentkit.objects import each_once

from .fields import (
    DecimalField,
    FileField,
    IntegerField,
    MoneyField,
    TextField,
)
from .parts import Upload
from .spans import span_text

__all__ = [
    "Unfit",
    "date_of",
    "decimal_of",
    "duration_of",
    "file_of",
    "integer_of",
    "json_of",
    "mapping_of",
    "moment_of",
    "money_of",
    "text_of",
    "time_of",
    "told",
]

_MOST_DIGITS: Final = 15
"""A double holds every number of so many digits."""
_MOST_MATCHED: Final = 100_000
_MOST_TOLD: Final = 10
"""So many labels are told to somebody who chose none."""
_NONE: Final[Mapping[str, object]] = {}
_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "uuid": (r"(urn:uuid:)?\{?[0-9a-fA-F]{8}(-?)([0-9a-fA-F]{4}\2){3}[0-9a-fA-F]{12}\}?", "an id, such as {example}"),
    "uri": (r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "a whole address, such as {example}"),
    "email": (r"[^@]+@[^@\s]+>?", "a mail address, such as {example}"),
}
_EXAMPLES: Final = {
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "uri": "https://example.com/page",
    "email": "ada@example.com",
}
_TIME: Final = re.compile(r"\d{1,2}:\d\d(:\d\d([.,]\d{1,9})?)?\s*(Z|[+-]\d\d(:?\d\d)?)?", re.IGNORECASE)


class Unfit(Exception):
    """What was filled in is no such value; the message says what to do. Never leaves this room."""


def told(labels: Sequence[str]) -> str:
    """The first of what there is to choose from, and how many more."""
    more = f" and {len(labels) - _MOST_TOLD:,} more" if len(labels) > _MOST_TOLD else ""
    return f"{', '.join(labels[:_MOST_TOLD])}{more}"


def mapping_of(given: object) -> Mapping[str, object]:
    """What a widget of several parts holds; empty if it holds none."""
    return cast("Mapping[str, object]", given) if isinstance(given, Mapping) else _NONE


def text_of(field: TextField, given: str) -> JsonValue:
    """A text, if it is as its field says."""
    if len(given) < field.min_length:
        raise Unfit(f"Write at least {field.min_length:,} letters; these are {len(given):,}.")
    if field.max_length is not None and len(given) > field.max_length:
        raise Unfit(f"Write at most {field.max_length:,} letters; these are {len(given):,}.")
    shape, words = _SHAPES.get(field.format, ("", ""))
    if shape and re.fullmatch(shape, given) is None:
        raise Unfit(f"Write {words.format(example=field.placeholder or _EXAMPLES[field.format])}.")
    if field.pattern and not _matches(field.pattern, given):
        example = f", such as {field.placeholder}" if field.placeholder else ""
        raise Unfit(f"This has to match {field.pattern}{example}.")
    return given


def _matches(pattern: str, given: str) -> bool:
    """Whether a text matches; what cannot be told here is told by the server."""
    checker = _checker(pattern)
    return checker is None or len(given) > _MOST_MATCHED or checker.isinstance_python(given)


@lru_cache(maxsize=256)
def _checker(pattern: str) -> SchemaValidator | None:
    """Looks for a pattern as pydantic does, in a time that grows with the text alone, whoever wrote the pattern."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None


def _number(given: object, words: str) -> tuple[str, Decimal]:
    """A number as it was written, and its value."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise Unfit(words)
    text = repr(given) if isinstance(given, float) else str(given).strip()
    try:
        return text, parse_canonical(text, exponent=True)
    except MoneyError as error:
        raise Unfit(words) from error


def integer_of(field: IntegerField, given: object) -> JsonValue:
    """A whole number."""
    words = "Write a whole number, such as 12, without separators."
    _, value = _number(given, words)
    if value != value.to_integral_value():
        raise Unfit(words)
    if fault := field.bounds.fault(value):
        raise Unfit(fault)
    return int(value)


def decimal_of(field: DecimalField, given: object) -> JsonValue:
    """A number: as text where each digit counts, as a number of JSON elsewhere."""
    if field.takes_text and isinstance(given, str) and _is_wording(given):
        return given
    text, value = _number(given, "Write a number with a point, such as 1234.50, without separators.")
    if fault := field.bounds.fault(value):
        raise Unfit(fault)
    if field.is_exact:
        return text
    if value == value.to_integral_value() and set(text) <= set("+-0123456789"):
        return int(value)
    # An amount has no -0, a number of JSON has.
    number = float(value) if value else float(text)
    if not isfinite(number) or (number == 0) != (value == 0):
        raise Unfit("This is too large, or too near to 0, for a number here.")
    if Decimal(repr(number)) != value and len(value.as_tuple().digits) > _MOST_DIGITS:
        raise Unfit("This has more digits than a number can hold here: leave some out.")
    return number


def _is_wording(text: str) -> bool:
    """Whether a text cannot be meant as a number, not even as one that is mistyped."""
    try:
        Decimal(text.strip())
    except InvalidOperation:
        return any(map(str.isalpha, text))
    return False


def date_of(given: object) -> JsonValue:
    """A day."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given.isoformat()
    words = "Write a day as year, month and day, such as 2026-12-25."
    if not isinstance(given, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", text := given.strip()) is None:
        raise Unfit(words)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Unfit(f"The calendar has no {text}. {words}") from error


def time_of(given: object) -> JsonValue:
    """A time of day."""
    if isinstance(given, time):
        return given.isoformat()
    words = "Write a time of day, such as 14:30 or 14:30:15."
    if not isinstance(given, str) or _TIME.fullmatch(text := given.strip()) is None:
        raise Unfit(words)
    try:
        time.fromisoformat(_padded(text))
    except ValueError as error:
        raise Unfit(words) from error
    return _padded(text)


def moment_of(given: object, zone: tzinfo) -> JsonValue:
    """A day and a time of day; what was picked or written without a zone is meant in the given one."""
    if isinstance(given, datetime):
        return (given if given.tzinfo is not None else given.replace(tzinfo=zone)).isoformat()
    words = "Write a day and a time, such as 2026-12-25T14:30:00, or with its zone 2026-12-25T14:30:00+01:00."
    if not isinstance(given, str):
        raise Unfit(words)
    day, _, rest = given.strip().replace("t", "T").replace(" ", "T", 1).partition("T")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", day) is None or _TIME.fullmatch(rest) is None:
        raise Unfit(words)
    written = f"{day}T{_padded(rest)}"
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise Unfit(f"The calendar has no {given.strip()}. {words}") from error
    return written if found.tzinfo is not None else found.replace(tzinfo=zone).isoformat()


def _padded(text: str) -> str:
    """A time of day with two digits for its hour, no space before its zone, and minutes in that."""
    text = text.replace(" ", "").replace("z", "Z").replace(",", ".")
    text = re.sub(r"[+-]\d\d$", r"\g<0>:00", text)
    return text if text[1].isdigit() else f"0{text}"


def duration_of(given: object) -> JsonValue:
    """How long something is, as ISO 8601 writes it."""
    found = span_text(given) if isinstance(given, str | int | timedelta) and not isinstance(given, bool) else None
    if found is None:
        raise Unfit("Write how long, such as 2 h 30 min, 1:30:00 or 90 s.")
    return found


def money_of(field: MoneyField, given: object) -> JsonValue:
    """An amount with its currency."""
    whole = mapping_of(given)
    amount, currency = whole.get("amount"), whole.get("currency")
    if amount in (None, ""):
        raise Unfit("Write the amount.")
    if isinstance(amount, float):
        raise Unfit("Write the amount as text: a float has lost digits already.")
    if currency in (None, ""):
        raise Unfit("Choose a currency.")
    text, _ = _number(amount, "Write the amount with a point, such as 1234.50, without separators.")
    code = str(currency).strip()
    if field.is_closed and code not in field.currencies:
        raise Unfit(f"The currency has to be one of {told(field.currencies)}.")
    # What other currencies the server has registered is not known here.
    if code in field.currencies and field.is_whole:
        try:
            Money(text, code)
        except MoneyError as error:
            raise Unfit(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return {"amount": text, "currency": code}


def file_of(field: FileField, given: object) -> JsonValue:
    """The bytes of a file as text."""
    content = given.content if isinstance(given, Upload) else given
    if not isinstance(content, bytes | bytearray):
        raise Unfit("Choose a file.")
    text = _encoded(field, bytes(content))
    if field.max_length is not None and len(text) > field.max_length:
        raise Unfit(f"Choose a smaller file: this one has {len(text):,} letters, and {field.max_length:,} are allowed.")
    return text


def _encoded(field: FileField, content: bytes) -> str:
    if field.encoding == "base64":
        return base64.b64encode(content).decode("ascii")
    if field.encoding == "base64url":
        return base64.urlsafe_b64encode(content).decode("ascii")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unfit("Choose a text file in UTF-8: this one holds other bytes.") from error


def json_of(given: str, json_type: str = "") -> JsonValue:
    """Any value, or one of a type, out of JSON text."""
    try:
        found = cast("JsonValue", json.loads(given, parse_constant=_refuse, object_pairs_hook=each_once))
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Unfit(f"This is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except UnicodeEncodeError as error:
        raise Unfit("This is no JSON that can be taken: it has half of a letter, such as \\ud800 alone.") from error
    except (RecursionError, ValueError) as error:
        raise Unfit(f"This is no JSON that can be taken: {error}.") from error
    if json_type == "object" and not isinstance(found, dict):
        raise Unfit('Write a JSON object, such as {"name": "value"}.')
    if json_type == "array" and not isinstance(found, list):
        raise Unfit("Write a JSON list, such as [1, 2].")
    return found


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no number of JSON")
