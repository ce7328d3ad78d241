"""Compose the text of an entry, but for its number and the hash before it, which are known last.

Rules: what takes long is done before the trail's lock is held; keys are in their sorted order by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from agentkit.errors import AgentKitError, AuditError
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import int_of, is_a

from .ports import Clock
from .writing import Commit, Personal, moment_text, quoted, write_mapping

__all__ = ["check_facts", "compose", "now_text", "whole"]


def whole(value: object, what: str, least: int | None = None) -> int:
    """A whole number that somebody gave.

    Raises:
        AuditError: It is none, or too small.
    """
    number = int_of(value)
    if number is None or (least is not None and number < least):
        bound = "" if least is None else f" from {least} on"
        raise AuditError(f"{what} is {shortened(value)}: give a whole number{bound}")
    return number


def now_text(clock: Clock | None) -> str:
    """The time that a clock says.

    Raises:
        AuditError: There is no clock, or what it says is no time.
    """
    if clock is None:
        raise AuditError("nobody knows what time it is: say at=..., or AuditTrail(..., clock=SystemClock())")
    now = clock.now()
    try:
        return moment_text(datetime.fromtimestamp(now, UTC))
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise AuditError(f"the clock says {shortened(now)}, which is no time since 1970 in seconds") from error


def check_facts(actor: object, rounding: object) -> None:
    """Make sure that who did it, and how it was rounded, can be told.

    Raises:
        AuditError: They cannot.
    """
    if not is_a(actor, str, Personal):
        raise AuditError(f"the actor is {shortened(actor)}: say with a text, or with Personal, who did it")
    if not (rounding is None or is_a(rounding, str)):
        raise AuditError(f"the rounding is {shortened(rounding)}: name it with a text, or leave it out")


def compose(
    operation: str,
    inputs: Mapping[str, object],
    outputs: Mapping[str, object] | None,
    refusal: AgentKitError | Mapping[str, object] | None,
    commit: Commit,
) -> tuple[str, str, str]:
    """Return what stands before the number, between it and the hash, and behind the hash.

    Raises:
        AuditError: There are outputs and a refusal, or neither; or the operation is no text.
    """
    if not is_a(operation, str):
        raise AuditError(f"the operation is {shortened(operation)}: name with a text what was done")
    if (outputs is None) == (refusal is None):
        raise AuditError("an entry has outputs or a refusal: give one of the two, {} if there is nothing to say")
    before = f'"inputs":{write_mapping(inputs, commit)},'
    between = f'"operation":{quoted(operation)},'
    if outputs is not None:
        result = write_mapping(outputs, commit)
        return before, f'{between}"outputs":{result},', ""
    why = write_mapping(_why(refusal), commit)
    return before, between, f'"refusal":{why},'


def _why(refusal: AgentKitError | Mapping[str, object] | None) -> Mapping[str, object]:
    if isinstance(refusal, AgentKitError):
        return {"code": refusal.code, "message": str(refusal)}
    return {} if refusal is None else refusal
