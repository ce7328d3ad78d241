"""The page that starts a run: which workflow, with what, how; and first, if asked, what that would do.

Rules: a start has a key of its own until it is answered, so that a second click, or a script that is run again in the
middle, starts nothing twice. What is wrong stands beside its field, and where that is not drawn, above with its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from pydantic import JsonValue

from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, KeyReused, NotFound
from agentkit.screens import Form, FormErrors
from agentkit.wire import OperationPage, PlanRequest, RerunRequest, SubmitRequest, WorkflowLine, WorkflowPage

from .drafts import Draft, draft_of, forget
from .entering import enter
from .estimating import estimate
from .filling import Filling
from .frame import Here
from .labels import label
from .news import news
from .states import empty
from .widgets import Place

__all__ = ["show"]

_KEY: Final = "agentkit.start"
_WRONG: Final = "agentkit.start.wrong"
_PLAN: Final = "agentkit.start.plan"
_LAST: Final = "agentkit.start.last"
_PRIORITIES: Final = ("low", "normal", "high")


@dataclass(frozen=True, slots=True)
class _Start:
    """What is being started.

    Attributes:
        workflow: The workflow.
        form: Its form.
        again: The run that it was first, with its input, if it is one again.
        given: That input.
    """

    workflow: WorkflowPage
    form: Form
    again: str = ""
    given: JsonValue = None

    @property
    def name(self) -> str:
        """What its widgets are called."""
        return f"start/{self.workflow.name}/{self.again}"

    @property
    def text(self) -> str:
        """What is written as JSON at first."""
        return json.dumps(self.given, ensure_ascii=False, indent=2) if self.again else self.form.text()


def show(here: Here) -> None:
    """Draw the page of all workflows."""
    offered = here.client.workflows()
    if not offered:
        empty("No workflow is offered", "Name workflow files when you start these pages, or the server.", icon="block")
        return
    _show(here, offered)


def show_reports(here: Here) -> None:
    """Draw the page of those workflows that write reports."""
    offered = [line for line in here.client.workflows() if line.reports]
    if not offered:
        empty(
            "No workflow writes reports",
            "One is here as soon as a stage of it, or the agent of a stage, names “reports” as its expertise. "
            "The ready-made report agent does.",
            icon="lab_profile",
        )
        st.page_link(here.pages["execute"], label="All workflows", icon=":material/play_circle:")
        return
    _show(here, offered)


def _show(here: Here, offered: Sequence[WorkflowLine]) -> None:
    about = {line.name: line for line in offered}
    wanted = st.query_params.get("workflow", "")
    if wanted and wanted not in about:
        empty("This workflow is not offered", f"Nobody offers {wanted[:80]!r} here.", icon="block")
        st.page_link(here.pages["execute"], label="All workflows", icon=":material/play_circle:")
        return
    if not wanted and "workflow" not in st.session_state and (last := st.session_state.get(_LAST)) in about:
        # Somebody comes back to what they were filling in.
        st.session_state["workflow"] = last
    chosen = st.selectbox("Workflow", list(about), key="workflow", bind="query-params")
    st.session_state[_LAST] = chosen
    if about[chosen].description:
        st.text(about[chosen].description)
    start = _start(here, chosen)
    if start is None:
        return
    wrong = st.session_state.get(_WRONG) if st.session_state.get(f"{_WRONG}.of") == start.name else None
    draft = draft_of(start.name, start.form, start.given, start.text)
    read = enter(draft, wrong if isinstance(wrong, AgentKitError) else None)
    how, at = _options(start, draft)
    with st.container(horizontal=True):
        if st.button("Start", type="primary", icon=":material/play_arrow:", key="start"):
            _begin(here, start, read, how, at)
        if st.button("What would it do?", icon=":material/query_stats:", key="plan", help="Nothing runs."):
            _foresee(here, start, read)
    if (plan := st.session_state.pop(_PLAN, None)) is not None:
        estimate(plan)


def _start(here: Here, workflow: str) -> _Start | None:
    """What is started; None, and said, if it is a run again that nobody knows."""
    page = here.client.workflow(workflow)
    form = Form.of(page.input)
    again = st.query_params.get("again", "")
    if not again:
        return _Start(page, form)
    try:
        of = here.client.operation(again).workflow
    except NotFound:
        empty("There is no such run", f"Nothing is known here of the run {again[:80]!r}.", icon="search_off")
        st.page_link(here.pages["history"], label="All runs", icon=":material/history:")
        return None
    if of != workflow:
        st.caption(f"Run {label(again)} is one of {label(of)}: this one begins anew.")
        return _Start(page, form)
    first = here.client.history(again, limit=1)
    if not first:
        return _Start(page, form)
    st.info(f"As run {label(again)}, with what you change.", icon=":material/edit:")
    return _Start(page, form, again, first[0].data.get("input"))


def _options(start: _Start, draft: Draft) -> tuple[dict[str, JsonValue], str | None]:
    """Draw how it is run; what differs from the usual, and the stage from which on it runs again."""
    filling = Filling(draft.name, FormErrors(), draft.typed)

    def place(name: str, first: object) -> Place:
        return filling.place(f"{draft.name}#how/{name}", first)

    with st.expander("Options", icon=":material/tune:"):
        if start.again:
            stages, at = _stages(start.workflow), place("at", None)
            first = stages.index(str(at.start)) if at.start in stages else None
            words = "Keep what was done before stage"
            return {}, st.selectbox(words, stages, first, placeholder="Run all", key=at.key, on_change=at.heard)
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
        note = st.text_input(
            "Note, to find it with again", str(at.start), key=at.key, max_chars=200, on_change=at.heard
        )
    how: dict[str, JsonValue] = {"priority": priority}
    how |= {"timeout": minutes * 60.0} if minutes else {}
    how |= {"metadata": {"note": note}} if note else {}
    return how, None


def _stages(workflow: WorkflowPage) -> list[str]:
    definition = workflow.definition
    stages = definition.get("stages") if isinstance(definition, dict) else None
    found = stages if isinstance(stages, list) else []
    return [str(stage["name"]) for stage in found if isinstance(stage, dict) and "name" in stage]


def _begin(here: Here, start: _Start, read: Callable[[], JsonValue], how: dict[str, JsonValue], at: str | None) -> None:
    """Start it, and show its page; or show what is wrong."""
    try:
        page = _submit(here, start, read(), how, at)
    except AgentKitError as error:
        if isinstance(error, KeyReused):
            # Another start was cut off before it was answered: this one is another.
            st.session_state.pop(_KEY, None)
        st.session_state[_WRONG], st.session_state[f"{_WRONG}.of"] = error, start.name
        st.rerun()
    st.session_state.pop(_KEY, None)
    _forget_wrong()
    forget(start.name)
    news().watch(page.id)
    here.go_to_run(page.id)


def _submit(here: Here, start: _Start, given: JsonValue, how: dict[str, JsonValue], at: str | None) -> OperationPage:
    key = st.session_state.setdefault(_KEY, f"page-{RandomIds(SystemClock()).operation_id()}")
    if not start.again:
        request = SubmitRequest.model_validate({"workflow": start.workflow.name, "input": given, **how})
        return here.client.submit(request, key=key)
    changes = given != start.given or at is None
    another = RerunRequest(at=at, input=given if changes else None, changes_input=changes)
    return here.client.rerun(start.again, another, key=key)


def _foresee(here: Here, start: _Start, read: Callable[[], JsonValue]) -> None:
    """Have shown what it would do, or what is wrong, and not any more what was."""
    _forget_wrong()
    try:
        st.session_state[_PLAN] = here.client.plan(start.workflow.name, PlanRequest(input=read()))
    except AgentKitError as error:
        st.session_state[_WRONG], st.session_state[f"{_WRONG}.of"] = error, start.name
    st.rerun()


def _forget_wrong() -> None:
    for key in (_WRONG, f"{_WRONG}.of"):
        st.session_state.pop(key, None)
