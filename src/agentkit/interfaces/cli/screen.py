"""Where commands write, and how they follow an operation: redrawn on a terminal, as lines elsewhere, or as JSON.

Rules: what users wrote is text and never markup; nothing is redrawn more often than ten times a second; whoever stops
reading our output breaks nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agentkit.engines import Recorded
from agentkit.kernel import OperationQuarantined
from agentkit.orchestrator import Operation
from agentkit.service import event_line
from agentkit.views import LogLine, describe

from .choosing import chosen_or_usual
from .overhearing import overheard
from .picture import Picture
from .waiting import Rests

__all__ = ["errors", "hush", "output", "show_json", "show_live", "show_nothing", "show_plain"]


class Screen(Console):
    """A console that falls silent when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        """Go on without a word."""
        self.quiet = True
        hush(sys.stderr if self.stderr else sys.stdout)


def errors() -> Console:
    """Standard error, for people."""
    return _screen(is_error=True)


def output() -> Console:
    """Standard output, for tables."""
    return _screen(is_error=False)


def _screen(*, is_error: bool) -> Console:
    """A console with colours as they are chosen; by default as the terminal has them."""
    colour = chosen_or_usual().colour
    return Screen(
        stderr=is_error,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=True if colour == "always" else None,
        no_color=True if colour == "never" else None,
    )


def hush(stream: TextIO) -> None:
    """Let what is still written go nowhere: whoever read it has seen enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


async def show_live(operation: Operation, rests: Rests) -> None:
    """Redraw stages and bars until the operation has ended, or is left."""
    said: list[Text] = []
    listener = asyncio.get_running_loop().create_task(_listen(operation, rests, said))
    try:
        with Live(console=errors(), auto_refresh=False, vertical_overflow="crop") as live:
            async for progress in operation.follow(seconds=0.1):
                live.update(Picture(progress, [*said, *rests.below]), refresh=True)
                if rests.left:
                    return
    finally:
        listener.cancel()


async def _listen(operation: Operation, rests: Rests, said: list[Text]) -> None:
    """Keep what is to be said below the picture."""
    async with aclosing(operation.events()) as entries:
        async for entry in entries:
            said[:] = await rests.hear(entry)


async def show_plain(operation: Operation, rests: Rests) -> None:
    """Write a line for each event, and for what agents say if that is wanted."""
    console = errors()
    async with overheard(_said(operation), console), aclosing(operation.events()) as entries:
        async for entry in entries:
            clock = event_line(operation.id, entry.number, entry.event).at.strftime("%H:%M:%S")
            console.print(Text(f"{clock} {describe(entry.event)}"), soft_wrap=True)
            if await _is_left(operation, entry, rests):
                return


async def _said(operation: Operation) -> AsyncGenerator[Sequence[LogLine], None]:
    async with aclosing(operation.follow(seconds=0.1)) as pictures:
        async for progress in pictures:
            yield progress.lines


async def show_nothing(operation: Operation, rests: Rests) -> None:
    """Wait until it has ended, or is left."""
    async with aclosing(operation.events()) as entries:
        async for entry in entries:
            if await _is_left(operation, entry, rests):
                return


async def show_json(operation: Operation, rests: Rests) -> None:
    """Write each event as one line of JSON to standard output."""
    async with aclosing(operation.events()) as entries:
        async for entry in entries:
            line = event_line(operation.id, entry.number, entry.event)
            sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")
            sys.stdout.flush()
            if await _is_left(operation, entry, rests):
                return


async def _is_left(operation: Operation, entry: Recorded, rests: Rests) -> bool:
    """Say what is waited for, if something is; whether to look no further."""
    for line in await rests.hear(entry):
        errors().print(line, soft_wrap=True)
    return rests.left or (isinstance(entry.event, OperationQuarantined) and await _is_parked(operation))


async def _is_parked(operation: Operation) -> bool:
    """Whether it is in quarantine now: an earlier quarantine may have been ended by somebody since."""
    return (await operation.state()).status == "quarantined"
