"""The page of Gradio, called by its client as programs do."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from gradio_client import Client as Page
from gradio_client.exceptions import AppError
from pydantic import JsonValue

import tests.interfaces.gradio.loops  # noqa: F401 - imported for what it does
from agentkit.client import Client
from agentkit.interfaces.gradio import serve
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import WAITING, House


class GradioPage:
    """The named calls of a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        return str(self._call("start", dict(given), workflow=workflow)["id"])

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        self._call("follow", operation)
        return [Seen(line["number"], line["type"]) for line in self._call("events", operation, after)]

    def status(self, operation: str) -> str:
        return str(self._call("operation", operation)["status"])

    def outcome(self, operation: str) -> str:
        try:
            return str(self._call("result", operation)["output"])
        except AppError as error:
            return str(error)

    def overhear(self, operation: str) -> str:
        return "\n".join(f"{line['stage']}: {line['message']}" for line in self._call("operation", operation)["said"])

    def inbox(self) -> Sequence[str]:
        return [line["operation"] for line in self._call("approvals")]

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        self._call("approve", operation, "pay", dict(form), comment)

    def refuse(self, operation: str, comment: str) -> None:
        self._call("refuse", operation, "pay", comment=comment)

    def cancel(self, operation: str, reason: str) -> None:
        self._call("cancel", operation, reason)

    def retry(self, operation: str) -> str:
        return str(self._call("retry", operation)["id"])

    def _call(self, name: str, *given: Any, **more: Any) -> Any:
        return self._page.predict(*given, api_name=f"/{name}", **more)


@contextmanager
def gradio_page(house: House, person: Person) -> Iterator[Door]:
    """A page of somebody, on the loop of the house."""
    heard: SimpleQueue[str] = SimpleQueue()
    ended = threading.Event()

    async def show() -> None:
        try:
            await serve(Client(house.desk(person)), port=0, announce=heard.put)
        finally:
            ended.set()

    serving = asyncio.run_coroutine_threadsafe(show(), house.loop)
    page: Page | None = None
    try:
        page = Page(heard.get(timeout=WAITING), verbose=False)
        yield GradioPage(page)
    finally:
        serving.cancel()
        assert ended.wait(WAITING)
        # Not before: it waits for a word of the server, which says one every few seconds.
        if page is not None:
            page.close()
