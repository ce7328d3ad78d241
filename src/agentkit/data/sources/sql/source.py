"""The source that asks a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.errors import DefinitionError

from .statements import check_statement, parameters_of

__all__ = ["Parameter", "SqlSource"]

Parameter: TypeAlias = str | int | bool | None
"""What can be bound to a place in a query. An amount is bound as text, and cast there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSource:
    """What one query of a database gives. Nothing but reading is possible.

    Attributes:
        name: What people call it.
        query: One statement, that begins with SELECT, WITH or VALUES; values are bound as `:name`.
        parameters: The values, by name.
        path: A file of SQLite, below the folder that `Access` allows.
        connection: Or the name of the secret that holds the address of a database: `postgresql://...`, or any that
            SQLAlchemy knows.
        optional: Whether the others count without it.

    Raises:
        DefinitionError: There is not exactly one of path and connection, the query is not one statement that reads, or
            its parameters are not those that are given.

    Example:
        >>> SqlSource(
        ...     name="sales",
        ...     path="shop.sqlite",
        ...     query="SELECT artist, price FROM sales WHERE day >= :since",
        ...     parameters={"since": "2024-01-01"},
        ... ).kind
        'sql'
    """

    name: str
    query: str
    kind: Literal["sql"] = "sql"
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    path: str | None = None
    connection: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        if (self.path is None) == (self.connection is None):
            raise DefinitionError(f"source {self.name!r}: give either the path of a file or a connection")
        check_statement(self.name, self.query)
        asked = parameters_of(self.query)
        if asked != set(self.parameters):
            raise DefinitionError(
                f"source {self.name!r}: the query asks for {', '.join(sorted(asked)) or 'no parameters'}, and"
                f" {', '.join(sorted(self.parameters)) or 'none'} are given"
            )

    def read(self, reading: Reading) -> Extracted:
        """Run the query, and read all that it gives.

        Raises:
            DefinitionError: The secret was not given, or SQLAlchemy is needed and not installed.
            SourceError: The database cannot be read.
        """
        if self.path is not None:
            from .sqlite import read_sqlite

            return read_sqlite(self.path, self.query, self.parameters, reading)
        address = reading.access.secret(self.connection or "")
        if address.startswith(("postgresql://", "postgres://")):
            from .postgres import read_postgres

            return read_postgres(address, self.query, self.parameters, reading)
        from .alchemy import read_alchemy

        return read_alchemy(address, self.query, self.parameters, reading)
