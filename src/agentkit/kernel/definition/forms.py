"""What people fill in: the kinds of a form's fields, and what is proposed for them.

Rules: a value is plain JSON data, exact decimals and dates as texts. A text of a stage's proposal is a template; one
that gives no value of its field's kind proposes nothing, since people are there to fill the field in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from agentkit.kernel.checks import name_problems, shortened, whole_text

from .conditions import is_decimal
from .template import placeholders, render

__all__ = [
    "FIELD_KINDS",
    "FieldKind",
    "fits_kind",
    "form_problems",
    "form_text",
    "is_same",
    "plain_values",
    "proposed_for",
    "proposed_problems",
]

FieldKind: TypeAlias = Literal["text", "whole", "decimal", "flag", "date"]
"""What a field of an approval's form holds; with `?` behind it, it may be left out."""

FIELD_KINDS = ("text", "whole", "decimal", "flag", "date")
_MOST_LETTERS = 10_000
_MOST_WHOLE = 10**40
_FLAGS = {"true": True, "false": False}


def fits_kind(value: object, kind: str) -> bool:
    """Whether a value is of the kind of a field; whether it may be left out does not matter."""
    match kind.removesuffix("?"):
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            return isinstance(value, str) and is_decimal(value)
        case "flag":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_date(value)
        case _:
            return isinstance(value, str)


def is_same(one: object, other: object, kind: str) -> bool:
    """Whether two values of a field are the same: 9.5 and 9.50 are.

    Example:
        >>> is_same("9.5", "9.50", "decimal"), is_same("9.5", "9.50", "text")
        (True, False)
    """
    if one == other:
        return True
    are_decimals = kind.removesuffix("?") == "decimal" and fits_kind(one, kind) and fits_kind(other, kind)
    return are_decimals and Decimal(cast("str", one)) == Decimal(cast("str", other))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def form_text(values: Mapping[str, object]) -> str:
    """Values by field, as a JSON object; empty if there are none.

    Raises:
        ValueError: One of them has no JSON.
    """
    # Not escaped: what would not come back equal is then found before it is written.
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")) if values else ""


def form_problems(form: object) -> Iterator[str]:
    """What is wrong with the fields of a form."""
    if not isinstance(form, Mapping):
        yield f"form must be a mapping of fields to their kinds, not {shortened(form)}"
        return
    for name, kind in cast("Mapping[object, object]", form).items():
        yield from name_problems("form", name)
        if not isinstance(kind, str) or kind.removesuffix("?") not in FIELD_KINDS:
            yield f"form: {name} must be {', '.join(FIELD_KINDS)}, not {shortened(kind)}"


def plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """What a form is filled in with, as plain JSON data: exact decimals and dates are texts.

    Example:
        >>> plain_values({"amount": Decimal("1E+2"), "until": date(2026, 1, 31), "why": "ok"})
        {'amount': '100', 'until': '2026-01-31', 'why': 'ok'}
    """
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        # So far off that its digits would fill the memory; the check refuses it as it is.
        return format(value, "f") if -_MOST_LETTERS < value.adjusted() < _MOST_LETTERS else str(value)
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def proposed_problems(form: object, proposed: object, *, templates: bool) -> Iterator[str]:
    """What is wrong with what is proposed for a form.

    Args:
        form: The kinds of its fields.
        proposed: Values by field.
        templates: Whether a text may have placeholders; what becomes of such a text is not known yet.
    """
    if not isinstance(proposed, Mapping):
        yield f"proposed must be a mapping of fields to values, not {shortened(proposed)}"
        return
    kinds = cast("Mapping[object, object]", form if isinstance(form, Mapping) else {})
    for name, value in cast("Mapping[object, object]", proposed).items():
        kind = kinds.get(name)
        if name not in kinds:
            known = ", ".join(map(str, kinds)) or "none"
            yield f"proposed: {shortened(name)} is no field of the form; its fields are {known}"
        elif isinstance(kind, str) and not (_is_proposable(value, kind) or (templates and _is_template(value))):
            hint = "; write it as a text, such as '12.50'" if kind.startswith("decimal") else ""
            yield f"proposed: {name} must be {kind.removesuffix('?')}, not {shortened(value)}{hint}"


def _is_template(value: object) -> bool:
    return isinstance(value, str) and bool(placeholders(value))


def _is_proposable(value: object, kind: str) -> bool:
    """Whether a vote may have it: of the kind, and neither so large nor so broken that no vote is taken with it."""
    if isinstance(value, str) and (len(value) > _MOST_LETTERS or whole_text(value) != value):
        return False
    if isinstance(value, int) and not -_MOST_WHOLE < value < _MOST_WHOLE:
        return False
    return fits_kind(value, kind)


def proposed_for(
    form: Mapping[str, str], proposed: Mapping[str, object], values: Mapping[str, str]
) -> dict[str, object]:
    """What a stage proposes, with the operation's input put in.

    A field is left out where what comes of its text is not of its kind, or where the input it asks for is null.

    Args:
        form: The kinds of the fields.
        proposed: What the definition says.
        values: The operation's input as texts.

    Raises:
        InputError: A text asks for an input that is not there.

    Example:
        >>> form, proposed = {"amount": "decimal", "rows": "whole"}, {"amount": "{sum}", "rows": "{count}"}
        >>> proposed_for(form, proposed, {"sum": "9.50", "count": "many"})
        {'amount': '9.50'}
    """
    made = {
        name: _read(value, form[name], values) if isinstance(value, str) else value for name, value in proposed.items()
    }
    return {name: value for name, value in made.items() if _is_proposable(value, form[name])}


def _read(template: str, kind: str, values: Mapping[str, str]) -> object:
    """The value that a text gives for a kind of field; None if it gives none."""
    text = render(template, values)
    if text == "null" and text != template:
        return None
    match kind.removesuffix("?"):
        case "whole":
            return int(text) if is_decimal(text) and "." not in text else None
        case "flag":
            return _FLAGS.get(text)
        case _:
            return text
