"""Following a run: each picture of it as the parts of a page, until its end.

Rules: a follower only looks. When its page is closed it is dropped, and the run never notices; when the server is away
it says so, and asks again until it is back. Only what has changed is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

import gradio as gr

from agentkit.client import Client
from agentkit.errors import AgentKitError, NotFound
from agentkit.screens import Trouble, trouble_of
from agentkit.wire import FileLine, OperationPage, ResultPage

from .asking import Desks
from .board import board
from .deciding import Heard, Questions, open_questions
from .markup import page, told, trouble

__all__ = ["Picture", "follow"]

_AGAIN_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a page shows of a run; None is as before.

    Attributes:
        board: How it stands, as HTML.
        questions: What it asks.
        files: Its files.
        result: What came of it.
        is_found: Whether there is such a run.
        may_cancel: Whether it can be cancelled.
        may_retry: Whether it can be tried again.
    """

    board: str
    questions: Questions | None = None
    files: tuple[FileLine, ...] | None = None
    result: ResultPage | None = None
    is_found: bool = False
    may_cancel: bool = False
    may_retry: bool = False


@dataclass(slots=True)
class _Seen:
    """What was shown before, only what was shown whole; and what its journal has said."""

    page: OperationPage | None = None
    events: int = -1
    questions: Questions = field(default_factory=Questions)
    files: tuple[FileLine, ...] = ()
    heard: Heard = field(default_factory=Heard)


async def follow(
    desks: Desks, request: gr.Request, operation_id: str, zone: tzinfo, *, refresh_seconds: float = 0.4
) -> AsyncGenerator[Picture, None]:
    """Pictures of a run until its end, or one if it is not to be refreshed; what goes wrong is one too.

    Whoever opens a run has clicked; when nobody has for too long, the page rests.
    """
    seen, clicks = _Seen(), desks.clicks
    clicks.clicked(request)
    while True:
        try:
            pictures = desks.pictures(request, operation_id, refresh_seconds or 1)
            async with aclosing(pictures), aclosing(clicks.until_rest(pictures, request)) as pages:
                async for found in pages:
                    yield await _picture(desks, request, found, seen, zone)
                    if not refresh_seconds:
                        return
            return
        except TimeoutError:
            # Nobody has clicked for too long.
            goes_on = "It asks nothing any more. The run goes on without it."
            yield Picture(
                board=page(told('<a href="">This page has rested; click to go on</a>', goes_on)), questions=Questions()
            )
            return
        except NotFound as error:
            yield Picture(board=page(trouble(trouble_of(error)), _way_back()))
            return
        except AgentKitError as error:
            if not error.retryable:
                yield Picture(board=page(trouble(trouble_of(error)), _way_back()))
                return
            yield _away(trouble_of(error), seen, zone)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _picture(desks: Desks, request: gr.Request, found: OperationPage, seen: _Seen, zone: tzinfo) -> Picture:
    questions: Questions | None = None
    files: tuple[FileLine, ...] | None = None
    result: ResultPage | None = None
    if found.events != seen.events:
        asked = await open_questions(desks, request, found, seen.heard)
        given = seen.files
        if asked.is_open or found.ended or found.status == "quarantined":
            given = await _files(desks, request, found)
        if found.status == "completed":
            result = await _result(desks, request, found)
        # Nothing can fail from here on: what is not shown now is shown when it is asked for again.
        if not asked.asks_as(seen.questions):
            questions = seen.questions = asked
        files, seen.files = (given if given != seen.files else None), given
        seen.events = found.events
    seen.page = found
    is_over = found.ended and found.status != "completed"
    return Picture(
        board=board(found, zone),
        questions=questions,
        files=files,
        result=result,
        is_found=True,
        may_cancel=not found.ended,
        may_retry=is_over or found.status == "quarantined",
    )


def _away(found: Trouble, seen: _Seen, zone: tzinfo) -> Picture:
    """A run whose server does not answer: as it was seen last."""
    again = "This page asks again every few seconds, and goes on by itself. The run does not depend on it."
    notice = trouble(found) + told("Waiting for the server", again)
    shown = page(notice) if seen.page is None else board(seen.page, zone, notice=notice)
    is_found = seen.page is not None
    return Picture(board=shown, is_found=is_found, may_cancel=seen.page is not None and not seen.page.ended)


def _way_back() -> str:
    return '<p><a href="?">Back to the start page</a></p>'


async def _files(desks: Desks, request: gr.Request, found: OperationPage) -> tuple[FileLine, ...]:
    async def work(client: Client) -> tuple[FileLine, ...]:
        return tuple(await client.files(found.id))

    return await desks.look(request, work)


async def _result(desks: Desks, request: gr.Request, found: OperationPage) -> ResultPage:
    async def work(client: Client) -> ResultPage:
        return await client.result(found.id)

    return await desks.look(request, work)
