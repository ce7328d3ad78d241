"""The list of commands in `agentkit --help`: by what people want to do, a line each.

Rules: a command says by its panel where it belongs; one that does not say comes last, so that none is ever hidden.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

import typer.core

__all__ = ["Grouped", "Panel"]


class Panel(StrEnum):
    """What people want to do, in the order in which they come to it."""

    RUN = "Run"
    LOOK = "Look"
    DECIDE = "Decide"
    PREPARE = "Prepare"
    SERVE = "Serve and keep"
    OTHER = "More"


class _Formatter(Protocol):
    """What is used of the formatter of a page of help."""

    width: int

    def section(self, name: str) -> AbstractContextManager[None]: ...
    def write_dl(self, rows: list[tuple[str, str]]) -> None: ...


class Grouped(typer.core.TyperGroup):
    """A group whose commands are listed by what they are for."""

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:
        """Write the list."""
        longest = max(map(len, self.commands), default=0)
        rows: dict[str, list[tuple[str, str]]] = {panel: [] for panel in Panel}
        for name, command in self.commands.items():
            if not command.hidden:
                panel = getattr(command, "rich_help_panel", None)
                rows[panel if panel in rows else Panel.OTHER].append(
                    (f"{name:{longest}}", command.get_short_help_str(formatter.width - longest - 6))
                )
        for panel, found in rows.items():
            if found:
                with formatter.section(panel):
                    formatter.write_dl(found)
