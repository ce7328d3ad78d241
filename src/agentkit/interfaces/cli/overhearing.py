"""What agents say while they work, as lines on standard error: for whoever chose `--verbosity verbose`.

Rules: it is live only, beside what is on the journal, and nothing waits for it. What an agent said is text, on one
line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

from rich.console import Console
from rich.text import Text

from agentkit.screens import news_of
from agentkit.views import one_line

from .choosing import chosen_or_usual

__all__ = ["SaidLine", "overheard"]

_MOST = 500


class SaidLine(Protocol):
    """Something that an agent said, near or far."""

    @property
    def number(self) -> int:
        """Counted from 1."""
        ...

    @property
    def stage(self) -> str:
        """Which stage said it."""
        ...

    @property
    def message(self) -> str:
        """What."""
        ...


@asynccontextmanager
async def overheard(pictures: AsyncGenerator[Sequence[SaidLine], None], console: Console) -> AsyncGenerator[None, None]:
    """Write what agents say as long as the context is open, if that was asked for.

    Args:
        pictures: The newest lines, again and again.
        console: Where they are written.
    """
    if chosen_or_usual().verbosity != "verbose":
        await pictures.aclose()
        yield
        return
    listening = asyncio.create_task(_write(pictures, console))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _write(pictures: AsyncGenerator[Sequence[SaidLine], None], console: Console) -> None:
    last = 0
    async with aclosing(pictures):
        async for lines in pictures:
            for line in news_of(lines, last):
                last = line.number
                words = f"         {one_line(line.stage, 60)}: {one_line(line.message, _MOST)}"
                console.print(Text(words, "bright_black"), soft_wrap=True)
