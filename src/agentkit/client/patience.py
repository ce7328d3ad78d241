"""When a call is tried again, and after how long.

Rules: only what another try can help is tried again: nobody answered, or the server says that it cannot now. Waits grow
and are left to chance (full jitter), so that many clients do not come back at once; what a server asks for is obeyed,
unless it is longer than anybody here waits. What may be done once only is not said twice, unless it surely was not
heard.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import httpx2
from pydantic import ValidationError
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt

from agentkit.errors import ServerUnavailable
from agentkit.wire import Problem

from .problems import retry_seconds
from .settings import ClientSettings

__all__ = ["Patience"]

_AGAIN: Final = frozenset({408, 425, 429, 502, 503, 504})
_UNHEARD: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_UNTOUCHED: Final = frozenset({"closed", "overloaded", "too_many_requests"})
"""Codes of a server that has not looked at what it was asked."""


class Patience:
    """Tries calls again.

    Args:
        settings: How patiently.
        sleep: How to wait.
    """

    def __init__(self, settings: ClientSettings, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep

    async def answer(
        self, ask: Callable[[], Awaitable[httpx2.Response]], *, attempts: int | None = None, once: bool = False
    ) -> httpx2.Response:
        """What a server answers in the end: the last answer, whatever it says.

        Args:
            ask: Asks once.
            attempts: How often at most; None is as set.
            once: Whether the call must not be said twice.

        Raises:
            ServerUnavailable: Nobody answered.
        """
        enough = stop_after_attempt(attempts or self._settings.attempts)
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=lambda state: enough(state) or self._asked_for(state) > self._settings.longest_wait,
            wait=lambda state: self._asked_for(state) or self._chance(state.attempt_number),
            retry=lambda state: _is_worth_it(state, once=once),
            retry_error_callback=_last,
        )
        return await retrying(_asked, ask)

    async def pause(self, number: int) -> None:
        """Wait before a try, after so many that came to nothing."""
        await self._sleep(self._chance(number))

    def _chance(self, number: int) -> float:
        """A wait between 0 and a bound that doubles with each try."""
        share: float = int.from_bytes(os.urandom(4)) / 2**32
        return share * min(self._settings.longest_wait, self._settings.first_wait * 2.0 ** min(number - 1, 30))

    @staticmethod
    def _asked_for(state: RetryCallState) -> float:
        """How long the server asks to wait; 0 if it says nothing."""
        if state.outcome is None or state.outcome.failed:
            return 0.0
        answer: httpx2.Response = state.outcome.result()
        return retry_seconds(answer.headers) or 0.0


async def _asked(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    try:
        return await ask()
    except httpx2.TransportError as error:
        # Its words may quote what was sent; the name says enough.
        raise ServerUnavailable(
            f"the server does not answer ({type(error).__name__}); what was asked may have happened all the same"
        ) from error


def _is_worth_it(state: RetryCallState, *, once: bool) -> bool:
    assert state.outcome is not None
    error = state.outcome.exception()
    if error is not None:
        return isinstance(error, ServerUnavailable) and (not once or isinstance(error.__cause__, _UNHEARD))
    answer: httpx2.Response = state.outcome.result()
    if answer.status_code not in _AGAIN:
        return False
    return not once or answer.status_code == 429 or _code(answer) in _UNTOUCHED


def _code(answer: httpx2.Response) -> str:
    try:
        return Problem.model_validate_json(answer.content).code
    except ValidationError:
        return ""


def _last(state: RetryCallState) -> httpx2.Response:
    assert state.outcome is not None
    answer: httpx2.Response = state.outcome.result()
    return answer
