"""Which of the tables that were handed on is meant."""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import InputError

from .handing import TableRef

__all__ = ["choose"]


def choose(wanted: str | None, known: Mapping[str, TableRef]) -> str:
    """The name of the table that is meant.

    Args:
        wanted: What the settings say; None means the only one.
        known: The tables, by name.

    Raises:
        InputError: None was handed on, several were and none is named, or there is none of that name.
    """
    if wanted is not None:
        if wanted not in known:
            raise InputError(f"no table {wanted!r} was handed on; there are: {', '.join(sorted(known)) or 'none'}")
        return wanted
    plain = [name for name in known if "." not in name]
    if not plain:
        raise InputError("no table was handed on: let this stage come after one that reads or works on tables")
    if len({known[name].file.sha256 for name in plain}) > 1:
        raise InputError(f"say which table is meant: there are {', '.join(sorted(plain))}")
    return plain[0]
