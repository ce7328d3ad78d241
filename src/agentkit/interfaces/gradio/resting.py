"""When a page rests: nobody has clicked on it for as long as a session lasts.

Rules: a page that rests asks nothing, until somebody clicks; the run that it showed goes on without it. What a page
asks by itself, to follow a run, is no click.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, TypeVar

import gradio as gr
from anyio import current_time

__all__ = ["Clicks"]

Item = TypeVar("Item")

_MOST: Final = 10_000
"""So many pages are remembered: with more of them, the one is forgotten on which nobody has clicked for the longest."""


class Clicks:
    """When somebody clicked last, on each page that is open.

    Args:
        seconds: How long a session without a click lasts; None is without an end.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._last: dict[str, float] = {}

    def clicked(self, request: gr.Request) -> None:
        """Take note of a click."""
        seconds = self._seconds
        if seconds is None or (page := request.session_hash) is None:
            return
        # They stand in the order of their clicks. A page that is forgotten counts as clicked when it is seen next.
        self._last.pop(page, None)
        self._note(page, current_time())

    def _note(self, page: str, at: float) -> float:
        self._last[page] = at
        if len(self._last) > _MOST:
            del self._last[next(iter(self._last))]
        return at

    def left(self, request: gr.Request) -> float | None:
        """In how many seconds the page rests, as things are; None is never."""
        seconds = self._seconds
        if seconds is None or (page := request.session_hash) is None:
            return None
        now = current_time()
        last = self._last.get(page)
        return (self._note(page, now) if last is None else last) + seconds - now

    async def until_rest(self, items: AsyncGenerator[Item, None], request: gr.Request) -> AsyncGenerator[Item, None]:
        """What a stream tells, as long as the page does not rest.

        Raises:
            TimeoutError: It does now.
        """
        while True:
            coming = asyncio.create_task(_next(items))
            try:
                while not coming.done():
                    left = self.left(request)
                    if left is not None and left <= 0:
                        raise TimeoutError
                    # A click may have come meanwhile, which puts it off.
                    await asyncio.wait({coming}, timeout=left)
            finally:
                if not coming.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
            found = coming.result()
            if found is None:
                return
            yield found[0]


async def _next(items: AsyncGenerator[Item, None]) -> tuple[Item] | None:
    """The next of a stream; None at its end."""
    try:
        return (await anext(items),)
    except StopAsyncIteration:
        return None
