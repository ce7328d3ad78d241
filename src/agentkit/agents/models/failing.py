"""From the errors of models to errors that steer: try again and when, give up, or the answer does not fit.

Rules: what passes by itself is tried again, after the time that a provider names; what does not pass is left to the
next agent of the chain. No body of a provider's answer gets into a message: it may hold what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelRetry,
    ModelServerError,
    ModelUnavailableError,
    RunTimedOut,
    ToolRetryError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_core import ErrorDetails, ValidationError

from agentkit.errors import AgentError, DefinitionError, GiveUp, OutputInvalid, TryAgain

__all__ = ["is_of_models", "steering"]

_PASSING = (
    ModelRateLimitError,
    ModelUnavailableError,
    ModelServerError,
    ModelConnectionError,
    ModelRequestTimeout,
)
_LASTING = (ModelQuotaExceededError, ModelRequestRejectedError)
_MOST_LETTERS: Final = 500


def is_of_models(error: BaseException) -> bool:
    """Whether `steering` knows what such an error means."""
    members = _members(error)
    if members:
        return all(map(is_of_models, members))
    return isinstance(error, ModelAPIError | RunTimedOut | UnexpectedModelBehavior | UserError)


def steering(name: str, error: BaseException) -> AgentError | TimeoutError | DefinitionError:
    """What an error of a model means to whoever decides what follows.

    Args:
        name: The agent's name.
        error: What was raised.
    """
    failures = [*_failures(error)]
    if failures:
        return _of_provider(name, failures)
    if isinstance(error, RunTimedOut):
        return TimeoutError(f"agent {name!r}: {error.message}; raise ModelLimits(seconds=...)")
    if isinstance(error, ContentFilterError):
        return GiveUp(f"agent {name!r}: the model refused to answer")
    if isinstance(error, UserError):
        return DefinitionError(f"agent {name!r}: {error.message}")
    message = error.message if isinstance(error, UnexpectedModelBehavior) else type(error).__name__
    said = _complaint(error.__cause__)
    last = f"; the last complaint was: {said}" if said else ""
    return OutputInvalid(f"agent {name!r}: no answer of the model was of the declared type: {message}{last}")


def _complaint(cause: BaseException | None) -> str:
    """What the model was told last of what is wrong, on one line; of a field its place and the reason, not the data."""
    match cause:
        case ValidationError():
            told: object = cause.errors(include_url=False, include_context=False, include_input=False)
        case ToolRetryError():
            told = cause.tool_retry.content
        case ModelRetry():
            told = cause.message
        case _:
            return ""
    if isinstance(told, list):
        fields = cast("list[ErrorDetails]", told)
        told = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'value'}: {one['msg']}" for one in fields)
    line = " ".join(str(told).split())
    return line if len(line) <= _MOST_LETTERS else f"{line[:_MOST_LETTERS]}..."


def _failures(error: BaseException) -> Iterator[ModelAPIError]:
    """What providers answered, of one model or of all in a row."""
    for one in _members(error):
        yield from _failures(one)
    if isinstance(error, ModelAPIError):
        yield error


def _members(error: BaseException) -> Sequence[BaseException]:
    """What a group of errors holds; nothing of any other error."""
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions


def _of_provider(name: str, failures: list[ModelAPIError]) -> AgentError:
    told = "; ".join(f"{error.model_name}: {_what(error)}" for error in failures)
    passing = [error for error in failures if isinstance(error, _PASSING) and not isinstance(error, _LASTING)]
    if not passing:
        return GiveUp(f"agent {name!r}: {told}")
    waits = [error.retry_after for error in passing]
    # The first model that may answer again is worth asking; who names no time may answer at any.
    known = [wait for wait in waits if wait is not None]
    return TryAgain(f"agent {name!r}: {told}", after=min(known) if len(known) == len(waits) else None)


def _what(error: ModelAPIError) -> str:
    status = f" (HTTP {error.status_code})" if isinstance(error, ModelHTTPError) else ""
    wait = "" if error.retry_after is None else f", asks to wait {error.retry_after:g} s"
    return f"{type(error).__mro__[0].__name__.removeprefix('_HTTP')}{status}{wait}"
