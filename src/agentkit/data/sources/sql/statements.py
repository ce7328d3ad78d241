"""What a statement may be: one, that reads.

Rules: the text of a statement is never put together from values; values are bound by name, `:name`. This check is the
first of two: each database is also told to write nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agentkit.errors import DefinitionError

__all__ = ["check_statement", "parameters_of", "rewritten"]

# What is no place of a parameter comes first: texts, names in quotes, comments, and casts of PostgreSQL.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'"
    r'|"(?:[^"]|"")*"'
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
    r"|--[^\n]*"
    r"|/\*.*?\*/"
    r"|::"
    r"|:(?P<name>[A-Za-z_]\w*)"
    r"|(?P<end>;)"
    r"|(?P<percent>%)",
    re.S,
)
_COMMENT = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.S)
_READS = re.compile(r"(?:select|with|values)\b", re.I)


def check_statement(name: str, query: str) -> None:
    """See that a query is one statement that reads.

    Raises:
        DefinitionError: It is not so.
    """
    begin = _COMMENT.match(query)
    rest = query[begin.end() if begin else 0 :]
    if not _READS.match(rest):
        raise DefinitionError(f"source {name!r}: the query has to begin with SELECT, WITH or VALUES")
    for found in _TOKEN.finditer(query):
        if found["end"]:
            behind = query[found.end() :]
            after = _COMMENT.match(behind)
            if behind[after.end() if after else 0 :].strip("; \n\t\r"):
                raise DefinitionError(f"source {name!r}: the query has several statements, and one is allowed")


def parameters_of(query: str) -> set[str]:
    """The names of the parameters of a query."""
    return {found["name"] for found in _TOKEN.finditer(query) if found["name"]}


def rewritten(query: str) -> str:
    """The query with its parameters as psycopg writes them, `%(name)s`."""
    write: Callable[[re.Match[str]], str] = lambda found: (  # noqa: E731 - a table of three cases
        f"%({found['name']})s" if found["name"] else found[0].replace("%", "%%")
    )
    return _TOKEN.sub(write, query)
