"""Who can do which stage of a workflow: what a page offers before a start.

Rules: the usual agent comes first; an agent is offered if whoever looks may choose it, and if it takes and gives what
the usual one does. What is not known of the types of one hinders nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agentkit.wire import AgentLine, WorkflowPage

__all__ = ["StageAgents", "stage_agents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAgents:
    """A stage, and who can do it.

    Attributes:
        stage: Its name.
        usual: The agent that does it if nobody says anything.
        choices: Who can do it, the usual one first: each may stand in `SubmitRequest.agents`.
    """

    stage: str
    usual: str
    choices: tuple[str, ...]


def stage_agents(page: WorkflowPage, agents: Sequence[AgentLine]) -> tuple[StageAgents, ...]:
    """The stages of a workflow that an agent works on, in order, with who can.

    Args:
        page: The workflow.
        agents: Who works there, as `Calls.agents` tells.

    Example:
        >>> flow = {"name": "hi", "stages": [{"name": "greet", "agent": "ada"}, {"name": "rest", "wait": 5}]}
        >>> page = WorkflowPage(name="hi", stages=2, definition=flow, diagram="")
        >>> [row] = stage_agents(page, [AgentLine(name="ada"), AgentLine(name="bob", direct=True)])
        >>> row.stage, row.choices
        ('greet', ('ada', 'bob'))
    """
    known = {line.name: line for line in agents}
    return tuple(
        StageAgents(stage=name, usual=chain[0], choices=(chain[0], *_others(chain, known)))
        for name, chain in _stages(page.definition)
    )


def _others(chain: Sequence[str], known: dict[str, AgentLine]) -> Iterator[str]:
    usual = known.get(chain[0])
    for name, line in known.items():
        if name == chain[0] or not (line.direct or name in chain):
            continue
        if usual is None or (_fits(usual.input, line.input) and _fits(usual.output, line.output)):
            yield name


def _stages(definition: JsonValue) -> Iterator[tuple[str, Sequence[str]]]:
    """Each stage that an agent works on, with its agent and its fallbacks."""
    whole = definition if isinstance(definition, dict) else {}
    stages = whole.get("stages")
    for stage in stages if isinstance(stages, list) else []:
        if isinstance(stage, dict) and isinstance(agent := stage.get("agent"), str) and agent:
            given = stage.get("fallback", [])
            chain = [_agent_of(one) for one in (given if isinstance(given, list) else [given])]
            yield str(stage.get("name", "")), [agent, *filter(None, chain)]


def _agent_of(fallback: JsonValue) -> str:
    named = fallback.get("agent") if isinstance(fallback, dict) else fallback
    return named if isinstance(named, str) else ""


def _fits(one: JsonValue, other: JsonValue) -> bool:
    """Whether two types are the same, as far as they are known."""
    return not (isinstance(one, dict) and one and isinstance(other, dict) and other) or _bare(one) == _bare(other)


def _bare(schema: JsonValue) -> JsonValue:
    """A schema without what only people read."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # A property may be called `title` itself; then it is a schema, and no text.
    said = {name for name in ("title", "description") if isinstance(schema.get(name), str)}
    return {name: _bare(part) for name, part in schema.items() if name not in said}
