"""What comes bit by bit: live events that survive a reconnect, and files.

Rules: the number of an event is its place. After a connection that broke off, or a server that was started anew, the
stream goes on behind the last number that was handed out; what comes again is dropped, and what would leave a gap is
not believed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, Protocol

import httpx2
from httpx2 import EventSource, ServerSentEvent
from pydantic import BaseModel, ValidationError

from agentkit.errors import AgentKitError, AnswerInvalid, Closed, ServerUnavailable
from agentkit.wire import EventLine, OperationPage

from .bodies import read
from .patience import Patience
from .problems import error_named
from .settings import ClientSettings

__all__ = ["file_chunks", "live_events"]

_DRAINING: Final = "server.draining"
_FAILED: Final = "error"
_MOST_BYTES: Final = 64 * 1024 * 1024
"""The largest event that is taken."""


class Asks(Protocol):
    """Who asks a server."""

    patience: Patience

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        operation_id: str = "",
        stream: bool = False,
        attempts: int | None = None,
    ) -> httpx2.Response:
        """One call, tried until it is answered."""
        ...


class _Failure(BaseModel):
    """What a stream says when it fails."""

    code: str
    request: str = ""


async def live_events(
    asks: Asks, path: str, operation_id: str, after: int, settings: ClientSettings
) -> AsyncGenerator[EventLine, None]:
    """The events of an operation after this number, until its end, over as many connections as it takes.

    Raises:
        NotFound: The caller has no operation of that id.
        ServerUnavailable: Connections come to nothing, again and again.
        AnswerInvalid: What answers is no stream of events.
    """
    last = max(0, after)
    fruitless = broken = 0
    while True:
        answer = await asks.ask(
            "GET",
            f"{path}/events",
            params={"after": str(last)},
            headers={"Accept": "text/event-stream", "Last-Event-ID": str(last), "Cache-Control": "no-store"},
            operation_id=operation_id,
            stream=True,
            attempts=settings.stream_attempts,
        )
        before = last
        is_broken = True
        try:
            if answer.status_code == 204:
                return
            async with aclosing(_lines(answer, last)) as lines:
                async for line in lines:
                    last = line.number
                    yield line
            is_broken = False
        except httpx2.ReadTimeout:
            # Nothing was said for long: the connection may be dead, or the server slow. Another one tells.
            is_broken = False
        except httpx2.SSEError as error:
            raise AnswerInvalid("what answers is no stream of events, or one event is too large") from error
        except (httpx2.TransportError, ServerUnavailable) as error:
            if broken + 1 >= settings.stream_attempts:
                raise ServerUnavailable("the stream of events breaks off again and again") from error
        finally:
            await answer.aclose()
        fruitless, broken = (0, 0) if last > before else (fruitless + 1, broken + is_broken)
        if not is_broken:
            # The server has ended the stream, or it ends itself, or somebody in between is tired.
            answer = await asks.ask("GET", path, operation_id=operation_id, attempts=settings.stream_attempts)
            page = read(OperationPage, answer)
            if (page.ended or page.status == "quarantined") and page.events <= last:
                return
        await asks.patience.pause(fruitless + 1)


async def _lines(answer: httpx2.Response, last: int) -> AsyncGenerator[EventLine, None]:
    """The events of one connection, from the one after the last on."""
    async with aclosing(_told(answer)) as found:
        async for event in found:
            if event.event == _DRAINING:
                return
            if event.event == _FAILED:
                raise _failure(event.data)
            line = _line(event.data)
            if line is None or line.number <= last:
                continue
            if line.number != last + 1:
                raise ServerUnavailable(f"event {last + 1} was not told")
            last = line.number
            yield line


async def _told(answer: httpx2.Response) -> AsyncGenerator[ServerSentEvent, None]:
    async for event in EventSource(answer, max_event_size=_MOST_BYTES):
        yield event


def _line(data: str) -> EventLine | None:
    if not data:
        return None
    try:
        return EventLine.model_validate_json(data)
    except ValidationError as error:
        raise AnswerInvalid("what the stream says is no event that this client understands") from error


def _failure(data: str) -> AgentKitError:
    """What a stream says of its own failure."""
    words = "the stream of events failed at the server"
    try:
        said = _Failure.model_validate_json(data)
    except ValidationError:
        return ServerUnavailable(words)
    error = error_named(said.code, words)
    error.request_id = said.request
    if error.retryable or isinstance(error, Closed):
        # Another try may find the server on its feet.
        return ServerUnavailable(words)
    return error


async def file_chunks(asks: Asks, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
    """What is in a file, piece by piece.

    Raises:
        NotFound: There is no such file.
        ServerUnavailable: It broke off.
    """
    # As it is: what is packed on the way would have another hash.
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    answer = await asks.ask("GET", path, params=params, headers=headers, stream=True)
    try:
        async for chunk in answer.aiter_bytes():
            yield chunk
    except httpx2.TransportError as error:
        raise ServerUnavailable(f"the file broke off ({type(error).__name__})") from error
    finally:
        await answer.aclose()
