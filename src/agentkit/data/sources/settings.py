"""What a source may reach, and how much it may bring.

Rules: a source is plain data and may come from a file that many people write; what it may reach is said by the program
that runs it. So secrets, folders and private networks are given here, and a source only names them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import quote, urlsplit

from agentkit.errors import DefinitionError

__all__ = ["Access", "SourceLimits"]

HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """How much one source may bring, and how long it may take. What goes beyond is an error, never cut off.

    Attributes:
        max_bytes: Bytes of a file, or of all pages of an address, counted after they were unpacked.
        max_rows: Rows.
        max_columns: Columns.
        max_depth: Levels of objects and lists inside of each other.
        max_pages: Pages of an address.
        seconds: From the start of a source to its end; needs a clock.
        silent_seconds: How long a server or database may say nothing.

    Raises:
        DefinitionError: One of them is not above 0.
    """

    max_bytes: int = 1 << 30
    max_rows: int = 5_000_000
    max_columns: int = 1_000
    max_depth: int = 32
    max_pages: int = 10_000
    seconds: float = 600
    silent_seconds: float = 30

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise DefinitionError(f"{name} is {getattr(self, name)!r}, and must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What sources may reach: said by the program, never by a source.

    Attributes:
        root: The folder below which files may be read; without it, none may.
        secrets: Tokens, passwords and addresses of databases, by the names under which sources ask for them. They are
            in no representation, report, log or error.
        networks: Private networks that may be reached all the same, such as `10.1.0.0/16` or `127.0.0.1/32`.

    Raises:
        DefinitionError: A secret is empty, or a network is none.

    Example:
        >>> Access(root="data", secrets={"SALES_TOKEN": "ak-123"})
        Access(root='data', networks=())
    """

    root: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    networks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in self.secrets.items():
            if not value:
                raise DefinitionError(f"the secret {name!r} is empty")
        for network in self.networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise DefinitionError(f"{network!r} is no network like '10.1.0.0/16': {error}") from error

    def secret(self, name: str) -> str:
        """The secret of that name.

        Raises:
            DefinitionError: It was not given.
        """
        if name not in self.secrets:
            known = ", ".join(sorted(self.secrets)) or "none"
            raise DefinitionError(f"a source asks for the secret {name!r}, and it was not given; there are: {known}")
        return self.secrets[name]

    def hide(self, text: str) -> str:
        """The text without any secret, however it was written there."""
        for shape in sorted(self._shapes(), key=len, reverse=True):
            text = text.replace(shape, HIDDEN)
        return text

    def _shapes(self) -> set[str]:
        values = set(self.secrets.values())
        for value in self.secrets.values():
            values |= _passwords(value)
        encoded = {base64.b64encode(value.encode()).decode() for value in values}
        return values | encoded | {quote(value, safe="") for value in values} | {repr(value)[1:-1] for value in values}


def _passwords(value: str) -> set[str]:
    """The password inside of an address: messages may show it without the rest."""
    try:
        password = urlsplit(value).password
    except ValueError:
        return set()
    return {password} if password else set()
