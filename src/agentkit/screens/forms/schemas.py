"""What stands in a JSON Schema, read with care: whatever is not as it should be counts as not there.

Rules: a schema may come from a server of another version, or from somebody's hand; nothing in it makes reading fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, cast

from pydantic import JsonValue

from .bounds import UNBOUNDED, Bounds

__all__ = ["Schema", "alternatives", "bounds_of", "count", "items", "resolved", "text", "texts", "whole"]

Schema: TypeAlias = Mapping[str, JsonValue]

_MOST_STEPS: Final = 50


def text(schema: Schema, name: str) -> str:
    """A text of a schema, or an empty one."""
    found = schema.get(name)
    return found if isinstance(found, str) else ""


def texts(schema: Schema, name: str) -> tuple[str, ...]:
    """Texts of a schema."""
    found = schema.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def whole(schema: Schema, name: str) -> int | None:
    """A whole number of a schema that is not negative, if it is there."""
    found = schema.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def count(schema: Schema, name: str) -> int:
    """The same, or 0."""
    return whole(schema, name) or 0


def items(schema: Schema, name: str) -> Sequence[JsonValue]:
    """A list of a schema, or an empty one."""
    found = schema.get(name)
    return found if isinstance(found, list) else ()


def bounds_of(schema: Schema) -> Bounds:
    """Between what its numbers have to lie."""
    names = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
    least, above, most, under, step = (_number(schema.get(name)) for name in names)
    if least is above is most is under is step is None:
        return UNBOUNDED
    return Bounds(least=least, above=above, most=most, under=under, step=step)


def _number(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(repr(value))
    return found if found.is_finite() else None


def resolved(schema: JsonValue, whole_schema: Schema) -> tuple[Schema, str]:
    """A schema with what it refers to, and the last name that it was referred to by.

    What stands beside a reference goes over what it refers to. A reference that leads nowhere is anything.

    Example:
        >>> resolved({"$ref": "#/$defs/Age", "title": "How old"}, {"$defs": {"Age": {"type": "integer"}}})
        ({'type': 'integer', 'title': 'How old'}, '#/$defs/Age')
    """
    found: dict[str, JsonValue] = dict(schema) if isinstance(schema, dict) else {}
    name = ""
    for _ in range(_MOST_STEPS):
        target = found.pop("$ref", None)
        if target is None and isinstance(parts := found.get("allOf"), list) and len(parts) == 1:
            # So did older versions of pydantic write a reference with something beside it.
            found.pop("allOf")
            only = parts[0]
            found = {**(only if isinstance(only, dict) else {}), **found}
            continue
        if not isinstance(target, str):
            return found, name
        name = target
        found = {**_at(whole_schema, target), **found}
    return {}, name


def _at(schema: Schema, pointer: str) -> Schema:
    if not pointer.startswith("#"):
        return {}
    here: object = schema
    for step in filter(None, pointer.removeprefix("#").split("/")):
        key = step.replace("~1", "/").replace("~0", "~")
        here = cast("Mapping[str, object]", here).get(key) if isinstance(here, Mapping) else None
    return cast("Schema", here) if isinstance(here, dict) else {}


def alternatives(schema: Schema) -> Sequence[JsonValue]:
    """The schemas of which one has to fit; empty if there is but one."""
    for name in ("anyOf", "oneOf"):
        if found := items(schema, name):
            return found
    kinds = schema.get("type")
    if isinstance(kinds, list):
        rest = {key: value for key, value in schema.items() if key != "type"}
        return [{**rest, "type": kind} for kind in kinds]
    return ()
