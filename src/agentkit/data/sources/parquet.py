"""Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Literal

from agentkit.errors import MissingExtra, SourceMalformed

from .building import assemble
from .ports import Extracted
from .reading import Reading

__all__ = ["ParquetSource"]

_MARK = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetSource:
    """A Parquet file; its columns keep their types. Rows are counted from 1.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        columns: Only these columns; all unless given.
        optional: Whether the others count without it.

    Example:
        >>> ParquetSource(name="sales", path="sales.parquet", columns=("artist", "price")).kind
        'parquet'
    """

    name: str
    path: str
    kind: Literal["parquet"] = "parquet"
    columns: tuple[str, ...] | None = None
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        """Read the whole file.

        Raises:
            SourceError: It cannot be read, or lacks one of the columns.
        """
        with reading.open(self.path) as stream:
            mark = stream.read(4)
            if mark != _MARK:
                raise SourceMalformed("it is empty: 0 bytes" if not mark else "it is no Parquet file")
            reading.count_bytes(stream.seek(0, 2))
            stream.seek(0)
            return self._read(stream, reading)

    def _read(self, stream: BinaryIO, reading: Reading) -> Extracted:
        try:
            import polars
        except ImportError as error:
            raise MissingExtra("data", "polars") from error
        try:
            there = polars.read_parquet_schema(stream)
            stream.seek(0)
            wanted = list(self.columns) if self.columns is not None else list(there)
            lacking = [name for name in wanted if name not in there]
            if lacking:
                raise SourceMalformed(f"it has no column {lacking[0]!r}; it has {', '.join(there)}")
            reading.check_columns(len(wanted))
            counted = polars.scan_parquet(stream).select(polars.len())  # pyright: ignore[reportUnknownMemberType] - numpy
            reading.count_rows(int(counted.collect().item()))
            stream.seek(0)
            frame = polars.read_parquet(stream, columns=wanted)
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
            raise SourceMalformed(f"it is no Parquet file that can be read: {error}") from error
        values: dict[str, list[object]] = {own.name: own.to_list() for own in frame.get_columns()}
        table, bad = assemble(reading, values, range(1, frame.height + 1))
        return Extracted(table=table, quarantine=tuple(bad), format="parquet")
