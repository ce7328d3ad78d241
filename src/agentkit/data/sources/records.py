"""Records made into a table: nested ones become flat, and each key becomes a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from agentkit.data.issues import Quarantined
from agentkit.errors import SourceMalformed, SourceTooLarge

from .building import assemble, kept_apart
from .cells import json_text
from .ports import Extracted
from .reading import Reading

__all__ = ["Record", "RecordsSource", "extracted_records"]

Record: TypeAlias = object
"""What should be an object with keys; whether it is one is seen here."""


_NESTED = frozenset[type]({dict, list, tuple})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSource:
    """Records that are in memory already, or stand in a workflow file.

    Attributes:
        name: What people call it.
        records: The rows, each by the names of its columns; they are counted from 1.
        optional: Whether the others count without it.

    Example:
        >>> RecordsSource(name="rates", records=({"currency": "EUR", "rate": "1.09"},)).name
        'rates'
    """

    name: str
    records: Sequence[Mapping[str, object]]
    kind: Literal["records"] = "records"
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        """Make a table of the records.

        Raises:
            SourceError: They hold what no table can.
        """
        return extracted_records(enumerate(self.records, start=1), reading, format="records")


def extracted_records(
    records: Iterable[tuple[int, Record]],
    reading: Reading,
    *,
    format: str,
    encoding: str | None = None,
    broken: list[Quarantined] | None = None,
) -> Extracted:
    """A table of numbered records; what is no object goes to quarantine.

    Args:
        records: Each with its number in the source.
        reading: Who counts.
        format: What they were written in.
        encoding: How that was encoded.
        broken: What was kept apart before, and still is while the records are drawn.

    Raises:
        SourceMalformed: They hold what no table can.
        SourceTooLarge: There are too many rows, columns or levels.
    """
    apart: list[Quarantined] = []
    rows: list[int] = []
    flat: list[Mapping[str, object]] = []
    for number, record in records:
        reading.count_rows(1)
        if type(record) is not dict and not isinstance(record, Mapping):
            message = "it is no object with keys"
            apart.append(kept_apart(reading, number, {"": str(record)}, "not_an_object", message))
            continue
        try:
            flat.append(_flat(cast("Mapping[str, object]", record), reading.limits.max_depth))
            rows.append(number)
        except SourceMalformed as error:
            apart.append(kept_apart(reading, number, {"": str(cast("object", record))}, "key_twice", str(error)))
    names: dict[str, None] = {}
    for record in flat:
        if not record.keys() <= names.keys():
            names.update(dict.fromkeys(record))
    reading.check_columns(len(names))
    values = {name: [record.get(name) for record in flat] for name in names}
    table, bad = assemble(reading, values, rows)
    all_apart: list[Quarantined] = [*(broken or []), *apart, *bad]
    quarantine = sorted(all_apart, key=lambda row: row.row)
    return Extracted(table=table, quarantine=tuple(quarantine), format=format, encoding=encoding)


def _flat(record: Mapping[str, object], depth: int) -> Mapping[str, object]:
    if _NESTED.isdisjoint(map(type, record.values())):
        return record
    flat: dict[str, object] = {}
    for name, value in _fields("", record, depth):
        if name in flat:
            raise SourceMalformed(f"the key {name!r} stands twice, once in an object of its own")
        flat[name] = value
    return flat


def _fields(prefix: str, record: Mapping[str, object], depth: int) -> Iterator[tuple[str, object]]:
    if depth < 1:
        raise SourceTooLarge("its objects and lists lie in each other deeper than is allowed")
    for key, value in record.items():
        match value:
            case dict() if value:
                yield from _fields(f"{prefix}{key}.", cast("Mapping[str, object]", value), depth - 1)
            case dict() | list() | tuple():
                yield f"{prefix}{key}", json_text(cast("object", value), depth - 1)
            case _:
                yield f"{prefix}{key}", value
