"""Where a server listens: a socket of its own, or one that was handed to it."""

import asyncio
import os
import socket

import pytest

from agentkit.service import address_of, inherited, listening

TCP = socket.IPPROTO_TCP


async def test_a_socket_that_was_handed_over_is_served_at_the_same_address_without_delay() -> None:
    seen = list[int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("socket").getsockopt(TCP, socket.TCP_NODELAY))
        writer.write(await reader.read(5))
        writer.close()

    with listening("127.0.0.1", 0) as listener:
        # As a child has it: a descriptor, and nothing of the object that the parent has.
        handed = inherited(os.dup(listener.fileno()))
        assert address_of(handed) == address_of(listener)
        assert (handed.proto, handed.getblocking()) == (TCP, False)
        async with await asyncio.start_server(serve, sock=handed):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"hello")
            assert await reader.read() == b"hello"
            writer.close()

    assert seen == [1], "small answers would wait for the receipt of what was sent before"
    assert handed.fileno() == -1


def test_what_is_no_socket_is_told() -> None:
    readable, writable = os.pipe()
    with pytest.raises(OSError, match="non-socket"):
        inherited(readable)
    os.close(readable)
    os.close(writable)


def test_a_socket_listens_for_a_while_and_its_address_is_taken_meanwhile() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match="in use"), listening("127.0.0.1", port):
            pass
    with listening("127.0.0.1", port) as again:
        assert address_of(again) == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_address_of_version_6_stands_in_brackets(host: str) -> None:
    if not socket.has_ipv6:
        pytest.skip("this Python knows no IPv6")
    try:
        with listening(host, 0) as listener:
            assert address_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"
    except OSError:
        pytest.skip("this machine has no IPv6")
