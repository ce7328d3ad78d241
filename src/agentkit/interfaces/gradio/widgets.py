"""Fields that are one widget each: which widget, what it is called, and what is said of it.

Rules: numbers and times are typed as texts, so that no digit is lost on the way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, assert_never

import gradio as gr
from gradio.components import Component

from agentkit.screens import (
    MISSING,
    ChoiceField,
    DateField,
    DecimalField,
    DurationField,
    FileField,
    FormField,
    IntegerField,
    JsonField,
    ManyChoicesField,
    MomentField,
    MoneyField,
    SwitchField,
    TextField,
    TimeField,
    plain_text,
)

from .held import Picked, as_dict, as_list, as_text

__all__ = ["money_widgets", "named", "widget"]

Single: TypeAlias = (
    TextField
    | IntegerField
    | DecimalField
    | SwitchField
    | ChoiceField
    | ManyChoicesField
    | DateField
    | TimeField
    | MomentField
    | DurationField
    | FileField
    | JsonField
)

_FEW: Final = 4
_SOME: Final = 8


def widget(field: Single, held: object, name: str | None) -> Component:
    """The widget of a field.

    Args:
        field: The field.
        held: What it holds.
        name: By what name it keeps what it holds when it is drawn anew.
    """
    more: dict[str, Any] = {"label": named(field), "interactive": True, "key": name}
    match field:
        case TextField():
            kind: Literal["text", "password"] = "password" if field.is_secret else "text"
            lines = 4 if field.is_long else 1
            return gr.Textbox(as_text(held), lines=lines, type=kind, placeholder=field.placeholder or None, **more)
        case SwitchField():
            return _switch(field, held, more)
        case ChoiceField():
            return _choice(field, as_text(held), more)
        case ManyChoicesField():
            return _choices(field, [as_text(one) for one in as_list(held)], more)
        case FileField():
            # Gradio serves whatever file it is given, so it is given none but its own.
            path = held.path if isinstance(held, Picked) and Path(held.path).is_file() else None
            return gr.File(path, label=named(field), file_count="single", height=140, interactive=True)
        case JsonField():
            example = field.placeholder or '{"name": "value"}'
            return gr.Textbox(as_text(held), lines=4, placeholder=example, **more)
        case _:
            return gr.Textbox(as_text(held), max_lines=1, placeholder=_example(field) or None, **more)


def _switch(field: SwitchField, held: object, more: dict[str, Any]) -> Component:
    if not field.is_optional or field.default not in (MISSING, None):
        return gr.Checkbox(held is True, **more)
    said = "" if held is None else "yes" if held is True else "no"
    return gr.Dropdown([("(none)", ""), ("yes", "yes"), ("no", "no")], value=said, **more)


def _choice(field: ChoiceField, held: str, more: dict[str, Any]) -> Component:
    options = [(one.label, one.key) for one in field.options]
    if len(options) <= _FEW and not field.is_optional:
        return gr.Radio(options, value=held or None, **more)
    # Without an entry for nothing, what was chosen could not be taken back.
    none = [("(none)", "")] if field.is_optional else []
    return gr.Dropdown([*none, *options], value=held if none else held or None, **more)


def _choices(field: ManyChoicesField, held: list[str], more: dict[str, Any]) -> Component:
    options = [(one.label, one.key) for one in field.options]
    if len(options) <= _SOME:
        return gr.CheckboxGroup(options, value=held, **more)
    return gr.Dropdown(options, value=held, multiselect=True, **more)


def _example(field: IntegerField | DecimalField | DateField | TimeField | MomentField | DurationField) -> str:
    match field:
        case IntegerField() | DecimalField():
            example = field.bounds.words
        case DateField():
            example = "2026-12-25"
        case TimeField():
            example = "12:30"
        case MomentField():
            example = "2026-12-25T12:30:00Z"
        case DurationField():
            example = "2 h 30 min"
        case _:
            assert_never(field)
    return field.placeholder or example


def money_widgets(field: MoneyField, held: object) -> tuple[Component, Component]:
    """The widgets of an amount and, beside it, of its currency."""
    given = as_dict(held)
    codes = [code for code in field.currencies if code]
    code = as_text(given.get("currency")) or None
    with gr.Row():
        amount = gr.Textbox(
            as_text(given.get("amount")),
            label=named(field),
            placeholder=field.placeholder or "12.50",
            max_lines=1,
            scale=3,
            min_width=160,
            interactive=True,
        )
        currency = gr.Dropdown(
            [code, *codes] if code is not None and code not in codes else codes,
            value=code,
            label=f"Currency of {plain_text(field.label)}",
            allow_custom_value=not field.is_closed,
            scale=1,
            min_width=110,
            interactive=True,
        )
    return amount, currency


def named(field: FormField) -> str:
    """What a field is called, and whether it may be left empty."""
    return plain_text(field.label) + (" (optional)" if field.is_empty_without else "")
