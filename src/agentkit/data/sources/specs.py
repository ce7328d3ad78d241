"""All kinds of sources as one type, for settings and workflow files."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from .delimited import CsvSource
from .detection import FileSource
from .http.source import HttpSource
from .json_source import JsonLinesSource, JsonSource
from .pages import HtmlSource
from .parquet import ParquetSource
from .records import RecordsSource
from .sheets import ExcelSource
from .sql.source import SqlSource

__all__ = ["AnySource"]

AnySource: TypeAlias = Annotated[
    CsvSource
    | JsonSource
    | JsonLinesSource
    | ExcelSource
    | ParquetSource
    | FileSource
    | HttpSource
    | SqlSource
    | HtmlSource
    | RecordsSource,
    Field(discriminator="kind"),
]
"""Any of the sources that agentkit has, told apart by `kind`: what a list of sources in a file is made of."""
