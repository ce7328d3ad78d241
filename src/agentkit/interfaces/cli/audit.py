"""The commands of `agentkit audit` and their options: look at an audit trail, verify it, hand it out.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson

__all__ = ["audit"]

audit: typer.Typer = typer.Typer(
    name="audit", help="Verify, show or hand out an audit trail.", no_args_is_help=True, rich_markup_mode=None
)

Trail = Annotated[Path, typer.Argument(metavar="TRAIL", help="The file of a trail: JSON lines or SQLite.")]


class ExportForm(StrEnum):
    """As what a trail is handed out."""

    jsonl = "jsonl"
    csv = "csv"
    verifier = "verifier"


@audit.command(short_help="Verify every entry of a trail.")
def verify(
    trail: Trail,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", "-c", metavar="FILE", help="A file of checkpoints; may be repeated."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", "-k", metavar="FILE", help="hmac-sha256:HEX, or ed25519:HEX for a public key."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify every entry of a trail, against checkpoints if there are any, and name the first one that is wrong.

    Without a checkpoint nobody can see entries missing at the end, and the answer says so.

    Exit codes: 0 it verifies, 1 it does not, 2 wrong usage, 3 there is no such file.
    """
    from .auditing import verify_trail

    verify_trail(trail, checkpoint or [], key, as_json=as_json)


@audit.command(short_help="Show entries of a trail.")
def show(
    trail: Trail,
    number: Annotated[
        int | None, typer.Argument(metavar="NUMBER", help="One entry, in full; without it, a list.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Only what this one did.")] = None,
    operation: Annotated[str | None, typer.Option("--operation", metavar="NAME", help="Only this operation.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many at most, the newest.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Show entries of a trail, or one of them in full. They are not verified."""
    from .auditing import show_entries

    show_entries(trail, number, actor=actor, operation=operation, limit=limit, as_json=as_json)


@audit.command(short_help="Write a trail as a file.")
def export(
    trail: Trail,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write it into this file.")],
    form: Annotated[
        ExportForm, typer.Option("--format", "-f", help="The lines, a table, or the program that verifies the lines.")
    ] = ExportForm.jsonl,
) -> None:
    """Write a trail as a file: its lines, a table, or the program that verifies the lines without agentkit."""
    from .auditing import export_trail

    export_trail(trail, output, form.value)
