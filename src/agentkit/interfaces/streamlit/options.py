"""How a run is started: how soon, for how long at most, by whom, under which note; or from which stage on again.

Rules: what is not chosen is as the workflow says. Who could do a stage is asked only when somebody wants to choose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import streamlit as st
from pydantic import JsonValue

from agentkit.screens import FormErrors, StageAgents, stage_agents
from agentkit.wire import WorkflowPage

from .drafts import Draft
from .filling import Filling
from .frame import Here
from .labels import label
from .widgets import Place

__all__ = ["How", "options"]

_PRIORITIES: Final = ("low", "normal", "high")
_MOST_STAGES: Final = 60

_Placing: TypeAlias = Callable[[str, object], Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a run is started.

    Attributes:
        said: What differs from the usual, for the request.
        agents: Who does a stage in the stead of its own agent, by the stage.
        at: The stage from which on it runs again.
    """

    said: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    agents: dict[str, str] = field(default_factory=dict[str, str])
    at: str | None = None


def options(here: Here, workflow: WorkflowPage, draft: Draft, *, is_again: bool) -> How:
    """Draw what may be chosen beside the input.

    Args:
        here: What the page works with.
        workflow: What is started.
        draft: Keeps what was chosen.
        is_again: Whether an earlier run is run again.
    """
    filling = Filling(draft.name, FormErrors(), draft.typed)

    def place(name: str, first: object) -> Place:
        return filling.place(f"{draft.name}#how/{name}", first)

    with st.expander("Options", icon=":material/tune:"):
        return _again(workflow, place) if is_again else _first(here, workflow, place)


def _again(workflow: WorkflowPage, place: _Placing) -> How:
    stages, at = _stages(workflow), place("at", None)
    first = stages.index(str(at.start)) if at.start in stages else None
    words = "Keep what was done before stage"
    return How(at=st.selectbox(words, stages, first, placeholder="Run all", key=at.key, on_change=at.heard))


def _first(here: Here, workflow: WorkflowPage, place: _Placing) -> How:
    at = place("priority", "normal")
    first = _PRIORITIES.index(str(at.start))
    priority = st.radio("Priority", _PRIORITIES, first, key=at.key, horizontal=True, on_change=at.heard)
    at = place("minutes", 0)
    minutes = st.number_input(
        "Time limit in minutes",
        min_value=0,
        value=at.start if isinstance(at.start, int) else 0,
        key=at.key,
        help="0 is the workflow's own.",
        on_change=at.heard,
    )
    at = place("note", "")
    note = st.text_input("Note, to find it with again", str(at.start), key=at.key, max_chars=200, on_change=at.heard)
    agents = _agents(here, workflow, place)
    said: dict[str, JsonValue] = {"priority": priority}
    said |= {"timeout": minutes * 60.0} if minutes else {}
    said |= {"metadata": {"note": note}} if note else {}
    said |= {"agents": {**agents}} if agents else {}
    return How(said=said, agents=agents)


def _agents(here: Here, workflow: WorkflowPage, place: _Placing) -> dict[str, str]:
    """Draw who does which stage; those that are not the usual ones."""
    at = place("choose", False)
    if not st.toggle("Choose who does a stage", at.start is True, key=at.key, on_change=at.heard):
        return {}
    open_to = [one for one in stage_agents(workflow, here.client.agents()) if len(one.choices) > 1]
    if not open_to:
        st.caption("Nobody else here can do a stage of it.")
    if len(open_to) > _MOST_STAGES:
        st.caption(f"The first {_MOST_STAGES} stages of {len(open_to):,} that others can do.")
    chosen = {one.stage: _agent(one, place(f"agent/{one.stage}", one.usual)) for one in open_to[:_MOST_STAGES]}
    return {one.stage: chosen[one.stage] for one in open_to[:_MOST_STAGES] if chosen[one.stage] != one.usual}


def _agent(stage: StageAgents, at: Place) -> str:
    first = stage.choices.index(str(at.start)) if at.start in stage.choices else 0

    def words(name: str) -> str:
        return f"{name}, as usual" if name == stage.usual else name

    return st.selectbox(label(stage.stage), stage.choices, first, format_func=words, key=at.key, on_change=at.heard)


def _stages(workflow: WorkflowPage) -> list[str]:
    definition = workflow.definition
    stages = definition.get("stages") if isinstance(definition, dict) else None
    found = stages if isinstance(stages, list) else []
    return [str(stage["name"]) for stage in found if isinstance(stage, dict) and "name" in stage]
