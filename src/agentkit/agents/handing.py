"""Handing an attempt over to somebody else, such as a process of its own, and making what they said one's own.

Rules: what is told of effects over there is known here at once, so that another try knows of it; what was said besides
the value counts with the success; how it failed is told as it was there.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from agentkit.errors import NotFound

from .effect_book import EffectBook
from .failures import FailedElsewhere, failed
from .notes import Notes, Paused, Recorder
from .reports import Reports

if TYPE_CHECKING:
    from agentkit.kernel import Outcome, RunAttempt, Succeeded, Usage, Wish

__all__ = ["Elsewhere", "Passing", "handed", "notes_of", "success_of", "used_by"]

Elsewhere: TypeAlias = "Callable[[RunAttempt, Reports, Recorder], Awaitable[Outcome]]"
"""Works on an attempt and tells its outcome; it says through the reports and the recorder what is said meanwhile."""


class Passing:
    """A recorder that passes on what is told over there, and keeps what this side has to know.

    Args:
        book: What this attempt knows of its effects.
        recorder: Where it is passed to; None if the task stands alone.
        own: The files of a task that stands alone.
    """

    __slots__ = ("_book", "_own", "_recorder")

    def __init__(self, book: EffectBook, recorder: Recorder | None, own: dict[str, bytes]) -> None:
        self._book = book
        self._recorder = recorder
        self._own = own

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        """See `Recorder`."""
        from agentkit.kernel import EffectTold

        if self._recorder is not None:
            await self._recorder.record(command, wish)
        if isinstance(wish, EffectTold):
            self._book.note(wish)

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        """See `Recorder`."""
        if self._recorder is not None:
            return await self._recorder.keep(command, content)
        key = sha256(content).hexdigest()
        self._own[key] = content
        return key

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        """See `Recorder`."""
        if self._recorder is not None:
            return await self._recorder.fetch(command, sha256)
        if sha256 not in self._own:
            raise NotFound("no such file was attached to this task, which stands alone")
        return self._own[sha256]


def handed(command: RunAttempt, book: EffectBook, *, seconds: float | None, given: str | None) -> RunAttempt:
    """The attempt as it is handed over.

    Args:
        command: The attempt.
        book: What is known of its effects by now.
        seconds: How much time is left; None is not limited.
        given: What a task that stands alone works on, as JSON; None if it does not.
    """
    from agentkit.kernel import Situation

    if given is not None:
        command = replace(command, input=given)
    if book.known:
        situation = replace(command.situation or Situation(), effects=dict(book.known))
        command = replace(command, situation=situation)
    return command if seconds is None else replace(command, timeout=seconds)


def used_by(outcome: Outcome) -> Usage | None:
    """What was used over there, whether it succeeded or not."""
    from agentkit.kernel import Failed, Succeeded

    return outcome.usage if isinstance(outcome, Succeeded | Failed) else None


def success_of(outcome: Outcome, command: RunAttempt) -> Succeeded:
    """The success that an outcome is; if it is none, how it failed is raised, or that it waits for people."""
    from agentkit.kernel import Asked, Doubtful, Failed, Succeeded

    if isinstance(outcome, Succeeded):
        return outcome
    if isinstance(outcome, Asked | Doubtful):
        raise Paused(outcome)
    known = outcome if isinstance(outcome, Failed) else failed("process_lost", f"no outcome but {outcome!r}")
    raise FailedElsewhere(known, stage=command.stage, attempt=command.attempt, agent=command.agent)


def notes_of(outcome: Succeeded) -> Notes:
    """What was said besides the value, but for what was used."""
    from agentkit.kernel import artifacts_from_text

    notes = Notes()
    notes.confidence, notes.degraded, notes.tier = outcome.confidence, outcome.degraded, outcome.tier
    notes.writes = json.loads(outcome.context or "{}")
    notes.messages = [(kind, content) for kind, content in json.loads(outcome.effects or "[]")]
    notes.artifacts = {artifact.name: artifact for artifact in artifacts_from_text(outcome.artifacts)}
    return notes
