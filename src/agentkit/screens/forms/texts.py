"""The fields of what JSON holds as text: days, times, files, and texts themselves."""

from __future__ import annotations

from typing import Final

from agentkit.money import CURRENCIES

from .about import About
from .fields import (
    DateField,
    DurationField,
    FileField,
    FormField,
    MomentField,
    TextField,
    TimeField,
)
from .parts import FileEncoding
from .schemas import Schema, count, text, whole

__all__ = ["currency_codes", "text_field"]

_LONG: Final = 300
"""A text that may have more letters than this is given several lines, if its length is bounded at all."""
_JSON: Final = "application/json"
"""What pydantic says of text that holds JSON; people write it rather than that they choose a file."""
_LONG_FORMATS: Final = frozenset({"textarea", "multiline", "multi-line", "markdown", "html"})
_BYTES: Final[dict[str, FileEncoding]] = {
    "binary": "text",
    "byte": "base64",
    "base64": "base64",
    "base64url": "base64url",
}


def text_field(schema: Schema, about: About) -> FormField:
    """The field of a schema of type `string`."""
    kind = text(schema, "format")
    match kind:
        case "date":
            return DateField(**about)
        case "time":
            return TimeField(**about)
        case "date-time":
            return MomentField(**about)
        case "duration":
            return DurationField(**about)
        case _:
            encoding = _BYTES.get(kind) or _BYTES.get(text(schema, "contentEncoding"))
            media_type = text(schema, "contentMediaType")
            if encoding or media_type not in ("", _JSON):
                return FileField(
                    **about,
                    encoding=encoding or "text",
                    media_type=media_type,
                    max_length=whole(schema, "maxLength"),
                )
            return _plain(schema, kind, media_type, about)


def _plain(schema: Schema, kind: str, media_type: str, about: About) -> TextField:
    most = whole(schema, "maxLength")
    return TextField(
        **about,
        is_long=kind in _LONG_FORMATS or media_type == _JSON or (kind == "" and (most or 0) > _LONG),
        is_secret=kind == "password" or schema.get("writeOnly") is True,
        format=kind,
        min_length=count(schema, "minLength"),
        max_length=most,
        pattern=text(schema, "pattern"),
    )


def currency_codes() -> tuple[str, ...]:
    """The codes of the currencies that ISO 4217 knows, in order."""
    return tuple(currency.code for currency in CURRENCIES if currency.is_usable)
