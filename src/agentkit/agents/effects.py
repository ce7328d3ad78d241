"""What an agent does to the world outside: `task.effect(...)`.

Rules: what is intended is on the journal before the world is touched, and what became of it after. What was confirmed
is never done again. Where nobody knows, since the line dropped or the process died, `reconcile` looks, or a person
decides; nothing is repeated blindly. What was once said of an effect, `confirm` or `fail`, holds whatever comes after.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar, cast

from agentkit.errors import EffectFailed, TryAgain, UsageError

from .effect_book import EffectBook, text_of
from .notes import Paused
from .relaying import finish
from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import EffectWord

__all__ = ["Call", "Effect", "Find"]

T = TypeVar("T")

Call: TypeAlias = Callable[[str], Awaitable[T] | T]
"""Does something outside; it is given the key to do it under."""

Find: TypeAlias = Callable[[str], Awaitable[T | None] | T | None]
"""Looks outside what was done under a key: what came of it, or None if nothing was done."""

_MOST = 500
"""So many letters say at most why somebody has to look."""


class Effect(Generic[T]):
    """Something that an agent does to the world outside, once. Made by `task.effect`.

    `run` is the first choice: it does what it is given, or gives the result of the time when it was done. The long
    form is a block, `async with` in coroutines and `with` in plain functions, in which `done` says whether there is
    anything left to do.

    Attributes:
        name: What is done, such as `pay`.

    Example:
        >>> import asyncio
        >>> from agentkit import Task
        >>> task = Task.standalone({"invoice": "INV-1"})
        >>> async def pay(key: str) -> str:
        ...     print("paying under", key)
        ...     return "receipt 7"
        >>> async def twice() -> object:
        ...     await task.effect("pay", key="INV-1").run(pay)
        ...     return await task.effect("pay", key="INV-1").run(pay)
        >>> asyncio.run(twice())
        paying under agentkit:standalone:standalone:pay:INV-1
        'receipt 7'
    """

    __slots__ = ("_about", "_blocking", "_book", "_content", "_find", "_is_open", "_looked", "_said", "_type", "name")

    def __init__(
        self, book: EffectBook, name: str, about: str, *, content: str, find: Find[T] | None, returns: ValueType
    ) -> None:
        self.name: str = name
        self._about = about
        self._book = book
        self._content = content
        self._find = find
        self._type = returns
        self._is_open = False
        self._blocking = False
        self._looked = False
        self._said: tuple[Literal["confirmed", "failed"], str] | None = None

    def __repr__(self) -> str:
        return f"<effect {self.name!r} of {self._about!r}>"

    @property
    def done(self) -> bool:
        """Whether it was done before, so that nothing is left to do; known inside of the block."""
        self._check_open()
        self._looked = True
        return self._is_done

    @property
    def is_strange(self) -> bool:
        """Whether it was done for an item of another list, so that nobody knows whether it is the same."""
        known = self._book.known.get((self.name, self._about))
        return known is not None and known.is_strange

    @property
    def turn(self) -> asyncio.Lock:
        """Held by whoever does it, where several of one attempt may want the same at once: the others wait for it."""
        return self._book.turn(self.name, self._about)

    @property
    def key(self) -> str:
        """The key to do it under, the same over retries and restarts: give it to the system outside.

        Raises:
            UsageError: It was done before, or this is not inside of its block.
        """
        self._check_open()
        self._looked = True
        if self._is_done:
            raise UsageError(f"{self._what} was done before: look at effect.done first; what came of it is its result")
        return self._book.outside(self.name, self._about)

    @property
    def result(self) -> T:
        """What came of it, now or before.

        Raises:
            UsageError: It was not confirmed.
            InputError: What came of it is not of the declared type any more.
        """
        self._looked = True
        if self._said is not None and self._said[0] == "confirmed":
            return cast("T", self._type.decode(self._said[1]))
        known = self._book.known.get((self.name, self._about))
        if known is None or known.outcome != "confirmed":
            raise UsageError(f"{self._what} has no result: it was not confirmed")
        return cast("T", self._type.decode(known.result))

    def confirm(self, result: T | None = None) -> None:
        """Say that it happened, and what came of it. It is on the journal when the block is left.

        Raises:
            UsageError: It was done before, something was said of it before, or this is not inside of its block.
            InputError: The result is not of the declared type.
            UnstorableValue: The result cannot be written exactly.
        """
        self._say("confirmed", text_of(self._type, result))

    def fail(self, reason: str = "") -> None:
        """Say that it surely did not happen, so that it may be tried again.

        Raises:
            UsageError: It was done before, something was said of it before, or this is not inside of its block.
        """
        self._say("failed", ANY.encode(reason))

    async def run(self, call: Call[T]) -> T:
        """Do it, unless it was done; return what came of it, now or before.

        If the call raises, it is unknown whether it happened, except for `EffectFailed`, which says that it did not.

        Args:
            call: A coroutine function, or a plain one that does not block. It is given the key to do it under.

        Raises:
            UnstorableValue: What came of it cannot be written exactly; it is unknown then.
        """
        async with self:
            if not self.done:
                made = call(self.key)
                self.confirm(await cast("Awaitable[T]", made) if inspect.isawaitable(made) else made)
        return self.result

    def run_sync(self, call: Callable[[str], T]) -> T:
        """`run` for plain functions.

        Args:
            call: A plain function. It is given the key to do it under.

        Raises:
            UsageError: The call is a coroutine function, or this is called by one.
            UnstorableValue: What came of it cannot be written exactly; it is unknown then.
        """
        if inspect.iscoroutinefunction(call):
            raise UsageError(f"{self._what}: run_sync calls a plain function; await `run` in a coroutine")
        with self:
            if not self.done:
                self.confirm(call(self.key))
        return self.result

    async def __aenter__(self) -> Effect[T]:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close(error)

    def __enter__(self) -> Effect[T]:
        self._book.check_blocking()
        self._blocking = True
        finish(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        finish(self._close(error))

    @property
    def _what(self) -> str:
        return f"{self._book.where}: effect {self.name!r} of {self._about!r}"

    @property
    def _is_done(self) -> bool:
        known = self._book.known.get((self.name, self._about))
        return known is not None and known.outcome == "confirmed"

    def _check_open(self) -> None:
        if not self._is_open:
            raise UsageError(f"{self._what} is asked outside of its block: say `async with task.effect(...) as effect`")

    def _say(self, word: Literal["confirmed", "failed"], content: str) -> None:
        self._check_open()
        if self._is_done:
            raise UsageError(f"{self._what} was done before, and cannot be {word} again: look at effect.done first")
        if self._said is not None:
            raise UsageError(f"{self._what} was {self._said[0]} already")
        self._said = word, content

    async def _open(self) -> None:
        """Find out where it stands; if it is to be done now, have that on the journal."""
        if self._is_open or self._said is not None:
            raise UsageError(f"{self._what}: one block is one effect; call task.effect again")
        known = self._book.known.get((self.name, self._about))
        if known is None or known.outcome == "failed":
            await self._tell("intended", self._content)
        elif known.is_strange:
            # Looking would not tell: what is found may be what was done for the other item.
            raise self._doubt("it was done for an item of another list, and nobody knows whether it is the same")
        elif known.outcome == "intended":
            await self._reconcile()
        self._is_open = True

    async def _reconcile(self) -> None:
        """Nobody knows whether it was done: look, or let a person decide."""
        if self._find is None:
            raise self._doubt("it was begun, and nobody knows what became of it")
        try:
            found = self._find(self._book.outside(self.name, self._about))
            if inspect.isawaitable(found):
                if self._blocking:
                    _discard(found)
                    raise UsageError("a plain function needs a plain function as its reconcile")
                found = await cast("Awaitable[T | None]", found)
            text = None if found is None else text_of(self._type, found)
        except TryAgain:
            # It is still unknown, and is looked for again in the next attempt.
            raise
        except Exception as error:
            raise self._doubt(f"looking for it failed: {type(error).__name__}: {error}") from error
        if text is None:
            await self._tell("again", self._content)
        else:
            await self._tell("confirmed", text)

    async def _close(self, error: BaseException | None) -> None:
        """Have on the journal what was said of it."""
        self._is_open = False
        if self._said is not None:
            await self._tell(*self._said)
        elif self._is_done:
            if error is None and not self._looked:
                raise UsageError(
                    f"{self._what} was done before, and its block did not look at effect.done: what stands in it was"
                    " done again; use `run`, or do nothing if effect.done"
                )
        elif isinstance(error, EffectFailed):
            await self._tell("failed", ANY.encode(str(error)))
        elif error is None:
            raise UsageError(
                f"{self._what}: its block ended without effect.confirm or effect.fail, so it is unknown what became"
                " of it"
            )

    async def _tell(self, word: EffectWord, content: str) -> None:
        await self._book.tell(self.name, self._about, word, content, blocking=self._blocking)

    def _doubt(self, reason: str) -> Paused:
        from agentkit.kernel import Doubtful

        return Paused(Doubtful(name=self.name, key=self._about, reason=reason[:_MOST]))


def _discard(found: object) -> None:
    if inspect.iscoroutine(found):
        found.close()
