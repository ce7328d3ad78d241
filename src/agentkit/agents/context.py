"""A view of a shared context: the keys that somebody may read and write, by declaration.

Rules: a view sees one version and its own writes, whatever others write meanwhile; what was not declared is refused,
never answered with nothing; what is written is checked, and copied, when it is written, and takes effect with the
success of whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, cast, overload

from typing_extensions import TypeVar

from agentkit.errors import (
    AgentKitError,
    DefinitionError,
    InputError,
    MergeConflict,
    NotFound,
    Undeclared,
    UnstorableValue,
)
from agentkit.kernel import ABSENT, merge_problems, merged

from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import RunAttempt

__all__ = ["ContextKey", "ContextView", "MergeFunction", "texts_of", "view_of"]

T = TypeVar("T", default=object)
Type = TypeVar("Type")
Default = TypeVar("Default")

MergeFunction: TypeAlias = Callable[[T, T], T]
"""From the value that is there and the one that is written to the one that stays."""


class ContextKey(Generic[T]):
    """A key of a shared context, with the type of its values and how they are merged.

    `replace`, `keep` (the first one stays), `append`, `union`, `deep_merge`, `max`, `max:path` (by what lies there),
    `smart` (by type), `conflict` (the writer must have seen the newest value), or a function of the old and the new
    value. Without a word it is `replace`, and in a workflow what the stage declares.

    Attributes:
        name: What it is called: any text that is not empty.
        merge: How a value is merged with the one that is there.
        values: How its values are written and read.

    Raises:
        DefinitionError: The name or the merge is none.

    Example:
        >>> from decimal import Decimal
        >>> ContextKey("totals", dict[str, Decimal], merge="deep_merge")
        ContextKey('totals', dict[str, decimal.Decimal], merge='deep_merge')
    """

    __slots__ = ("merge", "name", "values")

    @overload
    def __init__(self: ContextKey[object], name: str, *, merge: str | MergeFunction[object] | None = None) -> None: ...
    @overload
    def __init__(self, name: str, type: type[T], *, merge: str | MergeFunction[T] | None = None) -> None: ...
    def __init__(self, name: str, type: object = object, *, merge: str | MergeFunction[Any] | None = None) -> None:
        if not isinstance(cast("object", name), str) or not name:
            raise DefinitionError(f"a key of a context is a text that is not empty, not {name!r}")
        if merge is not None and not callable(merge) and (problems := tuple(merge_problems(f"key {name!r}", merge))):
            raise DefinitionError(*problems)
        self.name: str = name
        self.merge: str | MergeFunction[T] | None = merge
        self.values: ValueType = ValueType(type)

    def __repr__(self) -> str:
        kind = "" if self.values.is_plain else f", {self.values.name}"
        return f"ContextKey({self.name!r}{kind}{'' if self.merge is None else f', merge={self.merge!r}'})"

    def merged(self, old: object, new: object) -> object:
        """The value that stays when the new one is written over the old one, both of them plain JSON data.

        Raises:
            MergeConflict: They cannot be merged, or the key's own function failed.
        """
        if not callable(self.merge):
            return merged(self.merge or "replace", self.name, old, new)
        if old is ABSENT:
            return new
        values = self.values
        try:
            # Copies, since the function may do with them what it likes.
            mine, theirs = (cast("T", values.decode(json.dumps(value))) for value in (old, new))
            return json.loads(values.encode(self.merge(mine, theirs)))
        except Exception as error:
            raise MergeConflict(f"key {self.name!r}: its merge function failed: {error}") from error


class ContextView:
    """What one reader and writer sees of a context: one version of the keys that it may read, and its own writes.

    A key is given by its name, or as a `ContextKey`, then its value is of that type. Each reading gives a value of its
    own. Several writes to one key are first merged with each other.

    Args:
        where: Whose view it is, for messages.
        texts: The values that are there, as JSON, by key.
        version: The version that it sees.
        reads: What may be read, by name.
        writes: What may be written, by name.
        written: Where writes are noted, as plain JSON data.

    Attributes:
        version: The version that it sees.
        written: What was written, as plain JSON data.

    Example:
        >>> from agentkit import Task
        >>> task = Task.standalone(2, context={"rates": {"USD": "1.10"}}, writes={"totals": "deep_merge"})
        >>> task.context["totals"] = {"USD": "2.20"}
        >>> task.context["rates"], task.context.written
        ({'USD': '1.10'}, {'totals': {'USD': '2.20'}})
    """

    __slots__ = ("_reads", "_texts", "_where", "_writes", "version", "written")

    def __init__(
        self,
        where: str,
        texts: Mapping[str, str],
        *,
        version: int,
        reads: Mapping[str, ContextKey],
        writes: Mapping[str, ContextKey],
        written: dict[str, object],
    ) -> None:
        self._where = where
        self._texts = texts
        self._reads = reads
        self._writes = writes
        self.version: int = version
        self.written: dict[str, object] = written

    def __repr__(self) -> str:
        return f"<{self._where} at version {self.version}: {', '.join(self) or 'nothing'}>"

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._reads if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: str | ContextKey[Type]) -> bool:
        name = _name(key)
        self._readable(name)
        return name in self._texts or name in self.written

    @overload
    def __getitem__(self, key: str) -> object: ...
    @overload
    def __getitem__(self, key: ContextKey[Type]) -> Type: ...
    def __getitem__(self, key: str | ContextKey[Type]) -> object:
        name = _name(key)
        values = self._readable(name).values if isinstance(key, str) else key.values
        return self._read(name, values)

    def __setitem__(self, key: str | ContextKey[Type], value: object) -> None:
        self._write(key, value)

    def keys(self) -> list[str]:
        """The names of the keys that may be read and have a value."""
        return list(self)

    @overload
    def get(self, key: str, default: object = None) -> object: ...
    @overload
    def get(self, key: ContextKey[Type]) -> Type | None: ...
    @overload
    def get(self, key: ContextKey[Type], default: Default) -> Type | Default: ...
    def get(self, key: str | ContextKey[Type], default: object = None) -> object:
        """The value of a key, or the default if nobody has written it; of a key that was declared, all the same.

        Raises:
            Undeclared: The key is not declared for reading.
            InputError: The value is not of the key's type.
        """
        if key not in self:
            return default
        return self[key]

    def read(self, key: str, declared: type[Type]) -> Type:
        """The value of a key, read as the given type.

        Raises:
            Undeclared: The key is not declared for reading.
            NotFound: Nobody has written it yet.
            InputError: The value is not of that type.
        """
        return cast("Type", self._read(key, ValueType(declared)))

    def write(self, key: ContextKey[Type], value: Type) -> None:
        """Write a key, as `view[key] = value` does, with the value's type checked by type checkers too.

        Raises:
            Undeclared: The key is not declared for writing.
            InputError: The value is not of the key's type.
            UnstorableValue: The value would not come back equal.
            MergeConflict: It cannot be merged with what is there.
        """
        self._write(key, value)

    def _read(self, name: str, values: ValueType) -> object:
        self._readable(name)
        text = self._texts.get(name)
        if name in self.written:
            old = ABSENT if text is None else json.loads(text)
            text = json.dumps(self._writes[name].merged(old, self.written[name]))
        if text is None:
            raise NotFound(f"{self._where}: nobody has written {name!r} yet; where that may be, use get")
        try:
            return values.decode(text)
        except InputError as error:
            raise self._located(name, error) from error

    def _write(self, key: str | ContextKey[Type], value: object) -> None:
        name = _name(key)
        declared = self._writes.get(name)
        if declared is None:
            raise Undeclared(_refusal(self._where, "write", name, self._writes))
        values = declared.values
        if isinstance(key, ContextKey):
            values = key.values
            if key.merge is not None and key.merge != declared.merge:
                raise DefinitionError(
                    f"{self._where}: {name!r} is declared to be merged by {declared.merge!r}, and the key that is used"
                    f" says {key.merge!r}; let them say the same"
                )
        try:
            new = declared.merged(self.written.get(name, ABSENT), json.loads(values.encode(value)))
            if name in self._reads and name in self._texts:
                # Found out here, the mistake has a line; and it is looked for again when all is merged.
                declared.merged(json.loads(self._texts[name]), new)
        except (InputError, UnstorableValue, MergeConflict) as error:
            raise self._located(name, error) from error
        self.written[name] = new

    def _readable(self, name: str) -> ContextKey:
        key = self._reads.get(name)
        if key is None:
            raise Undeclared(_refusal(self._where, "read", name, self._reads))
        return key

    def _located(self, name: str, error: AgentKitError) -> AgentKitError:
        # A merge names its key by itself.
        named = "" if isinstance(error, MergeConflict) else f" key {name!r}:"
        return type(error)(f"{self._where}:{named} {error}")


def _name(key: str | ContextKey[Type]) -> str:
    return key if isinstance(key, str) else key.name


def _refusal(where: str, what: str, name: str, declared: Mapping[str, ContextKey]) -> str:
    known = ", ".join(map(repr, declared)) or "none"
    return f"{where} may not {what} {name!r}: it declares {what}s of {known}; add {name!r} to its {what}s"


def view_of(command: RunAttempt, written: dict[str, object]) -> ContextView:
    """What an attempt sees of its operation's context.

    Args:
        command: The attempt.
        written: Where its writes are noted.
    """
    situation = command.situation
    where = f"operation {command.operation_id}, stage {command.stage!r}"
    if situation is None:
        return ContextView(where, {}, version=0, reads={}, writes={}, written=written)
    return ContextView(
        where,
        situation.context,
        version=situation.context_version,
        reads={name: ContextKey(name) for name in situation.reads},
        writes={name: ContextKey(name, merge=merge) for name, merge in situation.writes.items()},
        written=written,
    )


def texts_of(values: Mapping[str, object]) -> dict[str, str]:
    """Plain JSON data as texts, by key.

    Raises:
        UnstorableValue: A value would not come back equal.
    """
    return {name: ANY.encode(value) for name, value in values.items()}
