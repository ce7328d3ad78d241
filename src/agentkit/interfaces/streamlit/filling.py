"""A form of `agentkit.screens` as widgets: what is filled in, and beside each field what is wrong with it.

Rules: this module knows widgets and no schema. A widget is called by its form and by the place of its field, so what is
filled in survives every run of the script; what is in a list is called by when it was added, not by where it stands.
Where a draft is kept, each widget tells it what it holds as soon as that changes, before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as given_by
from functools import partial
from typing import assert_never, cast

import streamlit as st

from agentkit.screens import (
    Form,
    FormErrors,
    FormField,
    GroupField,
    ListField,
    MappingField,
    MoneyField,
    VariantField,
)

from .labels import label
from .widgets import Place, about_of, held_dict, held_list, money, name_of, one_widget, remember

__all__ = ["Filling"]


@dataclass(frozen=True, slots=True)
class Filling:
    """Draws the fields of a form.

    Attributes:
        name: What the form is called among all widgets of a session.
        errors: What is wrong with what was filled in last.
        typed: What widgets hold that were changed, by their keys: kept here for when they are drawn again; None keeps
            nothing.
        notes: What there is to say below fields, by their paths.
    """

    name: str
    errors: FormErrors
    typed: dict[str, object] | None = None
    notes: Mapping[str, str] = given_by(default_factory=dict[str, str])

    def draw(self, form: Form, start: Mapping[str, object], *, without: str = "") -> dict[str, object]:
        """Draw all fields; what they hold, by their keys.

        Args:
            form: The form.
            start: What they hold at first.
            without: The key of one that is left out.
        """
        fields = [field for field in form.fields if field.key != without]
        return {field.key: self._field(field, start.get(field.key), self._key("", field)) for field in fields}

    def place(self, key: str, start: object) -> Place:
        """Where a widget stands.

        Args:
            key: What it is called.
            start: What it holds at first, unless it was changed.
        """
        if self.typed is None:
            return Place(key, start)
        return Place(key, self.typed.get(key, start), partial(remember, self.typed, key))

    def _key(self, parent: str, field: FormField) -> str:
        return f"{parent or self.name}/{field.key}"

    def _field(self, field: FormField, start: object, key: str) -> object:
        """Draw one field, and below it what is wrong with it; what it holds."""
        match field:
            case GroupField() | ListField() | MappingField() | VariantField():
                held = self._box(field, start, key)
            case MoneyField():
                begun = held_dict(start)
                currency = self.place(f"{key}/currency", begun.get("currency"))
                held = money(field, self.place(key, begun.get("amount")), currency)
            case _:
                held = one_widget(field, self.place(key, start))
        if field.path in self.notes:
            st.caption(label(self.notes[field.path], 300))
        for words in self.errors.at(field.path):
            st.markdown(f":red[:material/error: {label(words, 500)}]")
        return held

    # Fields that have fields inside

    def _box(self, field: GroupField | ListField | MappingField | VariantField, start: object, key: str) -> object:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{name_of(field)}**", help=about_of(field))
            # A list that may be left out is left empty.
            has_switch = field.nullable if isinstance(field, ListField | MappingField) else field.is_optional
            if has_switch and not self._is_wanted(field, start, key):
                return None
            match field:
                case GroupField():
                    held = held_dict(start)
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
        at = self.place(f"{key}?", start is not None or self.errors.below(field.path))
        return st.toggle("Fill this in", value=at.start is True, key=at.key, on_change=at.heard)

    def _list(self, field: ListField, start: object, key: str) -> list[object]:
        begun = held_list(start)
        numbers = _numbers(key, max(len(begun), field.min_items))
        held: list[object] = []
        for index, number in enumerate(numbers):
            first = begun[number] if number < len(begun) else None
            held.append(self._field(field.item(index), first, f"{key}/{number}"))
            _removing(key, number, field.item(index).label)
        _adding(key, numbers, field.max_items)
        return held

    def _pairs(self, field: MappingField, start: object, key: str) -> list[object]:
        begun = held_list(start)
        numbers = _numbers(key, max(len(begun), field.min_items))
        held: list[object] = []
        for index, number in enumerate(numbers):
            first = held_dict(begun[number]) if number < len(begun) else {}
            name = self._field(field.name_at(index), first.get("key"), f"{key}/{number}#name")
            value = self._field(field.value_at(index), first.get("value"), f"{key}/{number}#value")
            held.append({"key": name, "value": value})
            _removing(key, number, f"{field.label} {index + 1}")
        _adding(key, numbers, field.max_items)
        return held

    def _variant(self, field: VariantField, start: object, key: str) -> object:
        begun = held_dict(start)
        keys = [one.key for one in field.variants]
        names = {one.key: one.label for one in field.variants}
        at = self.place(f"{key}!", first := begun.get("variant"))
        chosen = st.selectbox(
            "Kind",
            keys,
            index=keys.index(at.start) if isinstance(at.start, str) and at.start in keys else 0,
            format_func=lambda one: names[one],
            key=at.key,
            on_change=at.heard,
        )
        variant = next(one for one in field.variants if one.key == chosen)
        inside = begun.get("value") if chosen == first else None
        return {"variant": chosen, "value": self._field(variant.field, inside, f"{key}/{chosen}")}


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
