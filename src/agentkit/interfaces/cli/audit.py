"""The commands of `agentkit audit` and their options: look at an audit trail, verify it, hand it out.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .grouping import Plain
from .options import DEFAULT_STORE, AsJson, OperationId, Store
from .reaching import refuse

__all__ = ["audit"]

audit: typer.Typer = typer.Typer(
    name="audit",
    help="Verify, show or hand out an audit trail or evidence.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Trail = Annotated[
    Path,
    typer.Argument(metavar="TRAIL", help="The file of a trail, JSON lines or SQLite; with --store, a trail's name."),
]
# No variable of the environment: a file that is named must not become a name in a store.
Kept = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="The store that the trail is kept in, with operations.")
]


class ExportForm(StrEnum):
    """As what a trail is handed out."""

    jsonl = "jsonl"
    csv = "csv"
    verifier = "verifier"


@audit.command(cls=Plain, short_help="Verify a trail, or an evidence pack.")
def verify(
    trail: Annotated[
        Path, typer.Argument(metavar="FILE", help="A trail (JSON lines or SQLite; with --store, a name), or a pack.")
    ],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", "-c", metavar="FILE", help="A file of checkpoints; may be repeated."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", "-k", metavar="FILE", help="hmac-sha256:HEX, or ed25519:HEX for a public key."),
    ] = None,
    store: Kept = None,
    as_json: AsJson = False,
) -> None:
    """Verify every entry of a trail, or every member of an evidence pack, and name the first one that is wrong.

    A trail is verified against checkpoints, if there are any. Without one nobody can see entries missing at the end,
    and the answer says so.

    Exit codes: 0 it verifies, 1 it does not, 2 wrong usage, 3 there is no such file.
    """
    from .auditing import verify_file

    verify_file(trail, checkpoint or [], key, store=store, as_json=as_json)


@audit.command(cls=Plain, short_help="Show entries of a trail.")
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
    store: Kept = None,
    as_json: AsJson = False,
) -> None:
    """Show entries of a trail, or one of them in full. They are not verified."""
    from .auditing import show_entries

    show_entries(trail, number, store=store, actor=actor, operation=operation, limit=limit, as_json=as_json)


@audit.command(cls=Plain, short_help="Write a trail as a file.")
def export(
    trail: Trail,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write it into this file.")],
    form: Annotated[
        ExportForm, typer.Option("--format", "-f", help="The lines, a table, or the program that verifies the lines.")
    ] = ExportForm.jsonl,
    store: Kept = None,
) -> None:
    """Write a trail as a file: its lines, a table, or the program that verifies the lines without agentkit."""
    from .auditing import export_trail

    export_trail(trail, output, form.value, store=store)


@audit.command("list", cls=Plain, short_help="List the trails of a server's audit log.")
def list_trails(store: Store = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """List the trails that servers have written of what they were asked to change, one for each process that served.

    Look at one by its name: agentkit audit show NAME --store URL
    """
    from .auditing import show_trails

    show_trails(store, as_json=as_json)


@audit.command(cls=Plain, short_help="Write the evidence of an operation.")
def pack(
    operation_id: OperationId,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write it into this file, a zip.")],
    trail: Annotated[
        list[Path] | None,
        typer.Option("--trail", "-t", metavar="FILE", help="An audit trail that belongs to it; may be repeated."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", "-c", metavar="FILE", help="Checkpoints of the one trail; may be repeated."),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", "-f", metavar="FILE", help="What else belongs to it; may be repeated."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", "-k", metavar="FILE", help="Sign it with hmac-sha256:HEX or ed25519-private:HEX."),
    ] = None,
    store: Store = DEFAULT_STORE,
    server: Annotated[str | None, typer.Option("--server", hidden=True)] = None,
) -> None:
    """Write the evidence of an operation: a zip that an outsider verifies without agentkit.

    It holds the definition, the input, what each stage gave, who approved what, what was done outside, what it cost and
    the whole journal; trails and files that are named here; and the program that verifies it all.

    Exit codes: 0 it is written, 1 it cannot be, 2 wrong usage, 3 there is no such operation or file.
    """
    if server is not None:
        refuse("audit pack does not go with a server, which hands out no journals: run it where the store is")
    from .packing import pack_operation

    pack_operation(
        operation_id, output, trails=trail or [], checkpoints=checkpoint or [], files=file or [], key=key, store=store
    )
