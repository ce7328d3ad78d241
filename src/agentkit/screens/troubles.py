"""What went wrong, for people: what happened, why, and what can be done about it.

Rules: the remedy follows from the stable code alone; the message is what somebody said, as text on one line. What a
server refused brings the id of its request, for whoever reads the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agentkit.errors import AgentKitError, DefinitionError
from agentkit.wire import FailureLine, Problem

from .words import plain_text

__all__ = ["Trouble", "trouble_of"]

_REMEDIES: Final[Mapping[str, tuple[str, str]]] = {
    # Of calls.
    "input_invalid": ("The input does not fit", "Correct what is named, and send it again."),
    "form_invalid": ("The form is not complete", "Correct the fields that are marked, and send it again."),
    "definition_invalid": ("This is set up wrongly", "Correct what is named: it cannot work as it is."),
    "not_found": ("Not found", "Check the name or id; it may belong to somebody else, or be gone."),
    "expired": ("It is not kept any more", "Look for a newer one."),
    "not_allowed": ("Not allowed", "Ask somebody with the right to do it, or use another key."),
    "unauthenticated": ("Nobody knows who asks", "Sign in again, or give a valid key."),
    "not_ready": ("Not ready yet", "Wait until it has ended."),
    "too_late": ("Too late", "Somebody was faster, or its time has passed: look at it again."),
    "usage": ("Not now", "Look at how it stands, and try again."),
    "overloaded": ("Too much waits already", "Try again in a while."),
    "too_many_requests": ("Too many requests", "Wait a moment, and try again."),
    "key_reused": ("This key was used for something else", "Give another key, or none."),
    "server_unavailable": ("The server does not answer", "Check that it runs and can be reached; then try again."),
    "answer_invalid": ("This is no answer of agentkit", "Check the address, and that both have the same version."),
    "missing_extra": ("Something is not installed", "Install what is named."),
    # Of operations and stages.
    "operation_failed": (
        "The operation failed",
        "Read why its stage failed; then retry it, or run it with other input.",
    ),
    "operation_cancelled": ("The operation was cancelled", "Retry it to go on where it stopped."),
    "operation_timed_out": ("It took too long", "Retry it, or give it more time."),
    "operation_quarantined": ("It was set aside", "Processes died while they ran it: find out why, then retry it."),
    "error": ("Its work failed", "Mend the cause, then retry it: what is done is kept."),
    "timeout": ("It took too long", "Retry it, or give the stage more time."),
    "budget_exhausted": ("Its budget is spent", "Allow more, or give it less to do."),
    "chain_failed": ("Every way of doing it failed", "Read why each of them failed."),
    "give_up": ("The agent gave up", "Read its message; another input may help."),
    "try_again": ("The agent asked for another try", "Retry it."),
    "effect_failed": ("What it does outside did not happen", "Retry it: nothing was done."),
    "in_doubt": ("Nobody knows whether it happened", "Find out, and say so: done, redo, or give it up."),
    "refused": ("Somebody refused", "Read their comment; run it again with what they ask for."),
    "deadline": ("Nobody answered in time", "Ask again by running it once more."),
}
_OTHERWISE: Final = ("Something went wrong", "Read the message; if that does not help, ask whoever runs the server.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that went wrong.

    Attributes:
        title: What, in a few words.
        message: Why, as it was said; empty if nothing was.
        remedy: What to do.
        code: The kind, for programs.
        is_retryable: Whether the same may succeed later.
        request_id: What the server called the request; empty if none did.
        lines: Each thing that is wrong, where there are several.
    """

    title: str
    message: str
    remedy: str
    code: str
    is_retryable: bool = False
    request_id: str = ""
    lines: tuple[str, ...] = ()


def trouble_of(found: AgentKitError | FailureLine | Problem) -> Trouble:
    """What went wrong, out of an error, the failure of an operation, or a problem of a server.

    Example:
        >>> trouble = trouble_of(FailureLine(code="timeout", message="took longer than 30 s"))
        >>> trouble.title, trouble.remedy
        ('It took too long', 'Retry it, or give the stage more time.')
    """
    title, remedy = _REMEDIES.get(found.code, _OTHERWISE)
    if isinstance(found, FailureLine):
        return Trouble(title=title, message=plain_text(found.message, 1_000), remedy=remedy, code=found.code)
    if isinstance(found, Problem):
        lines = tuple(plain_text(f"{part.pointer}: {part.detail}") for part in found.errors)
        return Trouble(
            title=title,
            message=plain_text(found.detail or found.title, 1_000),
            remedy=remedy,
            code=found.code,
            is_retryable=found.retryable,
            request_id=plain_text(found.instance, 64),
            lines=lines,
        )
    several = found.problems if isinstance(found, DefinitionError) and len(found.problems) > 1 else ()
    return Trouble(
        title=title,
        message=plain_text(str(found), 1_000),
        remedy=remedy,
        code=found.code,
        is_retryable=found.retryable,
        request_id=plain_text(found.request_id, 64),
        lines=tuple(plain_text(line) for line in several),
    )
