"""Calls of tools that ask people themselves, and what becomes of the other calls of the same answer.

Rules: a call that pauses does not tear up its siblings: they come to their end, and what came of them is kept. Only
then the attempt ends, and the next one makes the call that paused again, and no other. Nor does a call that fails tear
up what people agreed to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic_ai import CallDeferred

from agentkit.agents.failures import ended_by
from agentkit.kernel import Doubtful, Failed

from .noting import Noted, is_same

__all__ = ["Pauses", "is_doubt"]


class Pauses:
    """The calls of one answer that cannot go on by themselves.

    Args:
        noted: What tools say besides what they give back.
        can_wait: Whether the agent can end with calls that are not done; if not, a pause ends the attempt at once.

    Attributes:
        is_mixed: Whether something was said besides while a call went on that paused: perhaps by it.
    """

    def __init__(self, noted: Noted, *, can_wait: bool) -> None:
        self.is_mixed: bool = False
        self._noted = noted
        self._can_wait = can_wait
        self._raised: dict[str, BaseException] = {}
        self._going = 0
        self._all_ended = asyncio.Event()

    @property
    def calls(self) -> list[str]:
        """The ids of the calls that paused, in that order."""
        return [*self._raised]

    @property
    def ending(self) -> BaseException | None:
        """What ends the attempt; a doubt counts before every question. None if no call paused."""
        raised = [*self._raised.values()]
        doubts = (error for error in raised if is_doubt(error))
        return next(doubts, raised[0] if raised else None)

    async def ended(self) -> None:
        """Wait until no call goes on any more."""
        while self._going:
            self._all_ended.clear()
            await self._all_ended.wait()

    @asynccontextmanager
    async def kept(self, call: str) -> AsyncGenerator[None]:
        """Put off what ends the attempt, raised by a call, until its siblings are done."""
        said = self._noted.now()
        self._going += 1
        try:
            yield
        except BaseException as error:
            if not self._can_wait or not _is_pause(error):
                raise
            self._raised[call] = error
            self.is_mixed = self.is_mixed or not is_same(said, self._noted.now())
            raise CallDeferred from error
        finally:
            self._going -= 1
            if not self._going:
                self._all_ended.set()


def _is_pause(error: BaseException) -> bool:
    """Whether it ends an attempt without being a failure."""
    return not isinstance(error, GeneratorExit) and not isinstance(ended_by(error), Failed)


def is_doubt(error: BaseException) -> bool:
    """Whether it ends an attempt since nobody knows what became of an effect."""
    return isinstance(ended_by(error), Doubtful)
