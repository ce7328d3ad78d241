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
from agentkit.screens import Form
from agentkit.wire import OperationPage, PlanRequest, RerunRequest, SubmitRequest, WorkflowLine, WorkflowPage

from .drafts import draft_of, forget
from .entering import enter
from .estimating import estimate
from .frame import Here
from .labels import label
from .news import news
from .options import How, options
from .states import empty

__all__ = ["show"]

_KEY: Final = "agentkit.start"
_WRONG: Final = "agentkit.start.wrong"
_PLAN: Final = "agentkit.start.plan"
_LAST: Final = "agentkit.start.last"


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
    how = options(here, start.workflow, draft, is_again=bool(start.again))
    with st.container(horizontal=True):
        if st.button("Start", type="primary", icon=":material/play_arrow:", key="start"):
            _begin(here, start, read, how)
        if st.button("What would it do?", icon=":material/query_stats:", key="plan", help="Nothing runs."):
            _foresee(here, start, read, how)
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


def _begin(here: Here, start: _Start, read: Callable[[], JsonValue], how: How) -> None:
    """Start it, and show its page; or show what is wrong."""
    try:
        page = _submit(here, start, read(), how)
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


def _submit(here: Here, start: _Start, given: JsonValue, how: How) -> OperationPage:
    key = st.session_state.setdefault(_KEY, f"page-{RandomIds(SystemClock()).operation_id()}")
    if not start.again:
        request = SubmitRequest.model_validate({"workflow": start.workflow.name, "input": given, **how.said})
        return here.client.submit(request, key=key)
    changes = given != start.given or how.at is None
    another = RerunRequest(at=how.at, input=given if changes else None, changes_input=changes)
    return here.client.rerun(start.again, another, key=key)


def _foresee(here: Here, start: _Start, read: Callable[[], JsonValue], how: How) -> None:
    """Have shown what it would do, or what is wrong, and not any more what was."""
    _forget_wrong()
    try:
        st.session_state[_PLAN] = here.client.plan(start.workflow.name, PlanRequest(input=read(), agents=how.agents))
    except AgentKitError as error:
        st.session_state[_WRONG], st.session_state[f"{_WRONG}.of"] = error, start.name
    st.rerun()


def _forget_wrong() -> None:
    for key in (_WRONG, f"{_WRONG}.of"):
        st.session_state.pop(key, None)
