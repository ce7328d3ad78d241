"""The far transport: the calls of `agentkit.wire.Calls`, said to a REST door over HTTP (extra `client`).

Rules: one idempotency key for one call, made before its first try. No redirect is followed, since the caller's key
would go along. That key is sent in a header and stands nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import anyio
import anyio.to_thread
import httpx2
from pydantic import BaseModel, SecretStr

from agentkit.errors import AnswerInvalid, Closed, DefinitionError
from agentkit.wire import (
    AgentLine,
    ApprovalLine,
    ComparisonPage,
    Decision,
    DrawingFormat,
    DrawingPage,
    EventLine,
    FileLine,
    HealthPage,
    OperationLine,
    OperationPage,
    OperationQuery,
    Page,
    PlanPage,
    PlanRequest,
    RerunRequest,
    ResultPage,
    Settlement,
    SignalRequest,
    SubmitRequest,
    WorkflowLine,
    WorkflowPage,
)

from .bodies import checked_key, new_key, read, segment, word, written
from .patience import Patience
from .problems import error_of
from .settings import ClientSettings
from .streams import file_chunks, live_events

__all__ = ["HttpCalls"]

Model = TypeVar("Model", bound=BaseModel)
_OPERATIONS: Final = "/v1/operations"
_MOST_PER_PAGE: Final = 1_000
_SHORTEST_LOOK: Final = 0.05
_LONGEST_LOOK: Final = 2.0
Params = Mapping[str, str | Sequence[str]]


class HttpCalls:
    """Asks a server. `agentkit.wire.Calls` says what each call promises and raises.

    Besides, each may raise ServerUnavailable, Unauthenticated, TooManyRequests and AnswerInvalid.

    Args:
        settings: Where the server is, and how patiently it is asked.
        transport: What carries requests; without, connections of this machine.
    """

    def __init__(self, settings: ClientSettings, *, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._http: httpx2.AsyncClient | None = None
        self.patience: Patience = Patience(settings)

    def __repr__(self) -> str:
        return f"HttpCalls({self._settings.url!r})"

    # Its life

    async def open(self) -> None:
        """Be ready to ask.

        Raises:
            DefinitionError: The file of the key cannot be read, or holds no key.
        """
        await self.aclose()
        # In a thread: it reads the key, and certificates.
        self._http = await anyio.to_thread.run_sync(self._connections)

    def _connections(self) -> httpx2.AsyncClient:
        settings = self._settings
        headers = {"Accept": "application/json", "User-Agent": "agentkit"}
        key = self._key()
        if key:
            headers["Authorization"] = f"Bearer {key}"
        return httpx2.AsyncClient(
            base_url=settings.url,
            headers=headers,
            timeout=settings.timeout,
            follow_redirects=False,
            trust_env=settings.trust_env,
            transport=self._transport,
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _key(self) -> str:
        settings = self._settings
        key = settings.key.get_secret_value() if isinstance(settings.key, SecretStr) else ""
        if settings.key_file is not None:
            path = Path(settings.key_file)
            try:
                key = path.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise DefinitionError(f"the file of the key, {path}, cannot be read: {type(error).__name__}") from None
            if not key:
                raise DefinitionError(f"the file of the key, {path}, is empty")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise DefinitionError("the key has letters that no key has: is it another file, or has it several lines?")
        return key

    # Operations

    async def submit(self, request: SubmitRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.submit`."""
        return await self._say(OperationPage, "POST", _OPERATIONS, request, key=key or new_key())

    async def operation(self, operation_id: str) -> OperationPage:
        """See `Calls.operation`."""
        return await self._get(OperationPage, _place(operation_id), operation_id=operation_id)

    async def operations(self, query: OperationQuery) -> Page[OperationLine]:
        """See `Calls.operations`."""
        asked = query.model_dump(exclude_defaults=True)
        return await self._get(Page[OperationLine], _OPERATIONS, {name: word(asked[name]) for name in asked})

    async def events(self, operation_id: str, *, after: int = 0) -> AsyncGenerator[EventLine, None]:
        """See `Calls.events`; a stream that breaks off is taken up again: nothing is lost, and nothing comes twice."""
        stream = live_events(self, _place(operation_id), operation_id, after, self._settings)
        async for line in stream:
            yield line

    async def progress(self, operation_id: str, *, seconds: float = 0.2) -> AsyncGenerator[OperationPage, None]:
        """See `Calls.progress`; where nothing changes, the server is asked less often."""
        tag, pause = "", seconds
        while True:
            headers = {"If-None-Match": tag} if tag else {}
            answer = await self.ask("GET", _place(operation_id), headers=headers, operation_id=operation_id)
            if answer.status_code == 304:
                pause = min(1.5 * max(pause, _SHORTEST_LOOK), max(seconds, _LONGEST_LOOK))
            else:
                page = read(OperationPage, answer)
                tag, pause = answer.headers.get("etag", ""), seconds
                yield page
                if page.ended or page.status == "quarantined":
                    return
            await anyio.sleep(max(pause, _SHORTEST_LOOK))

    async def history(self, operation_id: str, *, after: int = 0, limit: int = 200) -> Sequence[EventLine]:
        """See `Calls.history`."""
        found: list[EventLine] = []
        while len(found) < limit:
            most = min(limit - len(found), _MOST_PER_PAGE)
            params = {"after": str(max(0, after) + len(found)), "limit": str(most)}
            page = await self._get(Page[EventLine], f"{_place(operation_id)}/events", params, operation_id=operation_id)
            found += page.items
            if len(page.items) < most:
                break
        return found

    async def result(self, operation_id: str) -> ResultPage:
        """See `Calls.result`."""
        return await self._get(ResultPage, f"{_place(operation_id)}/result", operation_id=operation_id)

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        """See `Calls.files`."""
        path = f"{_place(operation_id)}/artifacts"
        return (await self._get(Page[FileLine], path, operation_id=operation_id)).items

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        """See `Calls.file`."""
        return b"".join([chunk async for chunk in self.file_chunks(operation_id, name, stage=stage)])

    async def file_chunks(
        self, operation_id: str, name: str, *, stage: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """What is in one of its files, piece by piece.

        Raises:
            NotFound: The caller has no operation of that id, or it has no such file.
            ServerUnavailable: It broke off.
        """
        params = {} if stage is None else {"stage": stage}
        async for chunk in file_chunks(self, f"{_place(operation_id)}/artifacts/{segment(name)}", params):
            yield chunk

    async def cancel(self, operation_id: str, reason: str = "") -> OperationPage:
        """See `Calls.cancel`."""
        params = {"reason": reason} if reason else {}
        answer = await self.ask("DELETE", _place(operation_id), params=params, operation_id=operation_id)
        return read(OperationPage, answer)

    async def retry(self, operation_id: str) -> OperationPage:
        """See `Calls.retry`."""
        path = f"{_place(operation_id)}/retry"
        return await self._say(OperationPage, "POST", path, None, operation_id=operation_id)

    async def rerun(self, operation_id: str, request: RerunRequest, *, key: str | None = None) -> OperationPage:
        """See `Calls.rerun`."""
        path = f"{_place(operation_id)}/rerun"
        key = key or new_key()
        return await self._say(OperationPage, "POST", path, request, operation_id=operation_id, key=key)

    async def compare(self, operation_id: str, other_id: str) -> ComparisonPage:
        """See `Calls.compare`."""
        path = f"{_place(operation_id)}/comparison/{segment(other_id) or '%20'}"
        return await self._get(ComparisonPage, path, operation_id=operation_id)

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        """See `Calls.drawing`."""
        path = f"{_place(operation_id)}/drawing"
        return await self._get(DrawingPage, path, {"format": format}, operation_id=operation_id)

    # People

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        """See `Calls.approvals`."""
        path = "/v1/approvals" if operation_id is None else f"{_place(operation_id)}/approvals"
        return (await self._get(Page[ApprovalLine], path, operation_id=operation_id or "")).items

    async def decide(self, operation_id: str, decision: Decision) -> OperationPage:
        """See `Calls.decide`; a vote that may have been heard is not said again."""
        path = f"{_place(operation_id)}/approvals"
        return await self._say(OperationPage, "POST", path, decision, operation_id=operation_id, once=True)

    async def settle(self, operation_id: str, settlement: Settlement) -> OperationPage:
        """See `Calls.settle`; what may have been heard is not said again."""
        path = f"{_place(operation_id)}/settle"
        return await self._say(OperationPage, "POST", path, settlement, operation_id=operation_id, once=True)

    async def signal(self, operation_id: str, signal: SignalRequest) -> OperationPage:
        """See `Calls.signal`."""
        # Under a name of its own, so that it counts once, however often it has to be sent.
        named = signal if signal.id else signal.model_copy(update={"id": new_key()})
        path = f"{_place(operation_id)}/signals"
        return await self._say(OperationPage, "POST", path, named, operation_id=operation_id)

    # What there is

    async def agents(self) -> Sequence[AgentLine]:
        """See `Calls.agents`."""
        return (await self._get(Page[AgentLine], "/v1/agents/capabilities")).items

    async def workflows(self) -> Sequence[WorkflowLine]:
        """See `Calls.workflows`."""
        return (await self._get(Page[WorkflowLine], "/v1/workflows")).items

    async def workflow(self, name: str) -> WorkflowPage:
        """See `Calls.workflow`."""
        return await self._get(WorkflowPage, f"/v1/workflows/{segment(name)}")

    async def plan(self, workflow: str, request: PlanRequest) -> PlanPage:
        """See `Calls.plan`."""
        return await self._say(PlanPage, "POST", f"/v1/workflows/{segment(workflow)}/plan", request)

    async def health(self) -> HealthPage:
        """See `Calls.health`; a server tells it to those who see everybody's things.

        Raises:
            NotAllowed: The caller belongs to a tenant.
        """
        return await self._get(HealthPage, "/v2/health/detailed")

    # How it is asked

    async def ask(  # noqa: PLR0913 - each is a part of a request
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        operation_id: str = "",
        once: bool = False,
        stream: bool = False,
        attempts: int | None = None,
    ) -> httpx2.Response:
        """One call, tried until it is answered; an answer that refuses is raised.

        Raises:
            Closed: The client is not open.
            ServerUnavailable: Nobody answered.
            AnswerInvalid: The server sends elsewhere.
            AgentKitError: The server refused it, as its problem says.
        """
        http = self._http
        if http is None or http.is_closed:
            raise Closed("this client is not open: use it in `async with`")
        request_headers = dict(headers or {})

        async def one() -> httpx2.Response:
            timeout = httpx2.Timeout(self._settings.timeout)
            if stream:
                timeout = httpx2.Timeout(self._settings.timeout, read=self._settings.stream_timeout)
            request = http.build_request(
                method, path, params=params, headers=request_headers, content=content, timeout=timeout
            )
            answer = await http.send(request, stream=True)
            if not stream or not answer.is_success:
                try:
                    await answer.aread()
                finally:
                    await answer.aclose()
            return answer

        answer = await self.patience.answer(one, attempts=attempts, once=once)
        if answer.is_success or answer.status_code == 304:
            return answer
        if answer.is_redirect:
            raise AnswerInvalid(
                "the server sends elsewhere, which is never followed, since the key would go along:"
                " set the url to where it really is"
            )
        key = request_headers.get("Idempotency-Key", "")
        raise error_of(answer.status_code, answer.content, answer.headers, operation_id=operation_id, key=key)

    async def _get(
        self, model: type[Model], path: str, params: Params | None = None, *, operation_id: str = ""
    ) -> Model:
        return read(model, await self.ask("GET", path, params=params, operation_id=operation_id))

    async def _say(
        self,
        model: type[Model],
        method: str,
        path: str,
        body: BaseModel | None,
        *,
        operation_id: str = "",
        key: str = "",
        once: bool = False,
    ) -> Model:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if key:
            headers["Idempotency-Key"] = checked_key(key)
        content = None if body is None else written(body)
        answer = await self.ask(method, path, headers=headers, content=content, operation_id=operation_id, once=once)
        return read(model, answer)


def _place(operation_id: str) -> str:
    # An empty id would ask for all of them.
    return f"{_OPERATIONS}/{segment(operation_id) or '%20'}"
