"""The WebSockets: events of many operations at once, and the progress of one.

Rules: see `conversation.py` for what holds on every socket, and `channels.py` for what is told.
"""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

from fastapi import APIRouter, WebSocket

from agentkit.service import Desk
from agentkit.wire import Authenticate, ProgressTold, Subscribe, Unsubscribe

from .channels import Channels
from .conversation import Conversation, Work
from .door import found_door

__all__ = ["router"]

router: APIRouter = APIRouter()


@router.websocket("/ws/v1/events")
async def events(socket: WebSocket) -> None:
    """Channels that the client subscribes to."""
    door = found_door(socket.app)

    async def check(desk: Desk) -> None:
        desk.caller.check("read")

    async def talk(with_whom: Conversation) -> None:
        channels = Channels(with_whom, door)
        while not with_whom.is_over:
            match await with_whom.heard():
                case Subscribe() as asked:
                    await channels.subscribe(asked)
                case Unsubscribe() as asked:
                    await channels.unsubscribe(asked)
                case Authenticate():
                    await with_whom.refuse(with_whom.problem("authenticated_already", 409, "you are known already"))
                case None:
                    pass

    await Conversation(socket, door).hold(Work(check, talk))


@router.websocket("/ws/progress/{operation_id}")
async def progress(socket: WebSocket, operation_id: str) -> None:
    """How far one operation is, again and again until its end."""

    async def check(desk: Desk) -> None:
        await desk.operation(operation_id)

    async def talk(with_whom: Conversation) -> None:
        with_whom.start(partial(listen, with_whom))
        async with aclosing(with_whom.desk.progress(operation_id)) as pages:
            async for page in pages:
                await with_whom.tell(ProgressTold(operation=page))
        with_whom.end(1000)

    async def listen(to_whom: Conversation) -> None:
        while not to_whom.is_over:
            if await to_whom.heard() is not None:
                detail = "this socket tells the progress of one operation, and takes no messages"
                await to_whom.refuse(to_whom.problem("message_unknown", 422, detail))

    await Conversation(socket, found_door(socket.app)).hold(Work(check, talk))
