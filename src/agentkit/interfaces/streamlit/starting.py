"""The page that starts a run: which workflow, with what, how; and first, if asked, what that would do.

Rules: a start has a key of its own until it is answered, so that a second click, or a script that is run again in the
middle, starts nothing twice. What is wrong stands beside its field, and where that is not drawn, above with its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st
from pydantic import JsonValue

from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, KeyReused, NotFound
from agentkit.screens import Form, FormErrors
from agentkit.wire import OperationPage, PlanRequest, RerunRequest, SubmitRequest, WorkflowPage

from .estimating import estimate
from .filling import Filling
from .frame import Here
from .gathering import from_address, from_file
from .labels import label
from .states import empty, failure

__all__ = ["show"]

_KEY: Final = "agentkit.start"
_WRONG: Final = "agentkit.start.wrong"
_PLAN: Final = "agentkit.start.plan"
_WAYS: Final = ("Form", "JSON", "File", "API")


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


def show(here: Here) -> None:
    """Draw the page."""
    offered = here.client.workflows()
    if not offered:
        empty("No workflow is offered", "Name workflow files when you start these pages, or the server.", icon="block")
        return
    about = {line.name: line for line in offered}
    wanted = st.query_params.get("workflow", "")
    if wanted and wanted not in about:
        empty("This workflow is not offered", f"Nobody offers {wanted[:80]!r} here.", icon="block")
        st.page_link(here.pages["execute"], label="All workflows", icon=":material/play_circle:")
        return
    chosen = st.selectbox("Workflow", list(about), key="workflow", bind="query-params")
    if about[chosen].description:
        st.text(about[chosen].description)
    start = _start(here, chosen)
    if start is None:
        return
    wrong = st.session_state.get(_WRONG) if st.session_state.get(f"{_WRONG}.of") == start.name else None
    read = _inputs(here, start, wrong if isinstance(wrong, AgentKitError) else None)
    how, at = _options(start)
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


def _inputs(here: Here, start: _Start, wrong: AgentKitError | None) -> Callable[[], JsonValue]:
    """Draw what is filled in, in one of several ways; what reads it, and raises what is wrong with it."""
    form = start.form
    errors = form.errors_of(wrong) if wrong is not None else FormErrors()
    way = st.radio("Input", _WAYS, key="way", bind="query-params", horizontal=True)
    if wrong is not None and way != "Form":
        # Not every field of what is wrong is drawn.
        failure(wrong, errors.lines())
    elif wrong is not None and (errors.general or not errors):
        failure(wrong)
    filling, begun = Filling(start.name, errors), form.fill(start.given) if start.again else form.blank()
    match way:
        case "JSON":
            written = form.text() if not start.again else json.dumps(start.given, ensure_ascii=False, indent=2)
            text = st.text_area("Input as JSON", written, key=f"{start.name}#json", height=260)
            return lambda: form.read_text(text)
        case "File":
            return from_file(filling, form, begun)
        case "API":
            return from_address(filling, form, begun)
        case _:
            held = filling.draw(form, begun)
            return lambda: form.read(held)


def _options(start: _Start) -> tuple[dict[str, JsonValue], str | None]:
    """Draw how it is run; what differs from the usual, and the stage from which on it runs again."""
    with st.expander("Options", icon=":material/tune:"):
        at = None
        if start.again:
            stages = _stages(start.workflow)
            at = st.selectbox("Keep what was done before stage", stages, index=None, placeholder="Run all", key="at")
            return {}, at
        priority = st.radio("Priority", ["low", "normal", "high"], 1, key="priority", horizontal=True)
        minutes = st.number_input(
            "Time limit in minutes", min_value=0, value=0, key="minutes", help="0 is the workflow's own."
        )
        note = st.text_input("Note, to find it with again", key="note", max_chars=200)
    how: dict[str, JsonValue] = {"priority": priority}
    how |= {"timeout": minutes * 60.0} if minutes else {}
    how |= {"metadata": {"note": note}} if note else {}
    return how, at


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
