"""Calls to addresses that users named (httpx2): only to public ones, or where whoever runs this server lets them go.

Rules: a name is resolved once, every address is looked at, and the connection goes to an address that was looked at. No
redirect is followed, no proxy and nothing else of the environment is used, the answer's body is not read, and the whole
ends in time.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import Final, cast

import anyio

from agentkit.addresses import Address, may_be_reached
from agentkit.errors import AddressNotAllowed, MissingExtra

from .callbacks import host_names

try:
    import httpcore2
except ImportError as _error:
    raise MissingExtra("client", "httpx2") from _error

__all__ = ["GuardedPoster"]

CALL_SECONDS: Final = 10.0


class GuardedPoster:
    """Posts to public addresses, and to the hosts that are allowed.

    Args:
        hosts: Names or addresses of hosts that may be called wherever they are, as they stand in URLs.
        seconds: How long a call may take in all.
    """

    def __init__(self, hosts: Collection[str] = (), *, seconds: float = CALL_SECONDS) -> None:
        self._hosts = host_names(hosts)
        self._seconds = seconds
        self._ssl: ssl.SSLContext | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post, and return the status of the answer.

        Raises:
            AddressNotAllowed: The host is at no address that may be reached.
            ConnectionError: There is no such host, it does not answer, or not in HTTP.
            TimeoutError: It took too long.
        """
        if self._ssl is None and url.startswith("https:"):
            # To read the certificates of the system takes a while.
            self._ssl = await anyio.to_thread.run_sync(ssl.create_default_context)
        # A pool for each call: a connection that is kept open would be one that nobody checks again.
        pool = httpcore2.AsyncConnectionPool(ssl_context=self._ssl, network_backend=_CheckedBackend(self._hosts))
        with anyio.fail_after(self._seconds):
            try:
                async with pool, pool.stream("POST", url, headers=[*headers.items()], content=body) as answer:
                    return answer.status
            except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException) as error:
                raise ConnectionError(f"{type(error).__name__}: {error}") from error


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that may be reached, and to no others."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts
        self._inner = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await self._checked(host, port):
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise AddressNotAllowed(f"{path!r} is no address of the network")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[Address]:
        """The addresses of a host that may be connected to."""
        found = await _resolved(host, port)
        allowed = found if host_names([host]) <= self._hosts else [each for each in found if may_be_reached(each)]
        if not allowed:
            raise AddressNotAllowed(
                f"{host!r} is at an address that is not public; whoever runs this server may allow the host"
            )
        return allowed


async def _resolved(host: str, port: int) -> list[Address]:
    try:
        return [ip_address(host.strip("[]"))]
    except ValueError:
        pass
    try:
        # Also what is no name in the eyes of people, such as 0x7f.1: it is looked at as what the system makes of it.
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionError(f"the name {host!r} cannot be resolved: {error}") from error
    return list(dict.fromkeys(ip_address(str(where[0])) for *_, where in found))
