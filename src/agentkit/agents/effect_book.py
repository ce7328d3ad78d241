"""What an attempt knows and tells of its effects: the book between a task and the journal.

Rules: what is told is on the journal before anybody goes on; it may come from the loop, from a plain function in its
thread, or from a process of its own. What cannot be written is refused before it is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, cast

from agentkit.errors import InputError, UnstorableValue

from .notes import Recorder
from .relaying import check_blocking, relay
from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import EffectTold, EffectWord, KnownEffect, RunAttempt

__all__ = ["EffectBook", "about_text", "checked_text", "text_of"]

_PLAIN = (dict, list, str, int, float, bool, type(None))


class EffectBook:
    """What an attempt knows and tells of its effects; without a recorder it is kept in memory only.

    Args:
        command: The attempt.
        recorder: What puts it on the journal.
        loop: The loop on which that is done; None if it does not matter.
    """

    __slots__ = ("_command", "_loop", "_recorder", "_taken", "_turns", "known")

    def __init__(self, command: RunAttempt, recorder: Recorder | None, loop: asyncio.AbstractEventLoop | None) -> None:
        self._command = command
        self._recorder = recorder
        self._loop = loop
        situation = command.situation
        self.known: dict[tuple[str, str], KnownEffect] = {} if situation is None else dict(situation.effects)
        self._taken: dict[str, int] = {}
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}

    @property
    def where(self) -> str:
        """Whose effects these are, for errors."""
        return f"operation {self._command.operation_id}, stage {self._command.stage!r}"

    def number(self, name: str, *, after: int, count: int) -> int:
        """Take so many numbers of a name, above `after`, that nobody else of this attempt gets; the first of them."""
        first = max(self._taken.get(name, 0), after) + 1
        self._taken[name] = first + count - 1
        return first

    def turn(self, name: str, key: str) -> asyncio.Lock:
        """Whose turn it is with an effect, among all of this attempt."""
        return self._turns.setdefault((name, key), asyncio.Lock())

    def outside(self, name: str, key: str) -> str:
        """The name under which the world outside knows an effect."""
        from agentkit.kernel import outside_key

        return outside_key(self._command.idempotency_key, name, key, self.known.get((name, key)))

    async def tell(self, name: str, key: str, word: EffectWord, content: str, *, blocking: bool) -> None:
        """Put it on the journal; when this returns it is kept. A blocking call never waits for the loop it runs on."""
        from agentkit.kernel import EffectTold

        command = self._command
        told = EffectTold(stage=command.stage, attempt=command.attempt, name=name, key=key, word=word, content=content)
        if self._recorder is not None:
            await self._record(self._recorder, told, blocking=blocking)
        self.note(told)

    def note(self, told: EffectTold) -> None:
        """Know of an effect what was told of it, here or by whom the attempt was handed over to."""
        from agentkit.kernel import KnownEffect

        name, key, word, content = told.name, told.key, told.word, told.content
        known = self.known.get((name, key))
        settled = word in ("confirmed", "failed")
        outcome: Literal["intended", "confirmed", "failed"] = word if word in ("confirmed", "failed") else "intended"
        self.known[name, key] = KnownEffect(
            outcome=outcome, result=content if settled else "null", under="" if known is None else known.under
        )

    async def _record(self, recorder: Recorder, told: EffectTold, *, blocking: bool) -> None:
        command = self._command
        await relay(self._loop, lambda: recorder.record(command, told), command.operation_id, blocking=blocking)

    def check_blocking(self) -> None:
        """Refuse to block the loop.

        Raises:
            UsageError: This is the loop.
        """
        check_blocking(self._loop, f"{self.where}: a coroutine says `async with task.effect(...)`, or awaits `run`")


def about_text(details: Mapping[str, object]) -> str:
    """What an agent says about an effect, as JSON.

    Raises:
        UnstorableValue: Something of it cannot be written exactly.
    """
    if not details:
        return "null"
    return "{" + ",".join(f"{ANY.encode(name)}:{text_of(ANY, value)}" for name, value in details.items()) + "}"


def checked_text(what: str, value: object) -> str:
    """A name or a key of an effect.

    Raises:
        InputError: It is not a text of 1 to 200 letters.
    """
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise InputError(f"an effect's {what} is a text of 1 to 200 letters, not {value!r:.100}")
    return value


def text_of(declared: ValueType, value: object) -> str:
    """A value as JSON; what was not declared is written as what it is, and read back as plain JSON.

    Raises:
        InputError: It is not of the declared type.
        UnstorableValue: It cannot be written exactly.
    """
    if declared.is_plain and type(value) not in _PLAIN:
        try:
            return _type_of(cast("Hashable", type(value))).encode(value)
        except (TypeError, RuntimeError) as error:
            kind = type(value).__name__
            raise UnstorableValue(f"{kind} cannot be written as JSON: say what is kept of it, and no more") from error
    return declared.encode(value)


@lru_cache(maxsize=256)
def _type_of(kind: Hashable) -> ValueType:
    return ValueType(kind)
