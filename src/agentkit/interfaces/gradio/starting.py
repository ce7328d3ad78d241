"""The form that starts a run.

Rules: a start has a key of its own, made when the form is drawn and of what is filled in: a double click, or a second
try after the answer was lost, starts nothing twice. What is wrong stands at its field, and nothing filled in is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

import gradio as gr
from anyio import to_thread
from gradio.components import Component
from pydantic import JsonValue

from agentkit.client import Client
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, FormErrors, Trouble, count_text, trouble_of
from agentkit.wire import OperationPage, SubmitRequest, WorkflowPage

from .asking import Desks
from .fields import Drawing, read_uploads
from .held import Held
from .markup import line, page, told, trouble

__all__ = ["Reads", "Start", "begun", "draw_start", "submit"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """A form as it is filled in.

    Attributes:
        workflow: What is started; None as long as nothing is chosen.
        held: What its widgets hold.
        text: What is written as JSON, in place of the widgets.
        is_text: Whether it is that which was sent last.
        errors: What is wrong with it.
        failed: Why it could not be started.
        mark: Tells this start from others of the same input.
    """

    workflow: WorkflowPage | None = None
    held: Held = field(default_factory=dict[str, object])
    text: str = ""
    is_text: bool = False
    errors: FormErrors = field(default_factory=FormErrors)
    failed: Trouble | None = None
    mark: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def form(self) -> Form:
        """The form of the workflow's input."""
        return Form.of(self.workflow.input if self.workflow is not None else None)

    def key(self, given: JsonValue) -> str:
        """The name of this start: another input is another one."""
        told = json.dumps(given, sort_keys=True, ensure_ascii=False)
        return f"gradio-{hashlib.sha256(f'{self.mark} {told}'.encode()).hexdigest()[:40]}"


_Outcome: TypeAlias = tuple[Start, OperationPage | None]
Reads: TypeAlias = Callable[[Start, Sequence[object]], tuple[Start, Callable[[], JsonValue]]]
"""Reads the values of widgets: the form as it is filled in then, and what makes an input of it."""
Begins: TypeAlias = Callable[[gr.Button, Sequence[Component], Reads], None]
"""Adds what happens when somebody starts, by this button, what these widgets hold."""


def begun(workflow: WorkflowPage, given: JsonValue = None, *, is_again: bool = False) -> Start:
    """A form to begin with: blank, or filled in as before."""
    form = Form.of(workflow.input)
    held = form.fill(given) if is_again else form.blank()
    text = json.dumps(given, ensure_ascii=False, indent=2) if is_again else form.text()
    return Start(workflow=workflow, held=held, text=text)


async def submit(desks: Desks, request: gr.Request, start: Start, read: Callable[[], JsonValue]) -> _Outcome:
    """Start a run of what is filled in; the run, or what is wrong."""
    assert start.workflow is not None
    name = start.workflow.name

    async def work(client: Client) -> OperationPage:
        # A file may be large, and is read and encoded here.
        given = await to_thread.run_sync(read)
        return await client.submit(SubmitRequest(workflow=name, input=given), key=start.key(given))

    try:
        found = await desks.ask(request, work)
    except InputError as error:
        errors = start.form.errors_of(error)
        # What is wrong with a text has its place in the text, and not at fields that are not seen.
        errors = FormErrors(general=tuple(errors.lines())) if start.is_text else errors
        return replace(start, errors=errors, failed=None), None
    except AgentKitError as error:
        return replace(start, errors=FormErrors(), failed=trouble_of(error)), None
    return begun(start.workflow), found


def draw_start(start: Start, state: gr.State, begin: Begins) -> None:
    """Draw a form.

    Args:
        start: The form.
        state: Where it is kept.
        begin: Adds what happens when somebody starts.
    """
    if start.workflow is None:
        return
    _wrong(start)
    fields = start.form.fields
    if not fields:
        gr.HTML(page(told("Nothing to fill in", "This workflow takes no input.")))
    with gr.Tabs(selected="json" if start.is_text else "form"):
        with gr.Tab("Form", id="form"):
            drawing = Drawing(start.held, start.errors)
            drawing.draw(fields)
            _reshape(drawing, start, state)
            begin(gr.Button("Start", variant="primary", size="lg"), drawing.widgets, partial(_of_fields, drawing))
        with gr.Tab("JSON", id="json"):
            text = gr.Textbox(
                start.text, lines=10, max_lines=30, label="Input as JSON", elem_classes="ak-code", interactive=True
            )
            begin(gr.Button("Start with this JSON", variant="primary", size="lg"), [text], _of_text)


def _wrong(start: Start) -> None:
    if start.failed is not None:
        gr.HTML(page(trouble(start.failed)))
    count = sum(map(len, start.errors.fields.values()))
    if start.errors:
        said = [line(words, 500) for words in start.errors.general]
        marked = f"{count_text(count, 'field')} to correct, marked below." if count else ""
        gr.HTML(page(told("This could not be started", *said, marked, kind="bad")))


def _reshape(drawing: Drawing, start: Start, state: gr.State) -> None:
    """Have the form drawn anew where somebody adds, removes or opens a part of it."""
    for widget, change in drawing.changes:

        def changed(*values: object, change: Callable[[Held], None] = change) -> Start:
            held = drawing.read(values)
            change(held)
            return replace(start, held=held, errors=FormErrors(), failed=None)

        listen = widget.click if isinstance(widget, gr.Button) else widget.input
        listen(changed, drawing.widgets, state, api_visibility="private", show_progress="hidden")


def _of_fields(drawing: Drawing, start: Start, values: Sequence[object]) -> tuple[Start, Callable[[], JsonValue]]:
    held = drawing.read(values)
    filled = replace(start, held=held, is_text=False)

    def read() -> JsonValue:
        drawing.check(values)
        return filled.form.read(read_uploads(held))

    return filled, read


def _of_text(start: Start, values: Sequence[object]) -> tuple[Start, Callable[[], JsonValue]]:
    filled = replace(start, text=str(values[0] or ""), is_text=True)
    return filled, lambda: filled.form.read_text(filled.text)
