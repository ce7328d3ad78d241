"""How a request says who sends it.

Rules: a source names a secret and never holds one. The secret is put into a request at the very last moment, below the
client and its logs, and only for the address that the source names: a redirect to somebody else does not carry it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentkit.data.sources.settings import Access
from agentkit.errors import DefinitionError

__all__ = ["Auth", "BasicAuth", "BearerAuth", "HeaderAuth", "QueryAuth", "credentials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerAuth:
    """A token in the header `Authorization`.

    Attributes:
        secret: The name of the secret that holds the token.

    Example:
        >>> BearerAuth(secret="SALES_TOKEN")
        BearerAuth(secret='SALES_TOKEN', kind='bearer')
    """

    secret: str
    kind: Literal["bearer"] = "bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """A user and a password in the header `Authorization`.

    Attributes:
        user: Who.
        secret: The name of the secret that holds the password.
    """

    user: str
    secret: str
    kind: Literal["basic"] = "basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderAuth:
    """A key in a header of its own.

    Attributes:
        header: Its name, like `X-Api-Key`.
        secret: The name of the secret that holds the key.
    """

    header: str
    secret: str
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAuth:
    """A key in the address, for servers that know no better way.

    Attributes:
        parameter: Its name, like `api_key`.
        secret: The name of the secret that holds the key.
    """

    parameter: str
    secret: str
    kind: Literal["query"] = "query"


Auth: TypeAlias = BearerAuth | BasicAuth | HeaderAuth | QueryAuth
"""How a request says who sends it."""


def credentials(auth: Auth | None, access: Access) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the parameters that say who sends a request.

    Raises:
        DefinitionError: The secret was not given, or holds what no header can.
    """
    if auth is None:
        return {}, {}
    value = access.secret(auth.secret)
    if not value.isprintable() or not value.isascii():
        raise DefinitionError(f"the secret {auth.secret!r} has a character that no header can hold, like a line end")
    match auth:
        case BearerAuth():
            return {"Authorization": f"Bearer {value}"}, {}
        case BasicAuth():
            pair = base64.b64encode(f"{auth.user}:{value}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}, {}
        case HeaderAuth():
            return {auth.header: value}, {}
        case QueryAuth():
            return {}, {auth.parameter: value}
