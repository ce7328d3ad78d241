"""The full screen of the terminal: keys are pressed, and what comes is read from the screen."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from pydantic import JsonValue
from textual.pilot import Pilot
from textual.widgets import Input, Select

from agentkit.client import Client
from agentkit.interfaces.tui import Place, TerminalApp
from agentkit.interfaces.tui.field_boxes import FieldBox
from agentkit.interfaces.tui.inbox_table import InboxTable
from agentkit.interfaces.tui.journal_log import JournalLog
from agentkit.interfaces.tui.operation_table import OperationTable
from agentkit.interfaces.tui.run_panel import RunPanel
from agentkit.screens import DoorSettings
from agentkit.wire import ApprovalLine, EventLine
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import WAITING, House
from tests.interfaces.tui.stage import cells, opened, said, screen_text, shown, shows, turned, until

Answer = TypeVar("Answer")
_Task: TypeAlias = tuple[Coroutine[Any, Any, Any], Future[Any]]
ENDS = ("completed", "failed", "cancelled")


class Sitting:
    """What somebody does who sits at the screen."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self._pilot = pilot

    async def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        await self._home()
        await self._pilot.press("n")
        await shows(self._pilot, "Start an operation")
        self._pilot.app.screen.query_one("#workflow", Select).value = workflow
        await self._fill(given)
        await self._pilot.press("ctrl+s")
        await opened(self._pilot)
        await until(self._pilot, lambda: self._panel.page is not None, "is shown")
        return said(self._pilot, "#run-facts").split()[1]

    async def follow(self, operation: str, after: int) -> Sequence[Seen]:
        told = list[tuple[JournalLog, EventLine]]()

        def heard() -> Sequence[EventLine]:
            log = self._panel.query_one(JournalLog)
            return [line for one, line in told if one is log]

        with _hearing(told):
            await self._open(operation)
            await until(self._pilot, lambda: self._word in ENDS, "has ended")
            await until(self._pilot, lambda: [one.number for one in heard()[-1:]] == [self._events], "all was heard")
        await turned(self._pilot, "tab-log")
        await shows(self._pilot, f"{self._events:>5}  ")
        return [Seen(line.number, line.type) for line in heard() if line.number > after]

    async def status(self, operation: str) -> str:
        await self._open(operation)
        return self._word

    async def outcome(self, operation: str) -> str:
        await self._open(operation)
        await turned(self._pilot, "tab-result")
        await until(self._pilot, lambda: said(self._pilot, "#outcome"), "there is a result")
        return said(self._pilot, "#outcome")

    async def overhear(self, operation: str) -> str:
        # Who looks again stays where they are: what is said is written now and then.
        if len(self._pilot.app.screen_stack) == 1 or operation not in self._facts.split()[:2]:
            await self._open(operation)
        await turned(self._pilot, "tab-log")
        return screen_text(self._pilot)

    async def inbox(self) -> Sequence[str]:
        await self._home()
        looked, table = asyncio.Event(), self._pilot.app.screen.query_one(InboxTable)
        show = table.show

        def note(asked: Sequence[ApprovalLine], now: datetime) -> None:
            show(asked, now)
            looked.set()

        table.show = note  # type: ignore[method-assign] # it tells that it was shown something, and shows it
        await self._pilot.press("2")
        await looked.wait()
        table.show = show  # type: ignore[method-assign] # as above
        return [row[-1] for row in cells(self._pilot, "#inbox")]

    async def decide(self, operation: str, key: str, form: Mapping[str, JsonValue], comment: str) -> None:
        await self._open(operation)
        await until(self._pilot, lambda: "approval" in said(self._pilot, "#run-head"), "asks")
        await self._pilot.press("a" if key == "ctrl+s" else "x")
        await shows(self._pilot, "pay asks at pay")
        await self._fill(form)
        self._pilot.app.screen.query_one("#comment", Input).value = comment
        await self._pilot.press(key)
        await opened(self._pilot)

    async def cancel(self, operation: str, reason: str) -> None:
        await self._open(operation)
        await self._pilot.press("c")
        await shows(self._pilot, "Cancel this operation?")
        self._pilot.app.screen.query_one(Input).value = reason
        await self._pilot.press("enter")
        await until(self._pilot, lambda: self._word == "cancelled", "is cancelled")

    async def retry(self, operation: str) -> str:
        await self._open(operation)
        await self._pilot.press("r")
        await until(self._pilot, lambda: operation not in self._facts.split()[:2], "goes on")
        return self._facts.split()[1]

    # The screen

    @property
    def _panel(self) -> RunPanel:
        return self._pilot.app.screen.query_one(RunPanel)

    @property
    def _events(self) -> int:
        """How many events there are, as the newest picture says."""
        return 0 if self._panel.page is None else self._panel.page.events

    @property
    def _facts(self) -> str:
        return said(self._pilot, "#run-facts")

    @property
    def _word(self) -> str:
        """The word beside the sign at the top of a run."""
        return " ".join(said(self._pilot, "#run-head").split()[1:2])

    async def _home(self) -> None:
        """Go back to the list, whatever is open."""
        while len(self._pilot.app.screen_stack) > 1:
            before = len(self._pilot.app.screen_stack)
            await self._pilot.press("escape")
            await until(self._pilot, lambda: len(self._pilot.app.screen_stack) < before, "is left")  # noqa: B023 - it is called before the next turn

    async def _open(self, operation: str) -> None:
        """Find an operation by its id, and open it."""
        await self._home()
        await self._pilot.press("slash")
        await until(self._pilot, lambda: isinstance(self._pilot.app.focused, Input), "the filter has the keys")
        self._pilot.app.screen.query_one("#filter-text", Input).value = operation
        await self._pilot.press("enter")
        await until(self._pilot, lambda: [row[-1] for row in cells(self._pilot, "#operations")] == [operation], "found")
        await until(self._pilot, lambda: isinstance(self._pilot.app.focused, OperationTable), "the list has the keys")
        await self._pilot.press("home", "enter")
        await opened(self._pilot)
        await until(self._pilot, lambda: self._panel.page is not None, "is shown")

    async def _fill(self, given: Mapping[str, JsonValue]) -> None:
        """Write into the fields of a form, once they are there."""

        def inputs() -> Mapping[str, Input]:
            boxes = self._pilot.app.screen.query("FormView FieldBox").results(FieldBox)
            return {box.field.key: line for box in boxes for line in box.query(Input)}

        await until(self._pilot, lambda: given.keys() <= inputs().keys(), "the fields are there")
        for key, value in given.items():
            inputs()[key].value = str(value)


