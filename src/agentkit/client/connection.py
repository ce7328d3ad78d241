"""A connection to a server: how it is opened, and how one thing is asked.

Rules: one idempotency key for one call, made before its first try. No redirect is followed, since the caller's key
would go along. That key is sent in a header and stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import anyio.to_thread
import httpx2
from pydantic import BaseModel, SecretStr

from agentkit.errors import AnswerInvalid, Closed, DefinitionError

from .bodies import checked_key, read, written
from .patience import Patience
from .problems import error_of
from .settings import ClientSettings

__all__ = ["Connection", "Params"]

Model = TypeVar("Model", bound=BaseModel)
Params: TypeAlias = Mapping[str, str | Sequence[str]]


class Connection:
    """Asks a server one thing after the other.

    Args:
        settings: Where the server is, and how patiently it is asked.
        transport: What carries requests; without, connections of this machine.
    """

    def __init__(self, settings: ClientSettings, *, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.place: ClientSettings = settings
        self._transport = transport
        self._http: httpx2.AsyncClient | None = None
        self.patience: Patience = Patience(settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.place.url!r})"

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
        settings = self.place
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
        settings = self.place
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
            timeout = httpx2.Timeout(self.place.timeout)
            if stream:
                timeout = httpx2.Timeout(self.place.timeout, read=self.place.stream_timeout)
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

    async def get(
        self, model: type[Model], path: str, params: Params | None = None, *, operation_id: str = ""
    ) -> Model:
        """What is there, as a model; errors are those of `ask`.

        Raises:
            AnswerInvalid: It is none.
        """
        return read(model, await self.ask("GET", path, params=params, operation_id=operation_id))

    async def say(
        self,
        model: type[Model],
        method: str,
        path: str,
        body: BaseModel | None,
        *,
        params: Params | None = None,
        operation_id: str = "",
        key: str = "",
        once: bool = False,
    ) -> Model:
        """Have something done, and give what it leads to as a model; errors are those of `ask`.

        Args:
            model: What it leads to.
            method: How HTTP says it.
            path: To whom.
            body: What is told.
            params: What stands behind the path.
            operation_id: Which operation it is about, for errors.
            key: The name of this call, under which it counts once.
            once: Whether it must not be said twice.

        Raises:
            InputError: It cannot be said in JSON, or the key not in a header.
            AnswerInvalid: The answer is no such model.
        """
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if key:
            headers["Idempotency-Key"] = checked_key(key)
        content = None if body is None else written(body)
        answer = await self.ask(
            method, path, params=params, headers=headers, content=content, operation_id=operation_id, once=once
        )
        return read(model, answer)
