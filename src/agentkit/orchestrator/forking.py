"""Forks: an operation that begins with what another one has done, and goes another way from there.

Rules: the other operation is only read, whether it runs or has ended. What a fork keeps is decided once, when it
begins, and is on its journal; a stage is kept only if it would be asked the same thing again. A fork under a key begins
once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from agentkit.agents import AgentRegistry
from agentkit.engines import check_placeholders, instruction_values
from agentkit.errors import InputError, NotFound
from agentkit.kernel import (
    ABSENT,
    OperationAccepted,
    Stage,
    State,
    at_path,
    carried_events,
    placeholders,
    replay,
    unchanged_stages,
)

from .change import SAME, Change
from .running.runtime import Runtime
from .submission import Asker, encode_input, keyed_id, take_over

__all__ = ["fork"]


async def fork(runtime: Runtime, origin_id: str, change: Change, asker: Asker, *, fresh_id: str) -> tuple[str, bool]:
    """Begin a fork of an operation; its id, and whether it is new.

    Args:
        runtime: Who drives operations.
        origin_id: The operation that is forked.
        change: What is to be different.
        asker: Who asks, and under which key; the tenant is that of the other operation.
        fresh_id: What the fork is called if it has no key.

    Raises:
        NotFound: There is no such operation, or the workflow has no such stage.
        InputError: Nothing would be different, or the input is too large.
        DefinitionError: The input lacks something that an instruction asks for.
        UnstorableValue: The input cannot be written exactly.
        KeyReused: The key belongs to another request.
        Closed: No new operations are taken.
        StoreError: The store failed.
    """
    if change.at is None and change.input is SAME and change.workflow is None:
        raise InputError("a fork differs in something: say at which stage it begins, or give another input or workflow")
    journal = await runtime.journal(origin_id)
    state, at = replay(journal), runtime.now()
    workflow = change.workflow or state.workflow
    if change.at is not None and change.at not in workflow.graph.index:
        known = ", ".join(stage.name for stage in workflow.stages[:20])
        raise NotFound(f"workflow {workflow.name!r} has no stage {change.at!r} to fork at; it has {known}")
    text = state.input if change.input is SAME else encode_input(change.input, runtime.max_result)
    check_placeholders(workflow, instruction_values(text))
    eyes = _Eyes(state, text, runtime.agents)
    kept = unchanged_stages(state, workflow, at=change.at, sees_same=eyes.see_same)
    accepted = OperationAccepted(
        at=at,
        operation_id=fresh_id if asker.key is None else keyed_id(asker.key, state.tenant),
        workflow=workflow,
        input=text,
        key=asker.key,
        origin=origin_id,
        forked_at=change.at or "",
        requester=asker.by or state.requester,
        tenant=state.tenant,
        priority=state.priority,
        metadata=state.metadata,
        trace=asker.trace,
    )
    begun = await take_over(runtime, accepted, carried_events(state, journal, kept, at))
    return accepted.operation_id, bool(begun)


class _Eyes:
    """Looks at the old and the new input as the stages do."""

    def __init__(self, state: State, text: str, agents: AgentRegistry) -> None:
        self._texts = state.input, text
        self._values = json.loads(state.input), json.loads(text)
        self._words: tuple[Mapping[str, str], Mapping[str, str]] = (
            instruction_values(state.input),
            instruction_values(text),
        )
        self._is_same = _ordered(self._values[0]) == _ordered(self._values[1])
        self._agents = agents

    def see_same(self, stage: Stage) -> bool:
        """Whether a stage sees in the new input what it saw in the old one, as far as its definition says."""
        if self._is_same:
            return True
        asked = () if stage.approval is None else (text for _, text in stage.approval.templates)
        old, new = self._words
        blanks = (name for template in (stage.instruction, *asked) for name in placeholders(template))
        if any(old.get(name) != new.get(name) for name in blanks):
            return False
        for source in (stage.condition, stage.items):
            if source is not None and source.stage is None and not self._lies_same(source.path):
                return False
        if stage.after or stage.items is not None:
            return True
        return stage.workflow is None and all(self._reads_same(agent) for agent in stage.agents)

    def _lies_same(self, path: str) -> bool:
        old, new = (at_path(value, path) for value in self._values)
        if old is ABSENT or new is ABSENT:
            return old is new
        return _ordered(old) == _ordered(new)

    def _reads_same(self, agent: str) -> bool:
        """Whether an agent that is given the input itself reads the same value out of both."""
        entry = self._agents.find(agent)
        if entry is None or entry.input_type.is_plain:
            return False
        try:
            old, new = (entry.input_type.decode(text) for text in self._texts)
        except InputError:
            return False
        return old == new


def _ordered(value: object) -> str:
    """JSON as a text, whatever the order of its keys, since 1, 1.0 and true are equal as values."""
    return json.dumps(value, sort_keys=True)
