"""The part of the page that starts a run."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component

from .asking import Desks
from .run_view import RunView
from .starting import Reads, Start, draw_start, submit
from .untyped import SAME

__all__ = ["StartView"]


class StartView:
    """Draws the form, and shows the run once it is started.

    Args:
        desks: Whom to ask.
        run: Where the run is shown.

    Attributes:
        state: The form as it is filled in.
        column: All of it.
        recent: The newest runs.
    """

    def __init__(self, desks: Desks, run: RunView) -> None:
        self._desks = desks
        self._run = run
        self.state: gr.State = gr.State(Start())
        with gr.Column(visible=False) as column:
            # At the change alone: a second drawing, at the load, may come late and would lose what was typed.
            gr.render(self.state, triggers=[self.state.change], queue=False, show_progress="hidden")(self._draw)
        self.column: gr.Column = column
        self.recent: gr.HTML = gr.HTML()

    def _draw(self, start: Start) -> None:
        draw_start(start, self.state, lambda button, widgets, reads: self._begin(start, button, widgets, reads))

    def _begin(self, start: Start, button: gr.Button, widgets: Sequence[Component], reads: Reads) -> None:
        run = self._run
        shown = [self.state, self.column, self.recent, run.where, run.column, run.id_box]

        async def begin(request: gr.Request, *values: object) -> tuple[object, ...]:
            filled, read = reads(start, values)
            after, found = await submit(self._desks, request, filled, read)
            if found is None:
                return after, *[SAME] * 5
            # The form stays as it is, out of sight: another start begins with a page of its own.
            return SAME, gr.update(visible=False), "", found.id, gr.update(visible=True), found.id

        button.click(
            begin, list(widgets), shown, trigger_mode="once", api_visibility="private", show_progress="minimal"
        )
