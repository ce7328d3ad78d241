"""From a JSON value to what widgets hold, so that reading it gives the same value again.

Rules: what does not fit its field is shown as it is, and reading it says what is wrong; nothing is lost on the way.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Final, assert_never, cast

from pydantic import JsonValue

from .fields import (
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FixedField,
    FormField,
    GroupField,
    IntegerField,
    JsonField,
    ListField,
    ManyChoicesField,
    MappingField,
    MomentField,
    MoneyField,
    SwitchField,
    TextField,
    TimeField,
    VariantField,
)
from .parts import MISSING, REST, Missing, Option, Upload
from .reading import Reader

__all__ = ["blank_of", "filled"]

_MOST_ROWS: Final = 100
_MOST_HELD: Final = 1_000


def filled(field: FormField, value: JsonValue | Missing) -> object:
    """What the widget of a field holds for a value.

    Args:
        field: The field.
        value: The value; `MISSING` is what the field holds at first.
    """
    if isinstance(value, Missing):
        return _at_first(field)
    if value is None and not isinstance(field, FixedField) and (field.nullable or not isinstance(field, JsonField)):
        return None
    return _for_value(field, value)


def blank_of(field: FormField, *, on: bool = False) -> object:
    """What the widget of a field holds at first, such as of a row that is added to a list.

    Args:
        field: The field.
        on: Whether a field that may be left empty is begun all the same, such as a group that is switched on.

    Example:
        >>> from agentkit.screens import Form
        >>> shares = Form.of({"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}})
        >>> blank_of(shares.root.item(0))
        {'name': ''}
    """
    begun = replace(field, required=True, nullable=False, default=MISSING) if on else field
    return filled(begun, MISSING)


def _at_first(field: FormField) -> object:
    if not isinstance(field.default, Missing):
        return filled(field, field.default)
    held: object
    match field:
        case SwitchField():
            held = False if field.required and not field.nullable else None
        case GroupField():
            held = None if field.is_optional else _group(field, {})
        case ListField():
            held = None if field.is_optional else _rows_at_first(field)
        case ManyChoicesField() | MappingField():
            held = None if field.is_optional else []
        case MoneyField():
            held = {"amount": "", "currency": field.currencies[0] if len(field.currencies) == 1 else ""}
        case VariantField():
            first = field.variants[0]
            held = None if field.is_optional else {"variant": first.key, "value": filled(first.field, MISSING)}
        case FixedField() | FileField() | ChoiceField():
            held = None
        case _:
            held = ""
    return held


def _rows_at_first(field: ListField) -> list[object]:
    """As many rows as are asked for; a schema that asks for very many gives the first of them."""
    if not field.min_items:
        return []
    first = filled(field.item(0), MISSING)
    rows = min(field.min_items, _MOST_ROWS, _MOST_HELD // _size(first))
    return [first, *(filled(field.item(place), MISSING) for place in range(1, rows))]


def _size(held: object) -> int:
    """How many things a widget holds, in all."""
    parts: Iterable[object] = ()
    if isinstance(held, dict):
        parts = cast("dict[str, object]", held).values()
    elif isinstance(held, list):
        parts = cast("list[object]", held)
    return 1 + sum(map(_size, parts))


def _for_value(field: FormField, value: JsonValue) -> object:
    held: object
    match field:
        case TextField():
            held = _text(field, value)
        case IntegerField() | DecimalField():
            held = value if isinstance(value, str) else json.dumps(value)
        case SwitchField():
            held = value if isinstance(value, bool) else _written(value)
        case ChoiceField():
            held = _key(field.options, value)
        case ManyChoicesField():
            held = [_key(field.options, one) for one in value] if isinstance(value, list) else _written(value)
        case DateField() | TimeField() | MomentField() | DurationField():
            held = _written(value)
        case MoneyField():
            held = dict(value) if isinstance(value, dict) else _written(value)
        case FileField():
            held = _upload(field, value)
        case ListField():
            held = _list(field, value)
        case GroupField():
            held = _group(field, value)
        case MappingField():
            held = _mapping(field, value)
        case VariantField():
            held = _variant(field, value)
        case FixedField():
            held = None if json.dumps(value) == json.dumps(field.value) else f"not {json.dumps(field.value)}: {value!r}"
        case JsonField():
            held = json.dumps(value, ensure_ascii=False, indent=2)
        case _:
            assert_never(field)
    return held


def _written(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(field: TextField, value: JsonValue) -> str:
    text = _written(value)
    if text == "":
        return "" if field.takes_empty else '""'
    return f'""{text}' if len(text) > 1 and set(text) == {'"'} else text


def _key(options: tuple[Option, ...], value: JsonValue) -> str:
    written = json.dumps(value)
    key = next((option.key for option in options if json.dumps(option.value) == written), None)
    if key is not None:
        return key
    # A value that is no option is shown all the same, and never as if it were another one.
    key = _written(value)
    while any(key == option.key for option in options):
        key += " (other)"
    return key


def _upload(field: FileField, value: JsonValue) -> Upload | None:
    """The file; nothing if it is none, and never a text, which a widget for files would take for the path of one."""
    text = _written(value)
    try:
        match field.encoding:
            case "base64":
                return Upload(content=base64.b64decode("".join(text.split()), validate=True))
            case "base64url":
                return Upload(content=base64.b64decode("".join(text.split()), altchars="-_", validate=True))
            case "text":
                return Upload(content=text.encode())
    except (binascii.Error, ValueError):
        return None


def _list(field: ListField, value: JsonValue) -> object:
    if not isinstance(value, list):
        return _written(value)
    return [filled(field.item(place), one) for place, one in enumerate(value)]


def _group(field: GroupField, value: JsonValue) -> object:
    if field.is_tuple and isinstance(value, list):
        value = {str(place): one for place, one in enumerate(value)}
    if not isinstance(value, dict):
        return _written(value)
    known = {one.key for one in field.fields}
    held = {one.key: filled(one, value.get(one.key, MISSING)) for one in field.fields if one.key != REST}
    if REST in known:
        rest = {name: one for name, one in value.items() if name not in known}
        held[REST] = filled(field.fields[-1], rest) if rest else _at_first(field.fields[-1])
    return held


def _mapping(field: MappingField, value: JsonValue) -> object:
    if not isinstance(value, dict):
        return _written(value)
    return [
        {"key": filled(field.name_at(place), name) if name else "", "value": filled(field.value_at(place), one)}
        for place, (name, one) in enumerate(value.items())
    ]


def _variant(field: VariantField, value: JsonValue) -> object:
    """The variant that gives the same value again; else the one that keeps the most of it."""
    held = [filled(one.field, value) for one in field.variants]
    ranks = [_rank(one.field, value, shown) for one, shown in zip(field.variants, held, strict=True)]
    best = ranks.index(max(ranks))
    return {"variant": field.variants[best].key, "value": held[best]}


def _rank(field: FormField, value: JsonValue, held: object) -> tuple[bool, bool, int, int, bool]:
    """How well a field holds a value: whether it gives it again, or all of it, or how much it knows and keeps."""
    reader = Reader(UTC)
    again = reader.read(field, held)
    fits = not reader.faults and not isinstance(again, Missing)
    kept, whole = _kept(value, again), _kept(value, value)
    known = len(value.keys() & held.keys()) if isinstance(value, dict) and isinstance(held, dict) else 0
    is_same = fits and json.dumps(again, sort_keys=True) == json.dumps(value, sort_keys=True)
    return is_same, fits and kept == whole, known, kept, fits


def _kept(value: JsonValue, again: JsonValue | Missing) -> int:
    """How much of a value is in what was read."""
    if isinstance(value, dict) and isinstance(again, dict):
        return 1 + sum(_kept(one, again[name]) for name, one in value.items() if name in again)
    if isinstance(value, list) and isinstance(again, list):
        return 1 + sum(map(_kept, value, again))
    return int(not isinstance(again, Missing) and json.dumps(value) == json.dumps(again))
