"""A form of `agentkit.screens` as widgets: what is filled in, and beside each field what is wrong with it.

Rules: this module knows widgets and no schema. A widget is called by its form and by the place of its field, so what is
filled in survives every run of the script; what is in a list is called by when it was added, not by where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never, cast

import streamlit as st

from agentkit.screens import (
    MISSING,
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FixedField,
    Form,
    FormErrors,
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
    Upload,
    VariantField,
)

from .labels import label

__all__ = ["Filling"]

_Plain: TypeAlias = IntegerField | DecimalField | DateField | TimeField | MomentField | DurationField


@dataclass(frozen=True, slots=True)
class Filling:
    """Draws the fields of a form.

    Attributes:
        name: What the form is called among all widgets of a session.
        errors: What is wrong with what was filled in last.
    """

    name: str
    errors: FormErrors

    def draw(self, form: Form, start: Mapping[str, object], *, without: str = "") -> dict[str, object]:
        """Draw all fields; what they hold, by their keys.

        Args:
            form: The form.
            start: What they hold at first.
            without: The key of one that is left out.
        """
        fields = [field for field in form.fields if field.key != without]
        return {field.key: self._field(field, start.get(field.key), self._key("", field)) for field in fields}

    def _key(self, parent: str, field: FormField) -> str:
        return f"{parent or self.name}/{field.key}"

    def _field(self, field: FormField, start: object, key: str) -> object:
        """Draw one field, and below it what is wrong with it; what it holds."""
        match field:
            case GroupField() | ListField() | MappingField() | VariantField():
                held = self._box(field, start, key)
            case MoneyField():
                held = _money(field, start, key)
            case _:
                held = _widget(field, start, key)
        for words in self.errors.at(field.path):
            st.markdown(f":red[:material/error: {label(words, 500)}]")
        return held

    # Fields that have fields inside

    def _box(self, field: GroupField | ListField | MappingField | VariantField, start: object, key: str) -> object:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{_named(field)}**", help=_about(field))
            # A list that may be left out is left empty.
            has_switch = field.nullable if isinstance(field, ListField | MappingField) else field.is_optional
            if has_switch and not self._is_wanted(field, start, key):
                return None
            match field:
                case GroupField():
                    held = _dict(start)
                    return {one.key: self._field(one, held.get(one.key), self._key(key, one)) for one in field.fields}
                case ListField():
                    return self._list(field, start, key)
                case MappingField():
                    return self._pairs(field, start, key)
                case VariantField():
                    return self._variant(field, start, key)
                case _:
                    assert_never(field)

    def _is_wanted(self, field: FormField, start: object, key: str) -> bool:
        is_open = start is not None or self.errors.below(field.path)
        return st.toggle("Fill this in", value=is_open, key=f"{key}?")

    def _list(self, field: ListField, start: object, key: str) -> list[object]:
        begun = _list(start)
        numbers = _numbers(key, max(len(begun), field.min_items))
        held: list[object] = []
        for index, number in enumerate(numbers):
            first = begun[number] if number < len(begun) else None
            held.append(self._field(field.item(index), first, f"{key}/{number}"))
            _removing(key, number, field.item(index).label)
        _adding(key, numbers, field.max_items)
        return held

    def _pairs(self, field: MappingField, start: object, key: str) -> list[object]:
        begun = _list(start)
        numbers = _numbers(key, max(len(begun), field.min_items))
        held: list[object] = []
        for index, number in enumerate(numbers):
            first = _dict(begun[number]) if number < len(begun) else {}
            name = self._field(field.name_at(index), first.get("key"), f"{key}/{number}#name")
            value = self._field(field.value_at(index), first.get("value"), f"{key}/{number}#value")
            held.append({"key": name, "value": value})
            _removing(key, number, f"{field.label} {index + 1}")
        _adding(key, numbers, field.max_items)
        return held

    def _variant(self, field: VariantField, start: object, key: str) -> object:
        begun = _dict(start)
        keys = [one.key for one in field.variants]
        names = {one.key: one.label for one in field.variants}
        first = begun.get("variant")
        chosen = st.selectbox(
            "Kind",
            keys,
            index=keys.index(first) if isinstance(first, str) and first in keys else 0,
            format_func=lambda one: names[one],
            key=f"{key}!",
        )
        variant = next(one for one in field.variants if one.key == chosen)
        inside = begun.get("value") if chosen == first else None
        return {"variant": chosen, "value": self._field(variant.field, inside, f"{key}/{chosen}")}


def _widget(
    field: TextField | _Plain | SwitchField | ChoiceField | ManyChoicesField | FileField | FixedField | JsonField,
    start: object,
    key: str,
) -> object:
    """Draw a field that is one widget; what it holds."""
    name, about = _named(field), _about(field)
    match field:
        case TextField() if field.is_long:
            return st.text_area(name, _text(start), key=key, help=about, placeholder=field.placeholder or None)
        case TextField():
            return _line(field, start, key)
        case SwitchField():
            return st.checkbox(name, start is True, key=key, help=about)
        case ChoiceField() | ManyChoicesField():
            return _choice(field, start, key)
        case FileField():
            given = st.file_uploader(name, key=key, help=about)
            return None if given is None else Upload(name=given.name, content=given.getvalue())
        case FixedField():
            st.text(f"{field.label}: {field.value}")
            return None
        case JsonField():
            return st.text_area(
                name, _text(start), key=key, help=about or "JSON", placeholder=field.placeholder or None
            )
        case IntegerField() | DecimalField() | DateField() | TimeField() | MomentField() | DurationField():
            return _typed(field, start, key)
        case _:
            assert_never(field)


def _line(field: TextField, start: object, key: str) -> str:
    name, about = _named(field), _about(field)
    kind: Literal["password", "default"] = "password" if field.is_secret else "default"
    return st.text_input(name, _text(start), key=key, help=about, placeholder=field.placeholder, type=kind)


def _choice(field: ChoiceField | ManyChoicesField, start: object, key: str) -> object:
    keys, names = [one.key for one in field.options], {one.key: one.label for one in field.options}
    name, about = _named(field), _about(field)
    if isinstance(field, ManyChoicesField):
        begun = [one for one in _list(start) if one in names]
        return st.multiselect(name, keys, begun, format_func=names.__getitem__, key=key, help=about)
    index = keys.index(start) if isinstance(start, str) and start in names else None
    return st.selectbox(name, keys, index=index, format_func=names.__getitem__, key=key, help=about)


def _typed(field: _Plain, start: object, key: str) -> object:
    """Draw a field that holds a number or a time: as it is typed, so that no digit is lost on the way."""
    name, about = _named(field), _about(field)
    match field:
        case DateField():
            return st.date_input(name, _text(start) or None, key=key, help=about, format="YYYY-MM-DD")
        case TimeField():
            example = field.placeholder or "12:30"
        case MomentField():
            example = field.placeholder or "2026-12-25T12:30:00Z"
        case DurationField():
            example = field.placeholder or "2 h 30 min"
        case IntegerField() | DecimalField():
            example = field.placeholder or field.bounds.words
        case _:
            assert_never(field)
    return st.text_input(name, _text(start), key=key, help=about, placeholder=example)


def _money(field: MoneyField, start: object, key: str) -> object:
    """Draw an amount and, beside it, its currency."""
    begun = _dict(start)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = _about(field)
        amount = st.text_input(
            _named(field), _text(begun.get("amount")), key=key, help=about, placeholder=field.placeholder or "12.50"
        )
        codes = [code for code in field.currencies if code]
        first = begun.get("currency")
        if isinstance(first, str) and first and first not in codes:
            codes = [first, *codes]
        currency = st.selectbox(
            "Currency",
            codes,
            index=codes.index(first) if isinstance(first, str) and first in codes else None,
            key=f"{key}/currency",
            width=140,
            accept_new_options=not field.is_closed,
        )
    return {"amount": amount, "currency": currency or ""}


def _about(field: FormField) -> str | None:
    """What there is to say of a field besides its name."""
    return label(field.help, 500) if field.help else None


def _named(field: FormField) -> str:
    """What stands above a field: its name, and whether it may be left empty."""
    is_empty_without = field.is_optional and field.default in (MISSING, None, "", [], {})
    return label(field.label) + (" (optional)" if is_empty_without and not isinstance(field, SwitchField) else "")


# What a list has: the numbers of its lines, in order, from when they were added.


def _numbers(key: str, first: int) -> list[int]:
    found = st.session_state.setdefault(f"{key}#", list(range(first)))
    return cast("list[int]", found)


def _adding(key: str, numbers: list[int], most: int | None) -> None:
    def add() -> None:
        st.session_state[f"{key}#"] = [*numbers, max(numbers, default=-1) + 1]

    is_full = most is not None and len(numbers) >= most
    st.button("Add", icon=":material/add:", key=f"{key}+", on_click=add, disabled=is_full)


def _removing(key: str, number: int, name: str) -> None:
    def remove() -> None:
        st.session_state[f"{key}#"] = [one for one in st.session_state[f"{key}#"] if one != number]

    st.button(
        f"Remove {label(name, 40)}", icon=":material/delete:", key=f"{key}-{number}", on_click=remove, type="tertiary"
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _dict(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
