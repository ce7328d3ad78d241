"""What comes from a server, written: a result, an event, files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from agentkit.client import Client
from agentkit.wire import EventLine, FileLine, OperationPage

from .ending import pretty, say_notes
from .files import make, named

__all__ = ["download", "write_line", "write_result"]


async def write_result(client: Client, operation_id: str, *, quiet: bool = False) -> None:
    """Write the result of an operation that has ended, for people, unless nobody wants to see it.

    Raises:
        OperationError: It did not end well.
    """
    result = await client.result(operation_id)
    if not quiet:
        sys.stdout.write(pretty(json.dumps(result.output)) + "\n")
        say_notes(missing=result.missing, degraded=result.degraded, fallbacks=result.fallbacks)


def write_line(line: EventLine | OperationPage) -> None:
    """Write an event or an operation as a line of JSON."""
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


async def download(client: Client, operation_id: str, lines: Sequence[FileLine], folder: Path) -> Sequence[Path]:
    """Write files into a folder that is made for them, each under a name of its own; where they are."""
    if lines:
        make(folder)
    names = named([(line.stage, line.name) for line in lines])
    return [
        await client.download(operation_id, line.name, folder / Path(name).name, stage=line.stage)
        for name, line in zip(names, lines, strict=True)
    ]
