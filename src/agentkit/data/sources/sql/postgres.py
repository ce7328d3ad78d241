"""PostgreSQL, by psycopg: a transaction that reads only, and a cursor on the server."""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.data.sources.json_source import parse_json
from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.errors import MissingExtra, SourceFailed, SourceMalformed

from .rows import BLOCK, extracted_rows
from .statements import rewritten

__all__ = ["read_postgres"]


def read_postgres(address: str, query: str, parameters: Mapping[str, object], reading: Reading) -> Extracted:
    """Read what a query of a database gives.

    Raises:
        MissingExtra: psycopg is not installed.
        SourceFailed: The database does not answer, refuses the query, or takes too long.
        SourceMalformed: A value is none that Python can hold.
    """
    try:
        import psycopg
        from psycopg.types.json import set_json_loads
        from psycopg.types.string import TextLoader
    except ImportError as error:
        raise MissingExtra("postgres", "psycopg") from error
    try:
        with psycopg.connect(address, connect_timeout=max(2, int(reading.seconds_left))) as connection:
            connection.read_only = True
            set_json_loads(_parsed, connection)
            connection.adapters.register_loader("uuid", TextLoader)
            wait = f"{max(1, int(reading.seconds_left * 1000))}ms"
            connection.execute("SELECT set_config('statement_timeout', %s, true)", [wait])
            with connection.cursor(name="agentkit") as cursor:
                cursor.execute(rewritten(query).encode(), dict(parameters))
                names = [column.name for column in cursor.description or ()]
                extracted = extracted_rows(names, lambda: cursor.fetchmany(BLOCK), reading, format="postgresql")
            connection.rollback()
            return extracted
    except psycopg.errors.QueryCanceled as error:
        raise SourceFailed("the database said nothing for too long") from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise SourceFailed(f"the query does more than reading: {error}") from error
    except psycopg.DataError as error:
        raise SourceMalformed(f"a value cannot be read: {error}") from error
    except psycopg.Error as error:
        raise SourceFailed(f"the database refuses: {str(error) or type(error).__name__}") from error


def _parsed(data: str | bytes) -> object:
    return parse_json(data if isinstance(data, str) else data.decode())
