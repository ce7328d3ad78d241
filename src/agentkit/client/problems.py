"""Problems of a server as errors of ours: the same classes far as near.

Rules: the `code` of a problem says which class; what a server of another version calls by a code that is not known here
is told by its status. Nothing that a server says is believed to be more than a text.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from math import isfinite
from typing import Final

from pydantic import ValidationError

from agentkit import errors
from agentkit.errors import (
    AgentKitError,
    AnswerInvalid,
    DefinitionError,
    InputError,
    KeyReused,
    NotAllowed,
    NotFound,
    OperationError,
    Overloaded,
    ServerUnavailable,
    Unauthenticated,
    UsageError,
)
from agentkit.wire import Problem

__all__ = ["error_named", "error_of", "retry_seconds"]


def _kinds() -> Mapping[str, type[AgentKitError]]:
    found = [getattr(errors, name) for name in errors.__all__]
    return {kind.code: kind for kind in found if isinstance(kind, type) and issubclass(kind, AgentKitError)}


_KINDS: Final = _kinds()
_BY_STATUS: Final[Mapping[int, type[AgentKitError]]] = {
    400: InputError,
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    408: ServerUnavailable,
    409: UsageError,
    413: InputError,
    415: InputError,
    422: InputError,
    425: ServerUnavailable,
    429: ServerUnavailable,
    502: ServerUnavailable,
    503: ServerUnavailable,
    504: ServerUnavailable,
}
"""What a status means where nothing else is known."""


def error_of(
    status: int,
    content: bytes,
    headers: Mapping[str, str],
    *,
    operation_id: str = "",
    key: str = "",
) -> AgentKitError:
    """The error that an answer tells.

    Args:
        status: The HTTP status.
        content: The body.
        headers: The headers.
        operation_id: Which operation was asked about.
        key: The idempotency key that was sent.

    Example:
        >>> error_of(404, b'{"type": "", "title": "", "status": 404, "code": "not_found", "detail": "no such"}', {})
        NotFound('no such')
    """
    wait = retry_seconds(headers)
    try:
        problem = Problem.model_validate_json(content)
    except ValidationError:
        said = f"the server answered with status {status}, and no reason"
        # A server of ours says what is not there.
        is_ours = status != 404
        kind = _BY_STATUS.get(status, AnswerInvalid) if is_ours else AnswerInvalid
        error = kind(said if is_ours else f"{said}: is this an agentkit server, and is it at that path?")
        request_id = ""
    else:
        words = problem.detail or problem.title or problem.code
        kind = _KINDS.get(problem.code) or _BY_STATUS.get(status, AgentKitError)
        error = _made(kind, words, operation_id=operation_id, key=key, wait=wait)
        request_id = problem.instance
        if isinstance(error, InputError):
            error.places = tuple((one.pointer, one.detail) for one in problem.errors)
    error.request_id = request_id or headers.get("x-request-id", "")[:64]
    if wait is not None:
        error.retry_after = wait
    return error


def retry_seconds(headers: Mapping[str, str]) -> float | None:
    """After how many seconds a server wants to be asked again, if it says so.

    Example:
        >>> retry_seconds({"retry-after": "2"})
        2.0
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        # A time of day: what counts is how far it is from the server's own clock.
        try:
            then = email.utils.parsedate_to_datetime(text)
            seconds = (then - email.utils.parsedate_to_datetime(headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if isfinite(seconds) else None


def error_named(code: str, words: str) -> AgentKitError:
    """The error of a code, with words of our own.

    Example:
        >>> error_named("closed", "it ends")
        Closed('it ends')
    """
    return _made(_KINDS.get(code, AgentKitError), words)


def _made(
    kind: type[AgentKitError], words: str, *, operation_id: str = "", key: str = "", wait: float | None = None
) -> AgentKitError:
    if issubclass(kind, DefinitionError):
        return kind(*words.splitlines())
    if issubclass(kind, Overloaded):
        return kind(words, retry_after=1.0 if wait is None else wait)
    if issubclass(kind, OperationError):
        return kind(words, operation_id=operation_id)
    if issubclass(kind, KeyReused):
        return _said(kind, words, key=key, operation_id=operation_id)
    return _said(kind, words)


def _said(kind: type[AgentKitError], words: str, **known: object) -> AgentKitError:
    """An error whose words were said elsewhere; what else its constructor wants to know was not said."""
    error = kind.__new__(kind, words)
    error.args = (words,)
    vars(error).update(known)
    return error
