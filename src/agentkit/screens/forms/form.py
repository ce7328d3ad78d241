"""The form of an input: out of its JSON Schema, and back to its JSON.

Rules: what `fill` shows, `read` gives back; all faults are told at once, each at its field. The input's type has the
last word: what cannot be told from its schema is told by whoever takes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Final, Self, TypeGuard, cast

from pydantic import JsonValue

from agentkit.errors import AgentKitError, FormInvalid, InputError

from .faults import FormErrors, nearest
from .fields import (
    FormField,
    GroupField,
)
from .filling import filled
from .making import DECIMALS, field_of
from .parts import MISSING, Missing
from .reading import Reader
from .scalars import Unfit, json_of

__all__ = ["Form"]

_ALONE: Final = "value"
_BODIES: Final = ("/input_data", "/input", "/data", "/form")
"""Where requests have what a form gives."""
_KINDS: Final[Mapping[str, JsonValue]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "decimal": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": DECIMALS}]},
    "flag": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What has to be filled in.

    Attributes:
        root: The field of the whole value.
        zone: The zone of moments that are picked without one.

    Example:
        >>> form = Form.of({"type": "object", "required": ["month"],
        ...     "properties": {"month": {"type": "string"}, "rows": {"type": "integer", "default": 10}}})
        >>> [(field.label, field.required) for field in form.fields]
        [('Month', True), ('Rows', False)]
        >>> form.fill({"month": "2025-11"})
        {'month': '2025-11', 'rows': '10'}
        >>> form.read({"month": "2025-12", "rows": "20"})
        {'month': '2025-12', 'rows': 20}
    """

    root: FormField
    zone: tzinfo = field(default=UTC)

    @classmethod
    def of(cls, schema: JsonValue, *, zone: tzinfo = UTC) -> Self:
        """The form of a JSON Schema, such as `WorkflowPage.input`.

        Args:
            schema: The schema; an empty one, or none, is one field for any JSON.
            zone: The zone of moments that are picked without one.
        """
        return cls(root=field_of(schema, key=_ALONE), zone=zone)

    @classmethod
    def of_kinds(
        cls, kinds: Mapping[str, str], *, proposed: Mapping[str, JsonValue] | None = None, zone: tzinfo = UTC
    ) -> Self:
        """The form of an approval, out of the kinds of its fields.

        Args:
            kinds: `text`, `whole`, `decimal`, `flag` or `date` by name, with `?` where nothing need be filled in.
            proposed: What fields hold at first, such as `ApprovalLine.proposed`. One that is emptied gives null, where
                nothing need be filled in: left out, it would be taken as proposed.
            zone: The zone of moments that are picked without one.

        Example:
            >>> form = Form.of_kinds({"amount": "decimal", "why": "text?"}, proposed={"why": "discount"})
            >>> form.blank()
            {'amount': '', 'why': 'discount'}
            >>> form.read({"amount": "12.50", "why": ""})
            {'amount': '12.50', 'why': None}
        """
        properties = {name: _KINDS.get(kind.removesuffix("?"), {}) for name, kind in kinds.items()}
        required = [name for name, kind in kinds.items() if not kind.endswith("?")]
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        form = cls.of(cast("JsonValue", schema), zone=zone)
        fields = tuple(_proposing(one, proposed or {}) for one in form.fields)
        return cls(root=replace(cast("GroupField", form.root), fields=fields), zone=zone)

    @property
    def fields(self) -> tuple[FormField, ...]:
        """The fields at the top; a value that is no object is one field with the key `value`."""
        return self.root.fields if self._is_group(self.root) else (self.root,)

    @property
    def title(self) -> str:
        """What the value is called; empty if its schema does not say so."""
        return "" if self.root.label == "Value" else self.root.label

    @property
    def help(self) -> str:
        """What its schema says of it."""
        return self.root.help

    def blank(self) -> dict[str, object]:
        """What widgets hold at first, by the keys of `fields`."""
        return self._held(MISSING)

    def fill(self, value: JsonValue) -> dict[str, object]:
        """What widgets hold for a value, by the keys of `fields`."""
        return self._held(value)

    def read(self, values: Mapping[str, object]) -> JsonValue:
        """The value, out of what widgets hold.

        Args:
            values: By the keys of `fields`; a key that is not there counts as left out.

        Raises:
            FormInvalid: Something is missing or wrong; it says what, field by field.
        """
        reader = Reader(self.zone)
        given = values if self._is_group(self.root) else values.get(_ALONE, MISSING)
        value = reader.read(self.root, given)
        if reader.faults:
            raise FormInvalid({path: tuple(words) for path, words in reader.faults.items()})
        return None if isinstance(value, Missing) else value

    def read_text(self, text: str) -> JsonValue:
        """The value, out of JSON text that somebody wrote; it is checked like fields are.

        Raises:
            FormInvalid: It is no JSON, or does not fit.
        """
        try:
            value = json_of(text) if text.strip() else None
        except Unfit as unfit:
            raise FormInvalid({"": (str(unfit),)}) from unfit
        if self._is_group(self.root) and not isinstance(value, dict):
            raise FormInvalid({"": ('Write a JSON object, such as {"name": "value"}.',)})
        self.read(self.fill(value))
        return value

    def text(self, values: Mapping[str, object] | None = None) -> str:
        """JSON text to begin with: of what widgets hold, as far as it can be read; without, of a blank form."""
        reader = Reader(self.zone)
        held = self.blank() if values is None else values
        value = reader.read(self.root, held if self._is_group(self.root) else held.get(_ALONE, MISSING))
        return json.dumps(None if isinstance(value, Missing) else value, ensure_ascii=False, indent=2)

    def errors_of(self, error: AgentKitError, *, at: str | None = None) -> FormErrors:
        """What an error says about the fields, wherever it was found: here or by the server.

        Args:
            error: Of `read`, or of a call that sent what it gave.
            at: Where the call had it, such as `/input`, or an empty text if it was the whole of it; what the error
                says of other places belongs to no field. None is wherever requests usually have it.
        """
        if isinstance(error, FormInvalid):
            return self._told(error.faults)
        found: dict[str, tuple[str, ...]] = {}
        places = error.places if isinstance(error, InputError) else ()
        start = self._start(places) if at is None else at
        for pointer, words in places:
            is_inside = pointer == start or pointer.startswith(f"{start}/")
            path, inside = nearest(self.root, pointer.removeprefix(start)) if is_inside else ("", pointer[1:])
            told = f"{inside}: {words}" if inside else f"{words[:1].upper()}{words[1:]}"
            found[path] = (*found.get(path, ()), told)
        if not found:
            return FormErrors(general=(str(error),))
        return self._told(found)

    def _start(self, places: Sequence[tuple[str, str]]) -> str:
        """Where a request had the value, as its faults tell; a field of the same name is meant itself."""
        names = {pointer[1:].partition("/")[0] for pointer, _ in places} - {one.key for one in self.fields}
        return next((start for start in _BODIES if start[1:] in names), "")

    def _told(self, faults: Mapping[str, tuple[str, ...]]) -> FormErrors:
        """Faults of the whole value belong to its field, if it is one, and else to none."""
        if not self._is_group(self.root):
            return FormErrors(fields=faults)
        fields = {path: words for path, words in faults.items() if path}
        return FormErrors(general=faults.get("", ()), fields=fields)

    def _held(self, value: JsonValue | Missing) -> dict[str, object]:
        held = filled(self.root, value)
        if not self._is_group(self.root):
            return {_ALONE: held}
        # What is no object at all leaves the fields as they are at first.
        return cast("dict[str, object]", held) if isinstance(held, dict) else self._held({})

    @staticmethod
    def _is_group(root: FormField) -> TypeGuard[GroupField]:
        return isinstance(root, GroupField) and not root.nullable


def _proposing(one: FormField, proposed: Mapping[str, JsonValue]) -> FormField:
    """A field that holds at first what is proposed for it; what was asked for is asked for all the same."""
    return replace(one, default=proposed[one.key], nullable=not one.required) if one.key in proposed else one
