"""The routes of a server in bare FastAPI."""

import json

from .sample import Sample, scratch
from .serving_sample import ask, bare, follow

CLIENTS = 16
STREAMS = 100
_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def _submit(size: int, clients: int) -> Sample:
    body = json.dumps({"workflow": "one", "input": {"month": "2025-11"}}).encode()
    with scratch() as folder, bare(folder) as server:
        requests = [server.request("POST", "/rows", body)] * size
        ask(server, requests[:20], clients, 202)
        seconds, _, bodies = ask(server, requests, clients, 202)
        assert len({json.loads(one)["id"] for one in bodies}) == size
    return Sample(size, seconds)


def http_submit(size: int) -> Sample:
    """A route that commits one row with `synchronous=FULL`, one client."""
    return _submit(size, 1)


def http_submit_many(size: int) -> Sample:
    """The same, 16 clients at once."""
    return _submit(size, CLIENTS)


def _status(size: int, clients: int) -> Sample:
    with scratch() as folder, bare(folder) as server:
        requests = [server.request("GET", "/pages/a")] * size
        ask(server, requests[:50], clients, 200)
        seconds, _, _ = ask(server, requests, clients, 200)
    return Sample(size, seconds)


def http_status(size: int) -> Sample:
    """A route that answers a dict of the same size as a page, one client."""
    return _status(size, 1)


def http_status_many(size: int) -> Sample:
    """The same, 16 clients at once."""
    return _status(size, CLIENTS)


def http_fan(size: int) -> Sample:
    """A broadcast to 100 websockets, as a loop over them."""
    with scratch() as folder, bare(folder) as server:
        lines = [server.connect() for _ in range(STREAMS)]
        for line in lines:
            line.sendall(server.request("GET", "/listen", **_UPGRADE))
            assert b" 101 " in line.recv(4096)
        tell = server.connect()
        begin = server.request("POST", f"/tell/{size}")
        seconds = follow(lines, lambda: tell.sendall(begin), b"operation.completed")
        for line in (*lines, tell):
            line.close()
    return Sample(size * STREAMS, seconds)
