"""What is said on a WebSocket: what a client asks, and what it is told.

Rules: a message is one JSON object whose `type` says which; both sides are closed unions. A channel is `operations`, or
`operation:` and an operation's id; whatever belongs to a channel names it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from .events import EventLine, OperationLine
from .pages import OperationPage
from .problems import Problem
from .shown import Asked, Shown

__all__ = [
    "OPERATIONS",
    "Authenticate",
    "Authenticated",
    "ChannelEnded",
    "ChannelExpired",
    "ChannelLagging",
    "EventTold",
    "OperationTold",
    "ProgressTold",
    "ServerDraining",
    "SocketMessage",
    "SocketProblem",
    "SocketRequest",
    "Subscribe",
    "Subscribed",
    "Unsubscribe",
    "Unsubscribed",
]

OPERATIONS: Final = "operations"
"""The channel that tells of every operation of the caller's that changes."""

_Asked: TypeAlias = Annotated[str, Field(min_length=1, max_length=320)]
_Channel: TypeAlias = Annotated[str, Field(description="Which channel.")]


class Authenticate(Asked):
    """Say who you are: the first message of a client that cannot send headers."""

    type: Literal["authenticate"]
    key: str = Field(min_length=1, max_length=8_192, repr=False, description="A key or a token.")


class Subscribe(Asked):
    """Have a channel told."""

    type: Literal["subscribe"]
    channel: _Asked = Field(description="`operation:ID` for the events of one operation, `operations` for changes.")
    after: int = Field(default=0, ge=0, le=10**15, description="The number of the last event already seen.")


class Unsubscribe(Asked):
    """Have a channel not told any more."""

    type: Literal["unsubscribe"]
    channel: _Asked = Field(description="Which channel.")


SocketRequest: TypeAlias = Annotated[Authenticate | Subscribe | Unsubscribe, Field(discriminator="type")]
"""What a client may say."""


class Authenticated(Shown):
    """You are known: the first message of every socket."""

    type: Literal["authenticated"] = "authenticated"
    caller: str = Field(description="Who you are.")


class Subscribed(Shown):
    """The channel is told from here on."""

    type: Literal["subscribed"] = "subscribed"
    channel: _Channel
    after: int = Field(default=0, description="Events after this number follow.")


class Unsubscribed(Shown):
    """Nothing of the channel follows any more."""

    type: Literal["unsubscribed"] = "unsubscribed"
    channel: _Channel


class EventTold(Shown):
    """An event of an operation."""

    type: Literal["event"] = "event"
    channel: _Channel
    number: int = Field(description="Its number: subscribe after it to go on behind it.")
    event: EventLine


class OperationTold(Shown):
    """An operation has changed: how it stands now."""

    type: Literal["operation"] = "operation"
    channel: _Channel
    operation: OperationLine


class ProgressTold(Shown):
    """How far an operation is."""

    type: Literal["progress"] = "progress"
    operation: OperationPage


class ChannelEnded(Shown):
    """The operation has ended, and with it the channel."""

    type: Literal["ended"] = "ended"
    channel: _Channel
    after: int = Field(description="The number of its last event.")


class ChannelLagging(Shown):
    """More has changed than is kept for you, so some of it was not told: list the operations to see all."""

    type: Literal["lagging"] = "lagging"
    channel: _Channel


class ChannelExpired(Shown):
    """The number that you gave is none of this journal, which was restored to an earlier state: begin anew."""

    type: Literal["expired"] = "expired"
    channel: _Channel
    after: int = Field(description="Subscribe after this number.")


class ServerDraining(Shown):
    """The server is about to end: come back, and subscribe after the last numbers that you have seen."""

    type: Literal["server.draining"] = "server.draining"


class SocketProblem(Shown):
    """What you said cannot be done, or a channel broke off; the socket stays open unless it is closed next."""

    type: Literal["error"] = "error"
    channel: str | None = Field(default=None, description="Which channel, if it is about one.")
    problem: Problem


SocketMessage: TypeAlias = Annotated[
    Authenticated
    | Subscribed
    | Unsubscribed
    | EventTold
    | OperationTold
    | ProgressTold
    | ChannelEnded
    | ChannelLagging
    | ChannelExpired
    | ServerDraining
    | SocketProblem,
    Field(discriminator="type"),
]
"""What a client is told."""
