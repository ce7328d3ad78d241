"""How the terminal asks its client: every call tells on the way whether anybody answers.

Rules: nothing that goes wrong at a server ends the terminal. Who only looks asks again until there is an answer; what
changes something is asked once, and its error goes to whoever asked for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from agentkit.client import Client
from agentkit.errors import (
    AgentKitError,
    AnswerInvalid,
    Closed,
    ServerUnavailable,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
)

from .place import Answering

__all__ = ["Link", "is_passing"]

Answer = TypeVar("Answer")

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0


class Link:
    """A client, and whether it is answered.

    Args:
        client: Who is asked.
        turned: Is told each time that it is answered otherwise than before, and why.
    """

    def __init__(self, client: Client, turned: Callable[[Answering, str], None]) -> None:
        self.client: Client = client
        self.answering: Answering = Answering.CONNECTING
        self.why: str = ""
        self._turned = turned
        self._awake = asyncio.Event()
        self._awake.set()
        self._streams: set[asyncio.Timeout] = set()

    def rest(self) -> None:
        """Ask nothing from now on, and hear nothing any more."""
        self._awake.clear()
        now = asyncio.get_running_loop().time()
        for stream in self._streams:
            stream.reschedule(now)

    def go_on(self) -> None:
        """Ask again."""
        self._awake.set()

    @asynccontextmanager
    async def while_awake(self) -> AsyncGenerator[None, None]:
        """As long as the terminal does not rest; it is entered once it does not.

        Raises:
            TimeoutError: It rests now.
        """
        await self._awake.wait()
        async with asyncio.timeout(None) as stream:
            self._streams.add(stream)
            try:
                yield
            finally:
                self._streams.discard(stream)

    async def ask(self, call: Awaitable[Answer]) -> Answer:
        """One call, asked once.

        Raises:
            AgentKitError: It was refused, or nobody answered.
        """
        await self._until_awake(call)
        try:
            answer = await call
        except AgentKitError as error:
            self.failed(error)
            raise
        self.heard()
        return answer

    async def _until_awake(self, call: Awaitable[object]) -> None:
        try:
            await self._awake.wait()
        except asyncio.CancelledError:
            # Nobody wants it any more, and it was never begun.
            if isinstance(call, Coroutine):
                call.close()
            raise

    async def look(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """One look, taken again and again until somebody answers.

        Raises:
            AgentKitError: It was refused, for a reason that no other try helps.
        """
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self.ask(call())
            except AgentKitError as error:
                if not is_passing(error):
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def heard(self) -> None:
        """Take note that somebody answers."""
        self._turn(Answering.CONNECTED, "")

    def failed(self, error: AgentKitError) -> None:
        """Take note of what came in place of an answer."""
        if isinstance(error, Unauthenticated):
            self._turn(Answering.REFUSED, str(error))
        elif is_passing(error):
            self._turn(Answering.LOST, str(error))
        else:
            self.heard()

    def _turn(self, answering: Answering, why: str) -> None:
        if (answering, why) != (self.answering, self.why):
            self.answering, self.why = answering, why
            self._turned(answering, why)


def is_passing(error: AgentKitError) -> bool:
    """Whether it is only that nobody answers just now."""
    return isinstance(error, ServerUnavailable | AnswerInvalid | TooManyRequests | Closed | StoreUnavailable)
