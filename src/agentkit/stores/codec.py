"""Events as JSON: one object per event, by schema, with the version of its schema.

    {"v":1,"type":"AttemptStarted","at":1763950000.25,"stage":"extract","attempt":1,"agent":"extractor"}

Rules: only declared fields are written, and only those that differ from their default; what would not come back equal
is refused at the write; reading builds the known events and nothing else. Values of agents stay texts inside: what they
look like can mean nothing to the codec. A large text may be kept beside the events; then `"value_artifact"` stands in
for `"value"`. An older schema is lifted, step by step, by functions from data to data; a newer one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from hashlib import sha256
from math import inf
from typing import Any, TypeAlias, cast, get_args

from agentkit.errors import AgentKitError, FormatTooNew, JournalCorrupt, UnstorableValue
from agentkit.kernel import Event, Failure, Json, TierUsed, Usage, Workflow, workflow_as_written, workflow_data

from .schemas import Record, Schema

__all__ = ["Codec", "Keep", "Lift", "Load"]

Lift: TypeAlias = Callable[[dict[str, Json]], dict[str, Json]]
"""From the data of one version to that of the next."""

Keep: TypeAlias = Callable[[str, bytes], None]
"""Keeps an artifact under the hexadecimal SHA-256 of its bytes."""

Load: TypeAlias = Callable[[str], bytes]
"""Gives an artifact back, checked against its key; raises JournalCorrupt."""

_LARGE_TEXT = 64 * 1024
_LARGE_DEFINITION = 512
_REMEMBERED = 64

_write = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class Codec:
    """Writes events and reads them back.

    Args:
        lifts: For a type and a version, what makes the next version of it. The newest version of a type is the one that
            no lift leads away from.

    Example:
        >>> from agentkit.kernel import DeadlinePassed
        >>> Codec().encode(DeadlinePassed(at=1.5))
        '{"v":1,"type":"DeadlinePassed","at":1.5}'
        >>> Codec().decode('{"v":1,"type":"DeadlinePassed","at":1.5}')
        DeadlinePassed(at=1.5)
    """

    __slots__ = ("_by_type", "_definition", "_lifts", "_schemas", "_workflows")

    def __init__(self, lifts: Mapping[tuple[str, int], Lift] | None = None) -> None:
        self._lifts = dict(lifts or {})
        self._by_type: dict[type, Schema] = {}
        self._schemas: dict[str, Schema] = {}
        for kind in get_args(Event):
            version = 1
            while (kind.__name__, version) in self._lifts:
                version += 1
            self._by_type[kind] = self._schemas[kind.__name__] = Schema(kind, version)
        # Thousands of operations run the same few workflows, so each is written, and read, once.
        self._definition = lru_cache(maxsize=_REMEMBERED)(_definition)
        self._workflows: dict[str, Workflow[object]] = {}

    def encode(self, event: Event, keep: Keep | None = None) -> str:
        """The event as one line of ASCII.

        Args:
            event: What happened.
            keep: Where large texts go; without it they stay inside the line.

        Raises:
            UnstorableValue: The event would not come back equal.
        """
        schema = self._by_type.get(type(event))
        if schema is None:
            raise UnstorableValue(f"{type(event).__name__} is no event of the journal")
        line = schema.line(event, most=inf if keep is None else _LARGE_TEXT)
        if line is not None:
            return self._with_definitions(schema, event, line, keep) if schema.workflows else line
        record = schema.write(event)
        self._write_extras(schema, event, record, keep)
        try:
            line = _write(record)
        except (ValueError, TypeError, RecursionError) as error:
            raise UnstorableValue(f"{schema.name} cannot be written exactly: {error}") from error
        # Half of a surrogate pair survives as an escape, but two halves that met by accident come back as one
        # character.
        if "\\ud" in line and json.loads(line) != record:
            raise UnstorableValue(f"{schema.name} cannot be written exactly: a text has surrogates that form a pair")
        return line

    def decode(self, line: str | bytes, load: Load | None = None) -> Event:
        """The event of one line.

        Raises:
            FormatTooNew: A newer agentkit wrote it.
            JournalCorrupt: It is no event, or its artifact is missing or damaged.
        """
        try:
            return self._read([json.loads(line)], load)[0]
        except (FormatTooNew, JournalCorrupt):
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, AgentKitError) as error:
            raise JournalCorrupt(f"this is no event that agentkit wrote: {type(error).__name__}: {error}") from error

    def decode_many(
        self, lines: Sequence[str] | Sequence[bytes], *, stream: str, first: int = 1, load: Load | None = None
    ) -> list[Event]:
        """The events of many lines of one stream; faster than one by one.

        Args:
            lines: The lines, in order.
            stream: Which stream, for messages.
            first: The number of the first line, for messages.
            load: What gives artifacts back.

        Raises:
            FormatTooNew: A newer agentkit wrote one of them.
            JournalCorrupt: One of them is no event; the message names its number.
        """
        try:
            records = json.loads(_array(lines))
            if len(records) == len(lines):
                return self._read(records, load)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, AgentKitError):
            pass
        # Something is wrong with one of them: read one by one to find out which.
        events: list[Event] = []
        for number, line in enumerate(cast("Sequence[str | bytes]", lines), start=first):
            try:
                events.append(self.decode(line, load))
            except (FormatTooNew, JournalCorrupt) as error:
                raise type(error)(f"stream {stream!r}, event {number}: {error}") from error
        return events

    def _with_definitions(self, schema: Schema, event: Event, line: str, keep: Keep | None) -> str:
        """The line with its definitions, whose text was written before."""
        for name in schema.workflows:
            _, text, key = self._definition(getattr(event, name))
            if keep is not None and len(text) > _LARGE_DEFINITION:
                line = f'{line[:-1]},"{name}_artifact":"{key}"}}'
                keep(key, text.encode())
            else:
                line = f'{line[:-1]},"{name}":{text}}}'
        return line

    def _write_extras(self, schema: Schema, event: Event, record: Record, keep: Keep | None) -> None:
        """Write the fields that are no plain values: parts, definitions, large texts."""
        for name, kind in schema.parts.items():
            part = getattr(event, name)
            if part is not None:
                record[name] = _part_data(kind, part)
        for name in schema.workflows:
            data, text, key = self._definition(getattr(event, name))
            if keep is not None and len(text) > _LARGE_DEFINITION:
                record[f"{name}_artifact"] = key
                keep(key, text.encode())
            else:
                record[name] = data
        if keep is not None:
            for name in schema.texts:
                large = record.get(name)
                if large is not None and len(large) > _LARGE_TEXT:
                    content = large.encode(errors="surrogatepass")
                    del record[name]
                    record[f"{name}_artifact"] = key = sha256(content).hexdigest()
                    keep(key, content)

    def _read(self, records: Sequence[Record], load: Load | None) -> list[Event]:
        """The events of records, in order; those of one type are filled together."""
        events: list[Event] = []
        groups: dict[str, tuple[Schema, list[Event], list[Record]]] = {}
        event: Any  # its fields are filled below
        new = object.__new__
        for record in records:
            group = groups.get(record["type"])
            if group is None:
                group = groups[record["type"]] = (self._schema_of(record), [], [])
            schema, alike, found = group
            event = new(schema.kind)
            events.append(event)
            alike.append(event)
            found.append(record)
        for schema, alike, found in groups.values():
            newest = [record if record["v"] == schema.version else self._lifted(record, schema) for record in found]
            self._read_extras(schema, newest, load)
            schema.fill(alike, newest)
        return events

    def _schema_of(self, record: Record) -> Schema:
        schema = self._schemas.get(record["type"])
        if schema is None:
            raise FormatTooNew(f"an event of the unknown type {record['type']!r}, version {record['v']!r}: {_UPGRADE}")
        return schema

    def _lifted(self, record: Record, schema: Schema) -> Record:
        version = record["v"]
        while version < schema.version:
            record = self._lifts[schema.name, version](record)
            version += 1
        if version > schema.version:
            raise FormatTooNew(
                f"{schema.name} has version {version}, this agentkit knows {schema.version} at most: {_UPGRADE}"
            )
        return record

    def _read_extras(self, schema: Schema, records: Sequence[Record], load: Load | None) -> None:
        """Read the fields that are no plain values, and large texts that are kept elsewhere."""
        for name in schema.texts:
            elsewhere = f"{name}_artifact"
            for record in [record for record in records if elsewhere in record]:
                record[name] = _artifact(record, name, load).decode(errors="surrogatepass")
        if schema.parts:
            for record in schema.fuller(records):
                for name, kind in schema.parts.items():
                    if name in record:
                        record[name] = kind(**record[name])
        for name in schema.workflows:
            for record in records:
                record[name] = self._workflow(record, name, load)

    def _workflow(self, record: Record, name: str, load: Load | None) -> Workflow[object]:
        key = record[f"{name}_artifact"] if name not in record else _write(record[name])
        workflow = self._workflows.get(key)
        if workflow is None:
            data = record[name] if name in record else json.loads(_artifact(record, name, load))
            workflow = self._workflows[key] = workflow_as_written(data)
            if len(self._workflows) > _REMEMBERED:
                del self._workflows[next(iter(self._workflows))]
        return workflow


_UPGRADE = "a newer agentkit wrote it; upgrade this one"


def _part_data(kind: type[Failure | Usage | TierUsed], part: Failure | Usage | TierUsed) -> dict[str, Json]:
    """The fields of a part that differ from their default."""
    pairs = ((item, getattr(part, item.name)) for item in fields(kind))
    return {item.name: value for item, value in pairs if item.default is MISSING or value != item.default}


def _array(lines: Sequence[str] | Sequence[bytes]) -> str | bytes:
    if lines and isinstance(lines[0], bytes):
        return b"[" + b",".join(cast("Sequence[bytes]", lines)) + b"]"
    return "[" + ",".join(cast("Sequence[str]", lines)) + "]"


def _definition(workflow: Workflow[object]) -> tuple[dict[str, Json], str, str]:
    """The definition as data, as ASCII text, and its key as an artifact."""
    data = workflow_data(workflow)
    try:
        text = _write(data)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnstorableValue(f"workflow {workflow.name!r} cannot be written exactly: {error}") from error
    if "\\ud" in text and json.loads(text) != data:
        raise UnstorableValue(f"workflow {workflow.name!r} cannot be written exactly: its surrogates form a pair")
    return data, text, sha256(text.encode()).hexdigest()


def _artifact(record: Record, name: str, load: Load | None) -> bytes:
    key = record[f"{name}_artifact"]
    if load is None:
        raise JournalCorrupt(f"the field {name} is kept as artifact {key}, but artifacts are not at hand")
    return load(key)
