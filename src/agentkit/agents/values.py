"""Values by declared type: a Python value to JSON text and back, exactly.

Rules: what is written comes back equal, or it is refused at the write; the declared type decides how it is read,
never a mark inside the data; reading imports and executes nothing. A type that was not declared is plain JSON.
"""

from __future__ import annotations

import json
import types
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from agentkit.errors import DefinitionError, InputError, UnstorableValue

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["ANY", "ValueType"]

_UNDECLARED: tuple[object, ...] = (object, Any)
_SCALARS = (str, int, bool, float, types.NoneType)
# Made once: `json.dumps` makes an encoder for each call that asks for anything special.
_write = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_SCALAR_OF: dict[object, type[object]] = {kind: kind for kind in _SCALARS}


class ValueType:
    """How values of one declared type are written and read.

    Args:
        declared: A type, as an annotation would have it; `object` or `Any` is plain JSON.

    Example:
        >>> from decimal import Decimal
        >>> amounts = ValueType(list[Decimal])
        >>> amounts.encode([Decimal("10.00")])
        '["10.00"]'
        >>> amounts.decode('["10.00"]')
        [Decimal('10.00')]
    """

    __slots__ = ("_adapter", "_scalar", "declared", "is_plain")

    def __init__(self, declared: object) -> None:
        self.declared: object = declared
        self.is_plain: bool = declared in _UNDECLARED or isinstance(declared, TypeVar)
        # A text is a text: the simplest values need no adapter to be written.
        self._scalar = _scalar(declared)
        self._adapter: TypeAdapter[object] | None = None

    def __repr__(self) -> str:
        return f"ValueType({self.name})"

    @property
    def name(self) -> str:
        """The declared type, as people write it."""
        declared = self.declared
        if isinstance(declared, type) and not get_args(declared):
            return declared.__name__
        return str(declared).replace("typing.", "")

    def encode(self, value: object) -> str:
        """Write a value as JSON.

        Raises:
            InputError: The value is not of the declared type.
            UnstorableValue: The value would not come back equal.
        """
        if self.is_plain or type(value) is self._scalar:
            return _encode_plain(value)
        adapter = self._made()
        try:
            checked = adapter.validate_python(value, strict=True)
            text = adapter.dump_json(checked).decode()
            same = adapter.validate_json(text) == value
        except ValueError as error:
            raise InputError(f"{type(value).__name__} given where {self.name} is declared: {_brief(error)}") from error
        except RecursionError as error:
            raise UnstorableValue(f"this {type(value).__name__} is nested too deeply, or contains itself") from error
        if not same:
            raise UnstorableValue(
                f"this {type(value).__name__} does not come back equal from {self.name}: declare its exact type, and no"
                " NaN or infinite number"
            )
        return text

    def check(self, value: object) -> None:
        """Check that a value is of the declared type, without writing it; whether it can be written is not asked.

        Raises:
            InputError: It is not.
        """
        if self.is_plain or type(value) is self._scalar:
            return
        try:
            self._made().validate_python(value, strict=True)
        except ValueError as error:
            raise InputError(f"{type(value).__name__} given where {self.name} is declared: {_brief(error)}") from error

    def decode(self, text: str) -> object:
        """Read a value from JSON.

        Raises:
            InputError: The JSON does not fit the declared type.
        """
        if self.is_plain:
            return json.loads(text)
        if self._scalar is not None and type(value := json.loads(text)) is self._scalar:
            return value
        try:
            return self._made().validate_json(text)
        except ValueError as error:
            raise InputError(f"the value is not a {self.name}: {_brief(error)}") from error

    def prepare(self) -> ValueType:
        """Have at hand what reading and writing need, so that the first value costs no more than the others.

        Raises:
            DefinitionError: Values of this type can be neither read nor written.
        """
        if not self.is_plain:
            from pydantic import PydanticUserError

            try:
                self._made()
            except (PydanticUserError, NameError) as error:
                raise DefinitionError(f"{self.name} is no type of values: {str(error).splitlines()[0]}") from error
        return self

    def _made(self) -> TypeAdapter[object]:
        if self._adapter is None:
            # Here and not at the top: agents without declared types never pay for pydantic's import.
            from pydantic import TypeAdapter

            self._adapter = TypeAdapter[object](cast("type[object]", self.declared))
        return self._adapter


def _scalar(declared: object) -> type[object] | None:
    return _SCALAR_OF.get(declared) if isinstance(declared, type) else None


ANY = ValueType(object)
"""Plain JSON."""


def _encode_plain(value: object) -> str:
    if value is None:
        return "null"
    try:
        text = _write(value)
        # Tuples, keys that are not texts and halves of characters that meet are written, but come back as something
        # else.
        if (type(value) in _SCALARS and "\\ud" not in text) or json.loads(text) == value:
            return text
    except (TypeError, ValueError, RecursionError) as error:
        raise UnstorableValue(f"{type(value).__name__} cannot be written as JSON: {error}; declare its type") from error
    raise UnstorableValue(
        f"this {type(value).__name__} does not come back equal from JSON (a tuple, or a key that is not a text?);"
        " declare its type, or use lists and texts"
    )


def _brief(error: ValueError, most: int = 3) -> str:
    """A validation error in one line, without the data that may be secret."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(map(str, item['loc'])) or 'value'}: {item['msg']}" for item in found[:most]]
    if len(found) > most:
        lines.append(f"and {len(found) - most} more")
    return "; ".join(lines)
