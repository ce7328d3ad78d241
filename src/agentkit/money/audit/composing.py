"""Compose the text of an entry, but for its number and the hash before it, which are known last.

Rules: what takes long is done before the trail's lock is held; keys are in their sorted order by construction.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import AgentKitError, AuditError
from agentkit.money.numbers.canonical import shortened
from agentkit.money.numbers.kinds import is_a

from .writing import Commit, quoted, write_mapping

__all__ = ["compose"]


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
