"""The part of the page that shows a run, and what can be done with it.

Rules: what cannot be taken back is asked about first. Commands do not wait for their effect: the follower shows it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import tzinfo
from typing import Any, Final, TypeAlias

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component

from agentkit.client import Client
from agentkit.errors import AgentKitError
from agentkit.screens import trouble_of
from agentkit.wire import OperationPage

from .asking import Desks
from .deciding import Questions, draw_questions
from .files_view import Files, draw_files
from .following import Picture, follow
from .markup import page, told, trouble
from .results import result
from .untyped import listen, unmarked

__all__ = ["RunView"]

_Parts: TypeAlias = dict[Component | BlockContext, Any]
_QUIET: Final[dict[str, Any]] = {"api_visibility": "private", "show_progress": "hidden"}

_OPEN_JS: Final = """(id) => { const name = (id || "").trim();
  if (name) location.search = "?operation=" + encodeURIComponent(name); return id; }"""
_ADDRESS_JS: Final = """(id) => { if (id && !location.search.includes(encodeURIComponent(id)))
  history.pushState(null, "", "?operation=" + encodeURIComponent(id)); }"""
# The browser closes its stream of answers when all that it asked for is there, and what it asks for a moment before it
# has heard of that is never answered: so whatever follows an answer by itself asks a little later.
_LATER_JS: Final = """async (given) => { await new Promise((go) => setTimeout(go, 100)); return given; }"""
_AGAIN_JS: Final = """(id) => { location.search = "?again=" + encodeURIComponent(id); return id; }"""


class RunView:
    """Shows a run.

    Args:
        desks: Whom to ask.
        zone: In which zone times are shown.
        refresh_seconds: How many lie between two looks at it; 0 looks once.

    Attributes:
        where: Which run, as it is kept for the session.
        column: All of it.
        id_box: The id, to be copied.
    """

    def __init__(self, desks: Desks, zone: tzinfo, *, refresh_seconds: float) -> None:
        self._desks = desks
        self._refresh_seconds = refresh_seconds
        self._zone = zone
        self.where: gr.State = gr.State("")
        with gr.Column(visible=False) as column:
            gr.HTML(page('<p><a href="?">← New run and recent runs</a></p>'))
            self._board = gr.HTML()
            self._draw_questions()
            self._draw_result()
            self._notice = gr.HTML()
            self._draw_commands()
        self.column: gr.Column = column

    def _draw_questions(self) -> None:
        self._questions = gr.State(Questions())

        def draw(questions: Questions) -> None:
            draw_questions(questions, self._questions, self._desks, self._zone)

        gr.render(self._questions, triggers=[self._questions.change], queue=False, show_progress="hidden")(draw)

    def _draw_result(self) -> None:
        self._result = gr.HTML()
        with gr.Accordion("As JSON, with the value of each stage", open=False, visible=False) as self._whole:
            self._json = gr.JSON(label="Result", open=True, show_label=False)
        self._files = gr.State(Files())

        def draw(files: Files) -> None:
            draw_files(files, self._desks)

        gr.render(self._files, triggers=[self._files.change], queue=False, show_progress="hidden")(draw)

    def _draw_commands(self) -> None:
        with gr.Row():
            self._cancel = gr.Button("Cancel this run …", visible=False, size="md")
            self._retry = gr.Button("Try again: what is done is kept", visible=False, size="md", variant="primary")
            self._again = gr.Button("Run again with another input", visible=False, size="md")
        self.id_box: gr.Textbox = gr.Textbox(
            label="Run id",
            info="Whoever may see this run finds it by its id, at every door.",
            interactive=False,
            buttons=["copy"],
            max_lines=1,
        )
        with gr.Group(visible=False) as self._sure:
            reason = gr.Textbox(label="Why? (optional)", max_length=500, interactive=True)
            with gr.Row():
                yes = gr.Button("Yes, cancel it", variant="stop")
                no = gr.Button("No, let it go on")
        self._cancel.click(lambda: gr.update(visible=True), None, self._sure, queue=False, **_QUIET)
        no.click(lambda: gr.update(visible=False), None, self._sure, queue=False, **_QUIET)
        yes.click(self._cancelled, [self.where, reason], [self._notice, self._sure], queue=False, **_QUIET)
        retried = self._retry.click(
            self._retried, self.where, [self._notice, self.where, self.id_box], queue=False, **_QUIET
        )
        self._follow_after(retried.then)
        # What is drawn may be gone before what it has begun is over, so a run is followed from here.
        self._follow_after(self.where.change)
        self.id_box.change(None, self.id_box, None, js=_ADDRESS_JS)

    def ask_by_id(self) -> None:
        """Let people open a run by its id."""
        with gr.Accordion("Open a run by its id", open=False):
            given = gr.Textbox(label="Run id", placeholder="paste it here", max_lines=1, interactive=True)
            opens = gr.Button("Open", size="md")
        listen([opens.click, given.submit], None, given, given, js=_OPEN_JS)
        self._again.click(None, self.id_box, self.id_box, js=_AGAIN_JS)

    def _follow_after(self, event: Callable[..., object]) -> None:
        shown = [
            self._board,
            self._questions,
            self._files,
            self._result,
            self._json,
            self._whole,
            self._cancel,
            self._retry,
            self._again,
            self._sure,
        ]
        event(
            self._followed,
            self.where,
            shown,
            concurrency_limit=None,
            api_name="follow_page",
            js=_LATER_JS,
            **_QUIET,
        )

    async def _followed(self, request: gr.Request, operation: str) -> AsyncGenerator[_Parts, None]:
        if not operation:
            return
        before: Picture | None = None
        pictures = follow(self._desks, request, operation, self._zone, refresh_seconds=self._refresh_seconds)
        async for picture in pictures:
            yield self._parts(operation, picture) | self._commands(picture, before)
            before = picture

    def _commands(self, picture: Picture, before: Picture | None) -> _Parts:
        """What can be done now, as far as that is another thing than before."""
        parts: _Parts = {}
        if before is None or picture.may_cancel != before.may_cancel:
            parts[self._cancel] = gr.update(visible=picture.may_cancel)
        if before is not None and before.may_cancel and not picture.may_cancel:
            parts[self._sure] = gr.update(visible=False)
        if before is None or picture.may_retry != before.may_retry:
            parts[self._retry] = gr.update(visible=picture.may_retry)
        if before is None or picture.is_found != before.is_found:
            parts[self._again] = gr.update(visible=picture.is_found)
        return parts

    def _parts(self, operation: str, picture: Picture) -> _Parts:
        parts: _Parts = {self._board: picture.board}
        if picture.questions is not None:
            parts[self._questions] = picture.questions
        if picture.files is not None:
            parts[self._files] = Files(operation=operation, lines=picture.files)
        if picture.result is not None:
            parts[self._result] = result(picture.result)
            parts[self._json] = unmarked(picture.result.model_dump(mode="json"))
            parts[self._whole] = gr.update(visible=True)
        return parts

    async def _cancelled(self, request: gr.Request, operation: str, reason: str) -> tuple[str, dict[str, Any]]:
        async def work(client: Client) -> OperationPage:
            return await client.cancel(operation, (reason or "")[:500])

        words = "It is being cancelled: it stops as soon as it can. What is done stays done."
        return await self._told(request, work, words), gr.update(visible=False)

    async def _retried(self, request: gr.Request, operation: str) -> tuple[str, str, str]:
        """Try it again; it may go on as another run, which is then shown in its place."""
        found = operation

        async def work(client: Client) -> OperationPage:
            nonlocal found
            page = await client.retry(operation)
            found = page.id
            return page

        said = await self._told(request, work, "It is tried again.")
        return said, found, found

    async def _told(
        self, request: gr.Request, work: Callable[[Client], Coroutine[Any, Any, OperationPage]], words: str
    ) -> str:
        try:
            await self._desks.ask(request, work)
        except AgentKitError as error:
            return page(trouble(trouble_of(error)))
        return page(told(words))
