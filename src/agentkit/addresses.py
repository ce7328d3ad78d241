"""Which addresses of the network are public: the one list for everybody who calls an address that somebody else named.

Rules: an address is public, or it is not reached; what is written inside of another form (IPv4 in IPv6, 6to4, NAT64) is
looked at as what it is inside. The check is of the address that is connected to, never of a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final, TypeAlias

__all__ = ["Address", "Network", "may_be_reached"]

Address: TypeAlias = IPv4Address | IPv6Address
"""An address of IPv4 or IPv6."""

Network: TypeAlias = IPv4Network | IPv6Network
"""A network of such addresses."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""Addresses of IPv4 as the gateways of RFC 6052 write them."""

# What `ipaddress` of some Python that is supported takes for public, and is not, or serves a cloud's secrets.
_REFUSED: Final[Sequence[Network]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "::/16",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


def may_be_reached(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address is public, or in a network that is allowed.

    Args:
        address: Where a connection would go.
        allowed: Networks that may be reached although they are not public.

    Example:
        >>> from ipaddress import ip_address
        >>> may_be_reached(ip_address("93.184.216.34")), may_be_reached(ip_address("::ffff:10.0.0.1"))
        (True, False)
    """
    inner = _inner(address)
    if any(inner in network for network in allowed if network.version == inner.version):
        return True
    if any(inner in network for network in _REFUSED if network.version == inner.version):
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)


def _inner(address: Address) -> Address:
    """What an address leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
