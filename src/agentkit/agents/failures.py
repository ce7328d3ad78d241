"""From an exception to a failure as data.

Rules: whatever an agent raises ends here, `SystemExit` and its like too; the message is cut, and no traceback is kept
on the journal. This is one of the few places where every exception is caught on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from agentkit.errors import AgentKitError, AttemptError, TryAgain
from agentkit.kernel import Asked, Doubtful, Failed, Failure

from .notes import Paused

__all__ = ["MAX_MESSAGE", "FailedElsewhere", "ended_by", "failed", "failed_by", "timed_out", "whole_text"]

MAX_MESSAGE = 2_000


class FailedElsewhere(AttemptError):
    """What was handed over failed where it was worked on, such as in a process of its own.

    Attributes:
        outcome: The failure as it was told, which is the attempt's own.
    """

    code = "failed_elsewhere"

    def __init__(self, outcome: Failed, *, stage: str, attempt: int, agent: str) -> None:
        self.outcome = outcome
        why = outcome.failure
        super().__init__(
            why.message, stage=stage, attempt=attempt, agent=agent, error_code=why.code, error_type=why.type
        )


def failed(code: str, message: str, *, type_name: str = "", retryable: bool | None = None) -> Failed:
    """A failure that agentkit itself found."""
    return Failed(
        failure=Failure(code=code, type=whole_text(type_name), message=whole_text(message[:MAX_MESSAGE])),
        kinds=(type_name,) if type_name else (),
        retryable=retryable,
    )


def ended_by(error: BaseException) -> Failed | Asked | Doubtful:
    """How an attempt ended that raised this: it failed, or is paused.

    A task group wraps what is raised in it. There a doubt counts before everything, since it must not be tried again
    blindly; a question counts only if nothing else went wrong.
    """
    raised = [*_leaves(error)]
    pauses = [one.outcome for one in raised if isinstance(one, Paused)]
    for outcome in pauses:
        if isinstance(outcome, Doubtful):
            return outcome
    return pauses[0] if pauses and len(pauses) == len(raised) else failed_by(error)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The error itself, or those that were wrapped in it."""
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _leaves(inner)
    else:
        yield error


def failed_by(error: BaseException) -> Failed:
    """The failure that an exception stands for."""
    if isinstance(error, FailedElsewhere):
        return error.outcome
    code, retryable, after = "error", None, None
    if isinstance(error, AgentKitError):
        code, retryable = error.code, error.retryable
        after = error.after if isinstance(error, TryAgain) else None
    return Failed(
        failure=Failure(code=code, type=whole_text(type(error).__name__), message=whole_text(_message(error))),
        kinds=tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object),
        retryable=retryable,
        retry_after=after,
    )


def _message(error: BaseException) -> str:
    """What an error says, with what was noted on it; of both the message is cut first, since notes say where it was."""
    try:
        said = str(error)
    except BaseException:  # noqa: BLE001 - a user's __str__ may raise anything, and must not hide the error itself
        said = "(this error cannot be shown as text)"
    try:
        notes = "; ".join(map(str, getattr(error, "__notes__", ())))
    except BaseException:  # noqa: BLE001 - notes are a list by habit only, and must not hide what the error says
        notes = ""
    if not notes:
        return said[:MAX_MESSAGE]
    note = f" ({notes[: max(MAX_MESSAGE // 2, MAX_MESSAGE - len(said)) - 3]})"
    return f"{said[: MAX_MESSAGE - len(note)]}{note}".lstrip()


def whole_text(text: str) -> str:
    """The text with whole characters only: the journal cannot keep halves of one."""
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def timed_out(seconds: float | None) -> Failed:
    """The failure of an attempt that took too long."""
    return Failed(
        failure=Failure(code="timeout", type="TimeoutError", message=f"took longer than {round(seconds or 0, 3):g} s"),
        kinds=tuple(kind.__name__ for kind in TimeoutError.__mro__ if kind is not object),
    )
