"""The pages of help: commands by what people want to do, and options without words of Python.

Rules: a command says by its panel where it belongs; one that does not say comes last, so that none is ever hidden.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Final, Protocol

import typer.core

__all__ = ["Grouped", "Panel", "Plain"]


_TYPE: Final = re.compile(r" <[^ ]*>$")


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
    def write(self, string: str) -> None: ...
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


class Plain(typer.core.TyperCommand):
    """A command whose help says what people type, and nothing about types."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - the context of typer's own copy of click has no public name
        """What stands behind the command: what has to be said, and in brackets what may be."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: typer.Context, formatter: _Formatter) -> None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - as above
        """Write the arguments, then the options."""
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is None:
                continue
            if one.param_type_name == "argument":
                # What has to be said stands in the usage.
                record = (_TYPE.sub("", record[0]), record[1].removesuffix("  [required]"))
            rows["Arguments" if one.param_type_name == "argument" else "Options"].append(record)
        for title, found in rows.items():
            if found:
                with formatter.section(title):
                    formatter.write_dl(found)

    def format_epilog(self, ctx: object, formatter: _Formatter) -> None:
        """Write the examples, each on a line that can be copied."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"  {line}\n")
