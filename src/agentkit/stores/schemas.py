"""How one type of event is written and read: derived from its declaration, once.

Rules: what a field may hold is what its declaration says; a subclass that equals its plain value may pass. Reading fills the
slots of a new event directly, since a journal of 10,000 events is read at every resume.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from agentkit.errors import UnstorableValue
from agentkit.kernel import Event, Failure, Workflow

__all__ = ["Record", "Schema"]

# What json.loads makes of a line is checked by use, field by field.
Record: TypeAlias = dict[str, Any]

_LARGE_FIELDS = ("input", "value")
_REQUIRED = object()


class Schema:
    """One type of event.

    Attributes:
        name: The name of the type.
        version: The version that is written.
        failures: Fields that hold a `Failure`.
        workflows: Fields that hold a `Workflow`.
        texts: Fields that may be large.
        has_extras: Whether there are any such fields.
    """

    __slots__ = (
        "_kind",
        "_optional",
        "_pick",
        "_plain",
        "_required",
        "failures",
        "has_extras",
        "name",
        "texts",
        "version",
        "workflows",
    )

    def __init__(self, kind: type, version: int) -> None:
        self._kind = kind
        self.name = kind.__name__
        self.version = version
        declared = {name: _allowed(hint) for name, hint in get_type_hints(kind).items()}
        defaults = {f.name: _REQUIRED if f.default is MISSING else f.default for f in fields(kind)}
        self.failures = tuple(name for name, allowed in declared.items() if Failure in allowed)
        self.workflows = tuple(name for name, allowed in declared.items() if Workflow in allowed)
        self.texts = tuple(name for name in declared if name in _LARGE_FIELDS)
        self.has_extras = bool(self.failures or self.workflows or self.texts)
        extras = {*self.failures, *self.workflows}
        self._plain = tuple((name, defaults[name], declared[name]) for name in defaults if name not in extras)
        # The slots' own setters go round the frozen class, as its own __init__ does, at a third of the time.
        slots: dict[str, Callable[[object, object], None]] = {name: getattr(kind, name).__set__ for name in defaults}
        required = [name for name, default in defaults.items() if default is _REQUIRED]
        self._required = tuple(slots[name] for name in required)
        self._pick = itemgetter(*required) if len(required) > 1 else lambda record: (record[required[0]],)
        self._optional = tuple((name, slots[name], value) for name, value in defaults.items() if value is not _REQUIRED)

    def write(self, event: Event) -> Record:
        """The plain fields of an event, by name.

        Raises:
            UnstorableValue: A field holds something that its declaration does not allow.
        """
        record: Record = {"v": self.version, "type": self.name}
        for name, default, allowed in self._plain:
            value = getattr(event, name)
            if value is default or value == default:
                continue
            if not isinstance(value, allowed):
                raise UnstorableValue(f"{self.name}.{name} is a {type(value).__name__}, which the journal cannot keep")
            record[name] = value
        return record

    def read(self, record: Record) -> object:
        """The event of a record whose extras have been read.

        Raises:
            KeyError: A field is missing.
        """
        event: object = object.__new__(self._kind)
        for fill, value in zip(self._required, self._pick(record), strict=True):
            fill(event, value)
        for name, fill, default in self._optional:
            fill(event, record.get(name, default))
        return event


def _allowed(hint: object) -> tuple[type, ...]:
    """The classes that a declaration allows."""
    origin = get_origin(hint)
    if origin is Literal:
        return (str,)
    if origin is UnionType:
        return tuple(kind for part in get_args(hint) for kind in _allowed(part))
    if hint is float:
        return (float, int)
    if hint is None:
        return (NoneType,)
    return (origin if isinstance(origin, type) else hint,)  # type: ignore[return-value]  # declarations name classes
