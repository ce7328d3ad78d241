"""Connections to checked addresses only.

Rules: a name is resolved once, each address is looked at, and the connection goes to that very address: a name that
answers differently a moment later changes nothing. This holds for every connection, redirects included. No proxy of the
environment is used, since it would connect for us. Every wait is short, so that an end of time is noticed in it.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from agentkit.addresses import Address, may_be_reached
from agentkit.data.sources.reading import Reading
from agentkit.errors import AddressNotAllowed, MissingExtra, SourceNotFound

try:
    import httpcore2
except ImportError as _error:
    raise MissingExtra("client", "httpx2") from _error

__all__ = ["CheckedBackend"]

_SLICE = 0.25


class CheckedBackend(httpcore2.NetworkBackend):
    """Connects to addresses that may be reached, and to no others."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._networks = [ip_network(network) for network in reading.access.networks]
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of the host that answers and may be reached.

        Raises:
            AddressNotAllowed: None of its addresses may be reached.
            SourceNotFound: The host has no address.
        """
        allowed = [address for address in self._addresses(host, port) if may_be_reached(address, self._networks)]
        if not allowed:
            raise AddressNotAllowed(
                f"{host!r} is at a private address; if that is meant, name its network in Access(networks=...)"
            )
        failure: Exception | None = None
        for address in allowed:
            try:
                stream = self._inner.connect_tcp(
                    str(address), port, self._reading.seconds_left, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _CheckedStream(stream, self._reading)
        assert failure is not None
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Never: a socket in the file system is no public address.

        Raises:
            AddressNotAllowed: Always.
        """
        raise AddressNotAllowed(f"{path!r} is no address of the network")

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise httpcore2.ConnectError(f"the name {host!r} cannot be resolved now") from error
            raise SourceNotFound(f"there is no host {host!r}: {error.strerror}") from error
        except UnicodeError as error:
            raise SourceNotFound(f"{host!r} is no name of a host") from error
        return list(dict.fromkeys(ip_address(str(where[0])) for *_, where in found))


class _CheckedStream(httpcore2.NetworkStream):
    """A connection that stops waiting as soon as nobody waits for it."""

    def __init__(self, inner: httpcore2.NetworkStream, reading: Reading) -> None:
        self._inner = inner
        self._reading = reading

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        waited = 0.0
        while True:
            left = self._reading.seconds_left
            try:
                return self._inner.read(max_bytes, min(_SLICE, left))
            except httpcore2.ReadTimeout:
                waited += min(_SLICE, left)
                if waited >= self._reading.limits.silent_seconds:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._reading.seconds_left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, self._reading.seconds_left)
        return _CheckedStream(stream, self._reading)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
