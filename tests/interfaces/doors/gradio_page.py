"""The page of Gradio, called by its client as programs do."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from gradio_client import Client as Page
from gradio_client.exceptions import AppError
from pydantic import JsonValue

import tests.interfaces.gradio.loops  # noqa: F401 - imported for what it does
from agentkit.client import Client
from agentkit.interfaces.gradio import mount_gradio
from tests.client.serving import listening
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import House


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

    def _call(self, name: str, *given: object, **more: object) -> Any:
        return self._page.predict(*given, api_name=f"/{name}", **more)


@contextmanager
def gradio_page(house: House, person: Person) -> Iterator[Door]:
    """A page of somebody, on the loop of the house."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[str, None]:
        app = FastAPI()
        # Gradio reads files to build a page.
        await to_thread.run_sync(partial(mount_gradio, app, Client(house.desk(person)), path="/page"))
        async with listening(app) as url:
            yield f"{url}/page"

    served = opening()
    url = house.do(served.__aenter__())
    try:
        with closing(Page(url, verbose=False)) as page:
            yield GradioPage(page)
    finally:
        house.do(served.__aexit__(None, None, None))
