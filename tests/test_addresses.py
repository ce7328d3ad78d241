"""Which addresses are public: what everybody who calls an address that somebody named goes by."""

from ipaddress import ip_address, ip_network

import pytest

from agentkit.addresses import may_be_reached


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:7f00:1::", "ff02::1", "fec0::1", "168.63.129.16", "2001:db8::1", "198.18.0.1",
    ],
)  # fmt: skip
def test_a_private_address_is_not_may_be_reached(address: str) -> None:
    assert not may_be_reached(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_may_be_reached(address: str) -> None:
    assert may_be_reached(ip_address(address))


def test_a_private_network_is_reachable_where_it_is_allowed() -> None:
    networks = [ip_network("10.1.0.0/16"), ip_network("::1/128")]

    assert may_be_reached(ip_address("10.1.2.3"), networks)
    assert may_be_reached(ip_address("::ffff:10.1.2.3"), networks)
    assert not may_be_reached(ip_address("10.2.0.1"), networks)
