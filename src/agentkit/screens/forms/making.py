"""Fields out of a JSON Schema.

Rules: every schema gives a field; what has no kind of its own is JSON text. A schema that contains itself ends after
its second round, and one that would give thousands of fields, or fields very deep in others, gives JSON text instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from .about import About, about_of, label_of
from .choices import option_of, options_of
from .fields import (
    ChoiceField,
    DecimalField,
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
    Variant,
    VariantField,
)
from .parts import REST, below
from .schemas import Schema, alternatives, bounds_of, count, items, resolved, text, texts, whole
from .texts import currency_codes, text_field

__all__ = ["DECIMALS", "field_of"]

_MOST_ROUNDS: Final = 2
_MOST_FIELDS: Final = 2_000
_MOST_DEPTH: Final = 30
DECIMALS: Final = "^(?!^[-+.]*$)[+-]?"
"""So does the pattern of decimal text begin, where pydantic writes one."""
_KINDS: Final[Mapping[type[object], str]] = {
    TextField: "Text",
    IntegerField: "Whole number",
    DecimalField: "Number",
    SwitchField: "Yes or no",
    MomentField: "Day and time",
    JsonField: "JSON",
}
"""What variants without a name are called."""


def field_of(schema: JsonValue, *, key: str) -> FormField:
    """The field of a whole schema.

    Args:
        schema: The schema; anything else than an object counts as an empty one.
        key: What it is called by.
    """
    given = schema if isinstance(schema, dict) else {}
    return _Maker(given).make(given, key=key, path="", required=True)


@dataclass(slots=True)
class _Maker:
    """Makes the fields of one schema."""

    whole: Schema
    made: int = 0
    depth: int = 0

    def make(
        self, schema: JsonValue, *, key: str, path: str, required: bool, within: tuple[str, ...] = ()
    ) -> FormField:
        own = schema if isinstance(schema, dict) else {}
        found, name = resolved(own, self.whole)
        self.made += 1
        about = about_of(found, own, key=key, path=path, required=required)
        if self.made > _MOST_FIELDS or self.depth >= _MOST_DEPTH or within.count(name) >= _MOST_ROUNDS:
            return JsonField(**about, json_type=text(found, "type") if found.get("type") in ("object", "array") else "")
        self.depth += 1
        field = self._inner(found, about, (*within, name) if name else within)
        self.depth -= 1
        return field

    def _inner(self, found: Schema, about: About, within: tuple[str, ...]) -> FormField:
        if items(found, "enum") or "const" in found:
            return _chosen(found, about)
        if choices := alternatives(found):
            return self._one_of(found, choices, about, within)
        return self._of_kind(found, about, within)

    def _of_kind(self, schema: Schema, about: About, within: tuple[str, ...]) -> FormField:
        field: FormField
        match schema.get("type"):
            case "string":
                field = text_field(schema, about)
            case "integer":
                field = IntegerField(**about, bounds=bounds_of(schema))
            case "number":
                field = DecimalField(**about, is_exact=False, bounds=bounds_of(schema))
            case "boolean":
                field = SwitchField(**about)
            case "null":
                field = FixedField(**about, value=None)
            case "array":
                field = self._list(schema, about, within)
            case "object":
                field = self._object(schema, about, within)
            case _:
                if "properties" in schema:
                    field = self._object(schema, about, within)
                else:
                    # Anything is allowed, and so is null.
                    field = JsonField(**_nullable(about))
        return field

    def _one_of(self, schema: Schema, choices: Sequence[JsonValue], about: About, within: tuple[str, ...]) -> FormField:
        known = [(resolved(one, self.whole)[0], one) for one in choices]
        told = [(found, one) for found, one in known if not _is_null(found)]
        about = _nullable(about, if_=len(told) < len(known))
        if len(told) == 1:
            return self._only(told[0][1], about, within)
        if decimal := _decimal([found for found, _ in told], about):
            return decimal
        if told and all("const" in found for found, _ in told):
            return ChoiceField(**about, options=options_of([option_of(found, found["const"]) for found, _ in told]))
        if not told:
            return FixedField(**about, value=None)
        tag = _tag_of(schema)
        return VariantField(**about, variants=self._variants([one for _, one in told], tag, about, within))

    def _only(self, schema: JsonValue, about: About, within: tuple[str, ...]) -> FormField:
        """The field of what may be null besides."""
        field = self.make(schema, key=about["key"], path=about["path"], required=about["required"], within=within)
        if isinstance(field, FixedField):
            option = option_of({}, field.value)
            return ChoiceField(**about, options=() if field.value is None else options_of([option]))
        return replace(
            field,
            label=about["label"],
            help=about["help"] or field.help,
            placeholder=about["placeholder"] or field.placeholder,
            nullable=True,
            default=about["default"],
        )

    def _variants(
        self, choices: Sequence[JsonValue], tag: str, about: About, within: tuple[str, ...]
    ) -> tuple[Variant, ...]:
        found: list[Variant] = []
        for number, one in enumerate(choices):
            field = self.make(one, key=about["key"], path=about["path"], required=True, within=within)
            label = _variant_label(field, resolved(one, self.whole)[0], tag) or f"Kind {number + 1}"
            key = label if all(label != other.key for other in found) else f"{label} {number + 1}"
            found.append(Variant(key=key, label=key, field=replace(field, label=about["label"])))
        return tuple(found)

    def _list(self, schema: Schema, about: About, within: tuple[str, ...]) -> FormField:
        path, label = about["path"], about["label"]
        if places := items(schema, "prefixItems"):
            fields = [
                self.make(one, key=str(place), path=below(path, place), required=True, within=within)
                for place, one in enumerate(places)
            ]
            return GroupField(**about, is_tuple=True, fields=tuple(map(_numbered, fields)))
        template = self.make(schema.get("items"), key="0", path=below(path, 0), required=True, within=within)
        template = template if template.label != "0" else replace(template, label=label)
        is_unique, fewest, most = (
            schema.get("uniqueItems") is True,
            count(schema, "minItems"),
            whole(schema, "maxItems"),
        )
        if isinstance(template, ChoiceField) and not template.nullable:
            return ManyChoicesField(
                **about, options=template.options, is_unique=is_unique, min_items=fewest, max_items=most
            )
        return ListField(**about, template=template, is_unique=is_unique, min_items=fewest, max_items=most)

    def _object(self, schema: Schema, about: About, within: tuple[str, ...]) -> FormField:
        path = about["path"]
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not properties:
            return self._mapping(schema, about, within)
        if _is_money(schema, properties):
            return _money(self.whole, schema, properties, about)
        needed = texts(schema, "required")
        fields = [
            self.make(one, key=name, path=below(path, name), required=name in needed, within=within)
            for name, one in properties.items()
        ]
        more = schema.get("additionalProperties")
        if (more is True or isinstance(more, dict)) and REST not in properties:
            rest = about_of({"title": "More"}, {}, key=REST, path=path, required=False)
            fields.append(self._mapping({"additionalProperties": more}, rest, within))
        return GroupField(**about, fields=tuple(fields))

    def _mapping(self, schema: Schema, about: About, within: tuple[str, ...]) -> FormField:
        more = schema.get("additionalProperties")
        if isinstance(by_pattern := schema.get("patternProperties"), dict) and len(by_pattern) == 1:
            pattern, more = next(iter(by_pattern.items()))
            names: JsonValue = {"type": "string", "pattern": pattern}
        else:
            names = schema.get("propertyNames")
        if more is False or ("properties" in schema and "additionalProperties" not in schema):
            return GroupField(**about, fields=())
        if not isinstance(more, dict) or not more:
            return JsonField(**about, json_type="object")
        path = about["path"]
        named, _ = resolved({"type": "string", **(names if isinstance(names, dict) else {})}, self.whole)
        key = self.make(
            {**named, "title": "Name"}, key="key", path=f"{below(path, 0)}/key", required=True, within=within
        )
        template = self.make(more, key="value", path=f"{below(path, 0)}/value", required=True, within=within)
        return MappingField(
            **about,
            key_template=key,
            template=template,
            min_items=count(schema, "minProperties"),
            max_items=whole(schema, "maxProperties"),
        )


def _numbered(field: FormField) -> FormField:
    return replace(field, label=f"Part {int(field.key) + 1}") if field.label == field.key else field


def _chosen(schema: Schema, about: About) -> FormField:
    """One of some values, or the only one."""
    if "const" in schema:
        value = schema["const"]
        if about["required"] or about["default"] == value:
            return FixedField(**about, value=value)
        return ChoiceField(**about, options=options_of([option_of(schema, value)]))
    values = items(schema, "enum")
    told = [option_of({}, value) for value in values if value is not None]
    about = _nullable(about, if_=len(told) < len(values))
    return ChoiceField(**about, options=options_of(told))


def _decimal(told: Sequence[Schema], about: About) -> DecimalField | None:
    """The field of a number or decimal text; newer versions of pydantic describe a number or any text no otherwise."""
    if sorted(str(found.get("type")) for found in told) != ["number", "string"]:
        return None
    numbers, words = sorted(told, key=lambda found: str(found.get("type")))
    pattern = text(words, "pattern")
    if words.keys() - {"type", "title", "description", "pattern"} or (pattern and not pattern.startswith(DECIMALS)):
        return None
    return DecimalField(**about, takes_text=not pattern, bounds=bounds_of(numbers))


def _nullable(about: About, *, if_: bool = True) -> About:
    """The same, of something that may be null."""
    return About({**about, "nullable": about["nullable"] or if_})


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or ("const" in schema and schema["const"] is None)


def _is_money(schema: Schema, properties: Mapping[str, JsonValue]) -> bool:
    return (
        set(properties) == {"amount", "currency"}
        and set(texts(schema, "required")) == {"amount", "currency"}
        and isinstance(amount := properties["amount"], dict)
        and amount.get("type") == "string"
    )


def _money(root: Schema, schema: Schema, properties: Mapping[str, JsonValue], about: About) -> MoneyField:
    currency, _ = resolved(properties["currency"], root)
    listed = texts(currency, "enum") or ((text(currency, "const"),) if text(currency, "const") else ())
    return MoneyField(
        **about,
        currencies=listed or currency_codes(),
        is_closed=bool(listed),
        is_whole=text(schema, "title") == "Money",
    )


def _tag_of(schema: Schema) -> str:
    tag = schema.get("discriminator")
    return text(tag, "propertyName") if isinstance(tag, dict) else ""


def _variant_label(field: FormField, schema: Schema, tag: str) -> str:
    """What a kind of value is called."""
    if isinstance(field, GroupField):
        for one in field.fields:
            if isinstance(one, FixedField) and isinstance(one.value, str) and tag in (one.key, ""):
                return label_of("", one.value)
    return text(schema, "title") or _KINDS.get(type(field), type(field).__name__.removesuffix("Field"))
