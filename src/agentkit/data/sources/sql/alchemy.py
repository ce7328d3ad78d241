"""Any database that SQLAlchemy knows, where it is installed."""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.errors import DefinitionError, SourceFailed

from .rows import BLOCK, extracted_rows

__all__ = ["read_alchemy"]


def read_alchemy(address: str, query: str, parameters: Mapping[str, object], reading: Reading) -> Extracted:
    """Read what a query of a database gives, in a transaction that is rolled back.

    Raises:
        DefinitionError: SQLAlchemy is not installed.
        SourceFailed: The database does not answer, or refuses the query.
    """
    try:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool
    except ImportError as error:
        raise DefinitionError(
            "databases other than SQLite and PostgreSQL need SQLAlchemy and a driver: pip install sqlalchemy"
        ) from error
    try:
        engine = sqlalchemy.create_engine(address, poolclass=NullPool, hide_parameters=True)
        with engine.connect().execution_options(stream_results=True, max_row_buffer=BLOCK) as connection:
            result = connection.execute(sqlalchemy.text(query), dict(parameters))
            extracted = extracted_rows(
                list(result.keys()), lambda: result.fetchmany(BLOCK), reading, format=engine.dialect.name
            )
            result.close()
            connection.rollback()
        return extracted
    except (SQLAlchemyError, ImportError) as error:
        raise SourceFailed(f"the database refuses: {str(error).splitlines()[0]}") from error
