"""What is asked, as models of `wire`, of the words that a program says.

Rules: what does not fit is told without repeating it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from pydantic import JsonValue, ValidationError

from agentkit.errors import InputError
from agentkit.wire import Decision, OperationPage, SubmitRequest

__all__ = ["Priority", "Show", "decided", "submission"]

Priority: TypeAlias = Literal["low", "normal", "high"]
"""How soon an operation is begun, where others wait for the same room."""

Show: TypeAlias = Callable[[OperationPage], None]
"""What is shown each picture of an operation on its way."""


def submission(
    workflow: str,
    given: JsonValue,
    priority: Priority,
    metadata: Mapping[str, str] | None,
    timeout: float | None,
    agents: Mapping[str, str] | None,
) -> SubmitRequest:
    """What is asked with a start.

    Raises:
        InputError: A word of it does not fit.
    """
    try:
        return SubmitRequest(
            workflow=workflow,
            input=given,
            priority=priority,
            metadata=dict(metadata or {}),
            timeout=timeout,
            agents=dict(agents or {}),
        )
    except ValidationError as error:
        raise _misfit(error) from error


def decided(stage: str, name: str, *, approve: bool, comment: str, form: Mapping[str, JsonValue] | None) -> Decision:
    """What is said to a question.

    Raises:
        InputError: A word of it does not fit.
    """
    try:
        return Decision(stage=stage, name=name, approve=approve, comment=comment, form=dict(form or {}))
    except ValidationError as error:
        raise _misfit(error) from error


def _misfit(error: ValidationError) -> InputError:
    """What is wrong with a request, without repeating what was given."""
    first = error.errors(include_url=False, include_input=False)[0]
    return InputError(f"{'.'.join(map(str, first['loc'][:1]))}: {first['msg']}")
