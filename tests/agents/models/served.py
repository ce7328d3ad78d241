"""A small server that speaks as OpenAI does: on loopback, on a free port, for so many requests and no longer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KNOWN = {"id": "1", "created": 1, "model": "gpt-4o"}
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How one request is answered."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: str | None = None
    cut: bool = False
    usage: dict[str, int] | None = field(default_factory=lambda: dict(USAGE))


class Provider:
    """The server, and what it was asked."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                provider.asked.append(asked)
                reply = provider.replies[min(len(provider.asked), len(provider.replies)) - 1]
                self.answer(reply, stream=bool(asked.get("stream")))

            def answer(self, reply: Reply, *, stream: bool) -> None:
                if reply.body is not None or reply.status != 200:
                    self.send(reply.status, reply.body or '{"error": {"message": "secret words"}}', reply.headers)
                elif stream:
                    self.send(200, _events(reply), {"Content-Type": "text/event-stream"}, cut=reply.cut)
                else:
                    self.send(200, json.dumps(_whole(reply)), reply.headers)

            def send(self, status: int, body: str, headers: dict[str, str], *, cut: bool = False) -> None:
                content = body.encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + (100 if cut else 0)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is logged."""

        return Handler


@contextmanager
def provider(*replies: Reply) -> Iterator[Provider]:
    """A server for the time of the block."""
    served = Provider(replies)
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        thread.join(5)


def _whole(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {**KNOWN, "object": "chat.completion", "choices": [choice], "usage": reply.usage}


def _events(reply: Reply) -> str:
    deltas = [{"role": "assistant", "content": ""}, *({"content": f"{word} "} for word in reply.text.split())]
    chunks: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    if not reply.cut:
        chunks.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    lines = [_chunk([choice], None) for choice in chunks]
    if not reply.cut:
        lines += [_chunk([], reply.usage), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines)


def _chunk(choices: list[dict[str, Any]], usage: dict[str, int] | None) -> str:
    return json.dumps({**KNOWN, "object": "chat.completion.chunk", "choices": choices, "usage": usage})
