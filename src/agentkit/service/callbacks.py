"""What an address is that ends are announced to, and the secrets that announcements are signed with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import TypedDict

from agentkit.addresses import may_be_reached
from agentkit.errors import DefinitionError, InputError

__all__ = ["WEBHOOK", "Wanted", "check_url", "host_names", "own_tenant", "secret_bytes", "secret_of"]

WEBHOOK: Final = "agentkit.webhook"
"""What the workflow and the agent are called that announce; its operations belong to tenants of their own."""

_MOST_URL: Final = 2_000
_LEAST_BYTES: Final = 24
_PREFIX: Final = "whsec_"


class Wanted(TypedDict):
    """What is to be announced, where, and whose it is."""

    operation: str
    url: str
    tenant: str | None


def check_url(url: str, hosts: Collection[str] = ()) -> None:
    """Make sure that a URL can be called at all: what is wrong with it by itself is told to whoever gives it.

    Args:
        url: Where to.
        hosts: Hosts that are allowed although they are not public.

    Raises:
        InputError: It is no address of http or https, holds a password, or is plainly not public.
    """
    if len(url) > _MOST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(f"callback_url: it is at most {_MOST_URL} letters of plain ASCII; write others as %XX")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"callback_url: {error}") from error
    if parts.scheme not in ("https", "http") or not host:
        raise InputError("callback_url: it begins with https:// or http:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise InputError("callback_url: it holds no name and no password; messages are signed instead")
    if host in host_names(hosts):
        return
    try:
        address = ip_address(host)
    except ValueError:
        # A name: where it leads is looked at when it is called.
        return
    if not may_be_reached(address):
        raise InputError(f"callback_url: {host} is no public address")


def host_names(hosts: Collection[str]) -> frozenset[str]:
    """Hosts as they are compared, however they stand in URLs.

    Example:
        >>> sorted(host_names(["Hooks.acme.test", "[FD00::1]"]))
        ['fd00::1', 'hooks.acme.test']
    """
    return frozenset(host.lower().removeprefix("[").removesuffix("]") for host in hosts)


def own_tenant(tenant: str | None) -> str:
    """The tenant to whom the announcements for a tenant belong: so no list shows them beside the tenant's own work."""
    if tenant is None:
        return "agentkit.webhooks"
    return f"agentkit.webhooks.{hashlib.sha256(tenant.encode(errors='surrogatepass')).hexdigest()[:32]}"


def secret_bytes(secret: str) -> bytes:
    """The bytes of a secret that is written as base64.

    Raises:
        DefinitionError: It is none, or too short.
    """
    try:
        content = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DefinitionError("webhooks: a secret is base64, such as whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") from error
    if len(content) < _LEAST_BYTES:
        raise DefinitionError(f"webhooks: a secret has at least {_LEAST_BYTES} bytes, not {len(content)}")
    return content


def secret_of(secret: str, tenant: str | None) -> str:
    """The secret of one tenant, made of that of the server: it tells nothing of the others.

    Raises:
        DefinitionError: The secret of the server is not valid.

    Example:
        >>> secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "acme")[:6]
        'whsec_'
    """
    told = b"agentkit.webhooks" if tenant is None else b"agentkit.webhooks:" + tenant.encode(errors="surrogatepass")
    made = hmac.new(secret_bytes(secret), told, hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(made).decode()
