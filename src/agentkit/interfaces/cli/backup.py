"""The commands `agentkit backup` and `restore` and their options.

Rules: as in `app.py`, nothing heavy is imported before a command is called.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .grouping import Panel, Plain
from .options import DEFAULT_STORE, AsJson, Store

__all__ = ["backups"]

backups: typer.Typer = typer.Typer()

Place = Annotated[
    str, typer.Argument(metavar="PLACE", help="A folder, or a URL such as s3://bucket/backups (extra backup).")
]


@backups.command(cls=Plain, rich_help_panel=Panel.SERVE, short_help="Back up a store while work runs.")
def backup(
    place: Place,
    *,
    store: Store = DEFAULT_STORE,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Only what is new since the newest backup, where that is possible.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=1, help="Then remove all but the newest N.")
    ] = None,
    keep_days: Annotated[
        int | None, typer.Option("--keep-days", metavar="N", min=1, help="Then remove what is older than N days.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Take none: make sure that those there can be restored.")
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="Take none: list those there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Back up a SQLite store while work runs: one consistent moment, verified, with checksums.

    With both --keep and --keep-days a backup stays if either keeps it; the newest one stays always.
    """
    from .backing_up import list_them, take_one, verify_them

    if listing:
        list_them(place, as_json=as_json)
    elif verify:
        verify_them(place, as_json=as_json)
    else:
        take_one(place, store=store, incremental=incremental, keep=(keep, keep_days), as_json=as_json)


@backups.command(cls=Plain, rich_help_panel=Panel.SERVE, short_help="Restore a store from its backups.")
def restore(
    place: Place,
    *,
    store: Store = DEFAULT_STORE,
    name: Annotated[
        str | None, typer.Option("--backup", metavar="NAME", help="Which backup; without it, the newest.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of a store that is there.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do and verify all of it but the last step; nothing changes.")
    ] = False,
    max_bytes: Annotated[
        int | None, typer.Option("--max-bytes", metavar="N", min=1, help="Refuse what needs more room on the disk.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore a SQLite store from its backups: all of it, verified, or nothing. No process may have it open."""
    from .backing_up import Wanted, restore_one

    wanted = Wanted(name=name, replace=replace, dry_run=dry_run, max_bytes=max_bytes)
    restore_one(place, wanted, store=store, as_json=as_json)