@contextmanager
def _hearing(told: list[tuple[JournalLog, EventLine]]) -> Iterator[None]:
    """What the journals of runs are given to show, as long as the block lasts."""
    show = JournalLog.hear

    def hear(self: JournalLog, line: EventLine) -> None:
        told.append((self, line))
        show(self, line)

    JournalLog.hear = hear  # type: ignore[method-assign] # it listens, and shows it as before
    try:
        yield
    finally:
        JournalLog.hear = show  # type: ignore[method-assign] # as above


class Terminal:
    """A screen in a thread of its own, told from outside what to do."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tasks: "asyncio.Queue[_Task | None]", sitting: Sitting) -> None:
        self._loop, self._tasks, self._sitting = loop, tasks, sitting

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        return self._do(self._sitting.start(workflow, given))

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        return self._do(self._sitting.follow(operation, after))

    def status(self, operation: str) -> str:
        return self._do(self._sitting.status(operation))

    def outcome(self, operation: str) -> str:
        return self._do(self._sitting.outcome(operation))

    def overhear(self, operation: str) -> str:
        return self._do(self._sitting.overhear(operation))

    def inbox(self) -> Sequence[str]:
        return self._do(self._sitting.inbox())

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        self._do(self._sitting.decide(operation, "ctrl+s", dict(form), comment))

    def refuse(self, operation: str, comment: str) -> None:
        self._do(self._sitting.decide(operation, "ctrl+x", {}, comment))

    def cancel(self, operation: str, reason: str) -> None:
        self._do(self._sitting.cancel(operation, reason))

    def retry(self, operation: str) -> str:
        return self._do(self._sitting.retry(operation))

    def _do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        answer = Future[Any]()
        self._loop.call_soon_threadsafe(self._tasks.put_nowait, (work, answer))
        done: Answer = answer.result(2 * WAITING)
        return done


@contextmanager
def terminal(house: House, person: Person) -> Iterator[Door]:
    """A screen that somebody looks at the server with."""
    heard: SimpleQueue[Terminal] = SimpleQueue()
    ended = Future[None]()

    async def sit() -> None:
        tasks = asyncio.Queue[_Task | None]()
        async with Client.at(house.url, key_file=house.key_file(person)) as client:
            app = TerminalApp(client, Place(name=house.url), settings=DoorSettings(refresh_seconds=0))
            async with shown(app, size=(100, 30)) as pilot:
                heard.put(Terminal(asyncio.get_running_loop(), tasks, Sitting(pilot)))
                while (task := await tasks.get()) is not None:
                    work, answer = task
                    try:
                        answer.set_result(await work)
                    except BaseException as error:  # noqa: BLE001 - it goes to whoever asked
                        answer.set_exception(error)

    def run() -> None:
        try:
            asyncio.run(sit())
        finally:
            ended.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    screen = heard.get(timeout=WAITING)
    try:
        yield screen
    finally:
        screen._loop.call_soon_threadsafe(screen._tasks.put_nowait, None)
        ended.result(WAITING)
