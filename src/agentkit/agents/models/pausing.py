"""Calls of tools that ask people themselves, and what becomes of the other calls of the same answer.

Rules: a call that pauses does not tear up its siblings: they come to their end, and what came of them is kept. Only
then the attempt ends, and the next one makes the call that paused again, and no other. Nor does a call that fails tear
up its siblings where people agreed to them; those that have not begun by then are left to the next attempt.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

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
        is_agreed: Whether calls are made that people agreed to, until the model answers.

    Attributes:
        is_agreed: Whether such calls are made now.
        failure: What the first of them failed with.
        is_mixed: Whether something was said besides while a call went on that paused: perhaps by it.
    """

    def __init__(self, noted: Noted, *, can_wait: bool, is_agreed: bool) -> None:
        self.is_agreed: bool = is_agreed
        self.failure: Exception | None = None
        self.is_mixed: bool = False
        self._noted = noted
        self._can_wait = can_wait
        self._raised: dict[str, BaseException] = {}

    @property
    def calls(self) -> list[str]:
        """The ids of the calls that paused, in the order that they have."""
        return [*self._raised]

    @property
    def ending(self) -> BaseException | None:
        """What ends the attempt; a doubt counts before every question. None if no call paused."""
        raised = [*self._raised.values()]
        doubts = (error for error in raised if is_doubt(error))
        return next(doubts, raised[0] if raised else None)

    def arrange(self, calls: Sequence[str]) -> None:
        """Put the calls that paused in the order of the answer, whichever of them paused first.

        Args:
            calls: The ids of all calls of the answer, in order.
        """
        self._raised = {call: self._raised[call] for call in calls if call in self._raised}

    @contextmanager
    def kept(self, call: str) -> Generator[None]:
        """Put off what ends the attempt, raised by a call, until its siblings are done; after a failure none begins."""
        if self.failure is not None:
            raise CallDeferred
        said = self._noted.now()
        try:
            yield
        except BaseException as error:
            if not self._can_wait or not _is_pause(error):
                raise
            self._raised[call] = error
            self.is_mixed = self.is_mixed or not is_same(said, self._noted.now())
            raise CallDeferred from error

    def put_off(self, failure: Exception) -> None:
        """Put off a failure of a call that people agreed to until its siblings are done, as a pause is put off."""
        if self.is_agreed:
            self.failure = self.failure or failure
            raise CallDeferred from failure


def _is_pause(error: BaseException) -> bool:
    """Whether it ends an attempt without being a failure."""
    return not isinstance(error, GeneratorExit) and not isinstance(ended_by(error), Failed)


def is_doubt(error: BaseException) -> bool:
    """Whether it ends an attempt since nobody knows what became of an effect."""
    return isinstance(ended_by(error), Doubtful)
