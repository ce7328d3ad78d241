"""The widgets of fields that are one widget, and of amounts, which are two.

Rules: what a widget begins with and who hears that it was changed comes in as its place. Numbers and times are texts,
as they are typed, so that no digit is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from agentkit.screens import (
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FixedField,
    FormField,
    IntegerField,
    JsonField,
    ManyChoicesField,
    MomentField,
    MoneyField,
    SwitchField,
    TextField,
    TimeField,
    Upload,
)

from .labels import label

__all__ = ["Place", "about_of", "held_dict", "held_list", "money", "name_of", "one_widget", "remember"]

_Plain: TypeAlias = IntegerField | DecimalField | DateField | TimeField | MomentField | DurationField


@dataclass(frozen=True, slots=True)
class Place:
    """Where a widget stands.

    Attributes:
        key: What it is called.
        start: What it holds at first.
        heard: Hears that it was changed.
    """

    key: str
    start: object
    heard: Callable[[], None] | None = None


def remember(typed: dict[str, object], key: str) -> None:
    """Keep what a widget holds by now; of a file its bytes, since Streamlit forgets them with the widget."""
    if key not in st.session_state:
        # Its page was put aside, as one that rests, while this was on its way: what was typed before is kept.
        return
    held = st.session_state[key]
    typed[key] = Upload(name=held.name, content=held.getvalue()) if isinstance(held, UploadedFile) else held


def one_widget(
    field: TextField | _Plain | SwitchField | ChoiceField | ManyChoicesField | FileField | FixedField | JsonField,
    at: Place,
) -> object:
    """Draw a field that is one widget; what it holds."""
    name, about = name_of(field), about_of(field)
    match field:
        case TextField() if not field.is_long:
            return _line(field, at)
        case TextField() | JsonField():
            said = about or ("JSON" if isinstance(field, JsonField) else None)
            example = field.placeholder or None
            return st.text_area(name, _text(at.start), key=at.key, help=said, placeholder=example, on_change=at.heard)
        case SwitchField():
            return st.checkbox(name, at.start is True, key=at.key, help=about, on_change=at.heard)
        case ChoiceField() | ManyChoicesField():
            return _choice(field, at)
        case FileField():
            return _file(field, at)
        case FixedField():
            st.text(f"{field.label}: {field.value}")
            return None
        case IntegerField() | DecimalField() | DateField() | TimeField() | MomentField() | DurationField():
            return _typed(field, at)
        case _:
            assert_never(field)


def _line(field: TextField, at: Place) -> str:
    name, about = name_of(field), about_of(field)
    kind: Literal["password", "default"] = "password" if field.is_secret else "default"
    return st.text_input(
        name,
        _text(at.start),
        key=at.key,
        help=about,
        placeholder=field.placeholder,
        type=kind,
        on_change=at.heard,
    )


def _choice(field: ChoiceField | ManyChoicesField, at: Place) -> object:
    keys, names = [one.key for one in field.options], {one.key: one.label for one in field.options}
    name, about, start = name_of(field), about_of(field), at.start
    if isinstance(field, ManyChoicesField):
        begun = [one for one in held_list(start) if one in names]
        words = names.__getitem__
        return st.multiselect(name, keys, begun, format_func=words, key=at.key, help=about, on_change=at.heard)
    index = keys.index(start) if isinstance(start, str) and start in names else None
    return st.selectbox(
        name, keys, index=index, format_func=names.__getitem__, key=at.key, help=about, on_change=at.heard
    )


def _file(field: FileField, at: Place) -> Upload | None:
    """Draw the choice of a file; one that was chosen before is kept, until another is chosen or it is removed."""
    given = st.file_uploader(name_of(field), key=at.key, help=about_of(field), on_change=at.heard)
    if given is not None:
        return Upload(name=given.name, content=given.getvalue())
    if not isinstance(at.start, Upload):
        return None
    is_kept = st.checkbox(f"Keep {label(at.start.name)}, which was chosen before", True, key=f"{at.key}=")
    return at.start if is_kept else None


def _typed(field: _Plain, at: Place) -> object:
    """Draw a field that holds a number or a time: as it is typed, so that no digit is lost on the way."""
    name, about = name_of(field), about_of(field)
    match field:
        case DateField():
            day = _text(at.start) or None
            return st.date_input(name, day, key=at.key, help=about, format="YYYY-MM-DD", on_change=at.heard)
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
    return st.text_input(name, _text(at.start), key=at.key, help=about, placeholder=example, on_change=at.heard)


def money(field: MoneyField, amount: Place, currency: Place) -> object:
    """Draw an amount and, beside it, its currency."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        held = st.text_input(
            name_of(field),
            _text(amount.start),
            key=amount.key,
            help=about_of(field),
            placeholder=field.placeholder or "12.50",
            on_change=amount.heard,
        )
        codes = [code for code in field.currencies if code]
        first = currency.start
        if isinstance(first, str) and first and first not in codes:
            codes = [first, *codes]
        code = st.selectbox(
            "Currency",
            codes,
            index=codes.index(first) if isinstance(first, str) and first in codes else None,
            key=currency.key,
            width=140,
            accept_new_options=not field.is_closed,
            on_change=currency.heard,
        )
    return {"amount": held, "currency": code or ""}


def about_of(field: FormField) -> str | None:
    """What there is to say of a field besides its name."""
    return label(field.help, 500) if field.help else None


def name_of(field: FormField) -> str:
    """What stands above a field: its name, and whether it may be left empty."""
    return label(field.label) + (" (optional)" if field.is_empty_without else "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def held_list(value: object) -> list[object]:
    """What a list holds; nothing if it is none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def held_dict(value: object) -> dict[str, object]:
    """What an object holds; nothing if it is none."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
