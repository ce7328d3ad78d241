"""A receiver of webhooks on this machine, for tests."""

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Heard:
    """One message that came.

    Attributes:
        path: Where to.
        headers: With which headers.
        body: What it says.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes

    def verified(self, secret: str) -> dict[str, Any]:
        """What it says, if its signature is right."""
        found = Webhook(secret).verify(self.body, dict(self.headers))
        assert isinstance(found, dict)
        return found


@dataclass
class Receiver:
    """Answers with what is planned, at last with 204, and keeps what it was told.

    Attributes:
        url: Where it is.
        answers: What it answers; None is nothing, until the test is over.
        told: What came.
    """

    url: str = ""
    answers: deque[int | None] = field(default_factory=deque)
    told: list[Heard] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)

    def heard(self, count: int = 1) -> list[Heard]:
        """What came, once it is so much."""
        end = time.monotonic() + 30
        while len(self.told) < count:
            assert time.monotonic() < end, f"{len(self.told)} messages came, not {count}"
            time.sleep(0.02)
        return self.told

    def types(self) -> list[str]:
        """What the messages say that happened."""
        return [json.loads(one.body)["type"] for one in self.told]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for a while."""
    receiver = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.told.append(Heard(self.path, headers, body))
            status = receiver.answers.popleft() if receiver.answers else 204
            if status is None:
                receiver.is_over.wait(30)
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/in"
        try:
            yield receiver
        finally:
            receiver.is_over.set()
            server.shutdown()
            thread.join(5)
