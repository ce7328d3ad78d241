"""The calls for programs, by `gradio_client`: JSON in, JSON out, and nothing of the page.

Rules: a call is named by what it does, and its values are those of `agentkit.wire`. An error is one line: its stable
code, a colon, and what is wrong.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

import gradio as gr
from pydantic import BaseModel, ValidationError

from agentkit.client import Client
from agentkit.errors import AgentKitError, InputError
from agentkit.wire import Decision, SubmitRequest

from .asking import Desks
from .untyped import add_call, unmarked

__all__ = ["add_calls"]

_Json: TypeAlias = dict[str, Any]
_Rows: TypeAlias = list[dict[str, Any]]
_Given: TypeAlias = Any
"""Any JSON: Gradio makes the schema of a call from its types, and knows none that contain themselves."""
Answer = TypeVar("Answer")

_NOTHING: Final[_Json] = {}


def add_calls(desks: Desks, workflow: str | None) -> None:
    """Add the calls to a page.

    Args:
        desks: Whom to ask.
        workflow: What is started where nothing else is named.
    """
    calls = _Calls(desks, workflow)
    for call in (
        calls.workflows,
        calls.start,
        calls.operation,
        calls.approvals,
        calls.approve,
        calls.refuse,
        calls.cancel,
        calls.retry,
        calls.result,
        calls.events,
        calls.files,
        calls.file,
    ):
        add_call(call, api_name=call.__name__, queue=True, concurrency_limit=None)
    add_call(calls.follow, api_name="follow", concurrency_limit=None)


class _Calls:
    """What programs may call."""

    def __init__(self, desks: Desks, workflow: str | None) -> None:
        self._desks = desks
        self._workflow = workflow

    async def workflows(self, request: gr.Request) -> _Rows:
        """What is offered, each with the JSON Schema of its input."""

        async def work(client: Client) -> _Rows:
            names = [line.name for line in await client.workflows()]
            return [_json(await client.workflow(name)) for name in names]

        return await self._ask(request, work)

    async def start(
        self, request: gr.Request, input: _Given = None, key: str = "", workflow: str = "", priority: str = "normal"
    ) -> _Json:
        """Start a run; said again under the same key, it starts nothing new."""

        async def work(client: Client) -> _Json:
            name = workflow or self._workflow or ""
            asked = SubmitRequest.model_validate({"workflow": name, "input": input, "priority": priority})
            return _json(await client.submit(asked, key=key or None))

        return await self._ask(request, work)

    async def operation(self, request: gr.Request, operation: str) -> _Json:
        """A run as it stands."""

        async def work(client: Client) -> _Json:
            return _json(await client.operation(operation))

        return await self._ask(request, work)

    async def follow(self, request: gr.Request, operation: str) -> AsyncGenerator[_Json, None]:
        """A run as it stands, again and again until its end."""
        try:
            async for page in self._desks.pictures(request, operation):
                yield _json(page)
        except AgentKitError as error:
            raise _told(error) from error

    async def approvals(self, request: gr.Request, operation: str = "") -> _Rows:
        """What waits for people, of one run or of all."""

        async def work(client: Client) -> _Rows:
            return _rows(await client.approvals(operation or None))

        return await self._ask(request, work)

    async def approve(
        self, request: gr.Request, operation: str, stage: str, form: _Given = None, comment: str = "", name: str = ""
    ) -> _Json:
        """Agree to what a stage asks."""
        return await self._decide(request, operation, stage, name, comment, form, approve=True)

    async def refuse(
        self, request: gr.Request, operation: str, stage: str, form: _Given = None, comment: str = "", name: str = ""
    ) -> _Json:
        """Refuse what a stage asks."""
        return await self._decide(request, operation, stage, name, comment, form, approve=False)

    async def _decide(
        self, request: gr.Request, operation: str, stage: str, name: str, comment: str, form: _Given, *, approve: bool
    ) -> _Json:
        async def work(client: Client) -> _Json:
            said = {"stage": stage, "name": name, "comment": comment, "approve": approve, "form": form or _NOTHING}
            return _json(await client.decide(operation, Decision.model_validate(said)))

        return await self._ask(request, work)

    async def cancel(self, request: gr.Request, operation: str, reason: str = "") -> _Json:
        """Have a run stop."""

        async def work(client: Client) -> _Json:
            return _json(await client.cancel(operation, reason))

        return await self._ask(request, work)

    async def retry(self, request: gr.Request, operation: str) -> _Json:
        """Go on with a run that did not end well."""

        async def work(client: Client) -> _Json:
            return _json(await client.retry(operation))

        return await self._ask(request, work)

    async def result(self, request: gr.Request, operation: str) -> _Json:
        """What came out of a run."""

        async def work(client: Client) -> _Json:
            return _json(await client.result(operation))

        return await self._ask(request, work)

    async def events(self, request: gr.Request, operation: str, after: int = 0, limit: int = 200) -> _Rows:
        """The events of a run after this number."""

        async def work(client: Client) -> _Rows:
            return _rows(await client.history(operation, after=after, limit=limit))

        return await self._ask(request, work)

    async def files(self, request: gr.Request, operation: str) -> _Rows:
        """The files of a run."""

        async def work(client: Client) -> _Rows:
            return _rows(await client.files(operation))

        return await self._ask(request, work)

    async def file(self, request: gr.Request, operation: str, name: str, stage: str = "") -> _Json:
        """What is in a file of a run, in base64."""

        async def work(client: Client) -> _Json:
            content = await client.file(operation, name, stage=stage or None)
            return {"name": name, "size": len(content), "base64": base64.b64encode(content).decode("ascii")}

        return await self._ask(request, work)

    async def _ask(self, request: gr.Request, work: Callable[[Client], Coroutine[object, None, Answer]]) -> Answer:
        try:
            return await self._desks.ask(request, work)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise _told(InputError(f"{place}: {first['msg']}")) from error
        except AgentKitError as error:
            raise _told(error) from error


def _told(error: AgentKitError) -> gr.Error:
    return gr.Error(f"{error.code}: {error}", title=error.code, print_exception=False)


def _json(found: BaseModel) -> _Json:
    return cast("_Json", unmarked(found.model_dump(mode="json")))


def _rows(found: Sequence[BaseModel]) -> _Rows:
    return [_json(one) for one in found]
