"""One WebSocket: who is at it, what they say, what they are told, and how it ends.

Rules: nothing is kept for a client: whoever has something to tell waits until what was told before is taken, so a
client that reads slowly slows only what is told to it, and one that does not read is left. What cannot be understood is
answered by a problem, and the socket stays open; what breaks a bound closes it. It ends with a word why: 1000 all is
said, 1003 no text, 1008 too many messages or read too slowly, 1009 too large, 1011 our fault, 1012 the server ends,
1013 come back later, and 4000 and the status of the problem that was told before, such as 4401.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from agentkit.errors import AgentKitError, TooManyRequests, Unauthenticated
from agentkit.service import Desk
from agentkit.wire import (
    Authenticate,
    Authenticated,
    Problem,
    ProblemPart,
    ServerDraining,
    SocketProblem,
    SocketRequest,
)

from .bodies import parse_json
from .door import Door
from .entering import admit, proof_of, until_unknown
from .origins import check_origin
from .passage import Passage, Proof, passage_of
from .problems import HIDDEN, pointer_of, problem_of, problem_page

__all__ = ["Conversation", "Work"]

SUBPROTOCOL: Final = "agentkit.v1"

_SEND_SECONDS = 30
_CLOSE_SECONDS = 1
_BURST = 10
_requests: TypeAdapter[SocketRequest] = TypeAdapter(SocketRequest)


class _Farewell(NamedTuple):
    """How a socket ends; without a code the client has gone already."""

    code: int | None
    reason: str = ""


class Conversation:
    """One socket, from its handshake to its end.

    Args:
        socket: The socket.
        door: What all sockets share.
    """

    def __init__(self, socket: WebSocket, door: Door) -> None:
        self._socket = socket
        self._door = door
        self._passage: Passage = passage_of(socket.scope)
        self._proof: Proof = proof_of(socket)
        self._desk: Desk | None = None
        self._pen = asyncio.Lock()
        loop = asyncio.get_running_loop()
        self._over: asyncio.Future[_Farewell] = loop.create_future()
        self._bucket = _Bucket(door.settings.messages_per_second, loop.time)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def desk(self) -> Desk:
        """Where whoever is at the socket is served."""
        assert self._desk is not None
        return self._desk

    @property
    def is_over(self) -> bool:
        """Whether nothing more is heard or told."""
        return self._over.done()

    # From the handshake to the end

    async def hold(self, work: Work) -> None:
        """Hold the conversation: know who it is, do the work, end.

        Raises:
            AgentKitError: It was refused at the handshake.
        """
        await self._meet(work)
        offered = self._socket.scope.get("subprotocols", ())
        await self._socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        with self._door.talking():
            self.start(partial(self._converse, work))
            self.start(self._drain)
            try:
                farewell = await self._over
            finally:
                await self._stop()
            await self._part(farewell)

    async def _meet(self, work: Work) -> None:
        """Look at the handshake.

        Raises:
            AgentKitError: It is refused.
        """
        door, proof, settings = self._door, self._proof, self._door.settings
        is_known = bool(proof.credential or proof.cookie) or settings.authentication == "none"
        by_itself = proof.is_by_cookie or settings.authentication == "none"
        required = proof.is_by_cookie and settings.authentication != "none"
        check_origin(self._socket.headers, settings, by_itself=by_itself, required=required)
        if is_known:
            self._desk = await admit(door, self._passage, proof)
            await work.check(self._desk)
            door.check_streams(self._passage.identity)
        else:
            identity = f"address {proof.address}"
            if not (await door.limiter.hit(identity)).allowed:
                raise TooManyRequests("you ask more often than is allowed: wait a little", retry_after=1)
            door.check_streams(identity)

    async def _converse(self, work: Work) -> None:
        if self._desk is None:
            with self._door.streaming(f"address {self._proof.address}"):
                self._desk = await self._introduced()
            await work.check(self._desk)
            self._door.check_streams(self._passage.identity)
        with self._door.streaming(self._passage.identity):
            await self.tell(Authenticated(caller=self._desk.caller.name))
            self.start(self._recheck)
            await work.talk(self)

    async def _introduced(self) -> Desk:
        """Wait for somebody to say who they are.

        Raises:
            Unauthenticated: They say nothing, or something else, or nobody knows them.
            TooManyRequests: They ask too often.
        """
        seconds = self._door.settings.authenticate_seconds
        request: SocketRequest | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                request = await self.heard()
        if not isinstance(request, Authenticate):
            raise Unauthenticated(f'say who you are, within {seconds:g} s: {{"type": "authenticate", "key": KEY}}')
        return await admit(self._door, self._passage, Proof(address=self._proof.address, credential=request.key))

    async def _recheck(self) -> None:
        raise await until_unknown(self._door, self._passage)

    async def _drain(self) -> None:
        await self._door.draining.wait()
        await self.tell(ServerDraining())
        self.end(1012, "the server ends")

    async def _part(self, farewell: _Farewell) -> None:
        if farewell.code is None:
            return
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._socket.close(farewell.code, farewell.reason)

    # What goes on meanwhile

    def start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something until the end of the conversation; if it fails, that is the end."""
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except AgentKitError as error:
            await self.refuse(error)
            code = 1013 if error.status >= 500 and error.retryable else 1011 if error.status >= 500 else None
            self.end(code or 4000 + error.status, error.code)
        except Exception as error:  # noqa: BLE001 - the border: a bug ends one conversation, and is in the log
            self._passage.log_error(error)
            await self.tell(SocketProblem(problem=problem_page(self._passage, "error", 500, HIDDEN)))
            self.end(1011, "error")

    async def _stop(self) -> None:
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    # Hearing and telling

    def end(self, code: int | None, reason: str = "") -> None:
        """Have the conversation end; the first word counts."""
        if not self._over.done():
            self._over.set_result(_Farewell(code, reason))

    async def tell(self, message: BaseModel) -> None:
        """Tell something, as soon as the client takes it."""
        await self.tell_text(message.model_dump_json())

    async def tell_text(self, text: str) -> None:
        """Tell something that is written out already, as soon as the client takes it."""
        if self.is_over:
            return
        try:
            async with self._pen, asyncio.timeout(_SEND_SECONDS):
                await self._socket.send_text(text)
        except TimeoutError:
            self.end(1008, "you read too slowly: come back, and go on behind the last number")
        except (WebSocketDisconnect, RuntimeError):
            # The server below says that it is closed in either way.
            self.end(None)
        # Much that is there already must not keep others waiting.
        await asyncio.sleep(0)

    async def refuse(self, why: AgentKitError | Problem, channel: str | None = None) -> None:
        """Tell why something cannot be done."""
        problem = problem_of(self._passage, why) if isinstance(why, AgentKitError) else why
        await self.tell(SocketProblem(channel=channel, problem=problem))

    def problem(self, code: str, status: int, detail: str) -> Problem:
        """A problem of this conversation."""
        return problem_page(self._passage, code, status, detail)

    async def heard(self) -> SocketRequest | None:
        """The next message; None if it was none that can be understood, which has been answered then, or the end."""
        message = await self._socket.receive()
        text: str | None = message.get("text")
        if message["type"] != "websocket.receive":
            self.end(None)
        elif text is None:
            self.end(1003, "a message is a text: one JSON object")
        elif len(text) > self._door.settings.max_message:
            self.end(1009, f"a message has at most {self._door.settings.max_message:,} letters")
        elif not self._bucket.take():
            await self.refuse(TooManyRequests("you say more in a second than is allowed", retry_after=1))
            self.end(1008, "too many messages")
        else:
            return await self._understood(text)
        return None

    async def _understood(self, text: str) -> SocketRequest | None:
        try:
            parse_json(text.encode("utf-8", "surrogatepass"), max_depth=self._door.settings.max_depth)
            return _requests.validate_json(text)
        except ValidationError as error:
            await self.refuse(self._misfit(error))
        except (ValueError, RecursionError) as error:
            problem = self.problem("bad_request", 400, f"this is not JSON that can be taken: {error}")
            await self.refuse(problem)
        return None

    def _misfit(self, error: ValidationError) -> Problem:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"].startswith("union_tag"):
            return self.problem(
                "message_unknown", 422, "a message has a `type`: `authenticate`, `subscribe` or `unsubscribe`"
            )
        # The first step names the kind of message, which is no place in it.
        parts = [
            ProblemPart(pointer=pointer_of(one["loc"][1:]), detail=one["msg"][:500], type=one["type"])
            for one in found[:50]
        ]
        detail = f"{parts[0].pointer}: {parts[0].detail}" if parts[0].pointer else parts[0].detail
        return problem_page(self._passage, "input_invalid", 422, detail, errors=parts)


class Work(NamedTuple):
    """What a socket is for.

    Attributes:
        check: Makes sure that there is something to tell, as soon as it is known who asks.
        talk: Talks to them, until the conversation is over.
    """

    check: Callable[[Desk], Awaitable[object]]
    talk: Callable[[Conversation], Awaitable[None]]


class _Bucket:
    """Lets so many through in a second, and some more at once."""

    __slots__ = ("_at", "_clock", "_left", "_rate")

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._at = clock()
        self._left = float(rate * _BURST)

    def take(self) -> bool:
        """Whether one more may pass."""
        now = self._clock()
        self._left = min(self._rate * _BURST, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
