"""How a client reaches a server, and how patient it is.

Rules: a key is a secret: it stands in no address, no picture of an object and no message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from math import isfinite
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from agentkit.errors import DefinitionError

__all__ = ["ClientSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How a client reaches a server; every value but the address has a default.

    Attributes:
        url: Where the server is, such as `https://agents.acme.test`, with the path below which it is mounted, if any.
        key: The key or token that says who asks; a text is kept as a secret.
        key_file: A file with the key, read when the client is opened; used in place of `key`.
        timeout: Seconds that the server may be silent before a call is tried again.
        stream_timeout: Seconds that a stream of events may be silent before it is opened anew; servers say something
            every 15 seconds, unless they were told otherwise.
        attempts: How often one call is tried in all.
        stream_attempts: How often a stream is opened without anything coming of it before it is given up.
        first_wait: Seconds: the longest wait before the second try; it doubles with each further one.
        longest_wait: Seconds: no wait is longer. A server that asks for more is not waited for.
        trust_env: Whether proxies and the like are taken from the environment.
        plain_http: Whether a key may be sent unencrypted to another machine.

    Raises:
        DefinitionError: The address or a number is not valid, or the key would be sent unencrypted.

    Example:
        >>> ClientSettings(url="https://agents.acme.test", key="agk_secret").key
        SecretStr('**********')
    """

    url: str
    key: SecretStr | str | None = None
    key_file: str | Path | None = None
    timeout: float = 30.0
    stream_timeout: float = 60.0
    attempts: int = 5
    stream_attempts: int = 20
    first_wait: float = 0.25
    longest_wait: float = 30.0
    trust_env: bool = False
    plain_http: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.key, str):
            object.__setattr__(self, "key", SecretStr(self.key))
        problems = [*self._problems_of_address(), *self._problems_of_numbers()]
        if self.key is not None and self.key_file is not None:
            problems.append("give either key or key_file")
        if problems:
            raise DefinitionError(*(f"client settings: {problem}" for problem in problems))

    def _problems_of_numbers(self) -> Iterator[str]:
        for name in ("timeout", "stream_timeout", "first_wait", "longest_wait"):
            if not isfinite(value := getattr(self, name)) or value <= 0:
                yield f"{name} must be a number above 0, not {value!r}"
        for name in ("attempts", "stream_attempts"):
            if getattr(self, name) < 1:
                yield f"{name} must be a whole number from 1 on, not {getattr(self, name)!r}"

    def _problems_of_address(self) -> Iterator[str]:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            yield "url must be the address of a server, such as https://agents.acme.test"
        elif parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            # Not repeated: there may be a secret in it.
            yield "url must hold no name, password, query or fragment: give a key by key or key_file"
        elif parts.scheme == "http" and self._has_key and not self.plain_http and not _is_here(host):
            yield (
                f"the key would be sent to {host} unencrypted: use https, or say plain_http=True where only"
                " machines of yours are in between"
            )

    @property
    def _has_key(self) -> bool:
        return self.key is not None or self.key_file is not None


def _is_here(host: str) -> bool:
    """Whether an address is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
