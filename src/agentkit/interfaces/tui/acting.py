"""What people do with an operation, on whichever screen it is chosen: start, cancel, try again, run again, save.

Rules: every change is a call of the client, asked once; the operation goes on wherever it is driven. What cannot be
done with the operation that is chosen is dimmed in the footer, and its key does nothing.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, tzinfo
from pathlib import Path
from typing import ClassVar, Final

import anyio
from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from agentkit.errors import AgentKitError
from agentkit.screens import plain_text, size_text, trouble_of
from agentkit.wire import OperationLine, OperationPage

from .again_screen import AgainScreen
from .dialogs import AskScreen
from .link import Link
from .place import Place
from .run_panel import RunPanel
from .start_screen import StartScreen
from .states import can_be_retried, has_ended

__all__ = ["ActingScreen"]

_CHANGING: Final = ("approve", "settle", "signal", "cancel", "retry", "again")
"""What can be done with one operation and not with another."""


class ActingScreen(Screen[None]):
    """A screen on which an operation is chosen.

    Args:
        link: Who is asked.
        place: Where that is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "start", "New"),
        Binding("c", "cancel", "Cancel"),
        Binding("r", "retry", "Retry"),
        Binding("e", "again", "Again"),
    ]

    def __init__(self, link: Link, place: Place) -> None:
        super().__init__()
        self.link: Link = link
        self.place: Place = place
        self.zone: tzinfo = UTC
        self._keys: list[bool | None] = []

    @property
    def chosen(self) -> OperationLine | None:
        """The operation that keys are about; None if there is none."""
        raise NotImplementedError

    def opened(self, operation_id: str) -> None:
        """Show an operation, since it was started just now or goes on."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does something now; None dims it."""
        line = self.chosen
        match action:
            case "cancel":
                is_possible = line is not None and not has_ended(line.status)
            case "retry":
                is_possible = line is not None and can_be_retried(line.status)
            case "again":
                is_possible = line is not None
            case _:
                return super().check_action(action, parameters)
        return True if is_possible else None

    def refresh_keys(self) -> None:
        """Have the footer say what can be done, if that is something else than before: it is made anew for it."""
        keys = [self.check_action(name, ()) for name in _CHANGING]
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def say(self, words: str, *, is_bad: bool = False) -> None:
        """Say something in passing."""
        self.app.notify(plain_text(words, 500), severity="error" if is_bad else "information", markup=False)

    def say_error(self, error: AgentKitError) -> None:
        """Say what went wrong, and what to do."""
        trouble = trouble_of(error)
        self.say(" ".join(filter(None, (f"✗ {trouble.message}", trouble.remedy))), is_bad=True)

    # Start

    @work(exclusive=True, group="act")
    async def action_start(self, workflow: str | None = None) -> None:
        """Start an operation."""
        try:
            workflows = await self.link.ask(self.link.client.workflows())
        except AgentKitError as error:
            self.say_error(error)
            return
        if not workflows:
            self.say("no workflow is offered here; give workflow files, or a server that has some", is_bad=True)
            return
        started = await self.app.push_screen_wait(StartScreen(self.link, workflows, self.zone, workflow))
        if started is not None:
            self.opened(started.id)

    @work(exclusive=True, group="act")
    async def action_again(self) -> None:
        """Run the operation again, as a new one."""
        line = self.chosen
        if line is None:
            return
        try:
            page = await self.link.ask(self.link.client.operation(line.id))
            first = await self.link.ask(self.link.client.history(line.id, limit=1))
        except AgentKitError as error:
            self.say_error(error)
            return
        given = first[0].data.get("input") if first else None
        started = await self.app.push_screen_wait(AgainScreen(self.link, page, given, self.zone))
        if started is not None:
            self.opened(started.id)

    # Stop, and again

    @work(exclusive=True, group="act")
    async def action_cancel(self) -> None:
        """Have the operation stop."""
        line = self.chosen
        if line is None:
            return
        words = Text(f"{plain_text(line.workflow, 100)} ({line.id}) stops; what it has done is kept on its journal.")
        ask = AskScreen("Cancel this operation?", words, yes="Cancel the operation", no="Back", line="why (optional)")
        reason = await self.app.push_screen_wait(ask)
        if reason is not None:
            await self._change(self.link.client.cancel(line.id, reason), "is told to stop")

    @work(exclusive=True, group="act")
    async def action_retry(self) -> None:
        """Go on with the operation, from what it has done."""
        line = self.chosen
        if line is None:
            return
        page = await self._change(self.link.client.retry(line.id), "goes on from what is done")
        if page is not None:
            self.opened(page.id)

    async def _change(self, call: Awaitable[OperationPage], said: str) -> OperationPage | None:
        try:
            page = await self.link.ask(call)
        except AgentKitError as error:
            self.say_error(error)
            return None
        self.say(f"{plain_text(page.workflow, 60)} {said}")
        self.changed(page)
        return page

    def changed(self, page: OperationPage) -> None:
        """Show that an operation stands otherwise than before."""

    # Files

    @work(exclusive=True, group="act")
    async def on_run_panel_save(self, event: RunPanel.Save) -> None:
        """Write a file down."""
        file = event.file
        words = Text(f"{plain_text(file.name, 100)}, {size_text(file.size)}. A file of that name there is replaced.")
        ask = AskScreen("Save this file?", words, yes="Save", no="Back", line="a folder of this machine", value=".")
        folder = await self.app.push_screen_wait(ask)
        if folder is None:
            return
        try:
            to = await anyio.Path(folder.strip() or ".").expanduser()
            if not await to.is_dir():
                self.say(f"{folder} is no folder", is_bad=True)
                return
            download = self.link.client.download(event.operation_id, file.name, Path(to), stage=file.stage)
            path = await self.link.ask(download)
        except AgentKitError as error:
            self.say_error(error)
        except OSError as error:
            self.say(f"it cannot be written to {folder}: {error.strerror or error}", is_bad=True)
        else:
            self.say(f"saved {path}")
