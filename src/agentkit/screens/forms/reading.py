"""From what widgets hold to the JSON value of a form.

Rules: every fault is kept under the path of its field, and reading goes on: people see all of them at once. Nothing
filled in is null where null is allowed, left out where that is, and otherwise a fault.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
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
from .parts import MISSING, REST, Missing, Option
from .scalars import (
    Unfit,
    date_of,
    decimal_of,
    duration_of,
    file_of,
    integer_of,
    json_of,
    mapping_of,
    moment_of,
    money_of,
    text_of,
    time_of,
    told,
)

__all__ = ["Reader", "unquoted"]

_EMPTY: Final = "Fill this in."


@dataclass(slots=True)
class Reader:
    """Reads what widgets hold.

    Attributes:
        zone: The zone of moments that were picked without one.
        faults: What is wrong, by path.
    """

    zone: tzinfo
    faults: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def fault(self, path: str, words: str) -> None:
        """Keep what is wrong with a field."""
        self.faults.setdefault(path, []).append(words)

    def read(self, one: FormField, given: object) -> JsonValue | Missing:
        """The value of a field; `MISSING` if it is left out or at fault."""
        if isinstance(one, FixedField):
            return self._fixed(one, given)
        if given is MISSING or given is None or (given == "" and isinstance(given, str)) or _is_no_amount(one, given):
            return self._nothing(one, given)
        try:
            return self._value(one, given)
        except Unfit as unfit:
            self.fault(one.path, str(unfit))
            return MISSING

    def _fixed(self, one: FixedField, given: object) -> JsonValue:
        if given not in (MISSING, None, "", one.value):
            self.fault(one.path, f"This can only be {json.dumps(one.value, ensure_ascii=False):.60}.")
        return one.value

    def _nothing(self, one: FormField, given: object) -> JsonValue | Missing:
        if isinstance(one, TextField) and one.takes_empty and given is not MISSING:
            return ""
        # Without a default, what is left empty is not there; null is only what was null before.
        is_left = given is MISSING or not one.nullable or (one.default is MISSING and not _is_null(one, given))
        if not one.required and is_left:
            return MISSING
        if one.nullable:
            return None
        if isinstance(one, GroupField):
            return self._group(one, {})
        if isinstance(one, ListField | ManyChoicesField | MappingField):
            return self._value(one, [])
        self.fault(one.path, "Say yes or no." if isinstance(one, SwitchField) else _EMPTY)
        return MISSING

    def _value(self, one: FormField, given: object) -> JsonValue | Missing:
        match one:
            case GroupField():
                return self._group(one, given)
            case ListField():
                return self._list(one, given)
            case MappingField():
                return self._mapping(one, given)
            case ManyChoicesField():
                return self._choices(one, given)
            case VariantField():
                return self._variant(one, given)
            case _:
                return _single(one, given, self.zone)

    def _group(self, one: GroupField, given: object) -> JsonValue:
        if not isinstance(given, Mapping):
            raise Unfit(_EMPTY)
        whole = mapping_of(cast("object", given))
        read = {part.key: self.read(part, whole.get(part.key, MISSING)) for part in one.fields}
        if one.is_tuple:
            return self._tuple(one, [*read.values()])
        found = {key: value for key, value in read.items() if not isinstance(value, Missing)}
        if isinstance(rest := found.get(REST), dict) and one.fields[-1].key == REST:
            del found[REST]
            if twice := next((name for name in rest if name in read), None):
                self.fault(one.fields[-1].path, f"There is a field {twice!r:.60} already: fill that in.")
            found = {**rest, **found}
        return found

    def _tuple(self, one: GroupField, read: list[JsonValue | Missing]) -> JsonValue:
        """The parts up to the last that is there; each keeps its place."""
        while read and isinstance(read[-1], Missing):
            read.pop()
        found: list[JsonValue] = []
        for part, value in zip(one.fields, read, strict=False):
            placed = part.default if isinstance(value, Missing) else value
            if not isinstance(placed, Missing):
                found.append(placed)
            elif part.path not in self.faults:
                self.fault(part.path, _EMPTY)
        return found

    def _placed(self, one: FormField, given: object) -> JsonValue | Missing:
        """The same as `read`, of what has a place that cannot be left out: nothing filled in is its default."""
        value = self.read(one, given)
        return one.default if isinstance(value, Missing) else value

    def _list(self, one: ListField, given: object) -> JsonValue:
        parts = _sequence(given)
        read = [self._placed(one.item(place), part) for place, part in enumerate(parts)]
        self._check_count(one, len(parts))
        found = [value for value in read if not isinstance(value, Missing)]
        if one.is_unique:
            self._check_unique(one, found)
        return found

    def _choices(self, one: ManyChoicesField, given: object) -> JsonValue:
        keys = _sequence(given)
        self._check_count(one, len(keys))
        found = [_chosen(one.options, key) for key in keys]
        if one.is_unique:
            self._check_unique(one, found)
        return found

    def _mapping(self, one: MappingField, given: object) -> JsonValue:
        pairs = [mapping_of(pair) for pair in _sequence(given)]
        self._check_count(one, len(pairs))
        found: dict[str, JsonValue] = {}
        for place, pair in enumerate(pairs):
            name_field = one.name_at(place)
            # A name may be the empty text, and here nothing else can be meant by it.
            given_name = pair.get("key")
            name = "" if given_name == "" and isinstance(name_field, TextField) else self.read(name_field, given_name)
            value = self._placed(one.value_at(place), pair.get("value", MISSING))
            if isinstance(name, Missing) or isinstance(value, Missing):
                continue
            if str(name) in found:
                self.fault(name_field.path, f"There is a {str(name)!r} already: each name stands for one value.")
            found[str(name)] = value
        return found

    def _variant(self, one: VariantField, given: object) -> JsonValue | Missing:
        whole = mapping_of(given)
        chosen = next((kind for kind in one.variants if kind.key == whole.get("variant")), None)
        if chosen is None:
            raise Unfit(f"Choose one of {told([kind.label for kind in one.variants])}.")
        return self.read(chosen.field, whole.get("value", MISSING))

    def _check_count(self, one: ListField | ManyChoicesField | MappingField, number: int) -> None:
        if number < one.min_items:
            self.fault(one.path, f"At least {one.min_items:,} are asked for; there are {number:,}.")
        if one.max_items is not None and number > one.max_items:
            self.fault(one.path, f"At most {one.max_items:,} are allowed; there are {number:,}.")

    def _check_unique(self, one: ListField | ManyChoicesField, values: Sequence[JsonValue]) -> None:
        written = [json.dumps(value, sort_keys=True) for value in values]
        if len(set(written)) < len(written):
            twice = next(text for text in written if written.count(text) > 1)
            self.fault(one.path, f"Each value may be there once, and {twice:.60} is there more often.")


def _single(one: FormField, given: object, zone: tzinfo) -> JsonValue:
    """The value of a field that is no container."""
    found: JsonValue
    match one:
        case TextField():
            found = text_of(one, unquoted(str(given)))
        case IntegerField():
            found = integer_of(one, given)
        case DecimalField():
            found = decimal_of(one, given)
        case SwitchField():
            found = _yes_or_no(given)
        case ChoiceField():
            found = _chosen(one.options, given)
        case DateField():
            found = date_of(given)
        case TimeField():
            found = time_of(given)
        case MomentField():
            found = moment_of(given, zone)
        case DurationField():
            found = duration_of(given)
        case MoneyField():
            found = money_of(one, given)
        case FileField():
            found = file_of(one, given)
        case JsonField():
            found = json_of(str(given), one.json_type)
        case FixedField():
            found = one.value
        case GroupField() | ListField() | MappingField() | ManyChoicesField() | VariantField():
            raise Unfit(_EMPTY)
        case _:
            assert_never(one)
    return found


def unquoted(text: str) -> str:
    r"""A text in which a pair of quotation marks, and nothing else, is written for the empty one.

    Example:
        >>> unquoted('""'), unquoted('"quoted"'), unquoted('"')
        ('', '"quoted"', '"')
    """
    return text[2:] if len(text) > 1 and set(text) == {'"'} else text


def _yes_or_no(given: object) -> bool:
    if isinstance(given, bool):
        return given
    said = {"true": True, "yes": True, "false": False, "no": False}.get(str(given).strip().casefold())
    if said is None:
        raise Unfit("Say yes or no.")
    return said


def _chosen(options: Sequence[Option], key: object) -> JsonValue:
    for option in options:
        if option.key == key:
            return option.value
    raise Unfit(f"Choose one of {told([option.label for option in options])}.")


def _sequence(given: object) -> Sequence[object]:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return cast("Sequence[object]", given)
    raise Unfit(_EMPTY)


def _is_null(one: FormField, given: object) -> bool:
    """Whether null was filled in, where a widget that nobody has touched holds something else."""
    is_untouched = isinstance(
        one,
        SwitchField | GroupField | ListField | ManyChoicesField | MappingField | VariantField | FileField | ChoiceField,
    )
    return given is None and not is_untouched


def _is_no_amount(one: FormField, given: object) -> bool:
    """Whether an amount has no digits; its currency may have been chosen already."""
    return (
        isinstance(one, MoneyField)
        and isinstance(given, Mapping)
        and mapping_of(cast("object", given)).get("amount") in (None, "")
    )
