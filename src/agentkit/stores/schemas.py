"""How one type of event is written and read: derived from its declaration, once.

Rules: what a field may hold is what its declaration says; a subclass that equals its plain value may pass. Reading
fills the slots of a new event directly, since a journal of 10,000 events is read at every resume.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from itertools import repeat
from json.encoder import encode_basestring_ascii as quoted
from math import isfinite
from operator import attrgetter, itemgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, cast, get_args, get_origin, get_type_hints

from agentkit.errors import UnstorableValue
from agentkit.kernel import Event, Failure, TierUsed, Usage, Workflow

__all__ = ["Record", "Schema"]

# What json.loads makes of a line is checked by use, field by field.
Record: TypeAlias = dict[str, Any]

_Fill: TypeAlias = Callable[[object, object], None]
"""Sets one slot of an event."""

_LARGE_FIELDS = ("input", "value", "context", "effects", "result")
_PARTS = (Failure, Usage, TierUsed)
_Part: TypeAlias = Failure | Usage | TierUsed
_WORD = 2**63
_REQUIRED = object()


class Schema:
    """One type of event.

    Attributes:
        kind: The type.
        name: Its name.
        version: The version that is written.
        parts: Fields that hold a small value of several fields, such as a `Failure`, and which.
        workflows: Fields that hold a `Workflow`.
        texts: Fields that may be large.
    """

    __slots__ = (
        "_bare",
        "_defaults",
        "_extras",
        "_fewest",
        "_full",
        "_has_more",
        "_head",
        "_optional",
        "_options",
        "_plain",
        "_required",
        "kind",
        "name",
        "parts",
        "texts",
        "version",
        "workflows",
    )

    def __init__(self, kind: type, version: int) -> None:
        self.kind: type[object] = kind
        self.name: str = kind.__name__
        self.version: int = version
        declared = {name: _allowed(hint) for name, hint in get_type_hints(kind).items()}
        defaults = {f.name: _REQUIRED if f.default is MISSING else f.default for f in fields(kind)}
        self.parts: dict[str, type[_Part]] = {
            name: part for name, allowed in declared.items() for part in _PARTS if part in allowed
        }
        self.workflows: tuple[str, ...] = tuple(name for name, allowed in declared.items() if Workflow in allowed)
        self.texts: tuple[str, ...] = tuple(name for name in declared if name in _LARGE_FIELDS)
        extras = {*self.parts, *self.workflows}
        self._plain = tuple(
            (name, f',"{name}":', defaults[name], declared[name]) for name in defaults if name not in extras
        )
        bare = tuple(item for item in self._plain if item[2] is _REQUIRED)
        self._full = self._plain, _values(name for name, *_ in self._plain)
        self._bare = bare, _values(name for name, *_ in bare)
        self._head = f'{{"v":{version},"type":"{self.name}"'
        self._extras = tuple(self.parts)
        # Besides the version and the type.
        self._fewest = 2 + len(bare)
        # The slots' own setters go round the frozen class, as its own __init__ does, at a third of the time.
        slots: dict[str, _Fill] = {name: getattr(kind, name).__set__ for name in defaults}
        self._required = tuple((name, slots[name]) for name, default in defaults.items() if default is _REQUIRED)
        self._optional = tuple((name, slots[name], value) for name, value in defaults.items() if value is not _REQUIRED)
        self._options = _values(name for name, *_ in self._optional)
        self._defaults = tuple(default for *_, default in self._optional)
        self._has_more = any(defaults[name] is _REQUIRED for name in extras - {*self.workflows})

    def line(self, event: Event, *, most: float) -> str | None:
        """The plain fields of an event as one line, if nothing about them is special; None leaves it to `write`.

        That is so for nearly all events, and spares them the way over a dictionary.

        Args:
            event: What happened.
            most: The longest text that may stay in the line.
        """
        # Most events have nothing that is optional: one look tells.
        plain, values = self._bare
        if self._has_more or self._options(event) != self._defaults:
            plain, values = self._full
            for name in self._extras:
                if getattr(event, name) is not None:
                    return None
        line = self._head
        present = values(event)
        kinds: Iterable[type[object]] = map(type, present)
        for (_, key, default, allowed), value, kind in zip(plain, present, kinds, strict=True):
            if value is default or (default is not _REQUIRED and value == default):
                continue
            if kind not in allowed:
                return None
            if kind is str and len(value) <= most:
                line = f"{line}{key}{quoted(value)}"
            elif (kind is float and isfinite(value)) or (kind is int and -_WORD < value < _WORD):
                line = f"{line}{key}{value!r}"
            else:
                return None
        # Surrogates need a closer look.
        return None if "\\ud" in line else line + "}"

    def write(self, event: Event) -> Record:
        """The plain fields of an event, by name.

        Raises:
            UnstorableValue: A field holds something that its declaration does not allow.
        """
        record: Record = {"v": self.version, "type": self.name}
        for name, _, default, allowed in self._plain:
            value = getattr(event, name)
            if value is default or value == default:
                continue
            if not isinstance(value, allowed):
                raise UnstorableValue(f"{self.name}.{name} is a {type(value).__name__}, which the journal cannot keep")
            record[name] = value
        return record

    def fill(self, events: Sequence[object], records: Sequence[Record]) -> None:
        """Fill empty events from their records, whose extras have been read.

        One field of all events after the other, so that the loops run in C.

        Raises:
            KeyError: A field is missing.
        """
        for name, fill in self._required:
            _exhaust(map(fill, events, map(itemgetter(name), records)))
        for _, fill, default in self._optional:
            _exhaust(map(fill, events, repeat(default)))
        for event, record in zip(events, records, strict=True):
            if len(record) > self._fewest:
                for name, fill, _ in self._optional:
                    if name in record:
                        fill(event, record[name])

    def fuller(self, records: Sequence[Record]) -> list[Record]:
        """Those that may hold more than the plain fields that every event of the type has."""
        return [record for record in records if len(record) > self._fewest]


def _values(names: Iterable[str]) -> Callable[[object], tuple[Any, ...]]:
    """What takes these fields out of an event, in order, always as a tuple."""
    match tuple(names):
        case ():
            return lambda event: ()
        case (name,):
            return lambda event: (getattr(event, name),)
        case several:
            return cast("Callable[[object], tuple[Any, ...]]", attrgetter(*several))


def _exhaust(calls: Iterable[None]) -> None:
    """Make all calls of a lazy `map`, and keep nothing of them."""
    deque(calls, maxlen=0)


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
    return (cast("type", origin or hint),)
