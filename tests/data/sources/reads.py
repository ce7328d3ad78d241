"""What tests of sources share: a folder with a file in it, and one reading of it."""

from pathlib import Path

from agentkit.data import Access, Source, SourceLimits, SourceReport, Table, read_source


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, source: Source, limits: SourceLimits | None = None) -> tuple[Table, SourceReport]:
    return read_source(source, access=Access(root=str(folder)), limits=limits)


def rows(table: Table) -> list[tuple[object, ...]]:
    return list(table.rows())


def numbers(table: Table) -> list[int]:
    return [origin.row for origin in table.origins]
