"""Work in doubt and signals: what somebody knows, or tells, that a run cannot find out by itself.

Rules: who answers is who the client speaks for. A value is a text as it stands, or JSON where that is said. What cannot
be taken is said beside what was filled in, which stays. A signal is told once for each time that its form was drawn,
however often its button is clicked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import gradio as gr

from agentkit.client import Client
from agentkit.engines import RandomIds, SystemClock
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import said_value, trouble_of
from agentkit.wire import OperationPage, Settlement, SignalRequest

from .asking import Desks
from .markup import line, page, paragraphs, told, trouble

__all__ = ["draw_doubt", "draw_signals"]

_Decision: TypeAlias = Literal["done", "redo", "abort"]
_Work: TypeAlias = Callable[[Client], Coroutine[Any, Any, OperationPage]]

_WORDS: Final[Sequence[tuple[_Decision, str]]] = (
    ("done", "✓ It happened"),
    ("redo", "↻ It did not: do it"),
    ("abort", "✕ Give it up"),
)
_QUIET: Final[dict[str, Any]] = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}


def draw_doubt(operation: str, stage: str, about: str, desks: Desks) -> None:
    """Draw work of which nobody knows whether it happened, and what may be said of it."""
    asked = "Nobody knows: it was cut off while it worked. Somebody has to look, and say it here."
    gr.HTML(page(told(f"Did {line(stage)} happen?", asked, f"What is known: {line(about, 1_100)}", kind="ask")))
    name = f"{operation} {stage} doubt"
    with gr.Group():
        value, is_json = _value("What came of it, if it happened (optional)", name)
        comment = gr.Textbox(label="How you know (optional)", lines=2, key=f"{name} comment", interactive=True)
    notice = gr.HTML()
    with gr.Row():
        for decision, words in _WORDS:
            button = gr.Button(words, variant="primary" if decision == "done" else "secondary")
            settle = partial(_settling, operation, stage, desks, decision)
            button.click(settle(), [value, is_json, comment], notice, **_QUIET)


def draw_signals(operation: str, signals: Sequence[str], desks: Desks) -> None:
    """Draw the signals that a run waits for, and what is told with one."""
    gr.HTML(page(told("It waits for a signal", paragraphs("Somebody, or another system, has to tell it."), kind="ask")))
    name = f"{operation} signal"
    with gr.Group():
        # Its name is data of the workflow: shown as it is, and sent as its place in the list.
        choices = [(one, place) for place, one in enumerate(signals)]
        signal = gr.Dropdown(choices, value=0, label="Signal", key=f"{name} name", interactive=True)
        value, is_json = _value("What is told (optional)", name)
    notice = gr.HTML()
    send = gr.Button("Send the signal", variant="primary")
    send.click(_sending(operation, signals, desks), [signal, value, is_json], notice, **_QUIET)


def _value(label: str, name: str) -> tuple[gr.Textbox, gr.Checkbox]:
    value = gr.Textbox(label=label, lines=2, key=f"{name} value", interactive=True)
    is_json = gr.Checkbox(label="This is JSON: a number, a list, an object", key=f"{name} json", interactive=True)
    return value, is_json


def _settling(operation: str, stage: str, desks: Desks, decision: _Decision) -> Callable[..., Awaitable[str]]:
    async def settle(request: gr.Request, value: str, is_json: bool, comment: str) -> str:
        def settlement() -> Settlement:
            came = said_value(value, is_json=is_json) if decision == "done" else None
            return Settlement(stage=stage, decision=decision, value=came, comment=comment or "")

        async def work(client: Client) -> OperationPage:
            return await client.settle(operation, settlement())

        return await _said(desks, request, work, "It is noted, with your name.")

    return settle


def _sending(operation: str, signals: Sequence[str], desks: Desks) -> Callable[..., Awaitable[str]]:
    # Clicked twice, or again after a lost answer, it counts once: the form is drawn anew once it has come.
    drawing = RandomIds(SystemClock()).operation_id()

    async def send(request: gr.Request, signal: int | None, value: str, is_json: bool) -> str:
        async def work(client: Client) -> OperationPage:
            if signal is None:
                raise InputError("say which signal: choose one that the run waits for")
            given = said_value(value, is_json=is_json)
            said = SignalRequest(name=signals[signal], value=given, id=f"page-{drawing}-{signal}")
            return await client.signal(operation, said)

        return await _said(desks, request, work, "It is told.")

    return send


async def _said(desks: Desks, request: gr.Request, work: _Work, words: str) -> str:
    """Have it said; what came of that, as HTML."""
    try:
        await desks.ask(request, work)
    except AgentKitError as error:
        return page(trouble(trouble_of(error)))
    return page(told(words))
