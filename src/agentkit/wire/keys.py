"""API keys, and the sessions of browsers, as the doors show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .shown import Asked, Shown

__all__ = ["KeyLine", "KeyRequest", "NewKey", "SessionPage"]

_Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
_Scope: TypeAlias = Literal["read", "run", "approve", "admin"]


class KeyRequest(Asked):
    """Make a key for somebody."""

    name: _Text = Field(description="Who uses it: what stands in the journal as who asked or voted.", examples=["ada"])
    tenant: _Text | None = Field(
        default=None,
        description="Whose things it shows. Without, the tenant of whoever asks; everybody's, if they have none.",
        examples=[None],
    )
    scopes: list[_Scope] = Field(default=["read", "run"], max_length=4, description="What it may do.")
    roles: list[_Text] = Field(
        default=[], max_length=100, description="The roles it has where a stage asks for approval.", examples=[[]]
    )
    seconds: float | None = Field(
        default=None, gt=0, le=3_153_600_000, description="How long it opens anything; without, for ever."
    )


class KeyLine(Shown):
    """An API key, without its secret."""

    id: str = Field(description="Its id: the part that may be shown and logged.")
    name: str = Field(description="Who uses it: what stands in the journal as who asked or voted.")
    tenant: str | None = Field(default=None, description="Whose things it shows; empty is everybody's.")
    scopes: list[str] = Field(description="What it may do.")
    roles: list[str] = Field(default=[], description="The roles it has where a stage asks for approval.")
    created_at: datetime = Field(description="When it was made, in UTC.")
    expires_at: datetime | None = Field(default=None, description="From when on it opens nothing, in UTC.")
    revoked_at: datetime | None = Field(default=None, description="When it was revoked, in UTC.")
    active: bool = Field(description="Whether it opens anything now.")


class NewKey(KeyLine):
    """A key that was made just now, with its secret, which is shown once."""

    key: str = Field(description="The whole key. It is kept nowhere: write it down.")


class SessionPage(Shown):
    """Who asks, and the session of their browser if they have one."""

    caller: str = Field(description="Who it is: what stands in the journal as who asked or voted.")
    tenant: str | None = Field(default=None, description="Whose things are shown; empty is everybody's.")
    scopes: list[str] = Field(description="What they may do.")
    roles: list[str] = Field(default=[], description="The roles they have where a stage asks for approval.")
    expires_at: datetime | None = Field(default=None, description="When the session ends, in UTC.")
    csrf_token: str | None = Field(
        default=None, description="What a request that changes something says as `X-CSRF-Token`, with the cookie."
    )
