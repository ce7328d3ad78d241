"""Progress for another system: `ProgressWebhook` posts signed pictures, newest only.

Rules: signed as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`. A call is bounded in time and in
memory, follows no redirect, and is not repeated: the next picture says all that a lost one said. It looks at no proxy
and no environment. It calls whatever address it was given: take the URL from whoever runs the program, never from
whoever uses it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from agentkit.engines import Clock, SystemClock
from agentkit.errors import DefinitionError
from agentkit.views import Progress

__all__ = ["ProgressWebhook", "webhook_signature"]

_MOST_STAGES = 100
_QUIET = ("pending", "completed", "skipped")


class ProgressWebhook:
    """A listener that posts what it hears: the whole, and up to a hundred stages, those at work first.

    Args:
        url: Where to; `https`, or `http`.
        secret: The shared secret, at least 24 bytes as base64; `whsec_` may stand before it.
        seconds: The shortest time between two calls; the end is told at once.
        timeout: How long a call may take in all, but for the look-up of the host's name.
        clock: What time it is; for tests.

    Attributes:
        sent: How many calls were answered with a status from 200 to 299.
        failed: How many were not.
        problem: What was wrong with the newest failed call.

    Raises:
        DefinitionError: The URL, the secret or a time is not valid.
    """

    def __init__(
        self, url: str, *, secret: str, seconds: float = 1.0, timeout: float = 5.0, clock: Clock | None = None
    ) -> None:
        self._secure, self._host, self._port, self._path = _address(url)
        self._secret = _secret(secret)
        if not (0 <= seconds <= 3_600 and 0 < timeout <= 60):
            raise DefinitionError("webhook: seconds must be from 0 to 3600, and timeout above 0, at most 60")
        self.seconds = seconds
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self.sent: int = 0
        self.failed: int = 0
        self.problem: str | None = None

    def __call__(self, progress: Progress) -> None:
        """Post it; what goes wrong is counted."""
        try:
            status = self._post(progress)
            problem = None if 200 <= status < 300 else f"answered with status {status}"
        except (OSError, HTTPException, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem is None:
            self.sent += 1
        else:
            self.failed += 1
            self.problem = problem

    def _post(self, progress: Progress) -> int:
        now = self._clock.now()
        identity = f"{progress.operation_id}.{progress.number}"
        body = json.dumps(_message(progress, now), separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json",
            "webhook-id": identity.encode("ascii", "backslashreplace").decode(),
            "webhook-timestamp": str(int(now)),
            "user-agent": "agentkit",
            "connection": "close",
        }
        headers["webhook-signature"] = webhook_signature(self._secret, headers["webhook-id"], int(now), body)
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        # A server that sends a byte now and then would be within every single wait, so the whole has an end too.
        end = threading.Timer(self._timeout, _hang_up, [connection])
        end.daemon = True
        end.start()
        try:
            connection.request("POST", self._path, body=body, headers=headers)
            # The body of the answer is not read, however large it is.
            return connection.getresponse().status
        finally:
            end.cancel()
            connection.close()


def webhook_signature(secret: bytes, identity: str, timestamp: int, body: bytes) -> str:
    """The signature of a message, as its header says it.

    Example:
        >>> webhook_signature(b"a secret of 24 bytes or so", "op-1.3", 1_764_331_200, b"{}")[:5]
        'v1,Ae'
    """
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _message(progress: Progress, now: float) -> dict[str, object]:
    stages = progress.stages
    if len(stages) > _MOST_STAGES:
        ranked = sorted(range(len(stages)), key=lambda number: (stages[number].status in _QUIET, number))
        stages = tuple(stages[number] for number in sorted(ranked[:_MOST_STAGES]))
    data = {
        "id": progress.operation_id,
        "name": progress.workflow,
        "number": progress.number,
        "status": progress.status,
        "percent": progress.percent,
        "elapsed_seconds": round(progress.elapsed_seconds, 3),
        "remaining_seconds": progress.remaining_seconds,
        "done": progress.done,
        "total": progress.total,
        "waiting": [waiting.words for waiting in progress.waiting[:10]],
        "stages": [
            {"name": stage.name, "status": stage.status, "fraction": round(stage.fraction, 4), "message": stage.message}
            for stage in stages
        ],
    }
    moment = datetime.fromtimestamp(int(now), UTC).isoformat().replace("+00:00", "Z")
    return {"type": "progress", "timestamp": moment, "data": data}


def _address(url: str) -> tuple[bool, str, int | None, str]:
    """Whether it is secure, the host, the port and the path of a URL.

    Raises:
        DefinitionError: It is none to post to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DefinitionError(f"webhook: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DefinitionError(f"webhook: the URL must begin with https:// or http:// and name a host, not {url[:80]!r}")
    if parts.username is not None or parts.password is not None:
        raise DefinitionError("webhook: the URL must hold no name and password; messages are signed instead")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise DefinitionError("webhook: the URL must be plain ASCII without spaces; write other letters as %XX")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme == "https", parts.hostname, port, path


def _secret(text: str) -> bytes:
    """The secret as bytes.

    Raises:
        DefinitionError: It is no base64, or too short.
    """
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DefinitionError(
            "webhook: the secret must be base64, such as whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        ) from error
    if not 24 <= len(secret) <= 64:
        raise DefinitionError(f"webhook: the secret must have 24 to 64 bytes, and has {len(secret)}")
    return secret
