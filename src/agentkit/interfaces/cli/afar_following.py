"""Following an operation of a server: drawn, as lines or as JSON, until it ends or comes to wait for somebody.

Rules: each event is written once and in order, also where whoever follows leaves in the middle. An operation waits only
if nothing of it is worked on meanwhile: what runs is known by its events, items of lists and turns of loops too, and a
stage that is an operation of its own waits when that one does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, aclosing
from typing import Final, NamedTuple, Self

from rich.live import Live
from rich.text import Text

from agentkit.client import Client
from agentkit.errors import NotFound
from agentkit.wire import EventLine, LiveLine, OperationPage

from .afar_picture import PagePicture, words_of
from .choosing import chosen, style_of
from .fetching import write_line
from .overhearing import overheard
from .screen import errors
from .waiting import id_below

__all__ = ["Resting", "follow_page"]

_ANSWERED: Final = ("approval", "doubt", "signal")
"""What somebody has to do something about, unlike time."""
_STARTED: Final = "attempt.started"
_STOPPED: Final = frozenset(
    {
        "attempt.succeeded",
        "attempt.failed",
        "attempt.cancelled",
        "agent.unavailable",
        "approval.requested",
        "doubt.raised",
    }
)
"""Events after which the attempt of a stage runs no more."""
_GOES_ON: Final = ("retry", "fall_back")
"""What follows a failure where there is work still to do."""
_FIRST_LOOK: Final = 0.1
_LAST_LOOK: Final = 1.0


class Resting(NamedTuple):
    """An operation that waits for somebody.

    Attributes:
        page: How it stands.
        waits: What is waited for, by operation: its own, and those that run as stages of it.
    """

    page: OperationPage
    waits: Mapping[str, Sequence[str]]


async def follow_page(client: Client, operation_id: str, *, stays: bool, as_json: bool) -> Resting | None:
    """Show an operation until it ends, or until it waits for somebody if nobody is to stay.

    Returns:
        What it waits for, where it was left; None if it has ended.

    Raises:
        NotFound: The caller has no operation of that id.
    """
    with _Show(client, operation_id, as_json=as_json) as show:
        if stays:
            await show.until_end()
            return None
        showing = asyncio.create_task(show.until_end())
        looking = asyncio.create_task(_until_rest(_Work(client, operation_id)))
        try:
            await asyncio.wait({showing, looking}, return_when=asyncio.FIRST_COMPLETED)
            resting = None if showing.done() else await looking
            if resting is None:
                await showing
        finally:
            showing.cancel()
            looking.cancel()
            await asyncio.gather(showing, looking, return_exceptions=True)
        if resting is not None:
            await show.catch_up(resting.page)
        return resting


class _Show:
    """An operation as it is shown here, in the style that was chosen."""

    def __init__(self, client: Client, operation_id: str, *, as_json: bool) -> None:
        self._client = client
        self._id = operation_id
        self._as_json = as_json
        self._style = style_of(chosen())
        self._live: Live | None = None
        self._last = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if not self._as_json and self._style == "live":
            self._live = self._open.enter_context(Live(console=errors(), auto_refresh=False, vertical_overflow="crop"))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    async def until_end(self) -> None:
        """Show it until it ends."""
        if self._live is not None:
            await self._client.follow(self._id, show=self._draw, seconds=0.1)
            return
        if self._as_json or self._style != "plain":
            await self._write_events()
            return
        async with overheard(self._said(), errors()):
            await self._write_events()

    async def _write_events(self) -> None:
        async for line in self._client.events(self._id):
            self._write(line)

    async def _said(self) -> AsyncGenerator[Sequence[LiveLine], None]:
        async with aclosing(self._client.progress(self._id, seconds=0.1)) as pages:
            async for page in pages:
                yield page.said

    async def catch_up(self, page: OperationPage) -> None:
        """Show what has happened until then and was not shown yet."""
        if self._live is not None:
            self._draw(page)
            return
        while self._last < page.events:
            for line in await self._client.history(self._id, after=self._last):
                self._write(line)

    def _draw(self, page: OperationPage) -> None:
        if self._live is not None:
            self._live.update(PagePicture(page), refresh=True)

    def _write(self, line: EventLine) -> None:
        self._last = line.number
        if self._as_json:
            write_line(line)
        elif self._style == "plain":
            errors().print(Text(words_of(line)), soft_wrap=True)


async def _until_rest(work: _Work) -> Resting | None:
    """Look again and again until an operation waits for somebody; None if it ends."""
    before, pause = -1, _FIRST_LOOK
    while True:
        resting = await work.look()
        if resting.page.ended or resting.page.status == "quarantined":
            return None
        # Seen once it may be between one step and the next.
        if resting.waits and resting.page.events == before:
            return resting
        before, pause = (resting.page.events, _FIRST_LOOK) if resting.waits else (-1, min(_LAST_LOOK, 1.5 * pause))
        await asyncio.sleep(pause)


class _Work:
    """What is worked on in an operation, by its events; each look reads those that are new."""

    def __init__(self, client: Client, operation_id: str) -> None:
        self._client = client
        self._id = operation_id
        self._read = 0
        self._running: dict[str, str] = {}
        self._below: dict[str, _Work] = {}

    async def look(self) -> Resting:
        """How it stands, and what it waits for; that is nothing while there is work to do.

        Raises:
            NotFound: The caller has no operation of that id.
        """
        page = await self._client.operation(self._id)
        await self._catch_up(page)
        return Resting(page, {} if page.ended else await self._waits(page))

    async def _catch_up(self, page: OperationPage) -> None:
        while self._read < page.events:
            for line in await self._client.history(self._id, after=self._read):
                self._read = line.number
                if line.stage is None:
                    continue
                if line.type == _STARTED:
                    attempt = line.data.get("attempt", 1)
                    self._running[line.stage] = id_below(
                        self._id, line.stage, attempt if isinstance(attempt, int) else 1
                    )
                elif line.type in _STOPPED and line.data.get("then") not in _GOES_ON:
                    self._running.pop(line.stage, None)

    async def _waits(self, page: OperationPage) -> Mapping[str, Sequence[str]]:
        own = [kind for kind in page.waiting if kind in _ANSWERED]
        found: dict[str, Sequence[str]] = {self._id: own} if own else {}
        if any(stage.status == "retrying" for stage in page.stages):
            return {}
        for child in self._running.values():
            below = await self._waits_below(child)
            if not below:
                return {}
            found |= below
        return found

    async def _waits_below(self, child: str) -> Mapping[str, Sequence[str]]:
        """What is waited for in an attempt that may be an operation of its own."""
        try:
            return (await self._below.setdefault(child, _Work(self._client, child)).look()).waits
        except NotFound:
            # An agent works on it, or it is about to begin.
            return {}
