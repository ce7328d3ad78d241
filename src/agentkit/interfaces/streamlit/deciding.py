"""What waits for people: approvals with their forms, work in doubt, signals.

Rules: each question is a form of Streamlit's, so that what is typed and the button that says it arrive together: fields
of their own send what they hold when they are left, and a page that is drawn anew in between may lose the click. A form
is not sent by the Enter key, which would be its first button. What is said is read after all fields. Then all is drawn
anew, and what was wrong beside its field. A signal has an id until it is answered, and its button is called by that, so
that a second click, or a script that is run again in the middle, tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, Literal, NoReturn

import streamlit as st
from pydantic import JsonValue

from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, FormErrors, age_text, moment_text, said_value
from agentkit.wire import ApprovalLine, Decision, OperationPage, Settlement, SignalRequest

from .filling import Filling
from .frame import Here
from .journals import board_of, given, signals_of
from .labels import label
from .news import news
from .showing import written
from .states import failure

__all__ = ["approval", "open_questions"]

_MOST_LETTERS: Final = 255
_OVER: Final = ("completed", "skipped", "undone", "failed", "cancelled")


def open_questions(here: Here, page: OperationPage) -> None:
    """Draw all that a run waits for and whoever looks may answer."""
    if "approval" in page.waiting:
        # Whoever agrees has to see to what.
        given(here, page, name="asked")
        for one in here.client.approvals(page.id):
            approval(here, one)
    if "doubt" in page.waiting:
        # Items, turns and undoings are no stages of their own: the journal knows them.
        board = board_of(here, page)
        for stage in board.doubts:
            _doubt(here, page, stage, board.doubt_words(stage))
    if "signal" in page.waiting:
        _signal(here, page)


def approval(here: Here, one: ApprovalLine, *, with_link: bool = False) -> None:
    """Draw one question, its form, and the two answers."""
    name = f"approve/{one.operation}/{one.stage}/{one.name}"
    form = Form.of_kinds(one.form, proposed=one.proposed)
    wrong = st.session_state.get(f"{name}!")
    with _asking(name):
        st.markdown(f":material/how_to_reg: **{label(one.question or f'May the stage {one.stage} go on?', 1_000)}**")
        st.caption(label(_circumstances(here, one), 500))
        if with_link:
            st.page_link(
                here.pages["run"],
                label=f"What run {label(one.operation[:12])} gave so far",
                query_params={"op": one.operation},
            )
        errors = form.errors_of(wrong) if isinstance(wrong, AgentKitError) else FormErrors()
        if isinstance(wrong, AgentKitError) and (errors.general or not errors):
            failure(wrong)
        notes = {field.path: _proposal(one.proposed[field.key]) for field in form.fields if field.key in one.proposed}
        held = Filling(name, errors, notes=notes).draw(form, form.blank())
        comment = st.text_area("Comment (optional)", key=f"{name}#comment", max_chars=10_000, height=68)
        with st.container(horizontal=True):
            for agrees, word, icon in ((True, "Approve", "check"), (False, "Refuse", "close")):
                kind: Literal["primary", "secondary"] = "primary" if agrees else "secondary"
                if st.form_submit_button(word, icon=f":material/{icon}:", key=f"{name}#{agrees}", type=kind):
                    _once(f"{name}!", partial(_vote, here, one, form, held, comment, agrees=agrees))


def _circumstances(here: Here, one: ApprovalLine) -> str:
    who = f"for {', '.join(one.roles)}" if one.roles else "for anybody"
    known = [one.workflow, f"stage {one.stage}", who, f"asked {age_text(one.asked_at, here.now)}"]
    known += [f"{len(one.agreed)} of {one.quorum} agreed"] if one.quorum > 1 else []
    known += [f"agreed: {', '.join(one.agreed)}"] if one.agreed else []
    known += [f"time decides {moment_text(one.deadline, here.zone)}"] if one.deadline else []
    known += ["escalated, since nobody decided in time"] if one.escalated else []
    return " · ".join(known)


def _vote(
    here: Here, one: ApprovalLine, form: Form, held: dict[str, object], comment: str, *, agrees: bool
) -> OperationPage:
    read = form.read(held) if form.fields and agrees else {}
    filled = read if isinstance(read, dict) else {}
    said = Decision(stage=one.stage, name=one.name, approve=agrees, comment=comment, form=filled)
    page = here.client.decide(one.operation, said)
    if changes := [*_changes(form, one.proposed, filled)]:
        news().say(f"Agreed, with {', '.join(changes)}")
    return page


def _changes(form: Form, proposed: Mapping[str, JsonValue], filled: Mapping[str, JsonValue]) -> Iterator[str]:
    """What was changed of what was proposed, in words."""
    for field in form.fields:
        if field.key in proposed and field.key in filled and str(filled[field.key]) != str(proposed[field.key]):
            yield f"{field.label} {_held(filled[field.key])} instead of {_held(proposed[field.key])}"


def _proposal(value: JsonValue) -> str:
    return f"Proposed: {_held(value)}. It is yours to change."


def _held(value: JsonValue) -> str:
    return "empty" if value in (None, "") else written(value)


def _doubt(here: Here, page: OperationPage, stage: str, about: str) -> None:
    """Draw work of which nobody knows whether it happened, and what may be said of it."""
    name = f"settle/{page.id}/{stage}"
    with _asking(name):
        st.markdown(f":material/help: **Did {label(stage)} happen?** Nobody knows; somebody has to look.")
        st.text(f"What is known: {about}")
        _wrong(name)
        value = _told(name, "What came of it, if it happened (optional)")
        comment = st.text_input("How you know (optional)", key=f"{name}#comment", max_chars=10_000)
        words = (("done", "It happened"), ("redo", "It did not: do it"), ("abort", "Give it up"))
        with st.container(horizontal=True):
            for decision, word in words:

                def say(decision: str = decision) -> OperationPage:
                    said = {"stage": stage, "decision": decision, "comment": comment}
                    given = value() if decision == "done" else None
                    return here.client.settle(page.id, Settlement.model_validate({**said, "value": given}))

                if st.form_submit_button(word, key=f"{name}#{decision}"):
                    _once(f"{name}!", say)


def _signal(here: Here, page: OperationPage) -> None:
    """Draw what a waiting stage may be told."""
    name = f"signal/{page.id}"
    told = st.session_state.setdefault(f"{name}#id", f"page-{RandomIds(SystemClock()).operation_id()}")
    offered = _signals(here, page)
    with st.expander("It waits for a signal", icon=":material/campaign:"), _asking(name, border=False):
        _wrong(name)
        signal = st.selectbox(
            "Signal",
            list(offered),
            format_func=lambda one: offered.get(one, one),
            key=f"{name}#name",
            placeholder="Its name is in the workflow",
            accept_new_options=not offered,
        )
        value = _told(name, "What is told (optional)")

        def say() -> OperationPage:
            if not signal:
                raise InputError("say which signal: its name is in the workflow")
            # Of another name it is another signal, which the one before does not stand for.
            said = SignalRequest(name=signal, value=value(), id=f"{told}-{signal}"[:_MOST_LETTERS])
            found = here.client.signal(page.id, said)
            st.session_state.pop(f"{name}#id", None)
            return found

        if st.form_submit_button("Send", key=f"{name}#send/{told}"):
            _once(f"{name}!", say)


def _signals(here: Here, page: OperationPage) -> Mapping[str, str]:
    """What each signal is called that a run waits for, or will wait for; those that it waits for come first."""
    stands = {stage.name: stage.status for stage in page.stages}
    found: dict[str, str] = {}
    later: dict[str, str] = {}
    for stage, signal in signals_of(here, page).items():
        if stands.get(stage) == "waiting":
            found.setdefault(signal, f"{signal}, which {stage} waits for")
        elif stands.get(stage) not in _OVER:
            later.setdefault(signal, f"{signal}, which {stage} will wait for")
    for signal in board_of(here, page).signals:
        # An item or a turn waits for it.
        found.setdefault(signal, f"{signal}, which it waits for")
    return found | {one: words for one, words in later.items() if one not in found}


def _told(name: str, words: str) -> Callable[[], JsonValue]:
    """Draw what is told: a text, or JSON if that is said."""
    text = st.text_area(words, key=f"{name}#value", height=68)
    is_json = st.checkbox("This is JSON: a number, a list, an object", key=f"{name}#json")
    return lambda: said_value(text, is_json=is_json)


def _asking(name: str, *, border: bool = True) -> AbstractContextManager[object]:
    """Where a question and its answers are drawn."""
    return st.form(f"{name}#form", enter_to_submit=False, border=border)


def _wrong(name: str) -> None:
    wrong = st.session_state.get(f"{name}!")
    if isinstance(wrong, AgentKitError):
        failure(wrong)


def _once(name: str, say: Callable[[], OperationPage]) -> NoReturn:
    """Say something, and draw all anew; what is wrong with it is kept under this name until something else is said."""
    st.session_state.pop(name, None)
    news().look_again()
    try:
        say()
    except AgentKitError as error:
        st.session_state[name] = error
    st.rerun()
